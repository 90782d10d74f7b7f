"""The sidecar of a body in a folder store: its key, ETag, headers and metadata, as JSON."""

import os
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from telemetry_tasks.storage.objects import Headers


@dataclass(frozen=True, slots=True)
class Sidecar:
    """Belongs to one body, not to one key: each new body has its own."""

    key: str
    etag: str
    headers: Headers

    def encoded(self) -> bytes:
        return orjson.dumps({"key": self.key, "etag": self.etag, **asdict(self.headers)})

    @staticmethod
    def decoded(raw: bytes) -> "Sidecar":
        fields: dict[str, Any] = orjson.loads(raw)
        return Sidecar(fields.pop("key"), fields.pop("etag"), Headers(**fields))


def identity_of(facts: os.stat_result) -> str:
    """Identifies a body: time and size survive a copy that keeps times (``cp -p``, ``rsync -a``), an inode does not."""
    return f"{facts.st_mtime_ns}-{facts.st_size}"
