"""The part of a body that a client asks for (RFC 9110, section 14): one range of bytes."""

import re
from collections.abc import Mapping

from telemetry_tasks.storage.objects import Span

_ONE_RANGE = re.compile(r"bytes\s*=\s*(?P<first>[0-9]{0,18})\s*-\s*(?P<last>[0-9]{0,18})\s*", re.ASCII | re.IGNORECASE)


def asked_span(method: str, headers: Mapping[str, str]) -> Span | None:
    """What the ``Range`` of a GET asks for. None if the whole body is the right answer.

    That is so without the header, and for one that is not valid, in another unit, or of several ranges.
    """
    found = _ONE_RANGE.fullmatch(headers.get("range", "").strip()) if method == "GET" else None
    if found is None:
        return None
    first, last = (int(digits) if digits else None for digits in found.groups())
    try:
        return Span(first, last)
    except ValueError:
        return None


def content_range(start: int, end: int, size: int) -> str:
    """The header of the bytes from ``start`` to ``end`` (not included) of a body of ``size`` bytes.

    An empty part says that the client asked for bytes that are not there.
    """
    return f"bytes {start}-{end - 1}/{size}" if start < end else f"bytes */{size}"
