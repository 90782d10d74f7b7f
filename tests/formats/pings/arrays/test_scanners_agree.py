"""Lines that are out of the ordinary: both kernels against the one that reads by the json module."""

import json
from typing import Any

import pytest

from telemetry_tasks.core.accumulator import Accumulator
from telemetry_tasks.core.limits import Limits
from telemetry_tasks.core.ping import LineCounts
from telemetry_tasks.formats.cells import encode
from telemetry_tasks.formats.kernels import NATIVE, SIMD
from telemetry_tasks.formats.pings.arrays.json_line import add_line
from telemetry_tasks.formats.pings.saved_session.keys import parse_key
from tests.support.deployment import SAVED_SESSION

KEY = parse_key("saved_session/Firefox/nightly/28.0a1/20131029030201.20131029.v2.log.x")
INFO = {"OS": "WINNT", "version": "6.1", "arch": "x86", "revision": "r"}
GOOD = [0, 4, 0, 7, 12.5, -1, 0, 0]


def ping(**changes: Any) -> dict[str, Any]:
    return {"info": INFO, "histograms": {"A": GOOD}, "simpleMeasurements": {"main": 5, "js": {"x": 1.5}}, **changes}


def line(value: Any, **options: Any) -> bytes:
    return b"id\t" + json.dumps(value, **options).encode()


def histogram(text: str) -> bytes:
    return line(ping(histograms={"A": "HERE"})).replace(b'"HERE"', text.encode())


def nested(depth: int) -> list[Any]:
    made: list[Any] = []
    for _ in range(depth - 1):
        made = [made]
    return made


def staircase(depth: int) -> list[Any]:
    """Arrays in arrays, each with numbers enough behind it to be an array of its own."""
    made: list[Any] = [*range(7)]
    for _ in range(depth - 1):
        made = [made, *range(7)]
    return made


LINES = {
    "good": line(ping()),
    "compact": line(ping(), separators=(",", ":")),
    "indented": line(ping()).replace(b", ", b" ,\t "),
    "no tab": b"id " + json.dumps(ping()).encode(),
    "empty": b"",
    "cut": line(ping())[:-9],
    "more behind": line(ping()) + b" {}",
    "carriage return": line(ping()) + b"\r",
    "not UTF-8": line(ping()).replace(b"WINNT", b"W\xffNNT"),
    "not ASCII": line(ping(info={**INFO, "OS": "Wïndöws 窓"}), ensure_ascii=False),
    "escaped": line(ping(info={**INFO, "OS": 'Wïn\n\\"窓'})),
    "lone surrogate": line(ping()).replace(b"WINNT", rb"\ud800"),
    "slash in a dimension": line(ping(info={**INFO, "OS": "a/b", "arch": "name"})),
    "byte order mark": b"id\t\xef\xbb\xbf" + json.dumps(ping()).encode(),
    "no object": line([1, 2]),
    "no info": line({"histograms": {}}),
    "info is a list": line(ping(info=[])),
    "no OS": line(ping(info={"version": "1", "arch": "a"})),
    "version is a number": line(ping(info={**INFO, "version": 16})),
    "version is a fraction": line(ping(info={**INFO, "version": 16.50})),
    "version is true": line(ping(info={**INFO, "version": True})),
    "revision is a number": line(ping(info={**INFO, "revision": 7})),
    "no revision": line(ping(info={k: v for k, v in INFO.items() if k != "revision"})),
    "Linux": line(ping(info={**INFO, "OS": "Linux", "version": "3.11.0-12"})),
    "no histograms": line({"info": INFO}),
    "histograms are a list": line(ping(histograms=[])),
    "no measurements": line({"info": INFO, "histograms": {"A": GOOD}}),
    "twice the same name": line(ping()).replace(b'"A":', b'"A": [1, 1, 1, 1, 1, 1, 1], "A":'),
    "twice info": line(ping()).replace(b'"info":', b'"info": {}, "info":'),
    "name is escaped": line(ping()).replace(b'"A"', rb'"\u0041"'),
    "member is escaped": line(ping()).replace(b'"histograms"', rb'"histogr\u0061ms"'),
    "name not allowed": line(ping(histograms={"A/B": GOOD, "C": GOOD})),
    "empty name": line(ping(histograms={"": GOOD})),
    "null": histogram("null"),
    "string in an array": histogram('[1, "many", 0, 0, 0, 0, 0]'),
    "true in an array": histogram("[true, 1, 0, 0, 0, 0, 0]"),
    "null in an array": histogram("[null, 1, 0, 0, 0, 0, 0]"),
    "array in an array": histogram("[[1], 1, 0, 0, 0, 0, 0]"),
    "array in an array, a number for one": line(
        ping(histograms={"A": [[1, 2, 3, 4, 5, 6], 7, 8, 9, 10, 11, 12], "B": 5})
    ),
    "numbers for arrays, one array in another": line(
        ping(histograms={"A": 3, "B": [[1, 2, 3, 4, 5, 6], 7, 8, 9, 10, 11, 12]})
    ),
    "histograms called histograms": line(ping(histograms={"histograms": GOOD, "A": GOOD})),
    "another member histograms within": line(ping(other={"histograms": {"A": GOOD}})),
    "the name as a string before": line({"other": "histograms", **ping()}),
    "no histogram, nested deeply": line(ping(histograms={}, other=nested(600))),
    "arrays within arrays, numbers for arrays": line(
        ping(histograms={"A": staircase(600), **{f"B{i}": i for i in range(599)}})
    ),
    "object in an array": histogram("[{}, 1, 0, 0, 0, 0, 0]"),
    "too short": histogram("[1, 2, 3, 4, 5]"),
    "empty array": histogram("[]"),
    "one bucket": histogram("[1, 2, 3, 4, 5, 6]"),
    "negative": histogram("[-3, 1, -2.5, -1, -1, 7, 0]"),
    "minus one as a fraction": histogram("[1, 1, -1.0, -1e0, 3, 4, 5]"),
    "exponents": histogram("[1e3, 25E-1, 1.5e+2, 0e0, 2, 3, 4]"),
    "2**44 and more": histogram(f"[{2**44}, {2**53 + 1}, {2**62}, 1, 2, 3, 4]"),
    "beyond 64 bits": histogram(f"[{2**64}, {-(2**70)}, 1, 2, 3, 4, 5]"),
    "beyond a double": histogram("[1e999, 1, 2, 3, 4, 5, 6]"),
    "very large": histogram("[1e300, 1, 2, 3, 4, 5, 6]"),
    "very small": histogram("[1e-300, 1, 0.1, 3, 4, 5, 6]"),
    "minus zero": histogram("[-0, -0.0, 1, 2, 3, 4, 5]"),
    "not a number": histogram("[NaN, 1, 2, 3, 4, 5, 6]"),
    "infinity": histogram("[-Infinity, 1, 2, 3, 4, 5, 6]"),
    "leading zero": histogram("[01, 1, 2, 3, 4, 5, 6]"),
    "bare point": histogram("[1., 1, 2, 3, 4, 5, 6]"),
    "no comma": histogram("[1 1, 2, 3, 4, 5, 6]"),
    "comma at the end": histogram("[1, 1, 2, 3, 4, 5, 6,]"),
    "integer of thousands of digits": line(ping(other="HERE")).replace(b'"HERE"', b"7" * 5000),
    "integer of thousands of digits in info": line(ping(info={**INFO, "x": "HERE"})).replace(
        b'"HERE"', b"-" + b"7" * 5000
    ),
    "version of thousands of digits": line(ping(info={**INFO, "version": "HERE"})).replace(b'"HERE"', b"7" * 5000),
    "integer of hundreds of digits": line(ping(other="HERE")).replace(b'"HERE"', b"7" * 501),
    "no OS, nested too deep": line(ping(info={"version": "1", "arch": "a"}, other=nested(600))),
    "no OS, nested deeply": line(ping(info={"version": "1", "arch": "a"}, other=nested(400))),
    "brackets in strings": line(ping(lateWrites={"s": "[[}{", "[": ["]"]})),
    "deep": b'id\t{"info": {"OS": "W"}, "x": ' + b"[" * 3000 + b"]" * 3000 + b"}",
    "simple of all kinds": line(
        ping(simpleMeasurements={"a": True, "b": None, "c": "x", "d": [1], "e": -1, "f": -0.5, "g": 1e6, "h": 30000})
    ),
    "simple that collide": line(ping(simpleMeasurements={"a_b": 1, "A_b": 2, "a": {"b": 3}})),
    "simple with odd names": line(ping(simpleMeasurements={"ß": 1, "a b": 2, "ok": {"": 3}})),
    "simple very large": line(ping(simpleMeasurements={"a": 2**70, "b": 1e300})),
    "simple that looks like a histogram": line(ping(histograms={"SIMPLE_MEASURES_MAIN": [0] * 50 + [5, 1, 1, -1, -1]})),
}


def scanned(kernel: str | None, block: bytes) -> tuple[bytes, LineCounts]:
    accumulator, counts = Accumulator(), LineCounts()
    if kernel is None:
        for one in block.removesuffix(b"\n").split(b"\n"):
            add_line(accumulator, SAVED_SESSION, KEY, one, Limits(), counts)
    else:
        SAVED_SESSION.scanner(accumulator, Limits(), kernel).scan(KEY, block, counts)
    return encode(accumulator.take()), counts


@pytest.mark.parametrize("kernel", [NATIVE, SIMD])
@pytest.mark.parametrize("name", LINES)
def test_an_odd_line_counts_as_the_json_module_reads_it(kernel: str, name: str) -> None:
    block = LINES[name] + b"\n"
    assert scanned(kernel, block) == scanned(None, block)


@pytest.mark.parametrize("kernel", [NATIVE, SIMD])
def test_odd_lines_among_good_ones_change_nothing_for_these(kernel: str) -> None:
    block = b"".join(odd + b"\n" + LINES["good"] + b"\n" for odd in LINES.values())
    assert scanned(kernel, block) == scanned(None, block)
    assert scanned(kernel, block)[1].good >= len(LINES)
