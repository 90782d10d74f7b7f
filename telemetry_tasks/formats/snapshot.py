"""The documents that hold a snapshot together, beside those that readers of 2013 know.

``index.json`` of a snapshot: ``{schema, stamp, versions: {channel/version: {path, files, epoch, base, limits,
definitions, pings, implausible}}}``: where the data and the file list of each channel/version are (below the published
prefix), their inputs, how many pings count, and which of their dates are implausible.
``manifest.json`` of a channel/version's folder: ``{schema, tree, measures: {NAME: facts}, files: {name: [size,
SHA-256]}}``.
A file list: ``{schema, processed: [key], missing: [[key, reason]], health: {…}}``.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from telemetry_tasks.core.plausible import Outside, Plausibility
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.published import NO_CACHE, Document, json_document, read_json

SCHEMA = 1
INDEX, MANIFEST = "index.json", "manifest.json"


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
    """The content of a snapshot's index."""

    stamp: str
    versions: Mapping[str, VersionRef] = field(default_factory=dict)

    def paths(self) -> dict[str, str]:
        """The content of ``versions.json``: folder by channel/version."""
        return {name: ref.path for name, ref in sorted(self.versions.items()) if ref.path is not None}

    def implausible(self, plausibility: Plausibility) -> dict[str, Any]:
        """``versions``: by channel, and ``dates``: by channel/version and kind of date, what is
        implausible; empty if nothing is."""
        versions = plausibility.of_versions(self._pings())
        dates = {
            name: dict(ref.implausible)
            for name, ref in sorted(self.versions.items())
            if ref.path is not None and ref.implausible
        }
        return {"versions": versions, "dates": dates} if versions or dates else {}

    def usual(self, plausibility: Plausibility) -> str | None:
        """The channel/version to show first; None if there is none."""
        return plausibility.usual(self._pings())

    def _pings(self) -> dict[str, int]:
        return {name: ref.pings for name, ref in sorted(self.versions.items()) if ref.path is not None}


@dataclass(frozen=True, slots=True)
class MeasureFacts:
    """The inputs of a measure's files, and its facts in the index.

    ``cells`` is the digest of its cells, ``input`` one of all that its files depend on.
    """

    cells: str
    input: str
    build_id: str
    length: int
    revision: str
    definition: dict[str, Any]
    facts: dict[str, Any]


_FACTS = tuple(field.name for field in fields(MeasureFacts))


@dataclass(frozen=True, slots=True)
class Manifest:
    """A channel/version's folder: its measures, and size and SHA-256 of each file except the manifest itself."""

    tree: str
    measures: Mapping[str, MeasureFacts] = field(default_factory=dict)
    files: Mapping[str, tuple[int, str]] = field(default_factory=dict)


def index_document(index: SnapshotIndex) -> Document:
    """The index of a snapshot."""
    versions = {name: asdict(ref) for name, ref in index.versions.items()}
    return json_document({"schema": SCHEMA, "stamp": index.stamp, "versions": versions})


def read_index(body: bytes) -> SnapshotIndex:
    """Decodes an index. Raises ``DataError``."""
    try:
        value = _checked(body)
        return SnapshotIndex(value["stamp"], {name: VersionRef(**ref) for name, ref in value["versions"].items()})
    except (KeyError, TypeError, AttributeError) as error:
        raise DataError("bad-index", str(error)) from error


def manifest_document(manifest: Manifest) -> Document:
    """The manifest of a folder."""
    # asdict() copies deeply, which takes half the time of a publish without changes
    measures = {name: {field: getattr(facts, field) for field in _FACTS} for name, facts in manifest.measures.items()}
    files = {name: list(facts) for name, facts in manifest.files.items()}
    return json_document({"schema": SCHEMA, "tree": manifest.tree, "measures": measures, "files": files})


def read_manifest(body: bytes) -> Manifest:
    """Decodes a manifest. Raises ``DataError``."""
    try:
        value = _checked(body)
        measures = {name: MeasureFacts(**facts) for name, facts in value["measures"].items()}
        return Manifest(value["tree"], measures, {name: (size, sha) for name, (size, sha) in value["files"].items()})
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError("bad-manifest", str(error)) from error


def _checked(body: bytes) -> dict[str, Any]:
    value = read_json(body)
    if not isinstance(value, dict) or value.get("schema") != SCHEMA:
        raise DataError(
            "bad-document", f"schema {value.get('schema') if isinstance(value, dict) else None!r} is not known"
        )
    return value


def latest_document(index: SnapshotIndex, plausibility: Plausibility) -> Document:
    """``latest-current.json``."""
    implausible, usual = index.implausible(plausibility), index.usual(plausibility)
    more = {**({"implausible": implausible} if implausible else {}), **({"usual": usual} if usual else {})}
    return json_document({"current": index.stamp, "versions": sorted(index.paths()), **more}, cache_control=NO_CACHE)
