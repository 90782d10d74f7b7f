"""The state of a deployment in the memory of one process, request for request what the one in Redis is.

For simulations that need thousands of lives in minutes. ``tests/storage/state`` holds it to the one in Redis.
"""

from tests.support.memory_state.server import MemoryServer
from tests.support.memory_state.state import MemoryState

__all__ = ["MemoryServer", "MemoryState"]
