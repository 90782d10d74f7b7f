"""Results as text, there and back."""

import json
from pathlib import Path

import pytest

from telemetry_tasks.core.result import Result
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.result_text import export_lines, import_lines
from tests.fuzz.fuzz_scan import KEYS, Block, by_json
from tests.support.aggregating import aggregated, exported
from tests.support.shared import lay_real_pings, oracle

CELL = '{"values": [1,2,3,4,5,6,1], "buildId": "2013", "revision": "r"}'
LINE = f'nightly/28/A/by-build-date\t{{"20131029/s/F/W/6/x": {CELL}}}'


def a_line(histograms: str) -> bytes:
    info = '"info": {"OS": "WINNT", "version": "6.1", "arch": "x86", "revision": "r"}'
    return f'id\t{{{info}, "histograms": {histograms}, "simpleMeasurements": {{"up": 7}}}}'.encode()


def test_the_text_of_the_real_pings_comes_back_as_the_same_text(tmp_path: Path) -> None:
    lay_real_pings(tmp_path)
    lines = list(export_lines(aggregated(tmp_path)))
    assert lines == sorted(lines)
    assert list(export_lines(import_lines(lines, 5, "text"))) == lines


def test_the_text_says_what_the_oracle_counts(tmp_path: Path) -> None:
    lay_real_pings(tmp_path)
    expected = oracle(tmp_path)["cells"]
    got = exported(aggregated(tmp_path))
    assert got.keys() == expected.keys()
    for path, cells in expected.items():
        assert got[path].keys() == cells.keys()
        for population, cell in cells.items():
            assert got[path][population]["values"] == pytest.approx(cell["values"], rel=1e-6, abs=1e-6)


def test_statistics_that_are_not_known_are_minus_one_there_and_back() -> None:
    cells, _ = by_json(Block(KEYS[0], [a_line('{"A": [3, 10, -1, -1, 4, -1]}')]))
    lines = list(export_lines(Result({"nightly/28": cells})))
    values = {line.split("\t")[0]: next(iter(json.loads(line.split("\t")[1]).values()))["values"] for line in lines}
    assert values["nightly/28/A/by-build-date"] == [3, 10, -1, -1, 4, -1, 1]
    assert list(export_lines(import_lines(lines, 5, "text"))) == lines


def test_no_lines_are_an_empty_result() -> None:
    assert import_lines([], 5, "text").cells == {}


@pytest.mark.parametrize(
    "line",
    [
        *("", "nonsense", LINE.replace("\t", " "), LINE.replace("by-build-date", "by-day"), LINE[:-1]),
        *(LINE.replace("nightly/28", "nightly"), LINE.replace("/W/6/x", "/W"), LINE.replace("1,2,3", '"1",2,3')),
        *(
            LINE.replace("[1,2,3,4,5,6,1]", "[1,2,3]"),
            LINE.replace('"buildId"', '"build"'),
            LINE.replace("[1,", "[true,"),
        ),
        LINE.replace('{"values"', '[{"values"').replace('"r"}', '"r"}]'),
        *(LINE.replace("[1,", "[1e999,"), LINE.replace(",1]", ",-1e999]"), LINE.replace("[1,", "[NaN,")),
        *(LINE.replace("[1,", f"[{'7' * 5000},"), LINE.split("\t")[0] + "\t" + "[" * 100_000),
        *(LINE.replace('"2013"', "2013"), LINE.replace('"r"', '["r"]'), LINE.replace('"r"', '"\\ud800"')),
        *(LINE.replace("20131029", "2013102x"), LINE.replace("20131029", "20131301"), LINE.replace("/28/", "/ /")),
        LINE.replace("nightly", ".."),
        *(LINE.replace("[1,", "[-1,"), LINE.replace(",1]", ",-1]")),
    ],
)
def test_a_line_that_is_none_is_named(line: str) -> None:
    with pytest.raises(DataError, match=r"bad-text: line 2 of text") as caught:
        import_lines([LINE, line], 5, "text")
    assert caught.value.reason == "bad-text"


def test_names_that_may_not_be_published_do_not_come_in() -> None:
    others = (LINE.replace("/A/", "/A%/"), LINE.replace("/A/", "/A B/"), LINE.replace("/A/", f"/{'A' * 201}/"))
    result = import_lines([*others, LINE.replace("/s/F/W/6/", "/name/F/_id/\\u0001/")], 5, "text")
    assert [report.left_out for report in result.files] == [{"name-not-allowed": 2, "name-too-long": 1}]
    (line,) = export_lines(result)
    assert line.startswith('nightly/28/A/by-build-date\t{"20131029/%6Eame/F/%5Fid/%01/x":')
    assert list(export_lines(import_lines([line], 5, "text"))) == [line]
