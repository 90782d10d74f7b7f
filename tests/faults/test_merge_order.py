"""F23, F24: whatever the order, the grouping and the history, the sums are those of a fresh addition, byte for byte."""

import gzip
import itertools
import json
import math
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import hypothesis
import pytest
from hypothesis import strategies as st

from telemetry_tasks.core.addition import add_cells
from telemetry_tasks.core.cells import Cells
from telemetry_tasks.core.histograms import SUMS
from telemetry_tasks.core.tables.from_cells import Tables
from telemetry_tasks.core.tables.newest import newest_shapes
from telemetry_tasks.core.views import marginal
from telemetry_tasks.formats import cells as cells_format
from telemetry_tasks.formats import partial
from telemetry_tasks.pipeline.aggregate.files import PingFile, aggregate
from tests.faults.record import Record
from tests.faults.size import SEED, sized
from tests.support.aggregating import FORMAT
from tests.support.oracle import alike
from tests.support.pings import key

CHANNEL_VERSION = "nightly/28"
BUCKETS = {8: 3, 9: 4}
"""By the length of the array: two lengths of one measure, as when its definition changed."""


class Sent(NamedTuple):
    """A histogram that one ping sends."""

    measure: str
    values: tuple[int, ...]
    sums: tuple[int | float, ...]
    build: int
    day: int
    revision: str
    system: str


NUMBERS = st.one_of(
    st.just(-1),
    st.integers(0, 50),
    st.integers(0, 1 << 60),
    st.floats(0, 1e6, allow_nan=False),
    st.floats(-1e12, 1e12, allow_nan=False).filter(lambda number: number != -1),
)
HISTOGRAMS = st.sampled_from(sorted(BUCKETS)).flatmap(
    lambda length: st.builds(
        Sent,
        st.sampled_from(("A", "B")),
        st.tuples(*[st.integers(0, 1 << 40)] * BUCKETS[length]),
        st.tuples(*[NUMBERS] * len(SUMS)),
        st.integers(1, 2),  # ties are frequent
        st.integers(5, 6),
        st.sampled_from(("rev/a", "rev/b")),
        st.sampled_from(("WINNT", "Darwin")),
    )
)
CASES = sized(100, 5000)
PARTIALS = st.lists(HISTOGRAMS, min_size=1, max_size=4)


def line(sent: Sent) -> bytes:
    info = {"OS": sent.system, "version": "1", "arch": "x86", "revision": f"http://example.org/{sent.revision}"}
    return b"id\t" + json.dumps({"info": info, "histograms": {sent.measure: [*sent.values, *sent.sums]}}).encode()


def cells_of(part: Sequence[Sent]) -> Cells:
    """The partial result of some pings, over the way that all take: files, aggregation, bytes."""
    by_file: dict[str, list[bytes]] = defaultdict(list)
    for sent in part:
        by_file[key("p", day=sent.day, build=sent.build)].append(line(sent))
    files = [_file(name, gzip.compress(b"\n".join(lines) + b"\n", 1)) for name, lines in by_file.items()]
    result = partial.decode(partial.encode(aggregate(files, FORMAT)))
    assert sum(report.good for report in result.files) == len(part)
    return result.cells[CHANNEL_VERSION]


def _file(name: str, body: bytes) -> PingFile:
    def chunks() -> Iterator[bytes]:
        yield body

    return PingFile(name, chunks, size=len(body))


def in_a_tree(parts: Sequence[Cells], dice: random.Random) -> Cells:
    """The sum by groups of random sizes in a random order."""
    left = list(parts)
    while len(left) > 1:
        dice.shuffle(left)
        taken = dice.randint(2, len(left))
        left = [add_cells(left[:taken]), *left[taken:]]
    return left[0]


def expected(sent: Sequence[Sent]) -> dict[tuple[str, str, str, str], list[float]]:
    """By measure, kind of date, date and system: plain sums by ``math.fsum``, of the length of the newest build."""
    newest = {m: max((s.build, length(s)) for s in sent if s.measure == m)[1] for m in {s.measure for s in sent}}
    cells: dict[tuple[str, str, str, str], list[Sent]] = defaultdict(list)
    for each in sent:
        if length(each) == newest[each.measure]:
            cells[each.measure, "by-build-date", f"201312{each.build:02d}", each.system].append(each)
            cells[each.measure, "by-submission-date", f"201312{each.day:02d}", each.system].append(each)
    return {at: _summed(of_cell) for at, of_cell in cells.items()}


def _summed(of_cell: Sequence[Sent]) -> list[float]:
    buckets = [float(sum(column)) for column in zip(*(each.values for each in of_cell), strict=True)]
    known = [[n for n in column if n != -1] for column in zip(*(_unsigned(each.sums) for each in of_cell), strict=True)]
    return [*buckets, *(math.fsum(column) if column else -1.0 for column in known), float(len(of_cell))]


def _unsigned(sums: Sequence[float]) -> list[float]:
    """The sums with the low half of the squares as the unsigned number that it is."""
    *others, low, high = sums
    return [*others, low + (1 << 32) if low < 0 and not low == high == -1 else low, high]


def length(sent: Sent) -> int:
    return len(sent.values) + len(SUMS)


def read(cells: Cells) -> dict[tuple[str, str, str, str], list[int | float]]:
    """What readers are shown of a block."""
    newest, out = newest_shapes(cells), {}
    for measure, tables in Tables(cells):
        table = tables[newest[measure].shape]
        for at, values in zip(table.keys, table.values(), strict=True):
            out[measure, at.by, at.date, at.dimensions[2]] = values
    return out


@pytest.mark.case("F23")
@pytest.mark.timeout(sized(900, 3600))  # 850,000 additions in full size
def test_every_order_and_every_grouping_of_partial_results_gives_the_same_bytes(record: Record) -> None:
    """F23: all permutations of up to six, random trees; -1, two lengths, ties of builds, floats."""
    sums = 0

    @hypothesis.seed(SEED)
    @hypothesis.settings(max_examples=CASES, database=None, suppress_health_check=list(hypothesis.HealthCheck))
    @hypothesis.given(
        st.integers(2, 6).flatmap(lambda count: st.lists(PARTIALS, min_size=count, max_size=count)),
        st.randoms(use_true_random=False),
    )
    def holds(parts: list[list[Sent]], dice: random.Random) -> None:
        nonlocal sums
        blocks = [cells_of(part) for part in parts]
        orders = [*itertools.permutations(blocks)]
        trees = [in_a_tree(blocks, dice) for _ in range(10)]
        distinct = {cells_format.encode(each) for each in (*map(add_cells, orders), *trees)}
        sums += len(orders) + len(trees)
        assert len(distinct) == 1
        # what the state keeps may be taken before or after
        assert marginal(add_cells(blocks)).same(add_cells([marginal(block) for block in blocks]))
        shown, right = read(trees[0]), expected([sent for part in parts for sent in part])
        assert shown.keys() == right.keys()
        for at, values in right.items():
            assert alike(shown[at], values, 1e-9, 1e-9), at

    holds()
    record.note(f"{CASES} cases, {sums} orders and trees, 1 result each")


@pytest.mark.case("F24")
def test_a_history_of_additions_replacements_and_removals_leaves_the_bytes_of_a_fresh_sum(record: Record) -> None:
    """F24, on blocks: what was taken out leaves nothing behind, whatever came in between."""
    histories, dice = sized(60, 2000), random.Random(SEED)
    drawn = random_partials(dice, 80)
    done = 0
    for number in range(histories):
        there: dict[int, Cells] = {}
        state = add_cells([])
        for _ in range(dice.randint(5, 30)):
            name, new = dice.randrange(6), dice.choice([*drawn, None])
            changes = [(there[name], -1)] if name in there else []
            changes += [(new, 1)] if new is not None else []
            state = add_cells([state, *(block for block, _ in changes)], [1, *(sign for _, sign in changes)])
            there.pop(name, None)
            if new is not None:
                there[name] = new
            done += 1
        fresh = cells_format.encode(add_cells(dice.sample([*there.values()], len(there))))
        assert cells_format.encode(state) == fresh, f"history {number}"
    record.note(f"{histories} histories of {done} steps together")


def random_partials(dice: random.Random, count: int) -> list[Cells]:
    """Partial results of one to four pings."""
    return [cells_of([_random(dice) for _ in range(dice.randint(1, 4))]) for _ in range(count)]


def _random(dice: random.Random) -> Sent:
    numbers: list[Any] = [
        -1,
        dice.randrange(50),
        dice.randrange(1 << 60),
        dice.uniform(0, 1e6),
        dice.uniform(-1e12, 1e12),
    ]
    return Sent(
        dice.choice("AB"),
        tuple(dice.randrange(1 << 40) for _ in range(BUCKETS[dice.choice([8, 9])])),
        tuple(dice.choice(numbers) for _ in range(len(SUMS))),
        dice.randint(1, 2),
        dice.randint(5, 6),
        dice.choice(("rev/a", "rev/b")),
        dice.choice(("WINNT", "Darwin")),
    )
