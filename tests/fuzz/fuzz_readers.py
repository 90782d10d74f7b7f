"""Damages ping files, results and what the state keeps at random: readers give ``DataError`` or what can be read.

    python -m tests.fuzz.fuzz_readers --minutes 10 [--seed N]

Anything else that is raised ends it, with the seed of the case. Memory is watched: the peak of the process is told
at the end and must stay below ``MOST_MEMORY``.
"""

import argparse
import gzip
import lzma
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable

import msgpack
import zstandard

from telemetry_tasks.core.partition import FileRef, LedgerEntry, partition_of
from telemetry_tasks.core.result import FileReport, Result
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats import delta, job, ledger, partial
from telemetry_tasks.formats.pings.files import blocks
from telemetry_tasks.formats.pings.saved_session.format import SavedSession
from telemetry_tasks.pipeline.aggregate.files import PingFile, aggregate
from tests.support.pings import key, ping, ping_file

LONGEST, LARGEST = 1 << 16, 1 << 22
"""Limits of the reader of ping files here: bytes of a line and of a file."""

MOST_MEMORY = 1 << 30
"""Bytes of the process, at most: a damaged header may have a decoder reserve 256 MiB."""

FORMAT = SavedSession(("reason", "appName", "OS", "osVersion", "arch"), "none")
PLAIN = gzip.decompress(ping_file(*(ping(bucket=1 + i % 2) for i in range(30))))
PACKED = (
    PLAIN,
    gzip.compress(PLAIN, mtime=0),
    lzma.compress(PLAIN, lzma.FORMAT_XZ, preset=0),
    lzma.compress(PLAIN, lzma.FORMAT_ALONE, preset=0),
    zstandard.ZstdCompressor(write_checksum=True).compress(PLAIN),
    zstandard.ZstdCompressor().compress(PLAIN) + zstandard.ZstdCompressor().compress(PLAIN),
    b"".join(gzip.compress(line, mtime=0) for line in PLAIN.splitlines(keepends=True)),
    b"".join(lzma.compress(line, lzma.FORMAT_XZ, preset=0) + bytes(4) for line in PLAIN.splitlines(keepends=True)),
    b"\x5e\x2a\x4d\x18\x04\0\0\0abcd" + zstandard.compress(PLAIN) + b"\x50\x2a\x4d\x18\0\0\0\0",
    b"\x1f\x8b\x08\x18" + bytes(6) + b"name\0comment\0" + gzip.compress(PLAIN, mtime=0)[10:],
    gzip.compress(bytes(LARGEST + 1), mtime=0),
)


def results() -> list[bytes]:
    """Partial results of nothing, one ping, and many."""
    found = [partial.encode(Result({}))]
    for body in (ping_file(), PACKED[1]):
        file = PingFile(key("a"), lambda body=body: iter([body]))
        found.append(partial.encode(aggregate([file], FORMAT)))
    return found


def kept() -> dict[str, tuple[Callable[[bytes], object], bytes]]:
    """What the state keeps, each with its reader."""
    partition = partition_of("nightly/28", [FileRef(key("a"), "etag", 5), FileRef(key("b"), "", 1 << 40)])
    reports = (
        FileReport(key("a"), "etag", 5, "20131205", 7, {"no-tab": 1}, {"simple-no-number": 2}),
        FileReport(key("b"), error="x"),
    )
    entry = LedgerEntry(partition, "d" * 64, reports)
    file = PingFile(key("a"), lambda: iter([PACKED[1]]))
    cells = aggregate([file], FORMAT).cells["nightly/28"]
    plan = job.JobPlan(
        "id", "nightly/28", (job.Replacement("old", "digest", partition), job.Replacement("o", "d", None))
    )
    return {
        "partition": (ledger.decode_partition, ledger.encode_partition(partition)),
        "ledger": (ledger.decode_entries, ledger.encode_entries([entry])),
        "delta": (delta.decode, delta.encode(delta.Delta(cells, (entry,), (entry,)))),
        "job": (job.decode, job.encode(plan)),
    }


def damaged(chance: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """The data with some bytes flipped, cut out, doubled, invented, or taken from another."""
    made = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 5, 30))):
        at, size = chance.randrange(len(made) + 1), chance.choice((1, 1, 4, 8, 100, 5000))
        match chance.randrange(6):
            case 0 if made:
                made[at % len(made)] ^= 1 << chance.randrange(8)
            case 1:
                del made[at : at + size]
            case 2:
                made[at:at] = made[at : at + size]
            case 3:
                made[at : at + size] = chance.randbytes(size)
            case 4:
                made[at : at + size] = chance.choice((b"\xff", b"\0", b"\x7f")) * size
            case _:
                other = chance.choice(others)
                begin = chance.randrange(len(other) + 1)
                made[at : at + size] = other[begin : begin + size]
    return bytes(made)


def read_ping_file(data: bytes) -> None:
    """Every block that can be read. Raises ``DataError``; ``AssertionError`` where a limit does not hold."""
    read = 0
    middle = len(data) // 2 or 1
    for block in blocks(lambda: (data[at : at + middle] for at in range(0, len(data), middle)), LONGEST, LARGEST):
        read += len(block)
        assert read <= LARGEST, "more is given than the limit"
        assert bytes(block).count(b"\n") or len(block) <= LONGEST + 1, "a line is longer than the limit"


def unpacked(chance: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """A partial result whose cells are damaged inside: the map around them and the checksum of the frame are sound."""
    document = msgpack.unpackb(data)
    for name, block in document["cells"].items():
        inner = zstandard.ZstdDecompressor().decompress(block)
        if chance.random() < 0.5:
            fields = msgpack.unpackb(inner)
            field = chance.choice(list(fields))
            fields[field] = chance.choice((None, -1, 1 << 62, b"", "x", [], [[]], {}, fields[chance.choice([*fields])]))
            inner = msgpack.packb(fields)
        else:
            inner = damaged(chance, inner, others)
        document["cells"][name] = zstandard.ZstdCompressor(write_checksum=True).compress(inner)
    return msgpack.packb(document)


def run(seconds: float, seed: int) -> Counter[str]:
    """Cases by what became of them, for so long (one round at least). Raises what a reader should not have."""
    known = results()
    readers: list[tuple[str, Callable[[bytes], object], list[bytes], bool]] = [
        ("ping file", read_ping_file, list(PACKED), False),
        ("result", partial.decode, known, False),
        ("cells", partial.decode, known[1:], True),
        *((name, read, [data], False) for name, (read, data) in kept().items()),
    ]
    outcomes: Counter[str] = Counter()
    deadline = time.monotonic() + seconds
    case = 0
    while case < 100 or time.monotonic() < deadline:
        case += 1
        for name, read, seeds, inside in readers:
            chance = random.Random(f"{seed} {case} {name}")
            make = unpacked if inside else damaged
            data = make(chance, chance.choice(seeds), seeds)
            try:
                read(data)
                outcomes[f"{name}: read"] += 1
            except DataError as error:
                outcomes[f"{name}: {error.reason}"] += 1
            except BaseException as error:
                error.add_note(f"{name}, case {case} of seed {seed}")
                raise
    return outcomes


def peak_memory() -> int:
    """Bytes that this process has needed at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    outcomes = run(options.minutes * 60, options.seed)
    for outcome, count in sorted(outcomes.items()):
        print(f"{count:>10,} {outcome}")
    print(f"{outcomes.total():,} cases, {peak_memory() >> 20} MiB at most")
    if peak_memory() > MOST_MEMORY:
        sys.exit("too much memory")


if __name__ == "__main__":
    main()
