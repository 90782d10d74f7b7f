"""New ping files become registered partitions."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from telemetry_tasks.core.chunks import chunks
from telemetry_tasks.core.partition import FileRef, Partition, partition_of
from telemetry_tasks.errors import DataError, StaleEpoch
from telemetry_tasks.failpoints import failpoint
from telemetry_tasks.pipeline.deadline import Deadline
from telemetry_tasks.pipeline.epoch import current_epoch
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.objects import ObjectInfo

LOOKED_UP = 1000
"""Files looked up in the state at a time."""

REACHED = "discovered-up-to"
"""The note of the last key that a discovery had time for."""

UNUSABLE = "!unusable/0"
"""Holds files whose key names no channel/version: no channel can have this name."""


@dataclass(frozen=True, slots=True)
class Discovery:
    """What a look at the bucket found: files seen, those left for a fuller partition, partitions registered.

    ``changed`` are files that were registered with another ETag: their partitions have to be reprocessed. ``reached``
    is the last key that was seen, if there was no time for those after it; ``whole`` says that there was for all.
    """

    seen: int
    left: int
    changed: tuple[str, ...]
    partitions: tuple[Partition, ...]
    reached: str = ""
    whole: bool = True

    @property
    def new(self) -> int:
        """Files in the registered partitions."""
        return sum(len(partition.files) for partition in self.partitions)


def discover(services: Services, now: datetime, prefix: str = "", *, all_now: bool = False) -> Discovery:
    """Registers partitions of the files below ``prefix`` that are not registered yet. See ``register_files``."""
    return register_files(services, services.input.list(prefix), now, all_now=all_now)


def discover_in_time(services: Services, now: datetime, seconds: float) -> Discovery:
    """The same for the whole bucket, for about ``seconds``; the next call goes on behind the last key seen."""
    note = services.state.note(REACHED)
    start = note.decode() if note else ""
    files = services.input.list(start_after=start)
    found = register_files(services, files, now, deadline=Deadline(seconds))
    if found.reached:
        services.state.set_note(REACHED, found.reached.encode())
    elif note:
        services.state.drop_note(REACHED)
    return replace(found, whole=not start and not found.reached)


def register_files(
    services: Services,
    files: Iterable[ObjectInfo],
    now: datetime,
    *,
    all_now: bool = False,
    deadline: Deadline | None = None,
) -> Discovery:
    """Registers partitions of those of ``files`` that are not registered yet.

    A partition is closed when it is full, or when its oldest file is older than ``partition_age`` by ``now``, which is
    the store's clock; ``all_now`` closes every one. Looks at no more files when the ``deadline`` is over.

    Raises ``EmptyState`` if the state is not restored yet, ``StaleEpoch`` if it was restored during the call.
    """
    states = _States(services)
    seen, reached = 0, ""
    fresh: dict[str, list[ObjectInfo]] = defaultdict(list)
    changed: list[str] = []
    for chunk in chunks(files, LOOKED_UP):
        seen += len(chunk)
        for name, some in _by_channel_version(services, chunk).items():
            new, other = _unregistered(states.state_for(name), some)
            fresh[name] += new
            changed += other
        if deadline is not None and deadline.is_over:
            reached = chunk[-1].key
            break
    partitions: list[Partition] = []
    left = 0
    for name, some in sorted(fresh.items()):
        for group in _groups(some, services.options.partition_bytes, services.options.partition_files):
            if all_now or _full(group, services) or (now - group[0].modified).total_seconds() >= _age(services):
                partitions += _registered(services, states.begun(name), name, group)
            else:
                left += len(group)
    return Discovery(seen, left, tuple(changed), tuple(partitions), reached)


class _States:
    """Channel/versions' states in one epoch; those that get files are made ready once."""

    def __init__(self, services: Services) -> None:
        self._state, self._epoch = services.state, current_epoch(services)
        self._begun: dict[str, ChannelState] = {}

    def state_for(self, name: str) -> ChannelState:
        return self._begun.get(name) or self._state.channel_version(name, self._epoch)

    def begun(self, name: str) -> ChannelState:
        if name not in self._begun:
            self._begun[name] = self._state.channel_version(name, self._epoch)
            self._begun[name].begin()
            self._state.add_channel_version(name)
        return self._begun[name]


def _by_channel_version(services: Services, files: Iterable[ObjectInfo]) -> dict[str, list[ObjectInfo]]:
    out: dict[str, list[ObjectInfo]] = defaultdict(list)
    for file in files:
        out[channel_version_of(services, file.key)].append(file)
    return out


def channel_version_of(services: Services, key: str) -> str:
    """The channel/version of a file, from its key; ``UNUSABLE`` if it is not a ping file key."""
    try:
        return services.file_key(key).channel_version
    except DataError:
        return UNUSABLE


def _unregistered(state: ChannelState, files: list[ObjectInfo]) -> tuple[list[ObjectInfo], list[str]]:
    known = state.registered([file.key for file in files])
    new = [file for file in files if file.key not in known]
    return new, [file.key for file in files if file.key in known and known[file.key][0] != file.etag]


def _groups(files: list[ObjectInfo], most_bytes: int, most_files: int) -> Iterator[list[ObjectInfo]]:
    group: list[ObjectInfo] = []
    size = 0
    for file in sorted(files, key=lambda file: (file.modified, file.key)):
        if group and (size + file.size > most_bytes or len(group) >= most_files):
            yield group
            group, size = [], 0
        group.append(file)
        size += file.size
    if group:
        yield group


def _full(group: list[ObjectInfo], services: Services) -> bool:
    options = services.options
    return len(group) >= options.partition_files or sum(f.size for f in group) >= options.partition_bytes


def _age(services: Services) -> float:
    return services.options.partition_age


def _registered(services: Services, state: ChannelState, name: str, group: list[ObjectInfo]) -> list[Partition]:
    """Registers the group, without files that another process registered first."""
    files = [FileRef(file.key, file.etag, file.size) for file in group]
    refused: set[str] = set()
    while files:
        partition = partition_of(name, files, settings=services.fingerprint)
        failpoint("discover.before-register")
        taken = state.register(partition)
        failpoint("discover.after-register")
        if taken == []:
            oldest = min((file for file in group if file.key not in refused), key=lambda file: file.modified)
            state.note_uploaded(oldest.key, oldest.modified.timestamp())
            return [partition]
        if taken is None:
            raise StaleEpoch(f"{name}: the state was lost or restored while files were registered")
        refused |= set(taken)
        files = [file for file in files if file.key not in refused]
    return []
