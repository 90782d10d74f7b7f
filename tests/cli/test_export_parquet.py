"""``export-parquet``: every number of a published folder is in the files, exactly, and nothing else."""

import random
import sys
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from telemetry_tasks.cli import parquet_file
from telemetry_tasks.cli.parquet_rows import exact_text
from telemetry_tasks.formats.layouts.v2.shape import PublishedShape
from tests.cli.invoking import run
from tests.formats.layouts.v2.made_numbers import Line
from tests.support.made_layout2 import MadeChannelVersion, MadeMeasure, publish
from tests.support.made_measures import POPULATIONS, SHAPES, made_lines, made_measures

FILE = "nightly%2F28.parquet"


def rows_of(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = parquet.read_table(path).to_pylist()
    return found


def number(row: dict[str, Any]) -> Fraction:
    assert (row["count"] is None) != (row["exact"] is None)
    return Fraction(row["exact"] if row["count"] is None else row["count"])


def wanted(measures: list[MadeMeasure]) -> Counter[tuple[object, ...]]:
    """How often each row is meant to be there."""
    found: Counter[tuple[object, ...]] = Counter()
    for made in measures:
        for kind, lines in made.lines.items():
            for date, line in lines:
                cells = line.cells if made.shape.has_positions else {None: line.records}
                place = (made.name, made.key, made.shape.text, kind, date, *POPULATIONS[line.population])
                found.update((*place, position, Fraction(cell)) for position, cell in cells.items())
    return found


@pytest.fixture
def made() -> list[MadeMeasure]:
    keyed = MadeMeasure("SCORE", SHAPES["SCORE"], made_lines(SHAPES["SCORE"], random.Random(6)), key="GET")
    return [*made_measures(7).values(), keyed]


@pytest.fixture
def folder(made: list[MadeMeasure], tmp_path: Path) -> Path:
    published = tmp_path / "published"
    one = MadeMeasure(
        "GC_MS", PublishedShape({"kind": "index", "size": 2}), {"build": [("20261101", Line(0, 0, 1, {}))]}
    )
    versions = {
        "nightly/28": MadeChannelVersion(["OS", "arch"], POPULATIONS, made),
        "beta/1": MadeChannelVersion(["OS"], [("Linux",)], [one]),
    }
    publish(published, versions)
    return published


@pytest.mark.parametrize("most", [1, 7, 1 << 19])
def test_every_number_is_a_row(
    folder: Path, made: list[MadeMeasure], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(parquet_file, "ROWS", most)
    target = tmp_path / "a" / "b"
    written = run("export-parquet", folder, target, "--json").document
    assert {path.name for path in target.iterdir()} == {FILE, "beta%2F1.parquet"}
    found = rows_of(target / FILE)
    names = ("measure", "key", "shape", "kind", "date", "OS", "arch", "position")
    assert Counter((*(row[name] for name in names), number(row)) for row in found) == wanted(made)
    assert {row["channel_version"] for row in found} == {"nightly/28"}
    assert any(row["count"] is None and "." not in row["exact"] for row in found)
    assert any(row["count"] is None and "." in row["exact"] for row in found)
    assert written["files"] == [
        {"channel_version": "beta/1", "file": str(target / "beta%2F1.parquet"), "rows": 0},
        {"channel_version": "nightly/28", "file": str(target / FILE), "rows": len(found)},
    ]
    groups = parquet.ParquetFile(target / FILE).metadata
    assert max(groups.row_group(i).num_rows for i in range(groups.num_row_groups)) <= most


def test_buckets_have_the_bounds_and_labels_of_their_axis(folder: Path, tmp_path: Path) -> None:
    run("export-parquet", folder, tmp_path / "out", "nightly/28")
    seen: dict[str, set[tuple[object, ...]]] = {}
    for row in rows_of(tmp_path / "out" / FILE):
        place = (row["position"], row["lower"], row["upper"], row["label"])
        seen.setdefault(row["measure"], set()).add(place)
    assert seen["SCORE"] == {(0, 0.0, 0.5, None), (1, 0.5, 10.0, None), (2, 10.0, 19.5, None)}
    assert seen["STATE"] == {(0, 0.0, 1.0, "on"), (1, 1.0, 2.0, "off"), (2, 2.0, 3.0, "ä")}
    assert seen["SIZE"] == {(0, 0.0, 0.0, None), (1, 1.0, 2**0.125, None), (2, -(2**0.125), -1.0, None)}
    assert {place[:2] for place in seen["GC_MS"]} == {(0, 0.0), (1, 1.0), (2, 14.0)}
    assert seen["RATE"] == seen[""] == {(None, None, None, None)}


def test_only_what_is_named_is_written(folder: Path, made: list[MadeMeasure], tmp_path: Path) -> None:
    said = run("export-parquet", folder, tmp_path / "out", "nightly/28", "--measure", "SIZE", "--measure", "").out
    assert [path.name for path in (tmp_path / "out").iterdir()] == [FILE]
    found = rows_of(tmp_path / "out" / FILE)
    assert len(found) == wanted([each for each in made if each.name in ("SIZE", "")]).total() > 0
    assert said == f"Wrote {len(found):,} rows of nightly/28 to {tmp_path / 'out' / FILE}\n"


def test_a_dimension_may_have_the_name_of_a_column(tmp_path: Path) -> None:
    lines = {"build": [("20261101", Line(0, 1, 1, {1: 4}))]}
    made = MadeMeasure("GC_MS", PublishedShape({"kind": "index", "size": 2}), lines, key="GET")
    publish(tmp_path, {"nightly/28": MadeChannelVersion(["Key", "OS"], [("a", "Linux"), ("b", "WINNT")], [made])})
    run("export-parquet", tmp_path, tmp_path / "out")
    (row,) = rows_of(tmp_path / "out" / FILE)
    assert (row["key"], row["dimension_Key"], row["OS"], row["count"]) == ("GET", "b", "WINNT", 4)


def test_an_older_file_stays_until_the_new_one_is_whole(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "out"
    run("export-parquet", folder, target, "nightly/28")
    before = (target / FILE).read_bytes()
    last = max((folder / "packs").iterdir(), key=lambda path: path.stat().st_size)
    body = last.read_bytes()
    last.write_bytes(body[:-9])
    ran = run("export-parquet", folder, target, "nightly/28")
    assert (ran.code, "is damaged" in ran.error) == (4, True)
    assert [path.name for path in target.iterdir()] == [FILE]
    assert (target / FILE).read_bytes() == before
    last.write_bytes(body)
    run("export-parquet", folder, target, "nightly/28")
    assert (target / FILE).read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(("nightly/29",), "published are: beta/1, nightly/28"), (("nightly/28", "--measure", "gc_m"), "similar: GC_MS")],
)
def test_what_is_not_there_is_said_with_what_is(
    folder: Path, tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    ran = run("export-parquet", folder, tmp_path / "out", *arguments)
    assert (ran.code, says in ran.error, (tmp_path / "out").exists()) == (1, True, False)


def test_a_folder_that_cannot_be_made_is_named(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    ran = run("export-parquet", folder, tmp_path / "out")
    assert (ran.code, f"{tmp_path / 'out'} cannot be written" in ran.error) == (1, True)


def test_without_pyarrow_the_extra_is_named(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "telemetry_tasks.cli.parquet_file", None)
    ran = run("export-parquet", folder, tmp_path / "out")
    assert (ran.code, "pip install 'telemetry-tasks[parquet]'" in ran.error) == (1, True)


@pytest.mark.parametrize(
    "value", [Fraction(1, 1 << 40), Fraction(-7, 4), Fraction((1 << 90) + 1, 1 << 40), Fraction(-5)]
)
def test_text_has_all_digits(value: Fraction) -> None:
    assert Fraction(exact_text(int(value * (1 << 40)))) == value
