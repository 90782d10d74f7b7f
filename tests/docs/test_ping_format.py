"""The ping formats that docs/ping-formats.md writes: their own code, from a ping file to what is exported."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, blocks
from tests.docs.test_snippets import write_file

PAGE = ROOT / "docs" / "ping-formats.md"


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which a reader followed the page."""
    folder = tmp_path_factory.mktemp("format")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for block in blocks(PAGE):
        if block.language == "python":
            write_file(block, folder)
        elif "aggregate" in block.text:
            ran = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", block.text],
                cwd=folder,
                env={**os.environ, "PATH": path},
                capture_output=True,
                text=True,
                check=False,
            )
            assert ran.returncode == 0, ran.stderr
    return folder


def test_its_pings_are_added_up_by_its_own_dimension(tried: Path) -> None:
    lines = dict(line.split("\t") for line in (tried / "result.txt").read_text().splitlines())
    (name,) = [name for name in lines if name.startswith("beta/3/FRAME_MS/by-build")]
    cells = json.loads(lines[name])
    (cell,) = [cell for day, cell in cells.items() if "android/Europe" in day]
    assert cell["values"][:4] == [0, 50, 10, 1]


def test_its_bad_line_is_counted_under_its_own_reason(tried: Path) -> None:
    told = json.loads((tried / "told.json").read_text())
    assert told["pings"] == 2
    assert told["bad_lines"] == {"platform-no-string": 1}


def test_another_format_reads_its_own_keys_and_lines(tried: Path) -> None:
    lines = dict(line.split("\t") for line in (tried / "kiosks.txt").read_text().splitlines())
    by_submission = json.loads(lines["beta/3/FRAME_MS/by-submission-date"])
    assert by_submission["20261003/NO/main"]["values"] == [0, 3, 0, 1, 0, 76, -1, -1, -1, -1, 2]
    assert json.loads(lines["beta/3/JOB_MS/by-build-date"])["20261001/NO/printer"]["values"][:1] == [1]
    told = json.loads((tried / "told-kiosks.json").read_text())
    assert told["bad_lines"] == {"not-a-session": 1}
