"""``latest-current.json``: which snapshot readers see. The one document whose change publishes.

``{current, versions, usual?, implausible?: {versions: {channel: outside}, dates: {channel/version: {kind of date:
outside}}}}``.
"""

from dataclasses import dataclass

from telemetry_tasks.core.plausible import Plausibility
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.documents import NO_CACHE, Document, json_document, read_json
from telemetry_tasks.formats.layouts.contract import SnapshotIndex
from telemetry_tasks.formats.stamps import parse_stamp

LATEST = "latest-current.json"


@dataclass(frozen=True, slots=True)
class Latest:
    """The stamp of what readers see, its channel/versions, and the one to show first, if any."""

    current: str
    versions: list[str]
    usual: str | None


def latest_document(index: SnapshotIndex, plausibility: Plausibility) -> Document:
    """The document that shows the snapshot to readers."""
    outliers, usual = index.outliers(plausibility), index.usual(plausibility)
    more = {**({"implausible": outliers._asdict()} if any(outliers) else {}), **({"usual": usual} if usual else {})}
    return json_document({"current": index.stamp, "versions": sorted(index.paths()), **more}, cache_control=NO_CACHE)


def read_current(body: bytes) -> str:
    """The stamp of what readers see. Raises ``DataError`` ``bad-latest``."""
    value = read_json(body)
    try:
        parse_stamp(value["current"])
        return str(value["current"])
    except (KeyError, TypeError, ValueError) as error:
        raise DataError("bad-latest", f"it names no snapshot: {error}") from error


def read_latest(body: bytes) -> Latest:
    """All that readers go by. Raises ``DataError`` ``bad-latest``."""
    current, value = read_current(body), read_json(body)
    versions = value.get("versions")
    if not isinstance(versions, list) or not all(isinstance(name, str) for name in versions):
        raise DataError("bad-latest", "it does not list channel/versions")
    usual = value.get("usual", "")
    if usual not in (*versions, ""):
        raise DataError("bad-latest", f"the usual version {usual!r} is not published")
    return Latest(current, versions, usual or None)
