"""What readers see of a channel/version: what it was rendered from, and its ping files.

An index says from which base, limits of publishing and definitions. If any of them is another one now, the
channel/version has changed and is published again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from telemetry_tasks.core.definitions import SIMPLE_PREFIX
from telemetry_tasks.core.digests import digest_of
from telemetry_tasks.core.disclosure.health import Health
from telemetry_tasks.errors import DataError, InfrastructureError
from telemetry_tasks.formats.layouts.contract import FileList, VersionRef
from telemetry_tasks.formats.layouts.v1.file_list import read_file_list
from telemetry_tasks.pipeline.publish.folders import load_manifest
from telemetry_tasks.pipeline.publish.render import UsedDefinitions
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.objects import ObjectStore
from telemetry_tasks.storage.state_values import Base

INCOMPLETE = "?"
"""Ends the version of a base that was rendered without all of its definitions. No base has this version: the
channel/version counts as changed."""


def ref_of(
    services: Services,
    state: ChannelState,
    base: Base,
    used: UsedDefinitions,
    path: str | None,
    files: str,
    health: Health,
) -> VersionRef:
    """What an index says of a channel/version that was rendered from this base; ``shows`` compares it.

    ``path`` and ``files`` are those of its folder, if it has one, and of its file list.
    """
    version = f"{base.version or ''}{'' if used.complete else INCOMPLETE}"
    definitions = definitions_digest(used.files.items())
    limits = _limits(services)
    return VersionRef(path, files, state.epoch, version, limits, definitions, health.pings, health.implausible)


def shows(ref: VersionRef, services: Services, state: ChannelState, base: Base) -> bool:
    """Whether readers see this base, under the limits and the definitions of this process. Raises ``DataError``."""
    if (ref.epoch, ref.base, ref.limits) != (state.epoch, base.version or "", _limits(services)):
        return False
    return shows_definitions(ref, services)


def _limits(services: Services) -> str:
    """The thresholds of what is plausible are limits, too."""
    return f"{services.options.publish_limits.fingerprint}\n{services.options.plausibility.fingerprint}"


def shows_definitions(ref: VersionRef, services: Services) -> bool:
    """Whether the definitions are those that were published, or are away: then they cannot be published either.

    If a definition file cannot be used they are not: publishing keeps the last good ones, and says so.
    """
    try:
        files = {each: services.definitions.file(each) for each in _revisions(_Place(services.published, ref.path))}
    except InfrastructureError:
        return True
    except DataError:
        return False
    return ref.definitions == definitions_digest((each, file.digest if file else "") for each, file in files.items())


@dataclass(frozen=True, eq=False)
class _Place:
    """A folder of a store; equal to itself and to no other store's."""

    store: ObjectStore
    path: str | None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Place) and self.store is other.store and self.path == other.path

    def __hash__(self) -> int:
        return hash((id(self.store), self.path))


@lru_cache(maxsize=256)
def _revisions(place: _Place) -> frozenset[str]:
    """The revisions whose definition files say what the measures of a folder mean. A folder never changes."""
    manifest = load_manifest(place.store, place.path)
    if manifest is None:
        return frozenset()
    return frozenset(facts.revision for name, facts in manifest.measures.items() if not name.startswith(SIMPLE_PREFIX))


def definitions_digest(files: Iterable[tuple[str, str]]) -> str:
    """One digest of pairs of a revision and the digest of its definition file, which is empty if there is none."""
    return digest_of(repr(sorted(files)).encode())[:32]


def shown_files(services: Services, ref: VersionRef) -> FileList:
    """The ping files that ``ref`` names. Raises ``DataError`` if their list is damaged."""
    try:
        return read_file_list(services.published.get(ref.files).body)
    except DataError as error:
        raise DataError(error.reason, f"{ref.files}: {error.detail}") from error
