"""``index.json``: where the data and the file list of each channel/version of a snapshot are, and their inputs.

``{schema, stamp, versions: {channel/version: {path, files, epoch, base, limits, definitions, pings, implausible}}}``;
paths are below the published prefix.
"""

from dataclasses import asdict

from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.documents import Document, json_document, read_json
from telemetry_tasks.formats.layouts.contract import SnapshotIndex, VersionRef

SCHEMA = 1
INDEX = "index.json"


def index_document(index: SnapshotIndex) -> Document:
    """The index of a snapshot."""
    versions = {name: asdict(ref) for name, ref in index.versions.items()}
    return json_document({"schema": SCHEMA, "stamp": index.stamp, "versions": versions})


def read_index(body: bytes) -> SnapshotIndex:
    """Decodes an index. Raises ``DataError`` ``bad-index``."""
    try:
        value = read_json(body)
        if value["schema"] != SCHEMA:
            raise DataError("bad-index", f"schema {value['schema']!r} is not known")
        return SnapshotIndex(value["stamp"], {name: VersionRef(**ref) for name, ref in value["versions"].items()})
    except (KeyError, TypeError, AttributeError) as error:
        raise DataError("bad-index", str(error)) from error
