"""A deployment whose processes live, for tests that have none."""

from typing import Any

from telemetry_tasks.core.living import KINDS, LIVING, READY, living_field

NEVER = b"9999999999.0 "
"""When these signs of life are over: not while a test runs, however slow it is."""


def all_live(client: Any, prefix: str = "tt") -> None:
    """Every kind of process has told the state at ``client`` that it lives."""
    for kind in KINDS:
        client.hset(f"{prefix}:board:{LIVING}", living_field(kind, "host.1"), NEVER + READY.encode())
