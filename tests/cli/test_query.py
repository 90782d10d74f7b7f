"""``export`` and ``query``: from what counts to a table, JSON and CSV, exactly."""

import csv
import io
from pathlib import Path

import pytest

from telemetry_tasks.formats.layouts.v2.shape import PublishedShape
from tests.cli.conftest import its_services
from tests.cli.invoking import run
from tests.formats.layouts.v2.made_numbers import Line
from tests.support.deployment import aggregate_all, merge_all
from tests.support.made_layout2 import MadeChannelVersion, MadeMeasure, publish

HISTOGRAM = PublishedShape({"kind": "index", "size": 3}, (("sum",),))
SCALE = PublishedShape({"kind": "exponential", "scale": 0})
LARGE = 1 << 80
DEFINITION = {"kind": "linear", "description": "", "low": 10, "high": 20, "n_buckets": 3, "unit": "ms"}
LINES = {
    "build": [
        ("20261101", Line(0, 0, 2, {0: 1, 1: 1}, [(12, 0)])),
        ("20261101", Line(0, 1, LARGE, {1: LARGE}, [(0, LARGE)])),
        ("20261102", Line(0, 1, 1, {2: 4}, [(0, 1)])),
    ]
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    measures = [
        MadeMeasure("GC_MS", HISTOGRAM, LINES, definition=DEFINITION),
        MadeMeasure("SIZE", SCALE, {"build": [("20261101", Line(0, 0, 3, {0: 1, 1: 2, 2: 5}))]}),
    ]
    publish(tmp_path, {"nightly/28": MadeChannelVersion(["OS"], [("Linux",), ("WINNT",)], measures)})
    return tmp_path


def test_channel_versions_and_measures_are_listed(folder: Path) -> None:
    assert [row["channel/version"] for row in run("query", folder, "--json").document] == ["nightly/28"]
    listed = run("query", folder, "nightly/28", "--json").document
    assert [(row["measure"], row["kind"], row["unit"]) for row in listed] == [
        ("GC_MS", "linear", "ms"),
        ("SIZE", "", ""),
    ]
    assert "nightly/28" in run("query", folder).out
    assert run("query", folder, "nightly/28", "--csv").out.startswith("measure,kind,unit,records\nGC_MS,linear,ms,")


def test_a_measure_by_date_is_one_document_of_exact_integers(folder: Path) -> None:
    found = run("query", folder, "nightly/28", "GC_MS", "--percentiles", "50,99.5", "--json").document
    dates = found.pop("dates")
    assert found == {
        "measure": "GC_MS",
        "key": "",
        "by": "build",
        "unit": "ms",
        "shape": {"axis": {"kind": "index", "size": 3}, "sums": [["sum"]]},
        "bounds": [0, 10, 20],
    }
    assert dates[0] == {
        "date": "20261101",
        "records": LARGE + 2,
        "samples": LARGE + 2,
        "sums": {"sum": 12},
        "counts": [1, LARGE + 1, 0],
        "percentiles": {"50": 15.0, "99.5": 19.95},
    }
    assert (dates[1]["counts"], dates[1]["sums"]) == ([0, 0, 4], {"sum": None})


def test_bounds_of_an_axis_without_end_are_those_that_occur_in_order(folder: Path) -> None:
    found = run("query", folder, "nightly/28", "SIZE", "--json").document
    assert found["bounds"] == [-2.0, 0.0, 1.0]
    assert found["dates"][0]["counts"] == [5, 1, 2]
    assert found["dates"][0]["percentiles"]["95"] == pytest.approx(2**0.8)


def test_a_table_and_csv_have_a_row_a_date(folder: Path) -> None:
    table = run("query", folder, "nightly/28", "GC_MS", "--where", "OS=Linux").out.splitlines()
    assert table[0].split() == ["date", "records", "samples", "sum", "p50", "p95"]
    assert table[1].split()[:4] == ["20261101", "2", "2", "12"]
    assert len(table) == 2
    rows = list(csv.DictReader(io.StringIO(run("query", folder, "nightly/28", "GC_MS", "--csv").out)))
    assert [(row["date"], row["records"], row["sum"]) for row in rows] == [
        ("20261101", str(LARGE + 2), "12"),
        ("20261102", "1", ""),
    ]
    chosen = run("query", folder, "nightly/28", "GC_MS", "--from", "20261102", "--to", "20261102", "--csv").out
    assert chosen.splitlines()[1:] == ["20261102,1,4,,25,29.5"]


@pytest.mark.parametrize(
    ("arguments", "says", "code"),
    [
        (("nightly/29",), "published are: nightly/28", 1),
        (("nightly/28", "gc_m"), "similar: GC_MS", 1),
        (("nightly/28", "GC_MS", "--where", "OS"), "as OS=Linux,Darwin", 1),
        (("nightly/28", "GC_MS", "--where", "os=Linux"), "there are: OS", 1),
        (("nightly/28", "GC_MS", "--percentiles", "high"), "give numbers", 1),
        (("nightly/28", "GC_MS", "--percentiles", "101"), "from 0 to 100", 1),
        (("nightly/28", "GC_MS", "--by", "moon"), "use one of: build", 1),
        (("--json", "--csv"), "exclude each other", 1),
    ],
)
def test_what_cannot_be_answered_says_what_can(folder: Path, arguments: tuple[str, ...], says: str, code: int) -> None:
    ran = run("query", folder, *arguments)
    assert says in ran.error
    assert ran.code == code


def test_a_place_without_anything_and_a_server_that_is_away(tmp_path: Path) -> None:
    assert "nothing is published" in run("query", tmp_path).error
    ran = run("query", "http://127.0.0.1:9/x")
    assert (ran.code, "does not answer" in ran.error) == (4, True)


def test_what_counts_is_exported_and_read_back(deployed: None, real_pings: Path, tmp_path: Path) -> None:
    run("ingest", real_pings)
    services = its_services()
    aggregate_all(services)
    merge_all(services)
    target = tmp_path / "with blank"
    done = run("export", target, "--json").document
    assert done["channel_versions"] == ["nightly/22", "nightly/28"]
    assert "Wrote snapshot" in run("export", target).out
    measures = run("query", target, "nightly/28", "--json").document
    assert len(measures) > 100
    (name,) = [row["measure"] for row in measures if row["measure"] == "CYCLE_COLLECTOR"]
    found = run("query", target, "nightly/28", name, "--json").document
    assert found["dates"][0]["records"] > 0
    assert sum(found["dates"][0]["counts"]) == found["dates"][0]["samples"]
