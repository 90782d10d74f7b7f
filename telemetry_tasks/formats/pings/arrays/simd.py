"""The scanner without C: pysimdjson and numpy.

Each line is first validated as JSON. Then the text of its histograms is split at the quotes into names and arrays,
and the arrays of all pings of a block are parsed as one list of numbers with a mark after each array: that is
several times faster than parsing them one by one. Lines of an unexpected form go to ``json_line``, the reference:
arrays that hold something other than numbers, duplicate names, escapes, very large numbers. If a block has such
lines, it is split, so that only those lines go there.
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import simdjson

from telemetry_tasks.core.accumulator import DENSE_LIMIT, Accumulator
from telemetry_tasks.core.fixed import split
from telemetry_tasks.core.histograms import SQUARES_HIGH, SQUARES_LOW, SUMS
from telemetry_tasks.core.limits import Limits
from telemetry_tasks.core.ping import WORTH_OF_HIGH, LineCounts, measurements_in
from telemetry_tasks.core.rows import Row
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.pings.arrays.json_line import NeedsSlowPath, add_line, body_of, openings
from telemetry_tasks.formats.pings.arrays.lines import ArrayLines
from telemetry_tasks.formats.pings.arrays.run_columns import RunColumns
from telemetry_tasks.formats.pings.arrays.simple_numbers import SimpleNumbers
from telemetry_tasks.formats.pings.contract import FileKey
from telemetry_tasks.formats.pings.files import Block

MARK = 1e300
_MARK_TEXT = b",1e300"
_SUM = np.arange(-len(SUMS), 0)
"""Where the sums are before the mark of their array."""
_LOW, _HIGH = SQUARES_LOW - len(SUMS), SQUARES_HIGH - len(SUMS)
_BITS = 1 << np.arange(len(SUMS))
_DENSE = float(DENSE_LIMIT)


class _Ping(NamedTuple):
    """The content of a line, before any of it is added."""

    line: bytes
    row: Row
    names: list[str]
    arrays: bytes
    simple_firsts: list[int]
    simple_values: list[int | float]
    no_numbers: int


class ByPing:
    """Columns and numbers of several pings, one after the other; ``ends`` has the end of each ping's."""

    def __init__(self, columns: np.ndarray, numbers: np.ndarray, ends: np.ndarray) -> None:
        self._columns, self._numbers = columns, numbers
        self._bounds = [0, *ends.tolist()]

    def entries_of(self, ping: int) -> tuple[np.ndarray, np.ndarray]:
        """The columns and numbers of one ping."""
        part = slice(self._bounds[ping], self._bounds[ping + 1])
        return self._columns[part], self._numbers[part]


class SimdScanner:
    """See ``Scanner``."""

    def __init__(self, accumulator: Accumulator, lines: ArrayLines, limits: Limits) -> None:
        self._accumulator, self._format, self._limits = accumulator, lines, limits
        self._parser, self._numbers = simdjson.Parser(), simdjson.Parser()
        self._name = lines.histograms
        self._member = b'"' + self._name.encode() + b'"'
        self._opening = re.compile(re.escape(self._member) + rb"\s*:\s*\{")
        self._generation = accumulator.generation
        self._columns = RunColumns(accumulator, limits)
        self._simples = SimpleNumbers(accumulator, limits)

    def scan(self, key: FileKey, block: Block, counts: LineCounts) -> None:
        """See ``Scanner``."""
        if self._accumulator.generation != self._generation:
            self._generation = self._accumulator.generation
            self._columns.forget()
            self._simples.forget()
        lines = bytes(block).split(b"\n")
        if not lines[-1]:
            lines.pop()
        pings: list[_Ping] = []
        for line in lines:
            try:
                pings.append(self._ping(key, line))
            except NeedsSlowPath:
                self._slowly(key, line, counts)
            except DataError as error:
                counts.bad[error.reason] += 1
        self._add(key, pings, counts)

    def _slowly(self, key: FileKey, line: bytes, counts: LineCounts) -> None:
        add_line(self._accumulator, self._format, key, line, self._limits, counts)

    def _add(self, key: FileKey, pings: Sequence[_Ping], counts: LineCounts) -> None:
        try:
            entries, fractions = self._histograms(pings)
        except NeedsSlowPath:
            if len(pings) == 1:
                self._slowly(key, pings[0].line, counts)
            else:
                for ping in pings:
                    self._add(key, [ping], counts)
            return
        simple_entries, simple_fractions = self._simple_measurements(pings)
        for number, ping in enumerate(pings):
            index = self._accumulator.row(ping.row)
            self._accumulator.add_ping(index)
            for numbers in (entries, simple_entries):
                self._accumulator.add(index, *numbers.entries_of(number))
            for numbers in (fractions, simple_fractions):
                self._accumulator.add_fractions(index, *numbers.entries_of(number))
            counts.good += 1
            if ping.no_numbers:
                counts.left_out["simple-no-number"] += ping.no_numbers

    def _simple_measurements(self, pings: Sequence[_Ping]) -> tuple[ByPing, ByPing]:
        """Columns and integer parts, columns and fractions of the simple measurements of each ping."""
        firsts = [first for ping in pings for first in ping.simple_firsts]
        values = [value for ping in pings for value in ping.simple_values]
        ends = np.cumsum([len(ping.simple_firsts) for ping in pings])
        (columns, whole), (fraction_columns, fractions) = self._simples.numbers(firsts, values)
        return (
            ByPing(columns.ravel(), whole.ravel(), ends * columns.shape[1]),
            ByPing(fraction_columns.ravel(), fractions.ravel(), ends * fraction_columns.shape[1]),
        )

    def _ping(self, key: FileKey, line: bytes) -> _Ping:
        """Raises ``NeedsSlowPath``, or ``DataError`` if ``json_line`` would certainly raise the same."""
        body = body_of(line, self._limits)
        ping = self._parsed(body)
        try:
            info = ping.get(self._format.info)
            histograms = ping.get(self._format.histograms)
            measurements = ping.get(self._format.measurements)
            if not all(isinstance(part, simdjson.Object) for part in (info, histograms, measurements)):
                raise NeedsSlowPath
            names = list(histograms)
            if len(names) > self._limits.histograms:
                raise NeedsSlowPath
            simples = measurements.as_dict()
            if measurements_in(simples) > self._limits.measurements:
                raise NeedsSlowPath
            row = self._row(key, info.as_dict(), body)
        except (ValueError, RuntimeError) as error:
            raise NeedsSlowPath from error
        finally:
            info = histograms = measurements = ping = None  # the parser is not used again while they exist
        return _Ping(line, row, names, self._arrays(body, names), *self._simples.read(simples))

    def _row(self, key: FileKey, info: dict[str, object], body: bytes) -> Row:
        try:
            return self._format.checked_row(key, info, self._limits)
        except DataError as error:
            if openings(body) > self._limits.depth:  # json_line checks that first
                raise NeedsSlowPath from error
            raise

    def _parsed(self, body: bytes) -> Any:
        if (b"\\" in body and b"\\u" in body) or body.startswith(b"\xef\xbb\xbf"):
            raise NeedsSlowPath
        try:
            ping = self._parser.parse(body)
        except (ValueError, RuntimeError) as error:
            raise NeedsSlowPath from error
        if not isinstance(ping, simdjson.Object):
            raise NeedsSlowPath
        members = list(ping)
        if len(members) != len(set(members)):
            raise NeedsSlowPath
        return ping

    def _arrays(self, body: bytes, names: list[str]) -> bytes:
        """The numbers of all arrays with commas between, a mark after each array."""
        if not names:
            if openings(body) >= self._limits.depth:
                raise NeedsSlowPath
            return b""
        if len(set(names)) != len(names):
            raise NeedsSlowPath
        opening = self._opening.match(body, max(0, body.find(self._member)))
        if opening is None:
            raise NeedsSlowPath
        begin, end = opening.end(), body.index(b"}", opening.end())
        if body.find(self._member, end) >= 0 or self._name in names:
            raise NeedsSlowPath
        # the arrays are side by side, as checked below: only the text around them may be nested deeply
        if openings(body[:begin]) + openings(body[end:]) >= self._limits.depth:
            raise NeedsSlowPath
        pieces = body[begin:end].split(b'"')
        if b'"'.join(pieces[1::2]) != '"'.join(names).encode("utf-8", "surrogatepass"):
            raise NeedsSlowPath
        values = pieces[2::2]
        text = b"".join(values).translate(None, b":[")
        # one array per name: as many arrays as names, and one begins after each name
        if text.count(b"]") != len(names) or not all(b"[" in value for value in values):
            raise NeedsSlowPath
        return text.replace(b"]", _MARK_TEXT)

    def _histograms(self, pings: Sequence[_Ping]) -> tuple[ByPing, ByPing]:
        """Columns and integer parts, columns and fractions of the arrays of each ping."""
        flat = self._flat(b",".join(ping.arrays for ping in pings if ping.arrays))
        marks = np.flatnonzero(flat == MARK)
        lengths = np.diff(marks, prepend=-1) - 1
        arrays_of = np.array([len(ping.names) for ping in pings], np.int64)
        if len(marks) != arrays_of.sum() or not self._plausible(lengths):
            raise NeedsSlowPath
        signed = self._signed_squares(flat, marks)
        sum_at = marks[:, None] + _SUM
        unknown = flat[sum_at] == -1
        unknown[:, SQUARES_LOW] &= ~signed
        flat[sum_at[unknown]] = 0
        flat[marks] = 1  # at the position of the mark, the number of pings is added
        used = np.flatnonzero(flat != 0)
        numbers = flat[used]
        if numbers.max(initial=0) >= _DENSE or numbers.min(initial=0) <= -_DENSE:
            raise NeedsSlowPath
        if numbers.min(initial=0) < 0 and self._has_negative_bucket(used[numbers < 0], marks):
            raise NeedsSlowPath
        names = [name for ping in pings for name in ping.names]
        firsts = self._columns.columns_for(names, lengths, unknown @ _BITS)
        columns = np.repeat(firsts - (marks - lengths), lengths + 1)[used] + used
        whole = numbers.astype(np.int64)
        odd = np.flatnonzero(whole != numbers)
        whole[odd], fractions = split(numbers[odd])
        whole[np.searchsorted(used, marks[signed] + _LOW)] += WORTH_OF_HIGH
        ends = np.concatenate((np.zeros(1, np.int64), marks + 1))[np.cumsum(arrays_of)]
        entry_ends = np.searchsorted(used, ends)
        return ByPing(columns, whole, entry_ends), ByPing(columns[odd], fractions, np.searchsorted(odd, entry_ends))

    def _signed_squares(self, flat: np.ndarray, marks: np.ndarray) -> np.ndarray:
        """See ``signed_squares`` in core/ping, by array."""
        low, high = flat[marks + _LOW], flat[marks + _HIGH]
        signed = (low < 0) & ~((low == -1) & (high == -1))
        if (low == -1 - WORTH_OF_HIGH).any():  # -1 as an unsigned number: not known
            raise NeedsSlowPath
        return signed

    def _has_negative_bucket(self, negative: np.ndarray, marks: np.ndarray) -> bool:
        """Whether one of the positions with a negative number is a bucket, not a sum."""
        return bool((negative < marks[np.searchsorted(marks, negative)] - len(SUMS)).any())

    def _flat(self, text: bytes) -> np.ndarray:
        if not text:
            return np.zeros(0)
        try:
            array: Any = self._numbers.parse(b"[" + text + b"]")
            return np.frombuffer(array.as_buffer(of_type="d")).copy()
        except (ValueError, TypeError, RuntimeError) as error:
            raise NeedsSlowPath from error

    def _plausible(self, lengths: np.ndarray) -> bool:
        return not len(lengths) or (lengths.min() > len(SUMS) and lengths.max() <= self._limits.array_length)
