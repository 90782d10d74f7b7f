"""Ping files to a result: as the oracle counts, the same bytes whatever the order, memory and kernel."""

import random
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from telemetry_tasks.core.result import FileReport
from telemetry_tasks.errors import InfrastructureError, NotFound, PreconditionFailed
from telemetry_tasks.formats import partial
from telemetry_tasks.formats.kernels import SIMD
from telemetry_tasks.formats.pings.arrays import kernel_of_scanner
from telemetry_tasks.pipeline.aggregate.files import AHEAD, BATCH_EVENTS, PingFile
from tests.support.aggregating import aggregated, exported, ping_files
from tests.support.oracle import alike
from tests.support.pings import key, ping, ping_file
from tests.support.shared import REAL_KEYS, lay_real_pings, make_pings, oracle_of_made, oracle_of_real

KERNELS = tuple(dict.fromkeys((kernel_of_scanner(), SIMD)))


def of(name: str, data: bytes) -> PingFile:
    return PingFile(name, lambda: iter([data]))


def _name(key: str) -> str:
    return key.rsplit(".", 2)[-2] if "." in key else key


def assert_as_the_oracle(root: Path, expected: dict[str, Any], ending: str = "") -> None:
    """The first kernel's cells against the oracle's, which takes long; the other's bytes against the first's."""
    result = aggregated(root, kernel=KERNELS[0])
    assert len({partial.encode(aggregated(root, kernel=kernel)) for kernel in KERNELS}) == 1
    got = exported(result)
    assert got.keys() == expected["cells"].keys()
    for path, cells in expected["cells"].items():
        assert got[path].keys() == cells.keys()
        for population, cell in cells.items():
            mine = got[path][population]
            assert alike(mine["values"], cell["values"]), (path, population)
            assert (mine["buildId"], mine["revision"]) == (cell["buildId"], cell["revision"])
    lines = {
        report.key.removesuffix(ending): {"good": report.good, "bad": sum(report.bad.values())}
        for report in result.files
    }
    assert lines == expected["lines"]


def test_the_real_pings_give_what_the_oracle_counts(tmp_path: Path) -> None:
    lay_real_pings(tmp_path)
    assert_as_the_oracle(tmp_path, oracle_of_real())


@pytest.mark.parametrize("packed", ["lzma", "xz", "gz", "zst", "none"])
def test_made_pings_give_what_the_oracle_counts_in_every_compression(packed: str, tmp_path: Path) -> None:
    make_pings(tmp_path, files=6, pings=50, bad=0.06, format=packed)
    assert_as_the_oracle(tmp_path, oracle_of_made(files=6, pings=50, bad=0.06), f".{packed}")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("made")
    make_pings(root, files=6, pings=15, bad=0.1, format="zst")
    return root


@pytest.mark.parametrize("kernel", KERNELS)
def test_memory_order_and_kernel_change_no_byte(made: Path, kernel: str) -> None:
    expected = partial.encode(aggregated(made))
    files = ping_files(made)
    for seed, budget in enumerate((1 << 40, 3 << 20, 1)):
        random.Random(seed).shuffle(files)
        assert partial.encode(aggregated(made, files, budget=budget, kernel=kernel)) == expected


def test_what_is_wrong_with_a_file_is_in_its_report_and_the_others_count() -> None:
    def gone() -> Iterator[bytes]:
        raise NotFound("no such key")
        yield b""

    def changed() -> Iterator[bytes]:
        yield ping_file(ping())[:30]
        raise PreconditionFailed("another etag")

    files = [
        PingFile(key("gone"), gone),
        PingFile(key("changed"), changed),
        of("no/key", b""),
        of(key("cut"), ping_file(*[ping()] * 50)[:-20]),
        of(key("good"), ping_file(ping(), bad_lines=[b"no tab"])),
    ]
    told: list[FileReport] = []
    result = aggregated(Path(), files, progress=told.append)
    errors = {_name(report.key): (report.error or "").split(":")[0] for report in told}
    assert errors == {"gone": "not-found", "changed": "changed", "no/key": "bad-key", "cut": "truncated", "good": ""}
    good = next(report for report in result.files if report.key == key("good"))
    assert (good.good, good.bad) == (1, {"no-tab": 1})


def test_infrastructure_that_fails_raises_and_leaves_no_thread() -> None:
    def away() -> Iterator[bytes]:
        yield ping_file(ping())[:30]
        raise InfrastructureError("the store is away")

    with pytest.raises(InfrastructureError, match="away"):
        aggregated(Path(), [of(key("a"), ping_file(ping())), PingFile(key("b"), away)])
    assert not [thread for thread in threading.enumerate() if thread.name == "read-ahead"]


def test_an_error_of_the_caller_stops_the_reading() -> None:
    opened: list[int] = []

    def files() -> Iterator[PingFile]:
        for number in range(1000):
            opened.append(number)
            yield of(key(str(number)), ping_file(ping()))

    def stop(report: FileReport) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        aggregated(Path(), files(), progress=stop)
    assert len(opened) <= BATCH_EVENTS // 2 * (AHEAD + 2)  # a block and an end each, in what waits and in both hands
    assert not [thread for thread in threading.enumerate() if thread.name == "read-ahead"]


def test_no_files_are_an_empty_result() -> None:
    result = aggregated(Path(), [])
    assert (dict(result.cells), result.files) == ({}, ())


def test_the_broken_real_file_counts_as_far_as_it_reaches(tmp_path: Path) -> None:
    lay_real_pings(tmp_path)
    report = next(each for each in aggregated(tmp_path).files if each.key == REAL_KEYS["corrupted.lzma"])
    assert report.error
    assert report.error.startswith("truncated")
