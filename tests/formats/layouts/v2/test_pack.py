"""Packs: every byte as docs/formats.md says, every number back, damage told."""

import json
import random
import zlib
from dataclasses import replace
from fractions import Fraction
from typing import Any

import deflate
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.layouts.v2.head import CLIENTS, ROWS, SHARES, SUMS, TOTALS, Head, SectionName, read_head
from telemetry_tasks.formats.layouts.v2.numbers import Numbers
from telemetry_tasks.formats.layouts.v2.pack import EncodedPack, Entry, Pack, encode_entry, encode_pack
from telemetry_tasks.formats.layouts.v2.sections import Section
from telemetry_tasks.formats.layouts.v2.shape import PublishedShape
from tests.formats.layouts.v2.made_numbers import Line, lines_of, numbers, totals

HISTOGRAM = PublishedShape({"kind": "index", "size": 3}, (("sum",), ("log_sum",)))
SHAPES = [
    HISTOGRAM,
    PublishedShape({"kind": "bounds", "bounds": [0, 0.5, 10], "closed": "lower"}, (("sum",),)),
    PublishedShape({"kind": "bounds", "bounds": [-1.5, 3], "closed": "upper"}, (("sum",),), shares=True),
    PublishedShape({"kind": "exponential", "scale": 3}, (("sum",),), shares=True),
    PublishedShape({"kind": "categories", "labels": ["yes", "no", "ä"]}),
    PublishedShape({"kind": "none"}, (("sum",),)),
    PublishedShape({"kind": "none"}, registers=256),
]
DATES = {"build": ["20261101", "20261102"], "submission": ["20261103"], "version": ["41", "100"]}


def made(shape: PublishedShape, chance: random.Random, dates: int) -> list[Line]:
    """Rows with all that the shape has: large numbers, fractions, sums that some records did not know."""

    def number() -> Fraction | int:
        large, fine = 1 << chance.randrange(90), Fraction(chance.randrange(1 << 50), 1 << 40)
        some: list[Fraction | int] = [chance.randrange(300), large, fine]
        return chance.choice(some)

    def cells(used: bool, most: int) -> dict[int, Fraction | int]:
        return {p: number() + 1 for p in chance.sample(range(most), chance.randrange(4))} if used else {}

    names = shape.sum_names
    return [
        Line(
            date,
            population,
            chance.choice([1, 200, 1 << 70]),
            cells(shape.has_positions, 40),
            [(chance.choice([1, -1]) * number(), chance.randrange(3)) for _ in names],
            cells(shape.shares, 40),
            cells(bool(shape.registers), 256 * 64),
        )
        for date in range(dates)
        for population in chance.sample(range(9), chance.randrange(5))
    ]


def entry(measure: str, key: str, shape: PublishedShape, chance: random.Random) -> tuple[Entry, dict[str, list[Line]]]:
    lines = {kind: sorted(made(shape, chance, len(dates))) for kind, dates in DATES.items()}
    sums = len(shape.sum_names)
    found = Entry(
        measure,
        key,
        shape,
        {kind: numbers(each, sums, shares=shape.shares, clients=bool(shape.registers)) for kind, each in lines.items()},
        {kind: totals(each, sums) for kind, each in lines.items()},
        {"records": chance.randrange(100)},
    )
    return found, lines


def read_back(pack: EncodedPack, head: Head, number: int) -> dict[str, Numbers]:
    """The numbers of an entry by kind of date, section by section."""
    one = head.entries[number]

    def section(name: SectionName) -> Section | None:
        place = one.sections.get(name)
        return Section(pack.body[place.begin : place.end]) if place else None

    out = {}
    for kind in head.dates:
        rows = section(SectionName(ROWS, kind))
        if rows is None:
            out[kind] = numbers([], len(one.shape.sum_names))
            continue
        index = rows.rows()
        found = Numbers(index, rows.sparse(len(index)))
        rows.end()
        for group, names in enumerate(one.shape.sums):
            part = section(SectionName(SUMS, kind, group))
            assert part
            found = replace(found, sums=(*found.sums, *(part.column(len(index)) for _ in names)))
            part.end()
        shares, clients = section(SectionName(SHARES, kind)), section(SectionName(CLIENTS, kind))
        if shares:
            found = replace(found, shares=shares.sparse(len(index)))
            shares.end()
        if clients:
            found = replace(found, clients=clients.sparse(len(index)))
            clients.end()
        out[kind] = found
    return out


@given(st.integers(0, 10_000))
def test_every_number_comes_back(seed: int) -> None:
    chance = random.Random(seed)
    made = [
        entry(f"M{chance.randrange(3)}", chance.choice(["", "GET"]), shape, chance)
        for shape in chance.sample(SHAPES, 4)
    ]
    made = list({(one.measure, one.key, one.shape.text): (one, lines) for one, lines in made}.values())
    pack = Pack("2026-11", "3", 16, "0" * 16, DATES, [encode_entry(one) for one, _ in made])
    encoded = encode_pack(pack)
    assert encode_pack(replace(pack, entries=pack.entries[::-1])) == encoded
    head = read_head(encoded.body[: encoded.head])
    assert (head.range, head.block, head.blocks, head.populations) == ("2026-11", "3", 16, "0" * 16)
    assert head.dates == DATES
    by_name = {(one.measure, one.key, one.shape.text): (one, lines) for one, lines in made}
    for number, found in enumerate(head.entries):
        one, lines = by_name.pop((found.measure, found.key, found.shape.text))
        assert found.facts == one.facts
        assert {kind: lines_of(each) for kind, each in read_back(encoded, head, number).items()} == lines
        place = found.sections[SectionName(TOTALS)]
        section = Section(encoded.body[place.begin : place.end])
        added = section.totals(list(head.dates), len(found.shape.sum_names))
        section.end()
        for kind, each in added.items():
            wanted = totals(lines[kind], len(found.shape.sum_names))
            assert lines_of(each.numbers) == lines_of(wanted.numbers)
            assert each.populations.tolist() == wanted.populations.tolist()
            assert each.records.tolist() == wanted.records.tolist()
    assert not by_name


def test_a_pack_byte_by_byte() -> None:
    """One measure of 3 buckets by build date: two rows of the second date, populations 1 and 4."""
    lines = [
        Line(1, 1, 3, {0: 5, 2: 300}, [(7, 0), (Fraction(5, 2), 1)]),
        Line(1, 4, 2, {1: 1}, [(-1, 2), (4, 0)]),
    ]
    one = Entry("GC_MS", "", HISTOGRAM, {"build": numbers(lines, 2)}, {"build": totals(lines, 2)}, {"records": 5})
    dates = {"build": ["20261101", "20261102"]}
    encoded = encode_pack(Pack("2026-11", "3", 16, "0123456789abcdef", dates, [encode_entry(one)]))
    half = "808080808010"  # 2^39 as LEB128
    want = {
        # n, date gaps, records; unit, amounts, gaps, numbers (zigzag); sum: unit, numbers, unknown; log_sum: 6.5
        TOTALS: "01 01 05  00 03 000000 0a02d804  00 0c 02  28 0c " + half + " 01" + "  02 01 02 03 02",
        # n, date gaps, populations (1; then 4 - 1 - 1), records; unit, amounts 2 1, gaps 0 1 1, numbers 5 300 1
        ROWS: "02 0100 0102 0302  00 0201 000101 0ad80402",
        # sum: unit 0, 7 and -1, unknown 0 and 2; log_sum in the next section: unit 40, 2 and 4, fractions 1/2 and 0
        f"{SUMS}0": "00 0e01 0002",
        f"{SUMS}1": "28 0408 " + half + "00 0100",
    }
    sections = [bytes.fromhex(text.replace(" ", "")) for text in want.values()]
    head = json.loads(zlib.decompress(encoded.body[: encoded.head], -15))
    lengths = head["entries"][0][3]
    assert head == {
        "schema": 2,
        "range": "2026-11",
        "block": "3",
        "blocks": 16,
        "populations": "0123456789abcdef",
        "dates": dates,
        "shapes": [{"axis": {"kind": "index", "size": 3}, "sums": [["sum"], ["log_sum"]]}],
        "entries": [["GC_MS", "", 0, lengths, {"records": 5}]],
    }
    at, found = encoded.head, []
    for length in lengths:
        found.append(zlib.decompress(encoded.body[at : at + length], -15))
        at += length
    assert [each.hex(" ") for each in found] == [each.hex(" ") for each in sections]
    assert at == len(encoded.body)


def damaged_head(**changes: Any) -> bytes:
    lines = [Line(0, 0, 1, {0: 1}, [(1, 0), (1, 0)])]
    one = Entry("M", "", HISTOGRAM, {"build": numbers(lines, 2)}, {"build": totals(lines, 2)})
    encoded = encode_pack(Pack("2026-11", "3", 16, "", {"build": ["20261101"]}, [encode_entry(one)]))
    value = json.loads(zlib.decompress(encoded.body[: encoded.head], -15)) | changes
    return bytes(deflate.deflate_compress(json.dumps(value).encode(), 1))


@pytest.mark.parametrize(
    "changes",
    [
        {"schema": 3},
        {"dates": None},
        {"shapes": []},
        {"shapes": [{"axis": {"kind": "odd"}, "sums": []}]},
        {"entries": [["M", "", 0, [1, 2], {}]]},
        {"entries": [["M", "", 0, [1, 2, -3, 1], {}]]},
        {"entries": [["M", "", 0]]},
    ],
)
def test_a_damaged_head_is_told(changes: dict[str, Any]) -> None:
    assert read_head(damaged_head())
    with pytest.raises(DataError):
        read_head(damaged_head(**changes))


def test_a_damaged_section_is_told() -> None:
    def section(octets: str) -> Section:
        return Section(bytes(deflate.deflate_compress(bytes.fromhex(octets), 1)))

    whole = bytes(deflate.deflate_compress(b"\x00", 1))
    for compressed in (whole[:-1], whole + b"\x00", b"", b"\xff\xff\xff"):
        with pytest.raises(DataError):
            Section(compressed)
    with pytest.raises(DataError, match="too few"):
        section("05 00").rows()
    with pytest.raises(DataError, match="too few"):
        section("ffffffffffffff7f").rows()
    with pytest.raises(DataError, match="too few"):
        section("00 ffffffffffffff7f").sparse(1)
    with pytest.raises(DataError, match="63 bits"):
        section("ffffffffffffffffffff7f").rows()
    for octets in ("01 808080808020 00 00", "01 00 808080808020 00"):  # 2^40 as a date, as a population
        with pytest.raises(DataError, match="too large"):
            section(octets).rows()
    with pytest.raises(DataError, match="too large"):
        section("00 01 808080808020 02").sparse(1)
    with pytest.raises(DataError, match="unit"):
        section("07 00").column(1)
    odd = section("00 00 00 00")
    odd.column(1)
    with pytest.raises(DataError, match="too many"):
        odd.end()


def test_a_small_stream_that_inflates_to_much_is_told() -> None:
    with pytest.raises(DataError, match="longer or shorter"):
        Section(bytes(deflate.deflate_compress(bytes((64 << 20) + 1), 1)))


def test_indices_that_overflow_are_told() -> None:
    """Four gaps of 2^62 would add up to 0."""
    gap = "808080808080808040"
    with pytest.raises(DataError, match="too large"):
        Section(bytes(deflate.deflate_compress(bytes.fromhex("04" + 4 * gap + 8 * "00"), 1))).rows()


@given(st.binary(max_size=60), st.integers(0, 3))
def test_any_bytes_are_numbers_or_an_error(octets: bytes, rows: int) -> None:
    try:
        section = Section(bytes(deflate.deflate_compress(octets, 1)))
        section.sparse(len(section.rows()) + rows)
        section.totals(["build", "submission"], 2)
        section.end()
    except DataError:
        pass
