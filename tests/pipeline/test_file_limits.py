"""What one file may add: what is beyond is cut, the same in whatever order and memory the file is read."""

import gzip
import json
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from telemetry_tasks.core.disclosure.collapse import OTHER
from telemetry_tasks.core.disclosure.file_limits import TOO_MANY_MEASURES, TOO_MANY_ROWS
from telemetry_tasks.core.limits import Limits
from telemetry_tasks.core.result import Result
from telemetry_tasks.formats import partial
from telemetry_tasks.formats.kernels import NATIVE, SIMD
from telemetry_tasks.pipeline.aggregate import file_sums
from telemetry_tasks.pipeline.aggregate.files import PingFile, aggregate
from telemetry_tasks.pipeline.aggregate.work_budget import OverBudget, WorkBudget
from tests.support.aggregating import FORMAT
from tests.support.pings import FLAG, histogram, key, ping

FEW = replace(Limits(), file_measures=10, file_rows=3)
SIMPLE = 1
"""Measures of a ping's simple measurements."""


def naming(*names: str) -> dict[str, Any]:
    return {**ping(), "histograms": {name: histogram(FLAG) for name in names}}


def file(name: str, pings: Sequence[dict[str, Any]], piece: int = 1 << 30) -> PingFile:
    body = gzip.compress(b"".join(b"id\t" + json.dumps(each).encode() + b"\n" for each in pings), mtime=0)
    return PingFile(
        key(name), lambda: iter([body[at : at + piece] for at in range(0, len(body), piece)]), "", len(body)
    )


def measures(result: Result) -> set[str]:
    return {run.measure for run in result.cells["nightly/28"].runs if run.measure}


def left_out(result: Result) -> list[dict[str, int]]:
    return [dict(report.left_out) for report in result.files]


HONEST = [naming("HONEST_A", "HONEST_B")] * 5
INVENTED = [naming(*(f"INVENTED_{line}_{number}" for number in range(20))) for line in range(3)]


def test_a_file_keeps_the_measures_that_most_of_its_pings_have() -> None:
    result = aggregate([file("a", [*INVENTED, *HONEST])], FORMAT, FEW)
    assert {"HONEST_A", "HONEST_B"} < measures(result)
    assert len(measures(result)) == 10
    assert left_out(result) == [{TOO_MANY_MEASURES: 60 - (10 - 2 - SIMPLE)}]
    assert result.pings == 8


def test_a_file_takes_no_measure_from_another_one() -> None:
    result = aggregate([file("a", INVENTED), file("b", HONEST), file("c", INVENTED)], FORMAT, FEW)
    assert {"HONEST_A", "HONEST_B"} < measures(result)
    cut = 60 - (10 - SIMPLE)
    assert left_out(result) == [{TOO_MANY_MEASURES: cut}, {}, {TOO_MANY_MEASURES: cut}]


def test_files_below_the_limit_are_whole_even_where_together_they_are_above_it() -> None:
    files = [file(str(number), [naming(*(f"OF_{number}_{each}" for each in range(6)))]) for number in range(4)]
    assert len(measures(aggregate(files, FORMAT, FEW))) == 4 * 6 + SIMPLE
    together, one_by_one = aggregate(files, FORMAT), aggregate(files, FORMAT, FEW)
    assert together.cells["nightly/28"].same(one_by_one.cells["nightly/28"])
    assert left_out(one_by_one) == [{}] * 4


@pytest.mark.parametrize("kernel", [NATIVE, SIMD])
def test_order_memory_pieces_and_kernel_change_no_byte_of_what_is_cut(
    kernel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_sums, "STEP", 2000)  # cut in the middle of the file, several times
    lines = [*INVENTED, *HONEST, *INVENTED * 4, *HONEST]
    right = partial.encode(aggregate([file("a", lines), file("b", HONEST)], FORMAT, FEW))
    for budget, piece in ((1, 1 << 30), (1 << 40, 7), (1 << 20, 100)):
        files = [file("b", HONEST, piece), file("a", lines, piece)]
        assert partial.encode(aggregate(files, FORMAT, FEW, budget=budget, kernel=kernel)) == right


@pytest.mark.parametrize("kernel", [NATIVE, SIMD])
def test_lines_that_are_too_long_change_no_place_of_a_cut(kernel: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_sums, "STEP", 20_000)
    limits, names = replace(FEW, line_bytes=2000), random.Random(1)
    some = (naming(*(f"M_{names.randrange(400)}" for _ in range(3))) for _ in range(1500))
    lines = [b"id\t" + json.dumps(each).encode() for each in some]
    lines[5::10] = [b"x" * 5000] * len(lines[5::10])
    text = b"\n".join(lines)

    def result(piece: int) -> bytes:
        pieces = [text[at : at + piece] for at in range(0, len(text), piece)]
        return partial.encode(aggregate([PingFile(key(), lambda: iter(pieces))], FORMAT, limits, kernel=kernel))

    assert {result(piece) for piece in (7, 1000, 4096, 1 << 20)} == {result(len(text))}


def test_arrays_of_many_lengths_take_no_more_columns_than_a_file_may_have() -> None:
    pings = [
        {**ping(), "histograms": {"LONG": [0] * length + [1] * 5, "SHORT": histogram(FLAG)}} for length in range(1, 40)
    ]
    result = aggregate([file("a", pings)], FORMAT, replace(Limits(), file_columns=100))
    assert "SHORT" in measures(result)
    assert "LONG" not in measures(result)
    assert left_out(result) == [{TOO_MANY_MEASURES: 39}]


def test_rows_beyond_those_of_a_file_count_under_other() -> None:
    systems = [("WINNT", "6.1", "x86")] * 3 + [(f"OS{number}", "1", "x86") for number in range(5)]
    result = aggregate([file("a", [ping(system=system) for system in systems])], FORMAT, FEW)
    rows = result.cells["nightly/28"].rows
    assert len(rows) == 4
    assert (OTHER,) * 5 in {row.dimensions for row in rows}
    assert any("WINNT" in row.dimensions for row in rows)
    assert left_out(result) == [{TOO_MANY_ROWS: 3}]
    assert result.pings == 8


def test_a_small_file_decodes_to_no_more_than_small_files_may_and_says_so() -> None:
    limits = replace(Limits(), small_file_bytes=1 << 20, expansion=10)
    bomb, honest = file("a", HONEST * 40_000), file("b", HONEST)
    reports = {report.key: report for report in aggregate([bomb, honest], FORMAT, limits).files}
    assert (reports[key("a")].error or "").startswith("file-too-large")
    assert 0 < reports[key("a")].good < 200_000
    assert reports[key("b")].error is None


def test_a_large_file_may_decode_to_many_times_its_size() -> None:
    assert Limits(small_file_bytes=100, expansion=20).decoded_bytes(1000) == 20_000
    assert Limits(small_file_bytes=100, expansion=20, file_bytes=5_000).decoded_bytes(1000) == 5_000
    assert Limits(small_file_bytes=100, expansion=20).decoded_bytes(1) == 100


def test_files_that_are_too_much_together_end_the_attempt_and_each_alone_does_not() -> None:
    files = [file(str(at), [naming(*(f"N_{at}_{each}" for each in range(10 - SIMPLE)))]) for at in range(12)]
    with pytest.raises(OverBudget, match="too-much-together"):
        aggregate(files, FORMAT, FEW, work=WorkBudget(60.0))
    for each in files:
        assert len(measures(aggregate([each], FORMAT, FEW, work=WorkBudget(60.0)))) == 10


def test_an_attempt_ends_when_its_time_is_over() -> None:
    with pytest.raises(OverBudget, match="too-slow"):
        aggregate([file("a", HONEST)], FORMAT, work=WorkBudget(5.0, iter(range(0, 100, 6)).__next__))
