"""Aggregation against the oracle: every cell, every line, both kernels, every compression."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from telemetry_tasks.core.result import Result
from telemetry_tasks.formats import partial
from telemetry_tasks.formats.kernels import NATIVE, SIMD
from telemetry_tasks.formats.pings.arrays import kernel_of_scanner
from telemetry_tasks.formats.result_text import export_lines, import_lines
from telemetry_tasks.pipeline.aggregate.files import PingFile, aggregate
from tests.support.deployment import DIMENSIONS, SAVED_SESSION
from tests.support.oracle import alike
from tests.support.shared import lay_real_pings, make_pings, oracle_of_made, oracle_of_real

SUMS = slice(-6, -1)


def files(root: Path) -> Iterator[PingFile]:
    for path in sorted(root.rglob("*.log.*")):
        yield PingFile(str(path.relative_to(root)), lambda path=path: iter([path.read_bytes()]))  # type: ignore[misc]


def assert_agrees(result: Result, right: dict[str, Any], ending: str = "") -> None:
    exported = dict(line.rstrip("\n").split("\t") for line in export_lines(result))
    cells = {path: json.loads(text) for path, text in exported.items()}
    assert cells.keys() == right["cells"].keys()
    for path, of_population in cells.items():
        assert of_population.keys() == right["cells"][path].keys()
        for population, cell in of_population.items():
            expected = right["cells"][path][population]
            assert (cell["buildId"], cell["revision"]) == (expected["buildId"], expected["revision"])
            found, wanted = cell["values"], expected["values"]
            assert found[:-6] == wanted[:-6]
            assert found[-1] == wanted[-1]
            assert alike(found[SUMS], wanted[SUMS], least=1e-9), (path, population)
    for report in result.files:
        assert {"good": report.good, "bad": sum(report.bad.values())} == right["lines"][report.key.removesuffix(ending)]


def test_the_kernel_in_c_is_built_where_the_tests_run() -> None:
    assert kernel_of_scanner() == NATIVE


@pytest.mark.parametrize("kernel", [NATIVE, SIMD])
def test_the_real_pings_give_what_the_oracle_gives(tmp_path: Path, kernel: str) -> None:
    lay_real_pings(tmp_path)
    assert_agrees(aggregate(files(tmp_path), SAVED_SESSION, kernel=kernel), oracle_of_real())


@pytest.mark.parametrize("form", ["lzma", "xz", "gz", "zst", "none"])
def test_made_pings_with_bad_lines_give_what_the_oracle_gives_in_every_compression(tmp_path: Path, form: str) -> None:
    make_pings(tmp_path, files=3, pings=15, bad=0.15, format=form)
    results = [aggregate(files(tmp_path), SAVED_SESSION, kernel=kernel) for kernel in (NATIVE, SIMD)]
    assert partial.encode(results[0]) == partial.encode(results[1])
    assert_agrees(results[0], oracle_of_made(files=3, pings=15, bad=0.15), f".{form}")


def test_spilling_and_the_order_of_files_change_no_byte(tmp_path: Path) -> None:
    make_pings(tmp_path, files=6, pings=8, bad=0.1)
    right = partial.encode(aggregate(files(tmp_path), SAVED_SESSION))
    assert partial.encode(aggregate(files(tmp_path), SAVED_SESSION, budget=1 << 20)) == right
    assert partial.encode(aggregate(reversed(list(files(tmp_path))), SAVED_SESSION)) == right


def test_what_is_exported_is_imported_as_it_was(tmp_path: Path) -> None:
    make_pings(tmp_path, files=2, pings=5)
    lines = list(export_lines(aggregate(files(tmp_path), SAVED_SESSION)))
    assert list(export_lines(import_lines(lines, len(DIMENSIONS), "text"))) == lines


def test_one_bad_file_holds_back_no_other(tmp_path: Path) -> None:
    keys = lay_real_pings(tmp_path)
    bad = tmp_path / "not/a/ping/key/x.log.y"
    bad.parent.mkdir(parents=True)
    bad.write_bytes(b"nothing")
    result = aggregate(files(tmp_path), SAVED_SESSION)
    errors = {report.key: report.error for report in result.files if report.error}
    assert result.pings > 0
    assert errors["not/a/ping/key/x.log.y"].startswith("bad-key")
    assert [errors[key] for key in keys if "corrupted" in key] == [
        "truncated: the compressed data ends before its end mark"
    ]
