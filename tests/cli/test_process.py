"""The command as users start it: quick to start, quiet when it ends early, no traceback unless asked for."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from telemetry_tasks import __version__
from tests.cli.invoking import COMMAND, spawn
from tests.support.shared import REAL_KEYS

HEAVY = ("boto3", "celery", "redis", "rich.progress", "structlog")
ONLY_FOR_SERVICES = """
import sys
from telemetry_tasks.cli.main import app
try:
    app(sys.argv[1:], prog_name="telemetry-tasks")
finally:
    print("loaded:", *(name for name in {heavy!r} if name in sys.modules), file=sys.stderr)
"""


def loaded(*arguments: object) -> str:
    """Which heavy libraries a command brought in."""
    program = ONLY_FOR_SERVICES.format(heavy=HEAVY)
    done = subprocess.run([sys.executable, "-c", program, *map(str, arguments)], capture_output=True, text=True)
    return done.stderr.rpartition("loaded:")[2].strip()


def test_help_and_aggregate_bring_in_no_library_of_the_services(real_pings: Path, tmp_path: Path) -> None:
    assert loaded("--help") == ""
    assert loaded("aggregate", real_pings, "-o", tmp_path / "r.tt") == ""
    assert loaded("merge", tmp_path / "r.tt", "-o", tmp_path / "m.tt") == ""
    assert loaded("simulate", "--help") != ""  # the question is a fair one


def test_a_command_hardly_looks_for_garbage_when_it_starts_and_not_when_it_ends() -> None:
    ask = "import atexit, gc, sys\natexit.register(lambda: print(gc.get_freeze_count()))\n"
    start = "import telemetry_tasks.cli.main\n"
    collected = "print(sum(each['collections'] for each in gc.get_stats()))\n"
    answers = [
        subprocess.run(
            [sys.executable, "-c", ask + each + collected], capture_output=True, text=True, check=True
        ).stdout
        for each in ("", start)
    ]
    before, after = ([int(line) for line in answer.splitlines()] for answer in answers)
    assert after[0] <= before[0] + 3  # some are left to what starts before it
    assert before[1] == 0
    assert after[1] > 10_000


def test_aggregate_works_from_another_folder(real_pings: Path, tmp_path: Path) -> None:
    file = real_pings / REAL_KEYS["ss-ff-n-28.lzma"]
    ran = spawn("aggregate", file.relative_to(tmp_path), "-o", "r.tt", cwd=tmp_path)
    assert ran.code == 0, ran.err
    assert "4 pings and 0 bad lines in 1 files" in ran.out
    assert "\x1b" not in ran.out + ran.err  # colours are for terminals
    exported = spawn("export-result", "r.tt", cwd=tmp_path)
    assert exported.out.startswith("nightly/28/")


def test_the_version_is_told() -> None:
    assert spawn("--version").out == f"telemetry-tasks {__version__}\n"


def test_an_error_is_one_line_and_a_traceback_only_when_asked_for(tmp_path: Path) -> None:
    ran = spawn("export-result", tmp_path / "gone")
    assert ran.code == 1
    assert ran.err.count("\n") == 1
    assert ran.error.endswith("gone cannot be read: No such file or directory")
    asked = spawn("export-result", tmp_path / "gone", environment={"TELEMETRY_DEBUG": "1"})
    assert asked.code == 1
    assert "Traceback" in asked.err


def test_wrong_usage_ends_with_2_and_names_what_was_meant() -> None:
    ran = spawn("agregate")
    assert ran.code == 2
    assert "Did you mean 'aggregate'?" in ran.err
    assert "Traceback" not in ran.err
    assert spawn("aggregate").code == 2


def test_a_broker_that_does_not_answer_is_one_line(deployed: None, tmp_path: Path) -> None:
    places = {f"TELEMETRY_{name}_URL": f"folder://{tmp_path}" for name in ("INPUT", "RESULTS", "PUBLISHED")}
    broker = {"TELEMETRY_BROKER_URL": "redis://127.0.0.1:1/0", "TELEMETRY_PARTITION_AGE": "0"}
    key = tmp_path / REAL_KEYS["ss-ff-n-28.lzma"]
    key.parent.mkdir(parents=True)
    key.write_bytes(b"x")
    ran = spawn("discover", "--now", "--dispatch", environment={**places, **broker})
    assert ran.code == 4
    assert "redis://127.0.0.1:1/0 does not answer" in ran.error


def test_ctrl_c_is_quiet_and_ends_with_130(tmp_path: Path) -> None:
    (tmp_path / "input").mkdir()
    (tmp_path / "results").mkdir()
    places = {f"TELEMETRY_{name.upper()}_URL": f"folder://{tmp_path / name}" for name in ("input", "results")}
    arguments = ("simulate", "--ingest", "--follow", "--days", "0", "--clients", "5", "--every", "3600")
    with subprocess.Popen(
        [*COMMAND, *arguments],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env={**os.environ, **places},
        # tests that run in the background of a shell are started with the signal ignored, and children inherit that
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as child:
        assert child.stderr is not None
        assert b"Ctrl-C ends it" in child.stderr.readline()
        time.sleep(0.5)
        child.send_signal(signal.SIGINT)
        assert child.wait(120) == 130
        assert b"Traceback" not in child.stderr.read()


def test_a_reader_that_stops_reading_is_no_error_to_tell(real_pings: Path, tmp_path: Path) -> None:
    spawn("aggregate", real_pings, "-o", tmp_path / "r.tt")
    with subprocess.Popen(
        [*COMMAND, "export-result", str(tmp_path / "r.tt")], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        assert child.stdout.read(10)
        child.stdout.close()
        assert child.wait(120) != 0
        assert child.stderr.read() == b""


@pytest.mark.parametrize("json", [[], ["--json"]])
def test_a_full_disk_behind_standard_output_is_one_line(json: list[str], real_pings: Path, tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*COMMAND, "aggregate", real_pings, "-o", tmp_path / "r.tt", *json],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == "telemetry-tasks: error: the output cannot be written: No space left on device: make room\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_commands_and_options_can_be_completed(shell: str) -> None:
    script = spawn("--show-completion", shell, environment={"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"})
    assert script.code == 0
    assert "telemetry-tasks" in script.out
    asked = {"_TELEMETRY_TASKS_COMPLETE": f"complete_{shell}", "COMP_WORDS": "telemetry-tasks pub", "COMP_CWORD": "1"}
    words = {"_TYPER_COMPLETE_ARGS": "telemetry-tasks pub", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    assert "publish" in spawn(environment={**asked, **words}).out
