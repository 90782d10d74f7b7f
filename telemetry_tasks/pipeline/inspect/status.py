"""One look at a deployment: what waits, what is late, what failed and why, what was published last."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from telemetry_tasks.core.disclosure.file_limits import CUTS
from telemetry_tasks.core.living import LIVING, MOST, kinds
from telemetry_tasks.errors import UNREADABLE, DataError
from telemetry_tasks.formats import job as job_format
from telemetry_tasks.formats.layouts.contract import VersionRef
from telemetry_tasks.formats.layouts.v1.names import stamp_of
from telemetry_tasks.formats.stamps import parse_stamp
from telemetry_tasks.metrics import REFUSED, sums_of
from telemetry_tasks.pipeline.epoch import EmptyState, channel_states
from telemetry_tasks.pipeline.failures import load_failures
from telemetry_tasks.pipeline.findings import with_acceptance
from telemetry_tasks.pipeline.inspect.accepted import load_accepted
from telemetry_tasks.pipeline.inspect.alerts import findings_of
from telemetry_tasks.pipeline.inspect.status_values import DEFAULT_THRESHOLDS, Status, Thresholds, VersionStatus
from telemetry_tasks.pipeline.intake.discover import UNUSABLE
from telemetry_tasks.pipeline.other_settings import other_limits, other_settings
from telemetry_tasks.pipeline.publish.current import load_current
from telemetry_tasks.pipeline.publish.damage import damage_of
from telemetry_tasks.pipeline.publish.last_good import definitions_trouble
from telemetry_tasks.pipeline.publish.publish_time import seconds_too_few
from telemetry_tasks.pipeline.publish.shown import shown_files
from telemetry_tasks.pipeline.recovery.checkpoint import list_checkpoints
from telemetry_tasks.pipeline.reprocess.not_replaced import still_not_replaced
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.pipeline.state.state_size import base_bytes
from telemetry_tasks.storage.channel_state import ChannelState

MOST_FAILING = 1000
"""Failing partitions of a channel/version that are told, those first that fail longest."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The published file list of a channel/version: missing files with reasons, what is collapsed, what is cut.

    ``damage`` is what is known to be wrong with its published documents.
    """

    missing: tuple[tuple[str, str], ...] = ()
    collapsed: tuple[tuple[str, str, int, int], ...] = ()
    cut: tuple[tuple[str, int], ...] = ()
    damage: str = ""


NOTHING = Shown()


def status(
    services: Services,
    now: datetime,
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
    queues: Mapping[str, int] | None = None,
    broker_away: str | None = None,
) -> Status:
    """Looks once. ``now`` is by the store's clock. A state that is not restored yet has no channel/versions."""
    index = load_current(services.published).index
    files = {name: _shown(services, ref) for name, ref in index.versions.items() if name != UNUSABLE}
    states, empty = _states(services)
    changed = {name: what for name, state in states.items() if (what := other_settings(services, state))}
    limits = {name: what for name, state in states.items() if (what := other_limits(services, state))}
    strays = states.pop(UNUSABLE, None)
    versions = tuple(
        _version(services, state, now.timestamp(), files.get(name, NOTHING)) for name, state in states.items()
    )
    missing = sorted((name, *item) for name, found in files.items() for item in found.missing)
    checkpoints = list_checkpoints(services.published)
    memory = services.state.memory()
    used, most = int(memory["used_memory"]), int(memory.get("maxmemory", 0))
    found = Status(
        versions,
        tuple(missing),
        0 if strays is None else strays.counts().files,
        index.stamp or None,
        _age(index.stamp, now),
        checkpoints[-1] if checkpoints else None,
        _age(checkpoints[-1], now) if checkpoints else None,
        used,
        most,
        _age(min((stamp_of(ref.files) for ref in index.versions.values()), default=""), now),
        queues or {},
        broker_away,
        failures=load_failures(services.state),
        damaged={name: shown.damage for name, shown in files.items() if shown.damage},
        refused=_refused(services),
        processes=kinds(services.state.board(LIVING, MOST).read()),
        implausible=index.outliers(services.options.plausibility),
        empty=empty,
        other_settings=changed,
        other_limits=limits,
        not_replaced=() if empty else still_not_replaced(services),
        asked=now.timestamp(),
    )
    accepted = load_accepted(services)
    return replace(found, findings=tuple(with_acceptance(findings_of(found, thresholds), accepted)))


def _states(services: Services) -> tuple[dict[str, ChannelState], bool]:
    """The channel/versions by name, and whether the state is empty."""
    try:
        return {state.name: state for state in channel_states(services)}, False
    except EmptyState:
        return {}, True


def _refused(services: Services) -> dict[str, int]:
    sums = sums_of(REFUSED, services.state.counters.read())
    return {reason: int(parts[""]) for (reason,), parts in sorted(sums.items())}


def _version(services: Services, state: ChannelState, now: float, shown: Shown) -> VersionStatus:
    counts = state.counts()
    lease = state.oldest_lease()
    failing = _failing(state, now)
    waiting = [moment for moment in (_since(counts.oldest_waiting, now), *(age for _, _, age, _ in failing)) if moment]
    return VersionStatus(
        name=state.name,
        counts=counts,
        oldest_waiting=max(waiting, default=_since(counts.oldest_waiting, now)),
        overdue=None if lease is None or lease >= now else now - lease,
        oldest_unpublished=_since(state.oldest_unpublished(), now),
        missing=len(shown.missing),
        jobs=tuple(sorted(job_progress(state))),
        failing=failing,
        collapsed=shown.collapsed,
        cut=shown.cut,
        too_slow=seconds_too_few(services, state.name),
        definitions=definitions_trouble(services, state.name),
        base_bytes=base_bytes(state),
        most_state_bytes=services.options.most_state_bytes,
    )


def _failing(state: ChannelState, now: float) -> tuple[tuple[str, int, float, str], ...]:
    """Longest first. What is tried again later waits, too, though it may not be claimed yet."""
    errors = sorted(state.errors().items(), key=lambda each: each[1])[:MOST_FAILING]
    known = state.partitions([id for id, _ in errors])
    return tuple(
        (known[id].files[0].key, len(known[id].files), max(0.0, now - since), why)
        for id, (since, why) in errors
        if id in known
    )


def job_progress(state: ChannelState) -> list[tuple[str, int, int]]:
    """Of each reprocessing under way its id, how many partitions are done, and how many there are."""
    return [(id, len(state.done(id)), len(job_format.decode(plan).partitions)) for id, plan in state.jobs().items()]


def _since(moment: float | None, now: float) -> float | None:
    return None if moment is None else max(0.0, now - moment)


def _shown(services: Services, ref: VersionRef) -> Shown:
    damage = damage_of(services, ref) or ""
    try:
        files = shown_files(services, ref)
    except UNREADABLE as error:
        return Shown(damage=damage or str(error))
    health = files.health
    return Shown(
        tuple(files.missing),
        tuple((part.reason, part.dimension, part.number, part.pings) for part in health.collapsed),
        tuple((reason, number) for reason in CUTS if (number := health.left_out.get(reason, 0))),
        damage,
    )


def _age(stamp: str, now: datetime) -> float | None:
    try:
        return max(0.0, (now - parse_stamp(stamp)).total_seconds())
    except (ValueError, DataError):
        return None
