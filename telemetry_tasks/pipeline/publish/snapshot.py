"""Publishing: a new snapshot of what changed, shown to readers in one step."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import structlog

from telemetry_tasks.errors import UNREADABLE, InfrastructureError, TelemetryError
from telemetry_tasks.failpoints import failpoint
from telemetry_tasks.formats.documents import Document
from telemetry_tasks.formats.layouts.contract import SnapshotFacts, SnapshotIndex, VersionRef
from telemetry_tasks.formats.layouts.v1.names import finish_folder, snapshot_folder
from telemetry_tasks.formats.stamps import parse_stamp
from telemetry_tasks.metrics import PUBLISH_SECONDS, observed
from telemetry_tasks.pipeline.deadline import Deadline, TooSlow
from telemetry_tasks.pipeline.epoch import channel_state, channel_states
from telemetry_tasks.pipeline.other_settings import other_settings, sentence
from telemetry_tasks.pipeline.progress import counted
from telemetry_tasks.pipeline.publish.channel import write_channel_version
from telemetry_tasks.pipeline.publish.current import Current, load_current, switch, update_versions_json
from telemetry_tasks.pipeline.publish.damage import (
    EVERY,
    intact_previous,
    known_files,
    look_for_damage,
    lost_lists,
)
from telemetry_tasks.pipeline.publish.folders import claim, claim_stamp, put_document, retry_if_collected
from telemetry_tasks.pipeline.publish.parts import Part, all_parts, number_of_parts, write_part
from telemetry_tasks.pipeline.publish.publication_lag import note_publication
from telemetry_tasks.pipeline.publish.publish_time import has_turn, note_too_slow, note_written, time_for
from telemetry_tasks.pipeline.publish.shown import shown_files, shows
from telemetry_tasks.pipeline.publish.under_way import no_longer_under_way, note_begun
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.storage.channel_state import ChannelState

log = structlog.get_logger()
LOOKED = "published-looked-at"


@dataclass(frozen=True, slots=True)
class PublishPlan:
    """A snapshot to be made: its stamp, and the channel/versions that changed."""

    stamp: str
    changed: tuple[str, ...]


def refused_by_settings(services: Services) -> dict[str, str]:
    """The channel/versions that are not published as they were added up with other settings; what to do for each."""
    refused = {}
    for state in channel_states(services):
        what = other_settings(services, state)
        if what is not None:
            refused[state.name] = sentence(state.name, what)
    return refused


def plan_publish(services: Services, refused: Collection[str] = (), *, look: bool = False) -> PublishPlan | None:
    """Claims a new snapshot; None if nothing changed and every published document exists.

    Leaves out what is ``refused``. Checks documents at most once in ``EVERY`` seconds, unless ``look`` is set.
    """
    current = load_current(services.published)
    if current.etag is not None:
        update_versions_json(services.published, current.index)
        if look or services.state.note(LOOKED) is None:
            services.state.set_note(LOOKED, b"", EVERY)
            look_for_damage(services, current.index)
            if lost_lists(services, current.index):
                log.error("a published document is gone: written again", stamp=current.stamp)
                _put_back(services, current.index)
    states = [state for state in channel_states(services) if state.name not in refused]
    changed = [state for state in states if _changed(services, state, current.index)]
    if not changed:
        note_publication(services, current.index.versions)
        return None
    due = [state for state in changed if has_turn(services, state.name)] or changed  # a pause is for the others' sake
    return PublishPlan(_begun(services, current.stamp), tuple(state.name for state in due))


def begin_parts(services: Services, snapshot: str) -> str:
    """Claims a snapshot for the channel/versions that are rendered in parts.

    It is later than ``snapshot``, which shows the others without waiting for them.
    """
    return _begun(services, max(snapshot, load_current(services.published).stamp))


def _begun(services: Services, after: str) -> str:
    """The stamp of a new snapshot, which other publishes wait for."""
    stamp = claim_stamp(services.published, snapshot_folder, after)
    failpoint("publish.after-claim")
    note_begun(services, stamp)
    return stamp


def _changed(services: Services, state: ChannelState, index: SnapshotIndex) -> bool:
    if state.delta_count():
        return True
    base, shown = state.base(), intact_previous(services, index, state.name)
    try:
        return base.version is not None and (shown is None or not shows(shown, services, state, base))
    except UNREADABLE:  # what is shown is damaged: to be written again
        return True


def _put_back(services: Services, index: SnapshotIndex) -> None:
    """Writes the documents beside the folders again; later, if they cannot be made because a file list is gone too."""
    try:
        write_snapshot(services, index, snapshot_folder(index.stamp))
    except UNREADABLE as error:
        log.warning("not written again yet", reason=str(error))


def publish_part(services: Services, snapshot: str, name: str, part: Part) -> int:
    """Renders a part of a channel/version, for ``publish_channel_version`` to complete; returns the number of measures.

    Errors are raised: completing the channel/version would meet them too.
    """
    state = channel_state(services, name)
    previous = intact_previous(services, load_current(services.published).index, name)
    with retry_if_collected(f"a part of {name}"):
        return write_part(services, state, snapshot_folder(snapshot), previous, part, time_for(services, name))


def begin_channel_version(services: Services, snapshot: str, name: str) -> tuple[VersionRef | None, int]:
    """Writes a channel/version as ``publish_channel_version`` does, or tells in how many parts it is to be rendered.

    Returns its reference, and the number of parts: more than 1 if nothing is written yet.
    """
    state, deadline = channel_state(services, name), time_for(services, name)
    previous = intact_previous(services, load_current(services.published).index, name)
    try:
        parts = number_of_parts(services, state, previous, deadline)
    except TooSlow:
        note_too_slow(services, name, deadline)
        return None, 1
    if parts > 1:
        return None, parts
    return publish_channel_version(services, snapshot, name, deadline=deadline), 1


def publish_channel_version(
    services: Services, snapshot: str, name: str, parts: int = 1, deadline: Deadline | None = None
) -> VersionRef | None:
    """Writes what the snapshot needs of one channel/version in addition to what its parts have written.

    None if another writer has begun, or if it takes longer than its time limit (its ``deadline``); the latter is
    logged. Raises errors such as ``DataError`` if the state is damaged: a caller that publishes several must continue
    with the others.
    """
    state = channel_state(services, name)
    previous = intact_previous(services, load_current(services.published).index, name)
    deadline = deadline or time_for(services, name)
    try:
        with retry_if_collected(f"{name} of snapshot {snapshot}"):
            root = snapshot_folder(snapshot)
            ref = write_channel_version(services, state, root, previous, parts=parts, deadline=deadline)
        note_written(services, name)
        return ref
    except TooSlow:  # the others are published
        note_too_slow(services, name, deadline)
        return None


@dataclass(frozen=True, slots=True)
class Published:
    """How a publish ended: ``outcome`` is published, nothing, behind, lost or late.

    ``partitions`` are those that readers see for the first time; ``held_back`` the channel/versions that are behind
    what readers see, each with a file that they would lose. ``failed`` are those that could not be written at all, each
    with the reason; ``refused`` those that were added up with other settings, each with what to do.
    """

    outcome: str
    stamp: str = ""
    versions: tuple[str, ...] = ()
    partitions: tuple[str, ...] = ()
    held_back: Mapping[str, str] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)


def finish_publish(services: Services, snapshot: str, refs: dict[str, VersionRef]) -> Published:
    """Completes the snapshot with the channel/versions written for it, and shows it to readers.

    The switch holds only while ``current`` is what readers see. As long as it is, garbage collection leaves alone
    what it names and every snapshot later than it: so nothing else may be named here, and a publisher that
    was stopped for however long cannot show what is gone. One as old as the grace time does not even try.
    """
    try:
        with retry_if_collected(f"snapshot {snapshot}"):
            return _finish(services, snapshot, refs)
    finally:
        no_longer_under_way(services, snapshot)  # only now: who plans before the switch would publish the same again


def _finish(services: Services, snapshot: str, refs: dict[str, VersionRef]) -> Published:
    current = load_current(services.published)
    if snapshot <= current.stamp:
        return Published("lost", snapshot)
    if _age(services, snapshot) >= services.options.grace_time > 0:
        log.warning("not published: the snapshot took too long", stamp=snapshot)
        return Published("late", snapshot)
    safe = {name: ref for name, ref in refs.items() if _survives_garbage(current, snapshot, ref)}
    behind = {name: lost for name, ref in safe.items() if (lost := _lost_files(services, current, name, ref))}
    for name, lost in behind.items():
        log.warning("not published: behind what is shown", channel_version=name, files=len(lost), example=min(lost))
    held_back = {name: min(lost) for name, lost in behind.items()}
    accepted = {name: ref for name, ref in safe.items() if name not in behind}
    if not accepted:
        outcome = "behind" if behind else "lost" if refs else "nothing"
        return Published(outcome, snapshot, held_back=held_back)
    index = SnapshotIndex(snapshot, {**current.index.versions, **accepted})
    failpoint("publish.before-snapshot")
    # a message that comes twice has two that finish, and what one has shown the other may not write over
    if not claim(services.published, finish_folder(snapshot)):
        return Published("lost", snapshot)
    write_snapshot(services, index, snapshot_folder(snapshot))
    failpoint("publish.before-switch")
    if not switch(services.published, current, index, services.options.plausibility):
        return Published("lost", snapshot)
    services.state.counters.add(observed(PUBLISH_SECONDS, [max(0.0, _age(services, snapshot))]))
    return Published("published", snapshot, tuple(sorted(accepted)), note_publication(services, accepted), held_back)


def _age(services: Services, snapshot: str) -> float:
    """Seconds since the snapshot was begun, by the store's clock."""
    return (services.published.now() - parse_stamp(snapshot)).total_seconds()


def _survives_garbage(current: Current, snapshot: str, ref: VersionRef) -> bool:
    """Whether the folder is of this snapshot, or named by what readers see now."""
    shown = {other.path for other in current.index.versions.values()}
    return ref.path is None or ref.path in shown or ref.path.startswith(f"{snapshot_folder(snapshot)}/")


def _lost_files(services: Services, current: Current, name: str, ref: VersionRef) -> set[str]:
    """Files that readers see now and would lose: the state was rolled back, and is not complete yet."""
    shown = known_files(services, current, name)
    lost = shown - shown_files(services, ref).known if shown else set()
    return lost - channel_state(services, name).forgotten()


def write_snapshot(services: Services, index: SnapshotIndex, root: str) -> None:
    """Writes the files of a snapshot beside its channel/versions."""
    for name, document in snapshot_documents(services, index).items():
        put_document(services.published, f"{root}/{name}", document)
        failpoint("publish.half-snapshot")


def snapshot_documents(services: Services, index: SnapshotIndex) -> Mapping[str, Document]:
    """The files of a snapshot beside its channel/versions, by name. Raises as ``shown_files`` does."""
    refs = counted(sorted(index.versions.items()), len(index.versions), "channel/versions")
    files = {name: shown_files(services, ref) for name, ref in refs}
    return services.layout.snapshot_documents(SnapshotFacts(index, files, services.options.plausibility))


def publish(services: Services, *, look: bool = False) -> Published:
    """The whole of it in this process; the tasks do the same by a chord. ``look`` as in ``plan_publish``."""
    refused = refused_by_settings(services)
    plan = plan_publish(services, refused, look=look)
    if plan is None:
        return Published("nothing", refused=refused)
    refs: dict[str, VersionRef] = {}
    failed: dict[str, str] = {}
    for name in plan.changed:
        try:
            ref = _written(services, plan.stamp, name)
        except InfrastructureError:  # of a service that is away: it would be the same for the others
            raise
        except Exception as error:  # the others are published
            failed[name] = reason_of(error)
            log.error("not published", channel_version=name, reason=failed[name], exc_info=is_unexpected(error))
        else:
            refs |= {} if ref is None else {name: ref}
            if ref is None:
                failed[name] = "it took too long, or another publisher writes it; see the lines above"
    done = finish_publish(services, plan.stamp, refs)
    return replace(done, failed=failed, refused=refused)


def _written(services: Services, stamp: str, name: str) -> VersionRef | None:
    ref, parts = begin_channel_version(services, stamp, name)
    if parts == 1:
        return ref
    for part in all_parts(parts):
        publish_part(services, stamp, name, part)
    return publish_channel_version(services, stamp, name, parts)


def is_unexpected(error: BaseException) -> bool:
    """Whether nobody raised it on purpose."""
    return not isinstance(error, TelemetryError)


def reason_of(error: BaseException) -> str:
    """What happened, in one line; of an unexpected error with its class."""
    return f"{type(error).__name__}: {error}" if is_unexpected(error) else str(error)
