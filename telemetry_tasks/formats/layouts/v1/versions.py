"""``versions.json``: at the top the folder of each channel/version, in a snapshot the list of its channel/versions."""

from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.documents import NO_CACHE, Document, json_document, read_json
from telemetry_tasks.formats.layouts.contract import SnapshotIndex

VERSIONS = "versions.json"


def paths_document(index: SnapshotIndex) -> Document:
    """The one at the top."""
    return json_document(index.paths(), cache_control=NO_CACHE)


def read_paths(body: bytes) -> dict[str, str]:
    """Folders by channel/version. Raises ``DataError`` ``bad-versions``."""
    value = read_json(body)
    if not isinstance(value, dict) or not all(isinstance(path, str) for path in value.values()):
        raise DataError("bad-versions", "it does not name a folder for each channel/version")
    return value


def names_document(index: SnapshotIndex) -> Document:
    """The one of a snapshot."""
    return json_document(sorted(index.paths()))


def read_names(body: bytes) -> list[str]:
    """Channel/versions. Raises ``DataError`` ``bad-versions``."""
    value = read_json(body)
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise DataError("bad-versions", "it is not a list of channel/versions")
    return value
