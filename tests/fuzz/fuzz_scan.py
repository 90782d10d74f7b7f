"""Every scanner against ``json_line`` (to the last bit) and against the oracle, on random lines.

python -m tests.fuzz.fuzz_scan --minutes 10 [--seed N] [--kernels native,simd]
"""

import argparse
import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from telemetry_tasks.core.accumulator import Accumulator
from telemetry_tasks.core.cells import Cells
from telemetry_tasks.core.limits import Limits
from telemetry_tasks.core.ping import LineCounts
from telemetry_tasks.core.result import Result
from telemetry_tasks.formats.kernels import SIMD
from telemetry_tasks.formats.pings.arrays import kernel_of_scanner
from telemetry_tasks.formats.pings.arrays.json_line import add_line
from telemetry_tasks.formats.pings.saved_session.format import SavedSession
from telemetry_tasks.formats.pings.saved_session.keys import PingKey, parse_key
from telemetry_tasks.formats.result_text import export_lines
from tests.fuzz.pings import Maker
from tests.support.oracle import load_oracle

ORACLE: Any = load_oracle()
FORMAT = SavedSession(("reason", "appName", "OS", "osVersion", "arch"), ORACLE.FALLBACK_REVISION)
KEYS = [
    f"{reason}/Firefox/nightly/28.0a1/{build}030201.{sent}.v2.log.x.lzma"
    for reason, build, sent in (
        ("saved_session", "20131029", "20131101"),
        ("idle_daily", "20131030", "20131101"),
        ("idle_daily", "20131030", "20140301"),
    )
]
TIGHT = Limits(
    line_bytes=4000,
    array_length=30,
    name_length=20,
    histograms=7,
    measurements=5,
    depth=100,
    name_alphabet="A-Z0-9_",
    option_length=13,
    build_age=90,
)


class Disagreement(AssertionError):
    """Two that should agree do not."""


@dataclass
class Block:
    """Lines of one file; the last one has no newline where their number is odd, and is none then if it is empty."""

    key: str
    lines: list[bytes]
    limits: Limits = field(default_factory=Limits)

    @property
    def data(self) -> bytes:
        return b"\n".join(self.lines) + (b"" if len(self.lines) % 2 else b"\n")


Outcome = tuple[Cells, LineCounts]


class Reader:
    """Reads blocks with one scanner that lives through all of them, as in a worker."""

    def __init__(self, kernel: str, limits: Limits) -> None:
        self._sum = Accumulator()
        self._scanner = FORMAT.scanner(self._sum, limits, kernel)

    def read(self, block: Block) -> Outcome:
        """The block's cells and counts; by the piece, since scanners are fed so."""
        counts = LineCounts()
        data = block.data
        middle = data.find(b"\n", len(data) // 2) + 1
        for piece in (data[:middle], memoryview(data)[middle:]):
            self._scanner.scan(parse_key(block.key), piece, counts)
        pings = self._sum.pings
        cells = self._sum.take()
        if pings != counts.good:
            raise Disagreement(f"{pings} pings in the accumulator, {counts.good} counted")
        return cells, counts


def by_json(block: Block) -> Outcome:
    """What is right: line by line, by the json module."""
    accumulator, counts = Accumulator(), LineCounts()
    key: PingKey = parse_key(block.key)
    for line in block.data.removesuffix(b"\n").split(b"\n") if block.data else ():
        add_line(accumulator, FORMAT, key, line, block.limits, counts)
    return accumulator.take(), counts


def compare(expected: Outcome, got: Outcome, who: str) -> None:
    """Raises ``Disagreement`` where anything differs."""
    if expected[1] != got[1]:
        raise Disagreement(f"{who} counts {got[1]}, json_line {expected[1]}")
    if not expected[0].same(got[0]):
        raise Disagreement(f"{who} has other numbers than json_line")


def compare_with_oracle(block: Block, outcome: Outcome) -> None:
    """Raises ``Disagreement`` where the oracle counts other lines or other cells."""
    cells, good = ORACLE.Cells(), 0
    for line in block.lines:
        _, tab, body = line.partition(b"\t")
        try:
            if not tab:
                raise ValueError("no tab")
            ORACLE.add_ping(cells, block.key, json.loads(body.decode("utf-8"), parse_constant=float.fromhex))
            good += 1
        except (ValueError, RecursionError):
            pass
    if good != outcome[1].good:
        raise Disagreement(f"the oracle counts {good} pings, not {outcome[1].good}")
    lines = export_lines(Result({"nightly/28": outcome[0]}))
    got = {path: json.loads(text) for path, text in (line.split("\t") for line in lines)}
    expected = cells.result()
    if got.keys() != expected.keys():
        raise Disagreement(f"other measures: {got.keys() ^ expected.keys()}")
    for path, populations in expected.items():
        if populations.keys() != got[path].keys():
            raise Disagreement(f"{path}: other populations")
        for population, cell in populations.items():
            _compare_cell(f"{path} {population}", cell, got[path][population])


def _compare_cell(where: str, expected: dict[str, Any], got: dict[str, Any]) -> None:
    same = all(
        abs(a - b) <= 1e-6 * max(1, abs(a)) for a, b in zip(expected["values"], got["values"], strict=True)
    ) and (expected["buildId"], expected["revision"]) == (got["buildId"], got["revision"])
    if not same:
        raise Disagreement(f"{where}: {got} and not {expected}")


def smaller(block: Block, kernels: Sequence[str]) -> Block:
    """Fewer lines on which the scanners differ still, halved as long as that goes; all of them if no part does."""
    for begin, end in ((0, len(block.lines) // 2), (len(block.lines) // 2, len(block.lines))):
        part = Block(block.key, block.lines[begin:end], block.limits)
        fresh = [(kernel, Reader(kernel, block.limits)) for kernel in kernels]
        if 0 < len(part.lines) < len(block.lines) and disagreement(part, fresh, False):
            return smaller(part, kernels)
    return block


def disagreement(block: Block, readers: Sequence[tuple[str, Reader]], tame: bool) -> Disagreement | None:
    """What somebody reads otherwise than ``json_line``."""
    expected = by_json(block)
    try:
        if tame:
            compare_with_oracle(block, expected)
        for kernel, reader in readers:
            compare(expected, reader.read(block), kernel)
    except Disagreement as found:
        return found
    return None


def blocks(seed: int) -> Iterator[tuple[Block, bool]]:
    """Blocks without end, and whether the oracle has to agree on them."""
    chance = random.Random(seed)
    while True:
        tame = chance.random() < 0.4
        maker = Maker(chance, tame)
        limits = TIGHT if not tame and chance.random() < 0.2 else Limits()
        yield Block(chance.choice(KEYS), [maker.line() for _ in range(chance.choice([1, 5, 40]))], limits), tame


def fuzz(seconds: float, seed: int, kernels: Sequence[str]) -> int:
    """Looks for a disagreement; gives the number of lines without one. Raises ``Disagreement``."""
    end = time.monotonic() + seconds
    readers = {limits: [(kernel, Reader(kernel, limits)) for kernel in kernels] for limits in (Limits(), TIGHT)}
    lines = 0
    for block, tame in blocks(seed):
        found = disagreement(block, readers[block.limits], tame)
        if found:
            least = smaller(block, kernels)
            raise Disagreement(f"{found}; seed {seed}, key {block.key}, {len(least.lines)} lines: {least.lines}")
        lines += len(block.lines)
        if time.monotonic() > end:
            return lines
    raise AssertionError("blocks have no end")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--kernels", default=",".join(dict.fromkeys((kernel_of_scanner(), SIMD))))
    options = parser.parse_args()
    print(f"seed {options.seed}, kernels {options.kernels}", flush=True)
    lines = fuzz(60 * options.minutes, options.seed, options.kernels.split(","))
    print(f"{lines} lines, no disagreement")


if __name__ == "__main__":
    main()
