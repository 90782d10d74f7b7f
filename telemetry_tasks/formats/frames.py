"""Frames of zstd that this program made: whole ones, which say how much they hold."""

import zstandard

LARGEST = 1 << 31
"""Bytes of a frame, decompressed, beyond which it is refused."""


def decompressed(data: bytes) -> bytes:
    """What a frame holds. Raises ``ZstdError``, and ``ValueError`` where it claims too much, or says nothing of it."""
    size = zstandard.frame_content_size(data)
    if not 0 <= size <= LARGEST:  # asked first: the decompressor would reserve what the frame claims
        raise ValueError(f"it claims to hold {size} bytes")
    return zstandard.ZstdDecompressor().decompress(data)
