"""Results as text, there and back."""

import json
from pathlib import Path

import pytest

from telemetry_tasks.core.result import Result
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.result_text import export_lines, import_lines
from tests.fuzz.fuzz_scan import KEYS, Block, by_json
from tests.support.aggregating import aggregated, exported
from tests.support.oracle import alike
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
            assert alike(got[path][population]["values"], cell["values"]), (path, population)


def test_sums_that_are_not_known_are_minus_one_there_and_back() -> None:
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


WHY = {
    "": "the line is empty: remove it",
    "nonsense": "is the text one that `export-result` wrote?",
    "id\t{}": "is the text one that `export-result` wrote?",
    LINE.replace("nightly/28", "nightly"): "is the text one that `export-result` wrote?",
    LINE[:-1]: "is not JSON, from its character",
    LINE.split("\t")[0] + "\t[]": "the JSON is not an object of cells",
    LINE.split("\t")[0] + "\t" + "[" * 100_000: "nested too deep",
    LINE.replace("[1,", f"[{'7' * 5000},"): "too many digits",
    LINE.replace("/W/6/x", "/W"): "has 3 dimensions, and TELEMETRY_DIMENSIONS names 5: set it",
    LINE.replace("/s/F", "/s/\\udcff"): "half of a surrogate pair",
    LINE.replace('"buildId"', '"build"'): "is not an object with the members buildId, revision, values",
    LINE.replace('"2013"', "2013"): "the buildId of a cell is not a text",
    LINE.replace('"r"', '"\\ud800"'): "the revision of a cell has half of a surrogate pair",
    LINE.replace("[1,2,3,4,5,6,1]", "7"): "the values of A are not a list of 7 numbers or more",
    LINE.replace("[1,", "[NaN,"): "a value of A is not finite",
    LINE.replace("[1,", f"[{'7' * 400},"): "a value of A is not finite",
    LINE.replace("[1,", "[-1,"): "is negative",
}


@pytest.mark.parametrize("line", WHY)
@pytest.mark.parametrize("as_bytes", [False, True])
def test_what_is_wrong_with_a_line_is_said_in_words(line: str, as_bytes: bool) -> None:
    with pytest.raises(DataError) as caught:
        import_lines([line.encode() if as_bytes else line], 5, "text")
    assert WHY[line] in caught.value.detail
    assert "\\u" not in caught.value.detail


def test_damaged_utf_8_is_told_with_its_line_and_byte() -> None:
    with pytest.raises(DataError, match="line 2 of text: byte 9 is not UTF-8"):
        import_lines([LINE.encode(), b"nightly/\xff28/A"], 5, "text")


def test_names_that_may_not_be_published_do_not_come_in() -> None:
    others = (LINE.replace("/A/", "/A%/"), LINE.replace("/A/", "/A B/"), LINE.replace("/A/", f"/{'A' * 201}/"))
    result = import_lines([*others, LINE.replace("/s/F/W/6/", "/name/F/_id/\\u0001/")], 5, "text")
    assert [report.left_out for report in result.files] == [{"name-not-allowed": 2, "name-too-long": 1}]
    (line,) = export_lines(result)
    assert line.startswith('nightly/28/A/by-build-date\t{"20131029/%6Eame/F/%5Fid/%01/x":')
    assert list(export_lines(import_lines([line], 5, "text"))) == [line]
