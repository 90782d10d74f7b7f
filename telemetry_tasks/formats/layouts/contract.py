"""What a snapshot holds, as values, and the contract of a layout: the documents that it is published in.

A layout knows no store and no state. It makes documents of values, and tells what is wrong with documents.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from telemetry_tasks.core.definitions import Definition
from telemetry_tasks.core.disclosure.health import Health
from telemetry_tasks.core.disclosure.tree import FilterTree
from telemetry_tasks.core.disclosure.volume import Volume
from telemetry_tasks.core.plausible import Outliers, Outside, Plausibility
from telemetry_tasks.core.shapes import Run
from telemetry_tasks.core.tables.table import Table
from telemetry_tasks.formats.documents import Document


@dataclass(frozen=True, slots=True)
class VersionRef:
    """The paths of a channel/version's data (None: it has none) and file list, and their inputs.

    The inputs are the base (``epoch`` and version), the limits of publishing (their fingerprint) and a digest of
    the definition files of all its revisions. A change of any of them is published.

    ``pings`` that count; ``implausible`` is the result of ``Plausibility.of_days`` for their dates.
    """

    path: str | None
    files: str
    epoch: str
    base: str
    limits: str
    definitions: str
    pings: int = 0
    implausible: Mapping[str, Outside] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SnapshotIndex:
    """Which channel/versions a snapshot shows, and where each of them is."""

    stamp: str
    versions: Mapping[str, VersionRef] = field(default_factory=dict)

    def paths(self) -> dict[str, str]:
        """The path of each channel/version that has data."""
        return {name: ref.path for name, ref in sorted(self.versions.items()) if ref.path is not None}

    def outliers(self, plausibility: Plausibility) -> Outliers:
        """What is implausible of the channel/versions that have data."""
        shown = ((name, ref) for name, ref in sorted(self.versions.items()) if ref.path is not None)
        dates = {name: ref.implausible for name, ref in shown if ref.implausible}
        return Outliers(plausibility.of_versions(self._pings()), dates)

    def usual(self, plausibility: Plausibility) -> str | None:
        """The channel/version to show first; None if there is none."""
        return plausibility.usual(self._pings())

    def _pings(self) -> dict[str, int]:
        return {name: ref.pings for name, ref in sorted(self.versions.items()) if ref.path is not None}


@dataclass(frozen=True, slots=True)
class MeasureFacts:
    """A measure as published, without its numbers.

    ``cells`` is the digest of its cells, ``input`` one of all that its documents depend on. ``build_id``, ``revision``
    and ``length`` (elements of an array) are those of the newest build; ``definition`` is the published one.
    """

    cells: str
    input: str
    build_id: str
    length: int
    revision: str
    definition: Mapping[str, Any]
    volume: Volume


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """A channel/version as published, without the numbers of its measures."""

    name: str
    pings: int
    tree: FilterTree
    measures: Mapping[str, MeasureFacts]


@dataclass(frozen=True, slots=True)
class FileList:
    """Keys of ping files that count; (key, reason) of those that are missing; the health of the channel/version."""

    processed: Sequence[str]
    missing: Sequence[tuple[str, str]]
    health: Health

    @property
    def known(self) -> set[str]:
        """All of them."""
        return {*self.processed, *(key for key, _ in self.missing)}


@dataclass(frozen=True, slots=True)
class SnapshotFacts:
    """A snapshot: its index, the file list of each channel/version, and the thresholds of what is plausible."""

    index: SnapshotIndex
    files: Mapping[str, FileList]
    plausibility: Plausibility


class Fault(NamedTuple):
    """A violated rule of published documents: the path of the document, and what is wrong."""

    where: str
    what: str


Fetch = Callable[[str], bytes]
"""Gives an object's bytes (compressed or not) by its path below the published prefix.

Raises ``NotFound``; ``DataError`` if it is damaged, or its headers are not as ``header_fault`` requires.
"""


class PublishedLayout(Protocol):
    """Documents by name, relative to the folder that they belong in."""

    @property
    def rendering(self) -> str:
        """Version of what is rendered; another one renders every measure again."""

    def accepts(self, run: Run) -> bool:
        """Whether the numbers of these columns have a place in the documents."""

    def definition(self, definition: Definition) -> Mapping[str, Any]:
        """The definition as it is published."""

    def measure_files(self, measure: str) -> Sequence[str]:
        """The names of a measure's documents."""

    def measure_documents(
        self, table: Table, leaf_ids: Mapping[tuple[str, ...], int], definition: Mapping[str, Any], kernel: str
    ) -> Mapping[str, Document]:
        """The documents of a measure. ``leaf_ids`` are the filter tree's, ``definition`` is the published one."""

    def channel_documents(self, channel: ChannelFacts) -> Mapping[str, Document]:
        """The documents of a channel/version that are not of one measure."""

    def snapshot_documents(self, snapshot: SnapshotFacts) -> Mapping[str, Document]:
        """The documents of a snapshot that are not of one channel/version."""

    def header_fault(self, path: str, content_type: str, encoding: str | None, cache_control: str | None) -> str:
        """What is wrong with the headers of the object at ``path``; empty if they are as readers need them."""

    def faults(self, fetch: Fetch) -> Iterator[Fault]:
        """All violated rules in what readers see. Raises nothing for bad data; errors of ``fetch`` pass."""
