"""Commands on terminals and in pipes that cannot show every character."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from telemetry_tasks.cli.catalogue import COMMANDS
from telemetry_tasks.cli.encoding import spelled
from tests.support.pings import key, ping_file

TELEMETRY_TASKS = (sys.executable, "-c", "from telemetry_tasks.cli.main import run; run()")


def ran(encoding: str, *arguments: str) -> tuple[int, str, str]:
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "COLUMNS": "100"}
    done = subprocess.run([*TELEMETRY_TASKS, *arguments], env=environment, capture_output=True, timeout=120)
    assert b"Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout.decode(encoding), done.stderr.decode(encoding)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_help_is_shown_by_what_the_encoding_has(encoding: str) -> None:
    code, text, _ = ran(encoding, "aggregate", "--help")
    assert code == 0
    assert "FILES_OR_FOLDERS..." in text


def test_every_character_of_every_help_can_be_spelled() -> None:
    program = (
        "import sys; from telemetry_tasks.cli.encoding import spell_out_what_cannot_be_shown as s; s()\n"
        + "".join(
            f"from typer.testing import CliRunner; from telemetry_tasks.cli.main import app\n"
            f"print(CliRunner().invoke(app, [{name!r}, '--help']).output)\n"
            for name in COMMANDS
        )
    )
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert b"Usage" in done.stdout


def test_documents_are_json_with_every_name_whole(tmp_path: Path) -> None:
    folder = tmp_path / "pïngs→"
    path = folder / key("ä")
    path.parent.mkdir(parents=True)
    path.write_bytes(ping_file())
    code, text, _ = ran(
        "ascii", "aggregate", "--root", str(folder), str(folder), "-o", str(tmp_path / "→.tt"), "--json"
    )
    assert code == 0
    assert json.loads(text)["output"] == str(tmp_path / "→.tt")
    code, text, _ = ran("ascii", "aggregate", "--root", str(folder), str(folder), "-o", str(tmp_path / "→.tt"))
    assert (code, "->.tt" in text) == (0, True)


def test_characters_without_a_spelling_are_escaped() -> None:
    error = UnicodeEncodeError("ascii", "a…→☃b", 1, 4, "no")
    assert spelled(error) == ("...->\\u2603", 4)
