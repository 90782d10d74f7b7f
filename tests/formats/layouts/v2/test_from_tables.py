"""Tables become the numbers of a pack: each number of a table is in it, exactly."""

import numpy as np
import pytest

from telemetry_tasks.core.fixed import from_units
from telemetry_tasks.core.histograms import SUMS, histogram_shape
from telemetry_tasks.core.kinds_of_date import BY_BUILD, BY_SUBMISSION, KINDS_OF_DATE
from telemetry_tasks.core.tables.index import Key, TableIndex
from telemetry_tasks.core.tables.table import Table
from telemetry_tasks.formats.layouts.v2.from_tables import KIND_OF, Places, numbers_of, published_shape, totals_of
from telemetry_tasks.formats.layouts.v2.numbers import Numbers
from tests.formats.layouts.v2.made_numbers import lines_of

BUCKETS = 4
SHAPE = histogram_shape(BUCKETS)
POPULATIONS = [("a", "x"), ("b", "x"), ("b", "y")]


def made_table(seed: int, *, odd_buckets: bool) -> Table:
    """Some rows of each kind of date, with fractions and with numbers that do not fit an int64."""
    chance = np.random.default_rng(seed)
    keys = [
        Key(by, f"2026110{date}", population)
        for by in KINDS_OF_DATE
        for date in range(3)
        for population in POPULATIONS
        if chance.random() < 0.7
    ]
    lines, width = len(keys), SHAPE.width
    whole = chance.integers(0, 3, (lines, width))
    whole[:, -1] = chance.integers(1, 9, lines)
    whole[:, SHAPE.sum_columns] = chance.integers(-(1 << 50), 1 << 50, (lines, len(SUMS)))
    fractional = np.arange(0 if odd_buckets else BUCKETS + 1, width - 2)
    fraction = chance.integers(0, 1 << 40, (lines, len(fractional))) * chance.integers(0, 2, (1, len(fractional)))
    overflow = {}
    for line in range(lines):
        column = int(chance.integers(0 if odd_buckets else BUCKETS, width - 1))
        if chance.random() < 0.3:
            whole[line, column] = 0
            fraction[line, fractional == column] = 0
            overflow[line, column] = int(chance.integers(1, 1 << 40)) << int(chance.integers(70, 120))
    known = np.minimum(chance.integers(0, 9, (lines, len(SUMS))), whole[:, -1:])
    for line, number in zip(*np.nonzero(known == 0), strict=True):  # what nobody knew has added nothing
        column = BUCKETS + int(number)
        whole[line, column] = 0
        fraction[line, fractional == column] = 0
        overflow.pop((int(line), column), None)
    return Table("M", SHAPE, TableIndex(sorted(keys)), whole, known, overflow, (), fraction, fractional)


def rows_of(numbers: dict[str, Numbers], dates: dict[tuple[str, str], int]) -> dict[Key, list[int | float]]:
    """The rows of a table, as ``Table.values`` has them, by key."""
    names = published_shape(SHAPE).sum_names
    out = {}
    for by in KINDS_OF_DATE:
        date_of = {place: date for (kind, date), place in dates.items() if kind == by}
        for line in lines_of(numbers[KIND_OF[by]]):
            cells = [line.cells.get(position, 0) for position in range(BUCKETS)]
            sums = dict(zip(names, line.sums, strict=True))
            shown = [-1 if sums[name][1] == line.records else sums[name][0] for name in SUMS]
            exact = [from_units(int(number * (1 << 40))) for number in (*cells, *shown)]
            out[Key(by, date_of[line.date], POPULATIONS[line.population])] = [*exact, line.records]
    return out


@pytest.mark.parametrize("odd_buckets", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_every_number_of_a_table_is_in_its_pack(seed: int, odd_buckets: bool) -> None:
    table = made_table(seed, odd_buckets=odd_buckets)
    dates = {(by, f"2026110{date}"): date for by in KINDS_OF_DATE for date in range(3)}
    places = Places(dates, {population: i for i, population in enumerate(POPULATIONS)})
    wanted = dict(zip(table.keys, table.values(), strict=True))
    assert rows_of(numbers_of(table, places), dates) == wanted

    totals = totals_of(table, places)
    added = table.totals()
    found = {
        key._replace(dimensions=()): row
        for key, row in rows_of({kind: each.numbers for kind, each in totals.items()}, dates).items()
    }
    assert found == dict(zip(added.keys, added.values(), strict=True))
    for by in KINDS_OF_DATE:
        each = totals[KIND_OF[by]]
        records = {POPULATIONS[p]: n for p, n in zip(each.populations.tolist(), each.records.tolist(), strict=True)}
        assert records == {
            population: sum(row[-1] for key, row in wanted.items() if (key.by, key.dimensions) == (by, population))
            for population in records
        }
        assert sum(records.values()) == sum(row[-1] for key, row in wanted.items() if key.by == by)


def test_chance_makes_what_the_test_is_for() -> None:
    tables = [made_table(seed, odd_buckets=True) for seed in range(8)]
    assert any(table.overflow for table in tables)
    assert any(table.fraction.any() for table in tables)
    assert any((table.known == 0).any() for table in tables)
    assert {by for table in tables for by, _ in table.index.dates} == {BY_BUILD, BY_SUBMISSION}
