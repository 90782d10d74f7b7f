"""Whether a client holds what it asks for: ETags and times of change (RFC 9110, section 13)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime


def http_date(moment: datetime) -> str:
    """A time in UTC as headers write it, in whole seconds."""
    return format_datetime(moment.astimezone(UTC).replace(microsecond=0), usegmt=True)


def asks_whether_it_changed(headers: Mapping[str, str]) -> bool:
    """Whether ``held_tag`` can be other than None for the request."""
    return "if-none-match" in headers or "if-modified-since" in headers


def held_tag(headers: Mapping[str, str], tags: Sequence[str], modified: datetime) -> str | None:
    """The quoted tag under which the client holds what it would be sent now, or None.

    ``tags`` are those of the bodies that it could be sent, quoted, the best first. A time is compared only if the
    client names no tags.
    """
    asked = headers.get("if-none-match")
    if asked is None:
        return tags[0] if _is_not_newer(modified, headers.get("if-modified-since", "")) else None
    held = {tag.strip().removeprefix("W/") for tag in asked.split(",")}
    return tags[0] if "*" in held else next((tag for tag in tags if tag in held), None)


def _is_not_newer(modified: datetime, since: str) -> bool:
    moment = _parsed(since)
    return moment is not None and modified.replace(microsecond=0) <= moment


def _parsed(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def allows_range(if_range: str | None, tag: str, modified: datetime) -> bool:
    """Whether a part of what is there now fits what the client holds, by its ``If-Range``.

    Only a strong tag, or the very time of the last change, is enough.
    """
    return if_range is None or if_range.strip() in (tag, http_date(modified))
