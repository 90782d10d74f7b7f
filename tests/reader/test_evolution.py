"""What the reader says of a measure is what its lines add up to, exactly, for every shape."""

import random
import subprocess
import sys
from fractions import Fraction
from functools import partial
from pathlib import Path

import pytest

from telemetry_tasks import reader
from telemetry_tasks.core.fixed import from_units
from telemetry_tasks.reader import NotThere, ReaderError
from tests.support.made_layout2 import MadeChannelVersion, MadeMeasure, publish
from tests.support.made_measures import POPULATIONS, SHAPES, made_lines, made_measures

NAME = "nightly/28"


@pytest.fixture(scope="module")
def made() -> dict[str, MadeMeasure]:
    return made_measures(5)


@pytest.fixture(scope="module")
def folder(made: dict[str, MadeMeasure], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published")
    keyed = MadeMeasure("SCORE", SHAPES["SCORE"], made_lines(SHAPES["SCORE"], random.Random(6)), key="GET")
    publish(folder, {NAME: MadeChannelVersion(["OS", "arch"], POPULATIONS, [*made.values(), keyed])})
    return folder


def exact(number: Fraction | int) -> int | float:
    return from_units(int(number * (1 << 40)))


@pytest.mark.parametrize("where", [{}, {"OS": ["Linux"]}, {"OS": ["Linux", "WINNT"], "arch": ["x86"]}, {"OS": []}])
@pytest.mark.parametrize("by", ["build", "submission", "version"])
@pytest.mark.parametrize("measure", SHAPES)
def test_points_are_the_sums_of_the_lines(
    folder: Path, made: dict[str, MadeMeasure], measure: str, by: str, where: dict[str, list[str]]
) -> None:
    meant = [
        i
        for i, (os, arch) in enumerate(POPULATIONS)
        if os in where.get("OS", [os]) and arch in where.get("arch", [arch])
    ]
    lines = [(date, line) for date, line in made[measure].lines[by] if line.population in meant]
    evolution = reader.open(str(folder)).channel_version(NAME).evolution(measure, by=by, where=where)
    assert {point.date for point in evolution.points} == {date for date, _ in lines}
    if by != "version":
        assert [point.date for point in evolution.points] == sorted({date for date, _ in lines})
    for point in evolution.points:
        of_date = [line for date, line in lines if date == point.date]
        assert point.records == sum(line.records for line in of_date)
        positions = {position for line in of_date for position in line.cells}
        wanted = {p: exact(sum((line.cells.get(p, 0) for line in of_date), Fraction(0))) for p in sorted(positions)}
        assert list(point.counts.items()) == list(wanted.items())
        for i, name in enumerate(SHAPES[measure].sum_names):
            unknown = all(line.sums[i][1] == line.records for line in of_date)
            total = exact(sum((line.sums[i][0] for line in of_date), Fraction(0)))
            assert point.sums[name] == (None if unknown else total)
            assert type(point.sums[name]) is (type(None) if unknown else type(total))


def test_dates_and_keys_are_chosen(folder: Path) -> None:
    nightly = reader.open(f"{folder}/").channel_version(NAME)
    dates = [point.date for point in nightly.evolution("GC_MS").points]
    assert len(dates) > 2
    chosen = nightly.evolution("GC_MS", start=dates[1], end=dates[-2])
    assert [point.date for point in chosen.points] == dates[1:-1]
    assert nightly.keys("SCORE") == ["", "GET"]
    assert nightly.evolution("SCORE", key="GET").points != nightly.evolution("SCORE").points
    assert nightly.options == {"OS": ["Linux", "WINNT"], "arch": ["arm", "x86"]}
    assert set(nightly.as_of) == {"2026-10", "2026-11", "all"}


def test_what_is_not_there_is_said_with_what_is(folder: Path, tmp_path: Path) -> None:
    published = reader.open(str(folder))
    nightly = published.channel_version(NAME)
    for ask, says in (
        (lambda: published.channel_version("beta/1"), r"published are: nightly/28"),
        (lambda: nightly.evolution("gc_m"), r"similar: GC_MS"),
        (lambda: nightly.evolution("GC_MS", key="POST"), r"no key POST"),
        (lambda: nightly.evolution("GC_MS", where={"os": []}), r"there are: OS, arch"),
        (lambda: nightly.evolution("GC_MS", where={"OS": ["Mac"]}), r"it has: Linux, WINNT"),
        (lambda: nightly.evolution("GC_MS", by="moon"), r"use one of: build"),
        (lambda: published.document("x"), r"it has: FILES_MISSING"),
        (lambda: reader.open(str(tmp_path)), r"nothing is published"),
    ):
        with pytest.raises(NotThere, match=says):
            ask()
    with pytest.raises(ReaderError, match="give a folder"):
        reader.open("ftp://x")


def test_damage_is_named(folder: Path, tmp_path: Path) -> None:
    for path in [each for each in folder.rglob("*") if each.is_file()]:
        target = tmp_path / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(b"\x1f\x8b\xff" if path.parent.name == "manifests" else path.read_bytes())
    with pytest.raises(ReaderError, match=r"manifests/.* is damaged"):
        reader.open(str(tmp_path)).channel_version(NAME)
    for path in (folder / "manifests").iterdir():
        (tmp_path / "manifests" / path.name).write_bytes(path.read_bytes())
    for path in (tmp_path / "packs").iterdir():
        body = path.read_bytes()
        path.write_bytes(body[: len(body) - 9])
    nightly = reader.open(str(tmp_path)).channel_version(NAME)
    with pytest.raises(ReaderError, match=r"packs/.* is damaged"):
        list(map(partial(nightly.evolution, where={"OS": ["Linux"]}, by="version"), SHAPES))


LOADED = """
import sys
from telemetry_tasks import reader
published = reader.open(sys.argv[1])
published.channel_version("nightly/28").evolution("GC_MS", where={"OS": ["Linux"]})
foreign = {name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names) - {"__main__"}
print(sorted(name for name in foreign if not name.startswith(("_", "sitecustomize"))))
"""


def test_it_loads_numpy_and_nothing_else_of_others(folder: Path) -> None:
    command = [sys.executable, "-c", LOADED, str(folder)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.strip() == "['numpy', 'telemetry_tasks']"
