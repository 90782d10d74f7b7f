"""Paths of layout 2, below the published prefix. What is named by the digest of its bytes is never replaced."""

import hashlib
import json
import zlib
from collections.abc import Sequence

LATEST = "latest.json"
CURRENT = "current"
MANIFESTS, PACKS, DOCUMENTS = "manifests", "packs", "documents"
PROCESSED, MISSING, HEALTH = "FILES_PROCESSED", "FILES_MISSING", "health.json"

MOST_BLOCKS = 16
"""The most blocks that the measures of a channel/version are spread over: a power of two."""

MEASURES_OF_A_BLOCK = 96
"""About how many measures a block has, while there are fewer than the most blocks."""

RECORDS_BLOCK = "records"
"""The block of the measure with the empty name, which counts records."""


def snapshot_path(stamp: str) -> str:
    """The document of a snapshot."""
    return f"{CURRENT}/{stamp}/snapshot.json"


def manifest_path(digest: str) -> str:
    """The manifest of a channel/version."""
    return f"{MANIFESTS}/{digest}"


def pack_path(digest: str) -> str:
    """A pack."""
    return f"{PACKS}/{digest}"


def document_path(digest: str) -> str:
    """A file list, health, or the facts of a range."""
    return f"{DOCUMENTS}/{digest}"


def name_of(body: bytes) -> str:
    """The name of stored bytes: the first 40 hexadecimal digits of their SHA-256."""
    return hashlib.sha256(body).hexdigest()[:40]


def table_id(populations: Sequence[Sequence[str]]) -> str:
    """The name of a table of populations: the first 16 hexadecimal digits of the SHA-256 of its canonical JSON."""
    text = json.dumps([list(each) for each in populations], separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def blocks_for(measures: int) -> int:
    """Over how many blocks so many measures are spread: 1, 2, 4, 8 or 16."""
    blocks = 1
    while blocks < MOST_BLOCKS and measures > blocks * MEASURES_OF_A_BLOCK:
        blocks *= 2
    return blocks


def block_of(measure: str, blocks: int) -> str:
    """The block of a measure."""
    return str(zlib.crc32(measure.encode()) % 64 % blocks) if measure else RECORDS_BLOCK
