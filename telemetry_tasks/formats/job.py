"""Plans of reprocessing as bytes: which partitions are replaced by which, in one channel/version."""

from dataclasses import dataclass

import msgpack
import zstandard

from telemetry_tasks.core.partition import Partition
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.frames import decompressed
from telemetry_tasks.formats.ledger import decode_partition, encode_partition

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Replacement:
    """A partition that counts (its result has ``digest``), and its replacement; None removes it."""

    old: str
    digest: str
    new: Partition | None


@dataclass(frozen=True, slots=True)
class JobPlan:
    """A reprocessing of one channel/version."""

    id: str
    channel_version: str
    replacements: tuple[Replacement, ...]

    @property
    def partitions(self) -> dict[str, Partition]:
        """The partitions to compute, by id."""
        return {r.new.id: r.new for r in self.replacements if r.new is not None}


def encode(plan: JobPlan) -> bytes:
    """The plan as bytes."""
    rows = [[r.old, r.digest, None if r.new is None else encode_partition(r.new)] for r in plan.replacements]
    return zstandard.ZstdCompressor(level=3).compress(msgpack.packb([SCHEMA, plan.id, plan.channel_version, rows]))


def decode(data: bytes) -> JobPlan:
    """Decodes a plan. Raises ``DataError`` ``bad-job``."""
    try:
        schema, id, name, rows = msgpack.unpackb(decompressed(data))
        if schema != SCHEMA:
            raise ValueError(f"schema {schema!r} is not known here")
        replacements = (
            Replacement(old, digest, None if new is None else decode_partition(new)) for old, digest, new in rows
        )
        return JobPlan(id, name, tuple(replacements))
    except (zstandard.ZstdError, msgpack.UnpackException, ValueError, TypeError) as error:
        raise DataError("bad-job", str(error)) from error
