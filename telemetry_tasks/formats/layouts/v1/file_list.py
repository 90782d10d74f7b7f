"""``files/<channel>/<version>/files.json``: the ping files of one channel/version, and its health.

``{schema, processed: [key], missing: [[key, reason]], health}``; the health is that of ``health.json``.
"""

from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.documents import Document, json_document, read_json
from telemetry_tasks.formats.layouts.contract import FileList
from telemetry_tasks.formats.layouts.v1.health import health_entry, read_health_entry

SCHEMA = 1


def file_list_document(files: FileList) -> Document:
    """The list of a channel/version."""
    missing = [list(each) for each in files.missing]
    health = health_entry(files.health)
    return json_document({"schema": SCHEMA, "processed": files.processed, "missing": missing, "health": health})


def read_file_list(body: bytes) -> FileList:
    """The list of a channel/version. Raises ``DataError`` ``bad-file-list`` or ``bad-health``."""
    try:
        value = read_json(body)
        if value["schema"] != SCHEMA:
            raise DataError("bad-file-list", f"schema {value['schema']!r} is not known")
        missing = [(key, reason) for key, reason in value["missing"]]
        return FileList(list(value["processed"]), missing, read_health_entry(value["health"]))
    except (KeyError, TypeError, ValueError) as error:
        raise DataError("bad-file-list", str(error)) from error
