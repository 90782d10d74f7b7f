"""zstd frames made by this program, which declare their decompressed size."""

import zstandard

LARGEST = 1 << 31
"""The most decompressed bytes of a frame; larger ones are rejected."""


def decompressed(data: bytes) -> bytes:
    """The content of a frame. Raises ``ZstdError``, or ``ValueError`` if its declared size is missing or too large."""
    size = zstandard.frame_content_size(data)
    if not 0 <= size <= LARGEST:  # checked first: the decompressor would allocate the declared size
        raise ValueError(f"it claims to hold {size} bytes")
    return zstandard.ZstdDecompressor().decompress(data)
