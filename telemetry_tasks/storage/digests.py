"""Checks bodies against what the store says about them: length, MD5 in the ETag, SHA-256 in the metadata."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

_MD5 = re.compile(r"[0-9a-f]{32}")


def md5_of(body: bytes) -> str:
    """The ETag of a body that was stored in one piece."""
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def md5_in(answer: Mapping[str, Any]) -> str | None:
    """The MD5 in the ETag of an S3 answer; None if the ETag is not an MD5 (multipart, encrypted)."""
    encryption = str(answer.get("ServerSideEncryption", ""))
    if encryption.startswith("aws:kms") or answer.get("SSECustomerAlgorithm"):
        return None
    etag = str(answer.get("ETag", "")).strip('"')
    return etag if _MD5.fullmatch(etag) else None


class BodyCheck:
    """Takes a body piece by piece and reports at the end what is wrong with it."""

    def __init__(self, length: int, md5: str | None, sha256: str | None) -> None:
        self.length = length
        self.received = 0
        self._wanted = {"md5": md5, "sha256": sha256}
        self._digests = {
            "md5": hashlib.md5(usedforsecurity=False) if md5 else None,
            "sha256": hashlib.sha256() if sha256 else None,
        }

    def take(self, piece: bytes) -> None:
        """Adds one piece."""
        self.received += len(piece)
        for digest in self._digests.values():
            if digest:
                digest.update(piece)

    def damage(self) -> str | None:
        """What is wrong with the body; None if nothing is."""
        if self.received != self.length:
            return f"{self.received} of {self.length} bytes arrived"
        for name, digest in self._digests.items():
            if digest and digest.hexdigest() != self._wanted[name]:
                return f"the {name} of the body is {digest.hexdigest()}, not {self._wanted[name]}"
        return None
