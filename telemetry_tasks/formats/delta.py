"""Deltas: what one commit adds to the state of a channel/version.

A msgpack list: ``[schema, block of marginal cells, ledger entries added, ledger entries removed, reading, limits]``.
"""

from dataclasses import dataclass

import msgpack

from telemetry_tasks.core.cells import Cells
from telemetry_tasks.core.partition import LedgerEntry
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats import cells as cells_format
from telemetry_tasks.formats.ledger import decode_entries, encode_entries

SCHEMA = 1


@dataclass(frozen=True)
class Delta:
    """Cells to add (those of removed partitions are negated), and the partitions concerned.

    ``reading`` and ``limits`` are the settings with which the added ones were read, see ``core.result.Result``.
    """

    cells: Cells
    added: tuple[LedgerEntry, ...]
    removed: tuple[LedgerEntry, ...] = ()
    reading: str = ""
    limits: tuple[str, ...] = ()


def encode(delta: Delta) -> bytes:
    """The delta as bytes."""
    entries = encode_entries(delta.added), encode_entries(delta.removed)
    return msgpack.packb([SCHEMA, cells_format.encode(delta.cells), *entries, delta.reading, list(delta.limits)])


def decode(data: bytes) -> Delta:
    """Decodes a delta. Raises ``DataError`` ``bad-delta``."""
    try:
        schema, cells, added, removed, reading, limits = msgpack.unpackb(data)
        if schema != SCHEMA:
            raise ValueError(f"schema {schema!r} is not known here")
        if not isinstance(reading, str) or not all(isinstance(each, str) for each in limits):
            raise ValueError("its settings are not text")
    except (msgpack.UnpackException, ValueError, TypeError) as error:
        raise DataError("bad-delta", str(error)) from error
    entries = tuple(decode_entries(added)), tuple(decode_entries(removed))
    return Delta(cells_format.decode(cells), *entries, reading, tuple(limits))
