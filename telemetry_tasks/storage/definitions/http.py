"""Definition files from a web server, such as the browser of a source repository."""

import time
from collections.abc import Iterator
from urllib.parse import SplitResult, urljoin, urlsplit

import urllib3
from urllib3.exceptions import HTTPError

from telemetry_tasks.core.revisions import Revision
from telemetry_tasks.errors import DataError, InfrastructureError, NotFound, OperatorError
from telemetry_tasks.storage.definitions.contract import MAX_BYTES

_PLACEHOLDERS = ("{revision}", "{revision_id}", "{repository}")
_REDIRECTS = (301, 302, 303, 307, 308)
_AWAY = (408, 429, 500, 502, 503, 504, 511)
_NO_SUCH_FILE = (403, 404, 410)
"""403 as well: a bucket without the permission to list answers 403 for a missing key."""

MAX_REDIRECTS = 3


class HttpDefinitions:
    """GETs a URL made from a template with ``{revision_id}``, ``{revision}`` (the same) or ``{repository}``.

    Only safe parts of a revision are put in, and only redirects to the template's own host are followed. A
    server that fails is tried ``tries`` times; an answer must be complete within ``deadline`` seconds.
    """

    worth_caching = True

    def __init__(
        self,
        template: str,
        *,
        tries: int = 3,
        connect: float = 5.0,
        read: float = 15.0,
        deadline: float = 60.0,
    ) -> None:
        self._template = template
        self._origin = _checked(template)
        self._deadline = deadline
        retry = urllib3.Retry(total=tries - 1, redirect=False, status_forcelist=_AWAY, backoff_factor=0.3)
        retry.RETRY_AFTER_STATUS_CODES = frozenset()  # a server must not make a worker wait for as long as it likes
        self._http = urllib3.PoolManager(retries=retry, timeout=urllib3.Timeout(connect=connect, read=read))

    @property
    def name(self) -> str:
        return self._origin.scheme + "://" + _host(self._origin) + self._origin.path

    def names(self) -> Iterator[str]:
        return iter(())

    def read(self, name: str) -> bytes:
        raise NotFound(f"{self.name}: has no file {name}, only revisions")

    def fetch(self, revision: Revision | None) -> bytes:
        if revision is None or ("{repository}" in self._template and not revision.repository):
            raise NotFound(f"{self.name}: the revision names nothing to look up")
        url = self._template
        for placeholder, value in zip(_PLACEHOLDERS, (revision.id, revision.id, revision.repository), strict=True):
            url = url.replace(placeholder, value)
        ends = time.monotonic() + self._deadline
        for _ in range(MAX_REDIRECTS + 1):
            location, body = self._get(url, ends)
            if location is None:
                return body
            url = urljoin(url, location)
            if _host(urlsplit(url)) != _host(self._origin):
                raise DataError("definitions-redirected", f"{self.name} leads to another host")
        raise DataError("definitions-redirected", f"{self.name} redirects without end")

    def _get(self, url: str, ends: float) -> tuple[str | None, bytes]:
        """The target of a redirect, or None and the body."""
        try:
            response = self._http.request("GET", url, preload_content=False, redirect=False)
            try:
                if response.status in _REDIRECTS:
                    return response.headers.get("Location", ""), b""
                self._check(response.status)
                return None, self._body(response, ends)
            finally:
                response.close()
        except HTTPError as error:
            raise InfrastructureError(f"{self.name}: {_cause(error)}") from error

    def _check(self, status: int) -> None:
        if status in _NO_SUCH_FILE:
            raise NotFound(f"{self.name} answers {status}")
        if status in _AWAY:
            raise InfrastructureError(f"{self.name} answers {status}")
        if status != 200:
            raise DataError("definitions-refused", f"{self.name} answers {status}")

    def _body(self, response: urllib3.BaseHTTPResponse, ends: float) -> bytes:
        body = bytearray()
        # read1 returns available bytes; a plain read would wait for the whole piece, past the deadline
        while piece := response.read1(1 << 16, decode_content=True):
            body += piece
            if len(body) > MAX_BYTES:
                raise DataError("definitions-too-large", f"{self.name} sends more than {MAX_BYTES} bytes")
            if time.monotonic() > ends:
                raise InfrastructureError(f"{self.name} took more than {self._deadline:g} s")
        return bytes(body)


def _checked(template: str) -> SplitResult:
    try:
        address = urlsplit(template)
        hostname, _ = address.hostname, address.port
    except ValueError as error:
        raise OperatorError(f"{template!r} is not a URL; correct TELEMETRY_DEFINITIONS") from error
    rest = template
    for placeholder in _PLACEHOLDERS:
        rest = rest.replace(placeholder, "")
    if "{" in rest or "}" in rest:
        raise OperatorError(f"{template!r}: the placeholders are {', '.join(_PLACEHOLDERS)}")
    if address.scheme not in ("http", "https") or not hostname or "{" in address.netloc:
        raise OperatorError(f"{template!r}: needs http:// or https:// and a host without placeholders")
    if rest == template:
        raise OperatorError(f"{template!r} does not contain the revision; put {{revision_id}} where it belongs")
    return address


def _host(address: SplitResult) -> str:
    """The host and the port, without a user's name and password."""
    return address.netloc.rpartition("@")[2].lower()


def _cause(error: HTTPError) -> str:
    """One line, without the address that urllib3 puts into its messages."""
    reason = getattr(error, "reason", None) or error
    return type(reason).__name__
