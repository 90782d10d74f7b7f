"""Valid keys of objects, a rule of S3."""

LONGEST_KEY = 1024
"""Bytes of UTF-8."""


def is_object_key(key: str) -> bool:
    """Whether an object can have this key: not empty, and not too long. ``ValueError`` if it is not valid Unicode."""
    return 1 <= len(key.encode()) <= LONGEST_KEY
