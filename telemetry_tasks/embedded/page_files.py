"""The page: files of one folder, nothing above it and no listings."""

import hashlib
import mimetypes
import shlex
from pathlib import Path

from telemetry_tasks.embedded.answers import (
    SECURITY_HEADERS,
    Answer,
    Content,
    Request,
    held_tag,
    not_modified,
    text,
    whole,
)
from telemetry_tasks.errors import OperatorError

INDEX = "index.html"
CACHE_CONTROL = "no-cache"
SKIPPED = frozenset({"node_modules"})
TYPES = {
    ".mjs": "text/javascript",
    ".js": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
}
WITH_CHARSET = ("text/", "application/json", "image/svg+xml")


BUILT = "vendor/page.js"


def check_built(folder: Path) -> None:
    """Raises ``OperatorError``, with a remedy, if ``folder`` is not the page, or the page was not built."""
    if not (folder / INDEX).is_file():
        raise OperatorError(
            f"{folder} has no {INDEX}: set TELEMETRY_PAGE_FOLDER to static/ of a clone in which the page is built, or "
            "to a copy of it"
        )
    if not (folder / BUILT).is_file():
        raise OperatorError(
            f"the page is not built: {folder / BUILT} is not there. Build it with Node.js 20 or newer: "
            f"(cd {shlex.quote(str(folder))} && npm ci && npm run build)"
        )


def content_security_policy(connect: tuple[str, ...] = ()) -> str:
    """Everything comes from the page's own origin; ``connect`` adds origins that data may come from."""
    sources = " ".join(("'self'", *connect))
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src {sources}; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )


class PageFiles:
    """Answers GET and HEAD for the files below ``folder``. Safe to use from several threads."""

    def __init__(self, folder: Path, connect: tuple[str, ...] = ()) -> None:
        self._folder = folder.resolve()
        self._headers = {
            **SECURITY_HEADERS,
            "Content-Security-Policy": content_security_policy(connect),
            "Cross-Origin-Opener-Policy": "same-origin",
        }

    def answer(self, request: Request) -> Answer:
        path = self._file(request.path)
        if path is None:
            return text(404, "There is no such page.", self._headers)
        body = path.read_bytes()
        etag = hashlib.sha256(body).hexdigest()[:32]
        if tag := held_tag(request, etag):
            return not_modified(tag, CACHE_CONTROL, self._headers)
        return whole(Content(body, etag, content_type(path.name), CACHE_CONTROL), request, self._headers)

    def _file(self, url_path: str) -> Path | None:
        """The file for a decoded URL path; None if it is hidden, outside the folder, or not a file."""
        parts = [part for part in url_path.split("/") if part]
        if any(part.startswith(".") or part in SKIPPED or "\\" in part or "\0" in part for part in parts):
            return None
        path = self._folder.joinpath(*parts)
        if url_path.endswith("/"):
            path = path / INDEX
        resolved = path.resolve()
        return resolved if resolved.is_relative_to(self._folder) and resolved.is_file() else None


def content_type(name: str) -> str:
    """The media type of a file, by its name."""
    known = TYPES.get(Path(name).suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"{known}; charset=utf-8" if known.startswith(WITH_CHARSET) else known
