"""The digest that identifies results, blocks and published files."""

import hashlib


def digest_of(body: bytes) -> str:
    """The SHA-256 of the bytes, in hexadecimal."""
    return hashlib.sha256(body).hexdigest()
