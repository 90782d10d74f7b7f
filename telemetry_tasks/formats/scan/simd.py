"""The scanner that is always there: pysimdjson and numpy.

A line is first proved to be JSON. Then the text of its histograms is cut at the quotes into names and arrays,
and all arrays are parsed as one list of numbers with a mark after each: that is a third faster than asking for
them one by one. Whatever does not fit the expected picture goes to ``json_line``, which is right by
construction: arrays that hold no numbers, names that come twice, escapes, very large numbers.
"""

import math
import re
from typing import Any

import numpy as np
import simdjson

from telemetry_tasks.core import simple
from telemetry_tasks.core.accumulator import DENSE_LIMIT, Accumulator
from telemetry_tasks.core.fixed import split
from telemetry_tasks.core.ping import Limits, LineCounts, is_number, name_fault
from telemetry_tasks.core.rows import STATISTICS, Layout
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.keys import PingKey
from telemetry_tasks.formats.pings.contract import PingFormat
from telemetry_tasks.formats.scan.json_line import add_line, body_of

MARK = 1e300
_MARK_TEXT = b",1e300"
_STATISTIC = np.arange(-STATISTICS, 0)
_BITS = 1 << np.arange(STATISTICS)
_MOST_REMEMBERED = 200_000


class _Unusual(Exception):
    """The line does not fit the fast path; nothing of it was added."""


class SimdScanner:
    """Adds blocks of lines to an accumulator. One for each accumulator; not for several threads."""

    def __init__(self, accumulator: Accumulator, ping_format: PingFormat, limits: Limits) -> None:
        self._accumulator, self._format, self._limits = accumulator, ping_format, limits
        self._parser, self._numbers = simdjson.Parser(), simdjson.Parser()
        self._member = b'"' + ping_format.histograms.encode() + b'"'
        self._opening = re.compile(re.escape(self._member) + rb"\s*:\s*\{")
        self._rows: dict[tuple[Any, ...], Any] = {}
        self._forget()

    def _forget(self) -> None:
        self._generation = self._accumulator.generation
        self._firsts: dict[tuple[str, int, int], int] = {}
        self._simple_firsts: dict[tuple[str, str | None], int] = {}
        self._simple_numbers: dict[int | float, tuple[list[int], list[int], list[int], list[int]]] = {}

    def scan(self, key: PingKey, block: bytes | memoryview, counts: LineCounts) -> None:
        """Adds every line of ``block`` that is a ping, and counts all of them."""
        lines = bytes(block).split(b"\n")
        if not lines[-1]:
            lines.pop()
        for line in lines:
            if self._accumulator.generation != self._generation:
                self._forget()
            try:
                self._fast(key, line, counts)
            except _Unusual:
                add_line(self._accumulator, self._format, key, line, self._limits, counts)

    def _fast(self, key: PingKey, line: bytes, counts: LineCounts) -> None:
        try:
            body = body_of(line, self._limits)
        except DataError as error:
            counts.bad[error.reason] += 1
            return
        ping = self._parsed(body)
        try:
            info = ping.get(self._format.info)
            histograms = ping.get(self._format.histograms)
            measurements = ping.get(self._format.measurements)
            if not isinstance(info, simdjson.Object):
                raise _Unusual
            if not (isinstance(histograms, simdjson.Object) and isinstance(measurements, simdjson.Object)):
                raise _Unusual
            row = self._format.row(key, info.as_dict())
            names = list(histograms)
            simples = measurements.as_dict()
        except DataError as error:
            counts.bad[error.reason] += 1
            return
        except (ValueError, RuntimeError) as error:
            raise _Unusual from error
        finally:
            info = histograms = measurements = ping = None
        columns, whole, fraction_columns, fractions = self._histograms(body, names)
        more = self._simple(simples, counts)
        index = self._accumulator.row(row)
        self._accumulator.add_ping(index)
        self._accumulator.add(index, columns, whole)
        self._accumulator.add_fractions(index, fraction_columns, fractions)
        if more[0]:
            self._accumulator.add(index, np.array(more[0]), np.array(more[1]))
            self._accumulator.add_fractions(index, np.array(more[2], np.int64), np.array(more[3], np.int64))
        counts.good += 1

    def _parsed(self, body: bytes) -> Any:
        if b"\\u00" in body or body.startswith(b"\xef\xbb\xbf"):
            raise _Unusual
        try:
            ping = self._parser.parse(body)
        except (ValueError, RuntimeError) as error:
            raise _Unusual from error
        if not isinstance(ping, simdjson.Object):
            raise _Unusual
        members = list(ping)
        if len(members) != len(set(members)):
            raise _Unusual
        return ping

    def _histograms(self, body: bytes, names: list[str]) -> tuple[np.ndarray, ...]:
        """Columns and integer parts, columns and fractions of all arrays, of nothing where there are none."""
        flat = self._flat(body, names)
        marks = np.flatnonzero(flat == MARK)
        lengths = np.diff(marks, prepend=-1) - 1
        if len(marks) != len(names) or (len(names) and not self._plausible(lengths)):
            raise _Unusual
        statistic_at = marks[:, None] + _STATISTIC
        statistics = flat[statistic_at]
        unknown = statistics == -1
        masks = unknown @ _BITS
        flat[statistic_at[unknown]] = 0
        flat[marks] = 1  # where the mark stood, the number of pings is added
        if flat.max(initial=0) >= DENSE_LIMIT or flat.min(initial=0) <= -DENSE_LIMIT:
            raise _Unusual
        firsts = np.fromiter(map(self._first, names, lengths.tolist(), masks.tolist()), np.int64, len(names))
        used = np.flatnonzero(flat)
        numbers = flat[used]
        columns = np.repeat(firsts - (marks - lengths), lengths + 1)[used] + used
        whole = numbers.astype(np.int64)
        odd = np.flatnonzero(whole != numbers)
        whole[odd], fractions = split(numbers[odd])
        return columns, whole, columns[odd], fractions

    def _flat(self, body: bytes, names: list[str]) -> np.ndarray:
        if not names:
            return np.zeros(0)
        if body.count(self._member) != 1 or len(set(names)) != len(names) or len(names) > self._limits.histograms:
            raise _Unusual
        opening = self._opening.search(body)
        if opening is None:
            raise _Unusual
        pieces = body[opening.end() : body.index(b"}", opening.end())].split(b'"')
        if [name.decode("utf-8", "replace") for name in pieces[1::2]] != names:
            raise _Unusual
        text = b"".join(pieces[2::2]).translate(None, b":[").replace(b"]", _MARK_TEXT)
        try:
            array: Any = self._numbers.parse(b"[" + text + b"]")
            return np.frombuffer(array.as_buffer(of_type="d")).copy()
        except (ValueError, TypeError, RuntimeError) as error:
            raise _Unusual from error

    def _plausible(self, lengths: np.ndarray) -> bool:
        return lengths.min() > STATISTICS and lengths.max() <= self._limits.array_length

    def _first(self, name: str, length: int, unknown: int) -> int:
        key = (name, length, unknown)
        first = self._firsts.get(key)
        if first is None:
            if name_fault(name, self._limits):
                raise _Unusual
            first = self._firsts[key] = self._accumulator.layout(Layout(name, length, unknown, False))
        return first

    def _simple(self, measurements: dict[str, Any], counts: LineCounts) -> tuple[list[int], ...]:
        """Columns, integer parts, columns of fractions and fractions of the simple measurements."""
        columns: list[int] = []
        whole: list[int] = []
        fraction_columns: list[int] = []
        fractions: list[int] = []
        seen: set[int] = set()
        no_number = 0
        for name, value in measurements.items():
            for sub, number in value.items() if type(value) is dict else ((None, value),):
                if not is_number(number):
                    if name_fault(simple.measure_name(name, sub), self._limits):
                        raise _Unusual
                    no_number += 1
                    continue
                first = self._simple_first(name, sub)
                if first in seen:
                    raise _Unusual
                seen.add(first)
                at, integers, fraction_at, rests = self._numbers_of(number)
                columns += [first + i for i in at]
                whole += integers
                fraction_columns += [first + i for i in fraction_at]
                fractions += rests
        if no_number:
            counts.left_out["simple-no-number"] += no_number
        return columns, whole, fraction_columns, fractions

    def _simple_first(self, name: str, sub: str | None) -> int:
        first = self._simple_firsts.get((name, sub))
        if first is None:
            measure = simple.measure_name(name, sub)
            if name_fault(measure, self._limits):
                raise _Unusual
            first = self._simple_firsts[name, sub] = self._accumulator.layout(simple.layout_of(measure))
        return first

    def _numbers_of(self, value: int | float) -> tuple[list[int], list[int], list[int], list[int]]:
        known = self._simple_numbers.get(value)
        if known is not None:
            return known
        if not math.isfinite(value) or abs(value) >= DENSE_LIMIT:
            raise _Unusual
        parts = [(column, *divmod(units, 1 << 40)) for column, units in simple.units_of(value)]
        known = (
            [column for column, integer, _ in parts if integer],
            [integer for _, integer, _ in parts if integer],
            [column for column, _, rest in parts if rest],
            [rest for _, _, rest in parts if rest],
        )
        if len(self._simple_numbers) >= _MOST_REMEMBERED:
            self._simple_numbers.clear()
        self._simple_numbers[value] = known
        return known
