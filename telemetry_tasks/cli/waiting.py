"""Waits until the workers have done what there is to do."""

import time

from telemetry_tasks.cli.progress_bar import spinner
from telemetry_tasks.errors import InfrastructureError
from telemetry_tasks.pipeline.epoch import channel_states
from telemetry_tasks.pipeline.services import Services

PAUSE = 0.5


def not_counted(services: Services) -> int:
    """Registered partitions that do not count yet."""
    counts = [state.counts() for state in channel_states(services)]
    return sum(each.waiting + each.running + each.aggregated for each in counts)


def wait_until_counted(services: Services, timeout: float) -> None:
    """Returns when every registered partition counts. Raises ``InfrastructureError`` after ``timeout`` seconds."""
    deadline = time.monotonic() + timeout
    with spinner("Waiting for the workers") as tell:
        while left := not_counted(services):
            if time.monotonic() >= deadline:
                raise InfrastructureError(
                    f"after {timeout:.0f} s {left} partitions are not added up yet: do workers run on the queues "
                    "control, aggregate and merge? See telemetry-tasks status"
                )
            tell(f"{left} partitions to go")
            time.sleep(PAUSE)
