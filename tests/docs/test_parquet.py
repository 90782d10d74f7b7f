"""The queries of docs/parquet.md: DuckDB's runs over what the command writes; both are the same but for functions."""

import re
from pathlib import Path

import duckdb
import pytest

from telemetry_tasks.formats.layouts.v2.shape import PublishedShape
from tests.cli.invoking import run
from tests.docs.pages import ROOT, blocks
from tests.formats.layouts.v2.made_numbers import Line
from tests.support.made_layout2 import MadeChannelVersion, MadeMeasure, publish

PAGE = ROOT / "docs" / "parquet.md"
DUCKDB, CLICKHOUSE = (block.text for block in blocks(PAGE) if block.language == "sql")
SHAPE = PublishedShape({"kind": "bounds", "bounds": [0, 10, 20], "closed": "lower"})
LARGE = 1 << 62
LINES = {
    "build": [
        ("20261101", Line(0, 0, 1, {0: 2, 1: 1})),
        ("20261101", Line(0, 1, 1, {1: 2})),
        ("20261101", Line(0, 2, 1, {2: 100})),
        ("20261102", Line(0, 0, 1, {2: LARGE})),
        ("20261102", Line(0, 1, 1, {2: LARGE})),
    ],
    "submission": [("20261101", Line(0, 0, 1, {0: 9}))],
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measures = [MadeMeasure("GC_MS", SHAPE, LINES), MadeMeasure("GC_MS", SHAPE, LINES, key="GET")]
    version = MadeChannelVersion(["OS"], [("Darwin",), ("Linux",), ("WINNT",)], measures)
    other = MadeChannelVersion(["arch"], [("x86",)], [MadeMeasure("GC_MS", SHAPE, {"build": LINES["build"][:1]})])
    publish(tmp_path / "published", {"nightly/28": version, "beta/1": other})
    monkeypatch.chdir(tmp_path)
    run("export-parquet", "published", "parquet")


def test_the_query_for_duckdb_finds_the_bucket_of_the_median(here: None) -> None:
    found = duckdb.connect().execute(DUCKDB).fetchall()
    assert found == [("20261101", 10.0, 20.0, 5), ("20261102", 20.0, 30.0, 2 * LARGE)]


def test_numbers_beyond_64_bits_are_added_as_the_page_says(tmp_path: Path) -> None:
    lines = {"build": [("20261101", Line(0, 0, 1, {0: 1 << 70, 1: 3}))]}
    publish(tmp_path, {"nightly/28": MadeChannelVersion(["OS"], [("Linux",)], [MadeMeasure("GC_MS", SHAPE, lines)])})
    run("export-parquet", tmp_path, tmp_path / "out")
    (expression,) = re.findall(r"`(sum\(coalesce[^`]*)`", PAGE.read_text("utf-8"))
    query = f"SELECT {expression} FROM read_parquet('{tmp_path}/out/*.parquet')"
    assert duckdb.connect().execute(query).fetchall() == [((1 << 70) + 3,)]


def test_the_query_for_clickhouse_is_the_same_in_its_functions() -> None:
    words = {
        "read_parquet('parquet/*.parquet', union_by_name = true)": "file('parquet/*.parquet', Parquet)",
        "sum(count)": "sum(toInt128(count))",
        "any_value(": "any(",
    }
    query = DUCKDB
    for ours, theirs in words.items():
        assert query.count(ours) == 1
        query = query.replace(ours, theirs)
    assert query == CLICKHOUSE
