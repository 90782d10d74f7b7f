"""Digests: what identifies results, blocks and published files, and the text of values that enter one."""

import hashlib
import json


def digest_of(body: bytes) -> str:
    """The SHA-256 of the bytes, in hexadecimal."""
    return hashlib.sha256(body).hexdigest()


def text_of(value: object) -> str:
    """Plain values (tuples, lists, texts, numbers) as a text: equal values give equal texts, whatever their classes."""
    return json.dumps(value, separators=(",", ":"))
