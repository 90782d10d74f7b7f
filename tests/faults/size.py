"""How big the cases are: short ones for every run of the tests, full ones for ``make test-faults``.

``FAULTS=full`` asks for the full size; ``FAULT_SEED`` replays a run.
"""

import os

FULL = os.environ.get("FAULTS") == "full"
SEED = int(os.environ.get("FAULT_SEED", "1"))


def sized(short: int, full: int) -> int:
    """``short``, or ``full`` where the full size is asked for."""
    return full if FULL else short


def seeds(full: int) -> list[int]:
    """Seeds to run a case with: one in the short version, ``full`` ones else."""
    return [SEED + number for number in range(sized(1, full))]
