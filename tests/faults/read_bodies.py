"""What the objects and notes of F34 hold: each tells whose it is."""

import hashlib


def body_of(key: str) -> bytes:
    """Some kilobytes, the length of which depends on the key as well."""
    digest = hashlib.sha256(key.encode()).digest()
    return digest * (100 + 10 * digest[0])


def note_of(key: str) -> bytes:
    """The value of the note of the key's name."""
    return hashlib.sha256(b"note " + key.encode()).digest()
