"""Who takes gzip, and bodies that are kept in it."""

import re
import zlib
from collections.abc import Generator

from telemetry_tasks.errors import InfrastructureError

GZIP_MAGIC = b"\x1f\x8b"
_GZIP_WINDOW = 31  # of zlib: the largest, in the wrapping of gzip
_ACCEPTED = re.compile(r"(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q=(?P<q>[01](?:\.\d*)?)\s*)?(?=,|$)", re.IGNORECASE)


def accepts_gzip(accept_encoding: str) -> bool:
    """Whether the client takes gzip, weights honoured. A client that names no encoding does not."""
    found = _ACCEPTED.search(accept_encoding)
    return found is not None and float(found["q"] or 1) > 0


def unpacked(pieces: Generator[bytes, None, None], most: int) -> Generator[bytes, None, None]:
    """The pieces of a gzip body unpacked, each of at most ``most`` bytes, however well it is packed.

    Raises ``InfrastructureError`` if the body is damaged or not complete; closes ``pieces``.
    """
    decoder = zlib.decompressobj(_GZIP_WINDOW)
    try:
        for piece in pieces:
            while piece and not decoder.eof:
                if plain := decoder.decompress(piece, most):
                    yield plain
                piece = decoder.unconsumed_tail
        while plain := decoder.decompress(b"", most):
            yield plain
    except zlib.error as error:
        raise InfrastructureError(f"a stored body cannot be unpacked: {error}") from error
    finally:
        pieces.close()
    if not decoder.eof:
        raise InfrastructureError("a stored body cannot be unpacked: it is not complete")
