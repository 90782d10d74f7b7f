"""What follows from the path of a published object alone, in every layout: how long it may be kept, how it is read."""

from telemetry_tasks.formats.documents import IMMUTABLE, NO_CACHE

_NEVER_REPLACED = ("current/", "manifests/", "packs/")
"""A snapshot's folder has its stamp in its name, manifests and packs have the digest of their bytes."""

_BINARY = "packs/"


def cache_control(path: str) -> str:
    """The header ``Cache-Control`` of the object at ``path``, below the published prefix."""
    return IMMUTABLE if path.startswith(_NEVER_REPLACED) else NO_CACHE


def is_binary(path: str) -> bool:
    """Whether the object is read by ranges of bytes, and never compressed as a whole, whatever it begins with."""
    return path.startswith(_BINARY)
