"""The seed of what tests draw at random, ``TEST_SEED``; the fault suite has its own, ``FAULT_SEED``.

A run without it is the same each time, so that a failure is about the change that is tested; ``make fuzz`` looks on.
"""

import os

CHOSEN = os.environ.get("TEST_SEED", "")
SEED = int(CHOSEN or 1)
