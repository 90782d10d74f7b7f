"""One look at a deployment: what waits, what is late, what failed and why, what was published last."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from telemetry_tasks.errors import DataError
from telemetry_tasks.formats import job as job_format
from telemetry_tasks.formats.published import parse_stamp, read_json
from telemetry_tasks.pipeline.checkpoint import list_checkpoints
from telemetry_tasks.pipeline.current import load_current
from telemetry_tasks.pipeline.epoch import channel_states
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.storage.redis_state import ChannelState

LATE_WAITING = 3600.0
FULL = 0.7
EXAMPLES = 20


@dataclass(frozen=True, slots=True)
class VersionStatus:
    """One channel/version. ``oldest_waiting`` in seconds; jobs as (id, partitions done, partitions)."""

    name: str
    files: int
    waiting: int
    dispatched: int
    finished: int
    batches: int
    counted: int
    deltas: int
    oldest_waiting: float | None
    missing: int
    jobs: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Status:
    """The whole. ``problems`` is empty where all is well; ages in seconds, None where there is nothing yet."""

    versions: tuple[VersionStatus, ...]
    missing: tuple[tuple[str, str], ...]
    published: str | None
    published_age: float | None
    check_point: str | None
    check_point_age: float | None
    redis_used: int
    redis_most: int
    problems: tuple[str, ...]

    @property
    def healthy(self) -> bool:
        """Whether nothing needs a person."""
        return not self.problems

    def document(self) -> dict[str, Any]:
        """For ``--json``."""
        return {**asdict(self), "healthy": self.healthy}


def status(services: Services, now: datetime) -> Status:
    """Looks once. ``now`` is by the store's clock. Raises ``EmptyState`` where the state is not restored yet."""
    index = load_current(services.published).index
    files = {name: _file_list(services, ref.files) for name, ref in index.versions.items()}
    versions = tuple(
        _version(state, now.timestamp(), len(files.get(state.name, ()))) for state in channel_states(services)
    )
    missing = sorted(item for items in files.values() for item in items)
    check_points = list_checkpoints(services.published)
    memory = services.state.memory()
    used, most = int(memory["used_memory"]), int(memory.get("maxmemory", 0))
    return Status(
        versions,
        tuple(missing[:EXAMPLES]),
        index.stamp or None,
        _age(index.stamp, now),
        check_points[-1] if check_points else None,
        _age(check_points[-1], now) if check_points else None,
        used,
        most,
        tuple(_problems(versions, used, most)),
    )


def _version(state: ChannelState, now: float, missing: int) -> VersionStatus:
    counts = state.counts()
    oldest = None if counts.oldest_waiting is None else max(0.0, now - counts.oldest_waiting)
    jobs = [(id, len(state.done(id)), len(job_format.decode(plan).partitions)) for id, plan in state.jobs().items()]
    return VersionStatus(
        name=state.name,
        files=counts.files,
        waiting=counts.waiting,
        dispatched=counts.dispatched,
        finished=counts.finished,
        batches=counts.batches,
        counted=counts.counted,
        deltas=counts.deltas,
        oldest_waiting=oldest,
        missing=missing,
        jobs=tuple(sorted(jobs)),
    )


def _file_list(services: Services, path: str) -> list[tuple[str, str]]:
    return [(key, reason) for key, reason in read_json(services.published.get(path).body)["missing"]]


def _age(stamp: str, now: datetime) -> float | None:
    try:
        return max(0.0, (now - parse_stamp(stamp)).total_seconds())
    except (ValueError, DataError):
        return None


def _problems(versions: Iterable[VersionStatus], used: int, most: int) -> Iterable[str]:
    for version in versions:
        if version.oldest_waiting is not None and version.oldest_waiting > LATE_WAITING:
            hours = version.oldest_waiting / 3600
            yield f"{version.name}: partitions wait for {hours:.1f} h; are there enough workers on the queue aggregate?"
        if version.missing:
            yield f"{version.name}: {version.missing} files are missing; see why, then: telemetry-tasks retry-missing"
    if most and used > FULL * most:
        yield f"Redis is {100 * used / most:.0f} % full: raise maxmemory, or publish more often"
