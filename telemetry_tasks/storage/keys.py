"""Rules for keys and metadata that every adapter enforces, so that all accept and refuse the same.

A violation is a bug of the caller, hence ``ValueError``; a key from a message may also be bad data.
"""

from collections.abc import Mapping

from telemetry_tasks.core.partition import LONGEST_KEY, is_object_key
from telemetry_tasks.errors import DataError


class NoKey(DataError, ValueError):
    """An invalid key."""


def checked_key(key: str) -> str:
    """``key`` itself: not empty, and at most 1024 bytes of UTF-8. Raises ``NoKey``."""
    if not is_object_key(key):
        raise NoKey("bad-key", f"not a key, it must have 1 to {LONGEST_KEY} bytes: {key!r}")
    return key


def checked_metadata(metadata: Mapping[str, str] | None) -> dict[str, str]:
    """A copy of ``metadata``. As HTTP headers, names are lower case and everything is printable ASCII."""
    checked = dict(metadata or {})
    for name, value in checked.items():
        if name != name.lower() or not name or not _is_header(name) or not _is_header(value):
            raise ValueError(f"not metadata of an object, printable ASCII with a lower case name: {name!r}: {value!r}")
    return checked


def checked_conditions(if_none_match: bool, if_match: str | None) -> None:
    """The two conditions of a write exclude each other."""
    if if_none_match and if_match is not None:
        raise ValueError("if_none_match and if_match exclude each other")


def _is_header(text: str) -> bool:
    return text.isascii() and text.isprintable() and text == text.strip()
