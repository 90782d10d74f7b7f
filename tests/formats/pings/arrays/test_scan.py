"""Scanners on chosen lines: each as ``json_line`` reads it, and as the oracle does where it has the same rules."""

import json
import sys
import time
import tracemalloc
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import pytest

from telemetry_tasks.core.accumulator import Accumulator
from telemetry_tasks.core.cells import EMPTY, Cells
from telemetry_tasks.core.limits import Limits
from telemetry_tasks.core.ping import LineCounts
from telemetry_tasks.core.result import Result
from telemetry_tasks.core.shapes import PINGS
from telemetry_tasks.errors import DataError, OperatorError
from telemetry_tasks.formats import kernels
from telemetry_tasks.formats.kernels import SIMD
from telemetry_tasks.formats.pings.arrays import (
    json_line,
    kernel_of_scanner,
    run_columns,
    simple_numbers,
)
from telemetry_tasks.formats.pings.contract import Scanner
from telemetry_tasks.formats.pings.saved_session.keys import parse_key
from telemetry_tasks.formats.result_text import export_lines
from tests.core.blocks import numbers
from tests.fuzz.fuzz_scan import FORMAT, KEYS, Block, by_json, compare_with_oracle

KERNELS = tuple(dict.fromkeys((kernel_of_scanner(), SIMD)))
INFO = '"info": {"OS": "WINNT", "version": "6.1", "arch": "x86", "revision": "http://h/rev/a"}'
GOOD = {"A": [0, 0, 3, 12, 2.5, 1.25, -1, -1], "B_MS": [1, 2, 3, 4, 5, 6]}


def line(histograms: Any = None, simple: Any = None, info: str = INFO) -> str:
    """A line of which one part is unusual; parts are values, or JSON text."""
    parts = [each if isinstance(each, str) else json.dumps(each) for each in (histograms or GOOD, simple or {"up": 7})]
    return f'id\t{{"ver": 1, {info}, "histograms": {parts[0]}, "simpleMeasurements": {parts[1]}}}'


def array(*values: str) -> str:
    """A histogram with these numbers in its text, between a good one and another."""
    return f'{{"X": [1, 2, 3, 4, 5, 6], "A": [{", ".join(values)}, 1, 2, 3, 4, 5], "B_MS": [0, 0, 0, 0, 0, 0]}}'


def squares(low: str, high: str) -> str:
    """A histogram whose sum of squares is in these halves, and one behind it."""
    return f'{{"A": [3, 0, 7, 65616, -1, -1, {low}, {high}], "B_MS": [1, 2, 3, 4, 5, 6]}}'


NUMBERS = [
    *("0", "-0", "1", "-1", "10", "99", "12345678", "123456789", "123456789012345678", "1234567890123456789"),
    *("99999999999999999999", "17592186044415", "17592186044416", "-17592186044415", "-17592186044416", "0.0", "-0.0"),
    *("1.0", "-1.0", "1.5", "0.1", "0.30000000000000004", "123.456", "12.345678901234567", "9007199254740993.0"),
    *("4503599627370497.5", "1e3", "1E3", "1e+3", "25e-2", "1.5e300", "1e400", "-1e400", "5e-324", "1e-400"),
    *("0.00000000000045474735088646411895751953125", "1.00000000000000000000000000001", "1" + "0" * 400),
    *("17592186044415.99", "0.000000000000909494701772928237915039062500000000000000000000000000001"),
    *("NaN", "Infinity", "-Infinity", "true", "null", '"3"', "[3]", "{}", "[]"),
]
NO_JSON = ["01", "-", "+1", "1.", ".5", "1e", "1e+", "0x10", "1_000", "1 2", "'1'", "tru", "nan", "", "1,", ",1", "1;2"]
LINES = {
    "plain": line(),
    "compact": line().replace(", ", ",").replace(": ", ":"),
    "white space everywhere": line().replace(",", " \r\t,  ").replace(":", " :\t"),
    "carriage return at the end": line() + "\r",
    "blanks at the end": line() + "  \t ",
    "no histograms": line("{}"),
    "no measurements": line(simple="{}"),
    "both missing": f'id\t{{"ver": 1, {INFO}}}',
    "histograms no object": line("[1]"),
    "histograms null": line("null"),
    "measurements no object": line(simple="7"),
    "info missing": 'id\t{"histograms": {"A": [1, 2, 3, 4, 5, 6]}}',
    "info no object": line(info='"info": [1]'),
    "info twice": line(info=INFO + ", " + INFO.replace("WINNT", "Linux")),
    "histograms twice": line().replace('"ver"', '"histograms": {"A": [9, 9, 9, 9, 9, 9]}, "ver"'),
    "a histogram twice": line('{"A": [1, 2, 3, 4, 5, 6], "A": [1, 1, 1, 1, 1, 1, 1]}'),
    "a field of info twice": line(info=INFO.replace('"OS"', '"OS": "Linux", "OS"')),
    "a measurement twice": line(simple='{"up": 1, "up": 2}'),
    "a part of a measurement twice": line(simple='{"up": {"x": 1, "x": 2}}'),
    "names that are one in upper case": line(simple='{"up": 1, "UP": 2, "a": {"b": 1}, "a_b": 2}'),
    "an empty part": line(simple='{"up": {"": 1}, "no": {}}'),
    "measurements that are no numbers": line(simple='{"a": "x", "b": true, "c": [1], "d": {"e": {"f": 1}, "g": null}}'),
    "negative and large measurements": line(
        simple='{"a": -5, "b": -0.5, "c": 30000, "d": 1e300, "e": 99999999999999999}'
    ),
    "a measurement that is not finite": line(simple='{"a": 1e999, "b": NaN, "c": 1' + "0" * 400 + "}"),
    "a fraction among the buckets": line('{"A": [0, 1.5, 0, 1, 2, 3, 4]}'),
    "arrays within arrays": line('{"A": [[1, 2], 3, 4, 5, 6, 7], "B_MS": [1, 2, 3, 4, 5, 6]}'),
    "a histogram that is an object": line('{"A": {"B": [1, 2, 3, 4, 5, 6]}, "B_MS": [1, 2, 3, 4, 5, 6]}'),
    "a histogram that is a number": line('{"A": 5, "B_MS": [1, 2, 3, 4, 5, 6]}'),
    "a histogram that is text": line('{"A": "],[", "B_MS": [1, 2, 3, 4, 5, 6]}'),
    "an empty array": line('{"A": [], "B_MS": [1, 2, 3, 4, 5, 6]}'),
    "an array of five": line('{"A": [1, 2, 3, 4, 5]}'),
    "an array of six": line('{"A": [1, 2, 3, 4, 5, 6]}'),
    "the array that marks the end of another": line('{"A": [1e300, 2, 3, 4, 5, 6]}'),
    "one measure in two lengths": line('{"A": [1, 2, 3, 4, 5, 6, 7, 8, 9]}'),
    "all unknown": line('{"A": [4, -1, -1, -1, -1, -1]}'),
    "some unknown": line('{"A": [4, 10, -1, -1, 4.0, 0]}'),
    "nearly minus one": line('{"A": [4, -0.99999999999999999, -1.0, -1e0, -1.0000000000000002, -10e-1]}'),
    "minus one in a bucket": line('{"A": [-1, 1, 2, 3, 4, 5]}'),
    "a counter that wrapped": line('{"X": [1, 2, 3, 4, 5, 6], "A": [3, -2147483648, 7, 1, 2, 3, 4, 5]}'),
    "a counter that wrapped in the last bucket": line('{"A": [0, 0, -7, -1, -1, -1, -1, -1]}'),
    "a negative part of a sample": line('{"A": [1, -0.5, 1, 2, 3, 4, 5]}'),
    "a tiny negative bucket": line('{"A": [1, -1e-20, 1, 2, 3, 4, 5]}'),
    "minus zero in a bucket": line('{"A": [1, -0, -0.0, -0e5, 1, 2, 3, 4, 5]}'),
    "a negative sum": line('{"A": [1, 2, -300, 2, 3, 4, 5]}'),
    **{
        f"squares of {low} and {high}": line(squares(low, high))
        for low in (
            "-1",
            "-1.0",
            "-2147481472",
            "-2147481472.0",
            "-0",
            "-0.5",
            "-1e-20",
            "0.5",
            "17.25",
            "-4294967296",
            "-4294967297",
        )
        for high in ("-1", "-1.0", "0", "7", "-1.5", "-2")
    },
    **{f"squares of {low}": line(squares(low, "0")) for low in ("-1e300", "-17592186044416")},
    "a name with an escape": line('{"\\u0041": [1, 2, 3, 4, 5, 6]}'),
    "a name that is one with another by its escape": line('{"\\u0041": [1, 2, 3, 4, 5, 6], "A": [1, 2, 3, 4, 5, 6]}'),
    "a field with an escape": line(info=INFO.replace("WINNT", "W\\u0049\\n\\/\\ud83d\\ude00")),
    "a lone surrogate": line(info=INFO.replace("WINNT", "W\\ud800")),
    "a member name with an escape": line().replace('"histograms"', '"\\u0068istograms"'),
    "not ASCII": line(info=INFO.replace("WINNT", "Wïndöws☃\U0001f600")),
    "a name that is not ASCII": line('{"Ä": [1, 2, 3, 4, 5, 6]}', '{"ß": 1}'),
    "a name with a space": line('{"A B": [1, 2, 3, 4, 5, 6]}'),
    "an empty name": line('{"": [1, 2, 3, 4, 5, 6]}'),
    "a long name": line(f'{{"{"N" * 300}": [1, 2, 3, 4, 5, 6]}}'),
    "a control character": line(info=INFO.replace("WINNT", "W\x01")),
    "a tab in text": line(info=INFO.replace("WINNT", "W\t")),
    "a zero byte": line().replace("WINNT", "W\x00"),
    "a byte order mark": line().replace("\t", "\t\ufeff"),
    "a number for the version": line(info=INFO.replace('"6.1"', "16")),
    "a fraction for the version": line(info=INFO.replace('"6.1"', "6.25")),
    "a version of Linux": line(info=INFO.replace("WINNT", "Linux").replace("6.1", "3.11.0-12-generic")),
    "no revision": line(info=INFO.replace(', "revision": "http://h/rev/a"', "")),
    "a number for the revision": line(info=INFO.replace('"http://h/rev/a"', "7")),
    "no OS": line(info=INFO.replace('"OS": "WINNT", ', "")),
    "an object for the OS": line(info=INFO.replace('"WINNT"', '{"a": [1, {}]}')),
    "a slash in the OS": line(info=INFO.replace("WINNT", "a/b")),
    "a long field": line(info=INFO.replace("WINNT", "W" * 9000)),
    "no tab": line().replace("\t", " "),
    "two tabs": line().replace("\t", "\tx\t"),
    "only a tab": "\t",
    "no object": "id\t[1, 2]",
    "something behind": line() + " {}",
    "cut": line()[:-30],
    "a comma too many": line('{"A": [1, 2, 3, 4, 5, 6], }'),
    "a comma too many in an array": line('{"A": [1, 2, 3, 4, 5, 6, ]}'),
    "no comma": line('{"A": [1, 2, 3, 4, 5, 6] "B": [1, 2, 3, 4, 5, 6]}'),
    "zeros and then nothing": line('{"A": [0, 0, 0, 0, 0, 0, '),
    "deep": line().replace('"ver": 1', '"ver": ' + "[" * 63 + "]" * 63),
    "deeper": line().replace('"ver": 1', '"ver": ' + '{"a":' * 200 + "1" + "}" * 200),
    "too deep": line().replace('"ver": 1', '"ver": ' + "[" * 100_000),
    "wrong nesting": line().replace('"ver": 1', '"ver": [{]}'),
    **{f"number {text[:40]}": line(array("0", text, "0")) for text in (*NUMBERS, *NO_JSON)},
    **{f"compact number {text[:40]}": line(array("0", text, "0").replace(", ", ",")) for text in (*NUMBERS, *NO_JSON)},
    **{
        f"measurement {text[:40]}": line(simple=f'{{"a": {text}, "b": {{"c": {text}}}}}')
        for text in (*NUMBERS, *NO_JSON)
    },
    **{f"{count} zeros": line(array(*["0"] * count)) for count in range(1, 14)},
    **{f"{count} compact zeros": line(array(*["0"] * count).replace(", ", ",")) for count in range(1, 20)},
}
BYTES = {
    "not UTF-8": line().encode().replace(b"WINNT", b"W\xff"),
    "an overlong character": line().encode().replace(b"WINNT", b"W\xc0\x80"),
    "a surrogate in UTF-8": line().encode().replace(b"WINNT", b"W\xed\xa0\x80"),
    "beyond Unicode": line().encode().replace(b"WINNT", b"W\xf4\x90\x80\x80"),
    "a cut character": line().encode().replace(b"WINNT", b"W\xe2\x82"),
    "no UTF-8 before the tab": b"\xff\xfe" + line().encode(),
    **{name: text.encode() for name, text in LINES.items()},
}
UNLIKE_THE_ORACLE = (
    *(
        "name that is not ASCII",
        "name with a space",
        "an empty name",
        "long name",
        "field with an escape",
        "lone surrogate",
        "slash",
        "long field",
    ),
    *("not finite", "NaN", "Infinity", "1e400", "100000", "minus one", "negative and large", "deep", "nesting"),
)
"""Where names or numbers that the oracle takes are left out here, or need more digits than it has."""


def read(kernel: str, data: bytes, limits: Limits | None = None) -> tuple[Cells, LineCounts]:
    accumulator, counts = Accumulator(), LineCounts()
    FORMAT.scanner(accumulator, limits or Limits(), kernel).scan(parse_key(KEYS[0]), data, counts)
    return accumulator.take(), counts


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("name", BYTES)
def test_a_line_is_read_as_by_the_json_module(kernel: str, name: str) -> None:
    expected = by_json(Block(KEYS[0], [BYTES[name]]))
    cells, counts = read(kernel, BYTES[name] + b"\n")
    assert counts == expected[1]
    assert numbers(cells) == numbers(expected[0])
    assert cells.same(expected[0])


@pytest.mark.parametrize("name", [name for name in BYTES if not any(each in name for each in UNLIKE_THE_ORACLE)])
def test_the_json_module_reads_a_line_as_the_oracle_does(name: str) -> None:
    block = Block(KEYS[0], [BYTES[name]])
    compare_with_oracle(block, by_json(block))


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("newline", [b"", b"\n"], ids=["no newline at the end", "newline at the end"])
def test_all_lines_in_one_block_are_read_as_each_alone(kernel: str, newline: bytes) -> None:
    lines = list(BYTES.values())
    expected = by_json(Block(KEYS[0], lines))
    cells, counts = read(kernel, b"\n".join(lines) + newline)
    assert counts == expected[1]
    assert cells.same(expected[0])


@pytest.mark.parametrize("kernel", KERNELS)
def test_limits_hold_and_what_is_beyond_them_is_counted(kernel: str) -> None:
    limits = Limits(line_bytes=1000, array_length=10, name_length=20, histograms=3, measurements=4)
    lines = [
        line().encode(),
        line({"A": [0] * 11, "B": [0] * 10}).encode(),
        line({"N" * 21: [1] * 6, "N" * 20: [1] * 6}).encode(),
        line({name: [1] * 6 for name in "ABCD"}).encode(),
        line({name: [1] * 6 for name in "ABC"}).encode() + b" " * 1000,
        line(simple={"a": 1, "b": {"c": 2, "d": None}, "e": {}, "f": "no number"}).encode(),
        line(simple={"a": 1, "b": {"c": 2, "d": None}, "e": {}, "f": "no number", "g": 1}).encode(),
    ]
    expected = by_json(Block(KEYS[0], lines, limits))
    assert expected[1].good == 4
    assert expected[1].bad == {"too-many-histograms": 1, "too-many-measurements": 1, "line-too-long": 1}
    assert expected[1].left_out["histogram-too-long"] == 1
    cells, counts = read(kernel, b"\n".join(lines), limits)
    assert counts == expected[1]
    assert cells.same(expected[0])


IMPLAUSIBLE = {
    "submission-date-too-early": Limits(earliest_date="20991231"),
    "submission-date-too-late": Limits(latest_date="20000101"),
    "build-date-too-old": Limits(build_age=0),
    "build-date-too-new": Limits(build_ahead=0),
    "dimension-too-long": Limits(option_length=2),
}


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("reason", IMPLAUSIBLE)
def test_pings_of_implausible_dates_and_populations_are_bad_lines(kernel: str, reason: str) -> None:
    """Those that a fast scanner leaves to the json module as well; a line that is none stays what it is."""
    day = {"build-date-too-old": "20131101", "build-date-too-new": "20131001"}.get(reason, "20131029")
    key = parse_key(f"saved_session/Firefox/nightly/28.0a1/20131029030201.{day}.v2.log.x")
    lines = [line(), line(), line('{"A": [1, 2, 3, 4, 5, 1e300]}'), "no tab"]
    accumulator, counts = Accumulator(), LineCounts()
    limits = IMPLAUSIBLE[reason]
    FORMAT.scanner(accumulator, limits, kernel).scan(key, "\n".join(lines).encode(), counts)
    assert (counts.good, counts.bad) == (0, {reason: 3, "no-tab": 1})
    assert accumulator.take().same(EMPTY)


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("bucket", ["-2147483648", "-0.5", "-1e-20", "-1e300"])
def test_an_array_with_a_negative_bucket_is_left_out_and_the_rest_of_its_ping_counts(kernel: str, bucket: str) -> None:
    data = line(f'{{"X": [1, 2, 3, 4, 5, 6], "A": [3, {bucket}, 7, 1, 2, 3, 4, 5]}}').encode()
    cells, counts = read(kernel, data)
    assert (counts.good, counts.left_out) == (1, {"histogram-negative-bucket": 1})
    assert {run.measure for run in cells.runs} == {"", "X", "SIMPLE_MEASURES_UP"}


def test_no_usual_ping_takes_the_slow_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real and made pings have signed, unknown and fractional halves of squares: the json module is 60 times slower."""
    slow: list[bytes] = []
    monkeypatch.setattr(
        "telemetry_tasks.formats.pings.arrays.native.add_line", lambda *arguments: slow.append(arguments[3])
    )
    usual = [
        ("-2147481472", "0"),
        ("-1", "0"),
        ("-1", "-1"),
        ("11472351.73747009", "0.0"),
        ("0.6083465515403077", "0.0"),
        ("-731341962.9230889", "25.88"),
        ("-0.5", "1"),
        ("5", "7"),
    ]
    for low, high in usual:
        read(kernel_of_scanner(), line(squares(low, high)).encode())
    assert slow == []


SQUARES = {
    ("-2147481472", "0"): [2147485824, 0],
    ("-1", "0"): [4294967295, 0],
    ("-1", "-1"): [-1, -1],
    ("-2", "-1"): [4294967294, -1],
    ("5", "-1"): [5, -1],
    ("5", "7"): [5, 7],
}


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize(("low", "high"), SQUARES)
def test_the_low_half_of_the_squares_is_read_as_unsigned(kernel: str, low: str, high: str) -> None:
    cells, _ = read(kernel, line(squares(low, high)).encode())
    text = next(text for text in export_lines(Result({"nightly/28": cells})) if text.startswith("nightly/28/A/"))
    (cell,) = json.loads(text.partition("\t")[2]).values()
    assert cell["values"] == [3, 0, 7, 65616, -1, -1, *SQUARES[low, high], 1]


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_narrower_alphabet_leaves_out_names_beyond_it(kernel: str) -> None:
    limits = Limits(name_alphabet="A-Z_")
    lines = [line({"A": [1] * 6, "B1": [1] * 6, "c": [1] * 6}, {"up": 7, "up2": 7}).encode()] * 2
    expected = by_json(Block(KEYS[0], lines, limits))
    assert expected[1].left_out == {"name-not-allowed": 6}
    cells, counts = read(kernel, b"\n".join(lines), limits)
    assert counts == expected[1]
    assert cells.same(expected[0])
    assert {run.measure for run in cells.runs} == {"", "A", "SIMPLE_MEASURES_UP"}


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("limit", [100, 512])
@pytest.mark.parametrize("opening", ["[", '{"a":'])
@pytest.mark.parametrize("member", ["other", "info", "simpleMeasurements"])
def test_what_is_nested_too_deep_is_a_bad_line_and_at_the_limit_a_good_one(
    kernel: str, limit: int, opening: str, member: str
) -> None:
    """From any caller: how deep the json module gets depends on the stack. Brackets in strings do not count."""
    outer = 1 if member == "other" else 2

    def nested(depth: int) -> bytes:
        value = opening * depth + ("1" if ":" in opening else "") + {"[": "]"}.get(opening, "}") * depth
        ping: dict[str, Any] = json.loads(line().partition("\t")[2])
        mark = '"<here>"'
        ping |= {"text": '[{\\"' * 600 + "]"}
        if member == "other":
            ping["other"] = "<here>"
        else:
            ping[member] = {**ping.get(member, {}), "odd": "<here>"}
        return b"id\t" + json.dumps(ping).replace(mark, value).encode()

    limits = Limits(depth=limit)
    good, bad = nested(limit - outer), nested(limit - outer + 1)
    assert by_json(Block(KEYS[0], [good, bad], limits))[1].bad == {"nested-too-deep": 1}
    cells, counts = read(kernel, good + b"\n" + bad, limits)
    assert (counts.good, counts.bad) == (1, {"nested-too-deep": 1})
    assert cells.same(by_json(Block(KEYS[0], [good, bad], limits))[0])


def test_how_deep_a_line_is_nested_is_told_in_little_memory_whatever_its_strings_hold() -> None:
    body = b'{"a": "' + rb"\n\\\"" * (1 << 17) + b'", "b": [' + b"[]," * 600 + b"1]}"
    tracemalloc.start()
    json_line.check_depth(body, Limits())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * len(body)
    with pytest.raises(DataError, match="nested-too-deep"):
        json_line.check_depth(body[:-1] + b', "c": ' + b"[" * 512 + b"]" * 512 + b"}", Limits())


@pytest.fixture(params=KERNELS)
def living(request: pytest.FixtureRequest) -> tuple[Accumulator, Scanner]:
    """A scanner that reads several blocks, and its accumulator."""
    accumulator = Accumulator()
    return accumulator, FORMAT.scanner(accumulator, Limits(), request.param)


def test_an_accumulator_may_be_emptied_between_blocks(living: tuple[Accumulator, Scanner]) -> None:
    accumulator, reader = living
    for histograms in ({"B": [1] * 7}, {"A": [1] * 6, "B": [1] * 7}, GOOD):
        reader.scan(parse_key(KEYS[0]), line(histograms).encode(), LineCounts())
        assert accumulator.take().same(by_json(Block(KEYS[0], [line(histograms).encode()]))[0])


def test_the_same_population_of_another_file_is_another_row(living: tuple[Accumulator, Scanner]) -> None:
    accumulator, reader = living
    for key in (*KEYS, KEYS[0]):
        reader.scan(parse_key(key), line().encode(), LineCounts())
    cells = accumulator.take()
    assert len(cells.rows) == 3
    assert sorted(n >> 40 for (_, run, _), n in numbers(cells).items() if run == PINGS) == [1, 1, 2]


def test_many_populations_measures_and_lengths_come_and_go(living: tuple[Accumulator, Scanner]) -> None:
    accumulator, reader = living
    lines = [
        line(
            {f"M{(i * 7 + j) % 90}": [j] * (6 + (i + j) % 40) for j in range(30)},
            info=INFO.replace("WINNT", f"OS{i % 23}"),
        ).encode()
        for i in range(300)
    ]
    counts = LineCounts()
    for at in range(0, len(lines), 60):
        reader.scan(parse_key(KEYS[0]), b"\n".join(lines[at : at + 60]), counts)
    assert counts.good == accumulator.pings == len(lines)
    assert accumulator.take().same(by_json(Block(KEYS[0], lines))[0])


@pytest.mark.parametrize("member", ["histograms", "simpleMeasurements"])
def test_names_that_clients_invent_take_no_more_memory_the_more_there_are(
    member: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names that are at fault, and spellings of one measure, fill no accumulator: nothing else would forget them."""
    for module in (run_columns, simple_numbers):
        monkeypatch.setattr(module, "MOST_REMEMBERED", 1000)
    accumulator, counts, used = Accumulator(), LineCounts(), []
    reader = FORMAT.scanner(accumulator, Limits(), SIMD)
    tracemalloc.start()
    for block in range(30):
        spelled = [f"{block * 1000 + i:b}".rjust(20, "0") for i in range(1000)]
        if member == "histograms":
            text = line({f"not allowed {each}": [1] * 6 for each in spelled})
        else:
            text = line(simple={each.replace("0", "a").replace("1", "A"): "no number" for each in spelled})
        reader.scan(parse_key(KEYS[0]), text.encode(), counts)
        used.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert counts.good == 30
    assert counts.left_out.total() == 30_000
    assert used[-1] - used[9] < 1 << 20


@cache
def of_one_hash() -> list[str]:
    """Names of 16 characters that all had one hash when it had no secret: anybody could compute them."""
    chance = np.random.default_rng(1)
    first = chance.integers(0x23, 0x5C, (6_000_000, 8), np.uint8)
    with np.errstate(over="ignore"):
        state = (first.view("<u8").ravel() ^ np.uint64(0x9E3779B97F4A7C15 ^ 1)) * np.uint64(0xFF51AFD7ED558CCD)
    second = (state ^ state >> np.uint64(32) ^ np.uint64(0x5555555555555555)).view(np.uint8).reshape(-1, 8)
    fine = ((second >= 0x23) & (second < 0x7F) & (second != ord("\\"))).all(axis=1)
    return [bytes(each).decode() for each in np.hstack((first[fine], second[fine]))]


def seconds_for(kernel: str, names: Sequence[str]) -> float:
    block = "\n".join(line(simple={name: {} for name in names[at::5]}) for at in range(5)).encode()
    took = []
    for _ in range(5):
        counts, reader = LineCounts(), FORMAT.scanner(Accumulator(), Limits(), kernel)
        begin = time.process_time()
        reader.scan(parse_key(KEYS[0]), block, counts)
        took.append(time.process_time() - begin)
        assert counts.good == 5
    return min(took)


@pytest.mark.parametrize("kernel", KERNELS)
def test_names_that_were_made_to_have_one_hash_take_no_longer_than_others(kernel: str) -> None:
    names = of_one_hash()
    assert len(names) > 1000
    others = [f"{number:016}" for number in range(len(names))]
    assert seconds_for(kernel, names) < 5 * seconds_for(kernel, others)


def test_a_line_of_the_slow_path_between_fast_ones_changes_none_of_them(living: tuple[Accumulator, Scanner]) -> None:
    """It may make a row's arrays longer, which the fast path must not hold any more."""
    accumulator, reader = living
    odd = [line({f"W{i}_{j}": [1] * 100 for j in range(40)} | {"A": [10**20] * 6}).encode() for i in range(6)]
    lines = [each for pair in zip([line().encode()] * 6, odd, strict=True) for each in pair] + [line().encode()]
    reader.scan(parse_key(KEYS[0]), b"\n".join(lines), LineCounts())
    assert accumulator.take().same(by_json(Block(KEYS[0], lines))[0])


@pytest.mark.parametrize("kernel", KERNELS)
def test_names_that_are_one_measure_are_added_where_no_sum_is_too_large(
    kernel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Arrays hold the numbers of 2¹⁸ pings, each once: a ping with a measure in thousands of spellings would wrap."""
    slow = []
    for module in ("native", "simd"):
        if f"telemetry_tasks.formats.pings.arrays.{module}" in sys.modules:
            target = f"telemetry_tasks.formats.pings.arrays.{module}.add_line"
            monkeypatch.setattr(target, lambda *given: (slow.append(given[3]), json_line.add_line(*given)))
    lines = [
        line(simple={"uptime": 7, "main": {"x": 1}}),
        line(simple={"uptime": 7, "upTime": 17592186044415}),
        line(simple={"main": {"x": 1}, "MAIN_X": 2}),
        line(simple={"uptime": 7, "main_x": "no number", "MAIN_X": 2}),
    ]
    block = Block(KEYS[0], [each.encode() for each in lines])
    cells, counts = read(kernel, block.data)
    expected = by_json(block)
    assert slow == block.lines[1:3]
    assert counts == expected[1]
    assert cells.same(expected[0])


@pytest.mark.parametrize("kernel", KERNELS)
def test_an_empty_block_adds_nothing(kernel: str) -> None:
    cells, counts = read(kernel, b"")
    assert cells.same(EMPTY)
    assert counts == LineCounts()


@pytest.mark.parametrize("kernel", KERNELS)
def test_empty_lines_are_bad(kernel: str) -> None:
    assert read(kernel, b"\n\n")[1] == LineCounts(bad=Counter({"no-tab": 2}))


@pytest.mark.parametrize("kernel", KERNELS)
def test_plain_pings_need_no_slow_path(kernel: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*arguments: object) -> None:
        raise AssertionError("a plain ping was handed on")

    module = __import__(f"telemetry_tasks.formats.pings.arrays.{kernel}", fromlist=["add_line"])
    monkeypatch.setattr(module, "add_line", slow)
    assert read(kernel, line().encode())[1].good == 1
    monkeypatch.undo()
    assert module.add_line is json_line.add_line


def test_a_kernel_that_is_not_known_is_refused() -> None:
    assert {kernel_of_scanner(each) for each in kernels.KERNELS if each != "native" or len(KERNELS) == 2} <= {
        "native",
        "simd",
    }
    with pytest.raises(OperatorError, match="unknown kernel"):
        kernel_of_scanner("fast")
