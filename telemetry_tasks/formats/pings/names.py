"""What may stand in published paths: channel/versions, and options of dimensions."""

import re

from telemetry_tasks.errors import DataError

_SAFE = re.compile(r"[A-Za-z0-9_.\-]+\Z", re.ASCII)
_LONGEST = 100
"""Characters of a channel or a major version: keys of published files contain both, a measure's name and a prefix."""

OPTION_LENGTH = 500
_ESCAPED = re.compile(r"[/\x00-\x1f\x7f\ud800-\udfff]")
_RESERVED = {"name": "%6Eame", "_id": "%5Fid"}


def checked_channel_version(name: str) -> str:
    """``name`` itself. Raises ``DataError`` ``bad-key`` if a part of ``CHANNEL/VERSION`` cannot be in a path."""
    for part in name.split("/"):
        if not _SAFE.match(part) or set(part) == {"."} or len(part) > _LONGEST:
            raise DataError("bad-key", f"{part!r:.120} is not a channel or major version")
    return name


def option(value: str) -> str:
    """A dimension's value, escaped for a filter tree and a path of cells.

    ``name`` and ``_id`` are reserved in the tree and paths are split at ``/``: those are percent-escaped, as
    are control characters and lone surrogates. Raises ``DataError`` for values beyond ``OPTION_LENGTH``.
    """
    if len(value) > OPTION_LENGTH:
        raise DataError("dimension-too-long")
    return escaped(value)


def escaped(value: str) -> str:
    """See ``option``. Text that is escaped already stays as it is."""
    if value in _RESERVED:
        return _RESERVED[value]
    return _ESCAPED.sub(lambda match: f"%{ord(match[0]):02X}", value)
