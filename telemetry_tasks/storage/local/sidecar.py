"""The sidecar of a body in a folder store: its key, ETag, headers and metadata, as JSON."""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

import orjson


@dataclass(frozen=True, slots=True)
class Sidecar:
    """Belongs to one body, not to one key: each new body has its own."""

    key: str
    etag: str
    content_type: str
    content_encoding: str | None = None
    cache_control: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        return orjson.dumps(asdict(self))

    @staticmethod
    def decoded(raw: bytes) -> "Sidecar":
        return Sidecar(**orjson.loads(raw))


def identity_of(facts: os.stat_result) -> str:
    """Identifies a body: time and size survive a copy that keeps times (``cp -p``, ``rsync -a``), an inode does not."""
    return f"{facts.st_mtime_ns}-{facts.st_size}"
