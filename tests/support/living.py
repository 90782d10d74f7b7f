"""A deployment whose processes live, for tests that have none."""

from collections.abc import Callable

from telemetry_tasks.core.living import KINDS, LIVING, READY, living_field


def all_live(post: Callable[[str, str, bytes], None]) -> None:
    """Every kind of process has told the state that it lives; ``post`` is that of a ``Backend``."""
    for kind in KINDS:
        post(LIVING, living_field(kind, "host.1"), READY.encode())
