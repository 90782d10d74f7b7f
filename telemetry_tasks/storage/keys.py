"""Rules for keys and metadata that every adapter enforces, so that all accept and refuse the same.

A violation is a bug of the caller, hence ``ValueError``; a key from a message may also be bad data.
"""

from telemetry_tasks.core.partition import LONGEST_KEY, is_object_key
from telemetry_tasks.errors import DataError
from telemetry_tasks.storage.objects import Headers


class NoKey(DataError, ValueError):
    """An invalid key."""


def checked_key(key: str) -> str:
    """``key`` itself: not empty, and at most 1024 bytes of UTF-8. Raises ``NoKey``."""
    if not is_object_key(key):
        raise NoKey("bad-key", f"not a key, it must have 1 to {LONGEST_KEY} bytes: {key!r}")
    return key


def checked_headers(headers: Headers) -> Headers:
    """``headers`` themselves. Names of metadata must be lower case, and all of it printable ASCII."""
    for name, value in headers.metadata.items():
        if name != name.lower() or not name or not _is_header(name) or not _is_header(value):
            raise ValueError(f"not metadata of an object, printable ASCII with a lower case name: {name!r}: {value!r}")
    return headers


def _is_header(text: str) -> bool:
    return text.isascii() and text.isprintable() and text == text.strip()
