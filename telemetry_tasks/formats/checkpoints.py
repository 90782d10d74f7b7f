"""Where checkpoints are below the published prefix, and the list of them: ``check-points.json``, a list of stamps."""

from collections.abc import Iterable

from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.documents import NO_CACHE, Document, json_document, read_json

CHECKPOINTS = "check-points"
CHECKPOINT_LIST = f"{CHECKPOINTS}.json"


def list_document(stamps: Iterable[str]) -> Document:
    """The list of complete checkpoints."""
    return json_document(sorted(stamps), cache_control=NO_CACHE)


def read_list(body: bytes) -> list[str]:
    """The stamps, oldest first. Raises ``DataError`` ``bad-document``."""
    names = read_json(body)
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise DataError("bad-document", f"{CHECKPOINT_LIST} is not a list of stamps")
    return sorted(names)
