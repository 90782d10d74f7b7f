"""The published data under the page's own origin: objects of one store, read only, no listings.

Serves a browser the same whether the bucket behind it is private or public, and restores what some S3 servers drop: the
``Content-Encoding`` of a gzip body.
"""

from telemetry_tasks.embedded.answers import (
    CROSS_ORIGIN_HEADERS,
    GZIP_MAGIC,
    PREFLIGHT_HEADERS,
    SECURITY_HEADERS,
    Answer,
    Content,
    Request,
    held_tag,
    not_modified,
    text,
    whole,
)
from telemetry_tasks.errors import InfrastructureError, NotFound, OperatorError
from telemetry_tasks.storage.objects import ObjectStore, StoredObject

HEADERS = {**SECURITY_HEADERS, **CROSS_ORIGIN_HEADERS}
UNKNOWN_AGE = "no-cache"
JSON = "application/json"
UNTYPED = frozenset({"", "application/octet-stream", "binary/octet-stream"})


class PublishedFiles:
    """Answers GET, HEAD and OPTIONS for the keys of ``store``. As safe for threads as the store is."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def answer(self, request: Request) -> Answer:
        """``request.path`` is the key. What the store refuses to show does not exist for a reader."""
        if request.method == "OPTIONS":
            return Answer(204, {**SECURITY_HEADERS, **PREFLIGHT_HEADERS})
        if not is_plain_key(request.path):
            return text(404, "There is no such object.", HEADERS)
        try:
            return self._held(request) or whole(_content(self._store.get(request.path)), request, HEADERS)
        except (NotFound, OperatorError):
            return text(404, "There is no such object.", HEADERS)
        except InfrastructureError:
            return text(503, "The object store does not answer; try again.", {**HEADERS, "Retry-After": "2"})

    def _held(self, request: Request) -> Answer | None:
        """304 after one HEAD request, if the client asks whether its copy is the newest."""
        if "if-none-match" not in request.headers:
            return None
        facts = self._store.head(request.path)
        tag = held_tag(request, facts.etag) if facts else None
        return not_modified(tag, UNKNOWN_AGE, HEADERS) if tag else None


def is_plain_key(key: str) -> bool:
    """Whether the key names one object: no empty, ``.`` or ``..`` part, no control character."""
    parts = key.split("/")
    return key.isprintable() and "\\" not in key and all(part not in ("", ".", "..") for part in parts)


def _content(stored: StoredObject) -> Content:
    encoding = stored.headers.content_encoding
    if not encoding and stored.body[:2] == GZIP_MAGIC and not stored.key.endswith(".gz"):
        encoding = "gzip"
    media_type = stored.headers.content_type
    if media_type in UNTYPED and stored.key.endswith(".json"):
        media_type = JSON
    if media_type == JSON or media_type == "text/plain":
        media_type += "; charset=utf-8"
    return Content(stored.body, stored.etag, media_type, stored.headers.cache_control or UNKNOWN_AGE, encoding or None)
