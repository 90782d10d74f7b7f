"""``aggregate``, ``merge``, ``export-result``, ``import-result``: no server anywhere."""

import bz2
import gzip
import json
import lzma
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import zstandard

from tests.cli.invoking import COMMAND, run
from tests.support.oracle import alike
from tests.support.shared import REAL_KEYS, make_pings, oracle_of_made, oracle_of_real

BROKEN = REAL_KEYS["corrupted.lzma"]


def exported(result: Path) -> dict[str, Any]:
    """The cells of a result, as the oracle tells them."""
    ran = run("export-result", result)
    assert ran.code == 0
    return {path: json.loads(text) for path, text in (line.split("\t") for line in ran.out.splitlines())}


def assert_same_cells(got: dict[str, Any], expected: dict[str, Any]) -> None:
    assert got.keys() == expected.keys()
    for path, cells in expected.items():
        assert got[path].keys() == cells.keys()
        for name, cell in cells.items():
            mine = got[path][name]
            assert alike(mine["values"], cell["values"]), (path, name)
            assert (mine["buildId"], mine["revision"]) == (cell["buildId"], cell["revision"])


def test_the_real_pings_give_what_the_oracle_counts(real_pings: Path, tmp_path: Path) -> None:
    ran = run("aggregate", "--root", real_pings, real_pings, "-o", tmp_path / "r.tt", "--json")
    assert ran.code == 3  # one of them is broken
    expected = oracle_of_real()
    assert_same_cells(exported(tmp_path / "r.tt"), expected["cells"])
    assert ran.document["pings"] == sum(lines["good"] for lines in expected["lines"].values())
    assert [each["key"] for each in ran.document["broken"]] == [BROKEN]
    assert ran.document["channel_versions"].keys() == {"nightly/22", "nightly/28"}


def test_made_pings_give_what_the_oracle_counts_and_their_bad_lines_are_told(tmp_path: Path) -> None:
    root = tmp_path / "made"
    make_pings(root, files=6, pings=50, bad=0.06)
    ran = run("aggregate", "--root", root, root, "-o", tmp_path / "r.tt", "--json")
    assert ran.code == 0, ran.err
    expected = oracle_of_made(files=6, pings=50, bad=0.06)
    lines = expected["lines"]
    assert ran.document["pings"] == sum(each["good"] for each in lines.values())
    assert sum(ran.document["bad_lines"].values()) == sum(each["bad"] for each in lines.values()) > 0
    assert ran.document["files"] == len(lines)
    assert "EXPECTED.json" in ran.err  # passed over, and said so
    assert_same_cells(exported(tmp_path / "r.tt"), expected["cells"])


def test_without_a_root_the_key_is_the_last_five_parts_of_the_path(real_pings: Path, tmp_path: Path) -> None:
    files = sorted(real_pings.rglob("*.lzma"))
    run("aggregate", *files, "-o", tmp_path / "by-files")
    run("aggregate", "--root", real_pings, real_pings, "-o", tmp_path / "by-root")
    assert (tmp_path / "by-files").read_bytes() == (tmp_path / "by-root").read_bytes()


def test_the_summary_names_files_pings_and_what_is_broken(real_pings: Path, tmp_path: Path) -> None:
    ran = run("aggregate", real_pings, "-o", tmp_path / "r.tt")
    assert ran.code == 3
    assert "6 pings and 0 bad lines in 4 files, 1 of them broken or missing" in ran.out
    assert f"{BROKEN}: truncated" in ran.err


def test_a_file_that_is_not_there_is_reported_and_the_others_count(real_pings: Path, tmp_path: Path) -> None:
    there = real_pings / REAL_KEYS["ss-ff-n-28.lzma"]
    gone = there.with_name("20131029030201.20131029.v2.log.gone.lzma")
    ran = run("aggregate", there, gone, "-o", tmp_path / "r.tt", "--json")
    assert ran.code == 3
    assert ran.document["pings"] == 4
    assert "not-found" in ran.document["broken"][0]["error"]


def test_a_truncated_file_gives_its_whole_lines(real_pings: Path, tmp_path: Path) -> None:
    file = real_pings / REAL_KEYS["ss-ff-n-28.lzma"]
    file.write_bytes(file.read_bytes()[:-2000])
    ran = run("aggregate", file, "-o", tmp_path / "r.tt", "--json")
    assert ran.code == 3
    assert 0 < ran.document["pings"] < 4
    assert ran.document["broken"][0]["error"].startswith("truncated")


def test_a_file_whose_path_is_no_key_is_reported(real_pings: Path, tmp_path: Path) -> None:
    odd = tmp_path / "odd.lzma"
    odd.write_bytes((real_pings / REAL_KEYS["ss-ff-n-28.lzma"]).read_bytes())
    ran = run("aggregate", odd, "-o", tmp_path / "r.tt", "--json")
    assert ran.code == 3
    assert ran.document["broken"][0]["error"].startswith("bad-key")


def test_a_file_whose_name_is_not_utf8_is_passed_over_in_a_folder_and_refused_when_named(
    real_pings: Path, tmp_path: Path
) -> None:
    there = real_pings / REAL_KEYS["ss-ff-n-28.lzma"]
    odd = there.with_name(os.fsdecode(b"20131029030201.20131101.v2.log.\xff.lzma"))
    odd.write_bytes(there.read_bytes())
    ran = run("aggregate", "--root", real_pings, real_pings, "-o", tmp_path / "r.tt")
    assert ran.code == 3
    assert "passed over: 1 file with" in ran.err
    assert "not UTF-8" in run("aggregate", "--root", real_pings, odd, "-o", tmp_path / "r.tt").error


def test_a_folder_without_ping_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no pings")
    assert "--root" in run("aggregate", tmp_path, "-o", tmp_path / "r.tt").error
    assert not (tmp_path / "r.tt").exists()


def test_two_files_with_one_key_are_refused(real_pings: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    file = other / REAL_KEYS["ss-ff-n-28.lzma"]
    file.parent.mkdir(parents=True)
    file.write_bytes(b"")
    assert "same key" in run("aggregate", real_pings, other, "-o", tmp_path / "r.tt").error


def test_a_file_outside_the_root_is_refused(real_pings: Path, tmp_path: Path) -> None:
    assert "is not below --root" in run("aggregate", "--root", tmp_path / "x", real_pings, "-o", tmp_path / "r").error


def test_an_output_that_cannot_be_written_is_refused(real_pings: Path, tmp_path: Path) -> None:
    ran = run("aggregate", real_pings, "-o", tmp_path / "no" / "such" / "r.tt")
    assert "choose another place" in ran.error


@pytest.fixture
def result(real_pings: Path, tmp_path: Path) -> Path:
    run("aggregate", "--root", real_pings, real_pings, "-o", tmp_path / "result.tt")
    return tmp_path / "result.tt"


def test_an_output_that_is_a_pipe_is_written_into_and_stays_one(result: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reader:
        assert run("merge", result, "-o", pipe).code == 0
        if not pipe.is_fifo():
            reader.kill()  # it would wait for ever
        assert reader.communicate()[0] == result.read_bytes()
    assert pipe.is_fifo()


def test_an_output_that_is_a_link_stays_one(result: Path, tmp_path: Path) -> None:
    (tmp_path / "newest.tt").symlink_to("elsewhere.tt")
    assert run("merge", result, "-o", tmp_path / "newest.tt").code == 0
    assert (tmp_path / "newest.tt").is_symlink()
    assert (tmp_path / "elsewhere.tt").read_bytes() == result.read_bytes()


def test_an_output_where_nothing_can_be_made_and_nothing_removed_is_refused(result: Path) -> None:
    ran = run("merge", result, "-o", result / "r.tt")  # below a file; a disk that is read-only answers alike
    assert "cannot be written" in ran.error


@pytest.mark.parametrize("command", [["aggregate", "-o", "r.tt"], ["ingest"]])
def test_what_was_named_and_is_not_there_is_said_to_be_missing(command: list[str], tmp_path: Path) -> None:
    ran = run(*command, tmp_path / "no-such-folder")
    assert ran.error.endswith("no-such-folder: there is no such file or folder")


def test_an_unknown_ping_format_is_refused(real_pings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEMETRY_PING_FORMAT", "no-such-format")
    assert "no-such-format" in run("aggregate", real_pings, "-o", tmp_path / "r.tt").error


@pytest.fixture
def parts(real_pings: Path, tmp_path: Path) -> list[Path]:
    """A result a file."""
    out = []
    for number, file in enumerate(sorted(real_pings.rglob("*.lzma"))):
        out.append(tmp_path / f"part-{number}.tt")
        run("aggregate", file, "-o", out[-1])
    return out


def test_merged_results_are_the_result_over_all_files_in_any_order(
    parts: list[Path], real_pings: Path, tmp_path: Path
) -> None:
    run("aggregate", real_pings, "-o", tmp_path / "whole.tt")
    assert run("merge", *parts, "-o", tmp_path / "a.tt").code == 0
    run("merge", parts[3], parts[1], "-o", tmp_path / "half.tt")
    run("merge", parts[0], tmp_path / "half.tt", parts[2], "-o", tmp_path / "b.tt")
    whole = (tmp_path / "whole.tt").read_bytes()
    assert (tmp_path / "a.tt").read_bytes() == whole
    assert (tmp_path / "b.tt").read_bytes() == whole


def test_a_file_in_two_results_is_refused(parts: list[Path], tmp_path: Path) -> None:
    assert "count twice" in run("merge", parts[0], parts[0], "-o", tmp_path / "m.tt").error


@pytest.mark.parametrize("command", ["merge", "export-result"])
def test_a_truncated_result_is_refused(command: str, parts: list[Path], tmp_path: Path) -> None:
    parts[0].write_bytes(parts[0].read_bytes()[:-100])
    arguments = ["-o", tmp_path / "m.tt"] if command == "merge" else []
    error = run(command, parts[0], *arguments).error
    assert str(parts[0]) in error
    assert "bad-result" in error


@pytest.mark.parametrize("command", ["merge", "export-result", "import-result"])
def test_a_file_that_is_not_there_is_refused(command: str, tmp_path: Path) -> None:
    assert "No such file" in run(command, tmp_path / "gone", "-o", tmp_path / "m.tt").error


@pytest.mark.parametrize("name", ["r.txt", "r.txt.gz"])
def test_what_is_exported_can_be_imported(name: str, real_pings: Path, tmp_path: Path) -> None:
    run("aggregate", real_pings, "-o", tmp_path / "r.tt")
    assert run("export-result", tmp_path / "r.tt", "-o", tmp_path / name).code == 0
    assert run("import-result", tmp_path / name, "-o", tmp_path / "back.tt").code == 0
    assert exported(tmp_path / "back.tt") == exported(tmp_path / "r.tt")
    if name.endswith(".gz"):
        assert gzip.decompress((tmp_path / name).read_bytes()).startswith(b"nightly/22/")


def test_a_text_that_is_none_is_refused_with_its_line(tmp_path: Path) -> None:
    text = tmp_path / "r.txt"
    text.write_text('nightly/28/X/by-build-date\t{"20131029/a/b": {}}\n')
    assert "line 1" in run("import-result", text, "-o", tmp_path / "r.tt").error


CELL = b'{"values": [1,2,3,4,5,6,1], "buildId": "1", "revision": "r"}'
IMPORTED = b'nightly/28/X/by-build-date\t{"20131029/a/b/c/d/e": ' + CELL + b"}\n"
PACK = {
    "plain": bytes,
    "gzip": gzip.compress,
    "xz": lzma.compress,
    "lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
    "zstd": zstandard.compress,
}


@pytest.mark.parametrize("name", PACK)
def test_a_text_is_unpacked_whatever_its_name_and_on_standard_input(name: str, tmp_path: Path) -> None:
    packed = PACK[name](IMPORTED)
    for file in ("r.txt", "r.gz"):
        (tmp_path / file).write_bytes(packed)
        assert run("import-result", tmp_path / file, "-o", tmp_path / "r.tt").code == 0
        assert exported(tmp_path / "r.tt").keys() == {"nightly/28/X/by-build-date"}
    assert run("import-result", "-", "-o", tmp_path / "s.tt", input=packed).code == 0
    assert exported(tmp_path / "s.tt") == exported(tmp_path / "r.tt")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (bz2.compress(IMPORTED), "the content is bzip2"),
        (gzip.compress(IMPORTED)[:-20], "truncated"),
        (IMPORTED + b"\xff\n", "line 2 of {}: byte 1 is not UTF-8"),
        (IMPORTED + b"\n" + IMPORTED, "line 2 of {}: the line is empty"),
        (b"id\t{}\n", "line 1 of {}: it is not CHANNEL/VERSION/MEASURE"),
        (IMPORTED.replace(b"/d/e", b""), "line 1 of {}: the cell 20131029/a/b/c has 3 dimensions"),
    ],
)
def test_what_cannot_be_imported_is_refused_with_one_line_that_says_why(
    content: bytes, why: str, tmp_path: Path
) -> None:
    text = tmp_path / "r.txt"
    text.write_bytes(content)
    assert why.format(text) in run("import-result", text, "-o", tmp_path / "r.tt").error
    assert why.format("-") in run("import-result", "-", "-o", tmp_path / "r.tt", input=content).error
    assert not (tmp_path / "r.tt").exists()


@pytest.mark.parametrize("form", [(), ("--json",)], ids=["table", "json"])
def test_a_result_on_standard_output_is_nothing_but_the_result(form: tuple[str, ...], tmp_path: Path) -> None:
    text, result = tmp_path / "r.txt", tmp_path / "r.tt"
    text.write_bytes(IMPORTED)
    assert run("import-result", text, "-o", result).code == 0
    for command in (("import-result", str(text)), ("merge", str(result))):
        done = subprocess.run([*COMMAND, *command, "-o", "-", *form], capture_output=True, timeout=120, check=True)
        assert done.stdout == result.read_bytes()
        assert b"nightly/28" in done.stderr or b"1 channel/versions" in done.stderr


def test_an_empty_standard_input_is_an_empty_result(tmp_path: Path) -> None:
    assert run("import-result", "-", "-o", tmp_path / "r.tt", input="").code == 0
    assert exported(tmp_path / "r.tt") == {}


def test_limits_of_the_settings_hold_for_local_files_too_and_the_result_says_which(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual, tight = tmp_path / "usual.tt", tmp_path / "tight.tt"
    root = tmp_path / "root"
    make_pings(root, files=2, pings=6)
    (limits,) = run("aggregate", "--root", root, root, "-o", usual, "--json").document["limits"]
    assert "array_length=10000" in limits
    monkeypatch.setenv("TELEMETRY_LIMIT_ARRAY_LENGTH", "20")
    monkeypatch.setenv("TELEMETRY_LIMIT_NAME_ALPHABET", "A-Z_")
    first = run("aggregate", "--root", root, root, "-o", tight, "--json").document
    assert first["left_out"].keys() >= {"histogram-too-long", "name-not-allowed"}
    assert "array_length=20" in first["limits"][0]
    monkeypatch.setenv("TELEMETRY_LIMIT_LATEST_DATE", "20000101")
    late = run("aggregate", "--root", root, root, "-o", tmp_path / "late.tt", "--json").document
    assert (late["pings"], late["bad_lines"]) == (0, {"submission-date-too-late": first["pings"]})


def test_a_merged_result_says_with_which_limits_its_parts_were_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, usual, tight = tmp_path / "root", tmp_path / "usual.tt", tmp_path / "tight.tt"
    make_pings(root, files=2, pings=4)
    one, other = sorted(root.rglob("*.log.*"))
    run("aggregate", one, "-o", usual)
    monkeypatch.setenv("TELEMETRY_LIMIT_ARRAY_LENGTH", "20")
    (limits,) = run("aggregate", other, "-o", tight, "--json").document["limits"]
    merged = run("merge", tight, usual, "-o", tmp_path / "both.tt", "--json").document
    assert len(merged["limits"]) == 2
    assert limits in merged["limits"]


def test_results_with_other_dimensions_are_not_merged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, five, one = tmp_path / "root", tmp_path / "five.tt", tmp_path / "one.tt"
    make_pings(root, files=2, pings=4)
    first, second = sorted(root.rglob("*.log.*"))
    run("aggregate", first, "-o", five)
    monkeypatch.setenv("TELEMETRY_DIMENSIONS", '["OS"]')
    run("aggregate", second, "-o", one)
    error = run("merge", five, one, "-o", tmp_path / "both.tt").error
    assert "mixed-settings" in error
    assert "TELEMETRY_DIMENSIONS" in error
