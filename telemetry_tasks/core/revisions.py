"""The revision that a ping names, made safe to look up.

Clients write it, so it is not trusted: only a revision checked here is put into a path or a URL.
"""

import re
from dataclasses import dataclass

_SEGMENT = re.compile(r"[0-9A-Za-z_-][0-9A-Za-z._-]{0,99}\Z", re.ASCII)
_MAX_REPOSITORY_PARTS = 6


@dataclass(frozen=True, slots=True)
class Revision:
    """``id`` is one safe path segment; ``repository`` is empty or safe segments joined by ``/``."""

    id: str
    repository: str = ""

    @property
    def path(self) -> str:
        """The revision as a relative path: ``releases/mozilla-beta/a55c55edf302``."""
        return f"{self.repository}/{self.id}" if self.repository else self.id


def parse_revision(text: str) -> Revision | None:
    """The revision in ``https://host/REPOSITORY/rev/ID``, or in a bare ID; None without a safe one.

    The host is dropped. An unsafe repository becomes empty: the ID alone may still be known.
    """
    if len(text) > 1000:
        return None
    address, _, _ = re.sub(r"\A[a-z]+://[^/]*/", "", text).partition("?")
    *parents, last = address.strip("/").split("/")
    if not _SEGMENT.match(last):
        return None
    if parents and parents[-1] == "rev":
        parents.pop()
    safe = len(parents) <= _MAX_REPOSITORY_PARTS and all(_SEGMENT.match(part) for part in parents)
    return Revision(last, "/".join(parents) if safe else "")
