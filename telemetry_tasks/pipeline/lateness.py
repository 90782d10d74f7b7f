"""When something in a deployment needs a person: the rules behind ``status``, and what each says to do."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from telemetry_tasks.pipeline.trouble import lasting

if TYPE_CHECKING:
    from telemetry_tasks.pipeline.status import Status, VersionStatus

FULL = 0.7


@dataclass(frozen=True, slots=True)
class Late:
    """Seconds after which something is late.

    ``partition``: a partition that waits, or that runs beyond its lease and was not sent again. ``publish``: a
    registered file that readers do not see yet, since its upload. ``checkpoint``: the newest check-point.
    """

    partition: float = 3600.0
    publish: float = 3 * 3600.0
    checkpoint: float = 14 * 86400.0


AT_LEAST = Late()
"""For a deployment with the settings' defaults."""


def problems(found: "Status", late: Late) -> Iterator[str]:
    """One line for each thing that needs a person; nothing for a deployment in which nothing happened yet."""
    if found.broker_away:
        yield f"the broker is away or full: {found.broker_away}; nothing is lost, but nothing is done"
    if trouble := lasting(found.trouble):
        yield trouble
    for version in found.versions:
        yield from _of_version(version, late)
    age = found.check_point_age if found.check_point else found.published_since
    if age is not None and age > late.checkpoint:
        yield f"no check-point for {_hours(age)}, and a lost Redis would need one; see the log of workers.publish"
    if found.redis_most and found.redis_used > FULL * found.redis_most:
        full = 100 * found.redis_used / found.redis_most
        yield f"Redis is {full:.0f} % full: raise maxmemory, or publish more often"


def _of_version(version: "VersionStatus", late: Late) -> Iterator[str]:
    name, waiting, overdue, hidden = version.name, version.oldest_waiting, version.overdue, version.oldest_unpublished
    if waiting is not None and waiting > late.partition:
        yield f"{name}: partitions wait for {_hours(waiting)}; are there enough workers on the queue aggregate?"
    if overdue is not None and overdue > late.partition:
        yield (
            f"{name}: partitions are overdue by {_hours(overdue)} and were not sent again; "
            "do beat and workers.control run, and enough workers on the queue aggregate?"
        )
    if hidden is not None and hidden > late.publish:
        yield f"{name}: files uploaded {_hours(hidden)} ago are not published; do beat and workers.publish run?"
    if version.missing:
        yield f"{name}: {version.missing} files are missing; see why, then: telemetry-tasks retry-missing"


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:.1f} h"
