"""The embedded store's log of changes is removed now and then, and nothing waits for that."""

import stat
from pathlib import Path

from telemetry_tasks.embedded.change_log import SECONDS, TIMEOUT, ChangeLog
from tests.embedded.waiting import wait_until


class Run:
    """A change log whose program is ``script``, at a time that the test sets."""

    def __init__(self, folder: Path, script: str) -> None:
        program = folder / "weed"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        self.now, self.said, self.output = 0.0, [], folder / "output"  # type: ignore[var-annotated]
        self.log = ChangeLog(str(program), 1, 3, self.output, self.said.append, lambda: self.now)

    def look(self, after: float) -> None:
        self.now += after
        self.log.look()


def test_a_removal_is_started_when_it_is_due_and_told_what_to_remove(tmp_path: Path) -> None:
    run = Run(tmp_path, 'echo "$@"; cat')
    run.look(SECONDS - 1)
    assert not run.output.exists()
    run.look(1)
    told = "shell -master=127.0.0.1:1 -filer=127.0.0.1:3\nfs.rm -rf /topics/.system/log\n"
    wait_until(lambda: run.output.read_text() == told)
    run.log.stop()
    assert run.said == []


def test_one_that_fails_is_said_and_tried_again(tmp_path: Path) -> None:
    run = Run(tmp_path, "cat > /dev/null; exit 3")
    run.look(SECONDS)
    wait_until(lambda: run.look(0) or bool(run.said))
    assert "is not removed" in run.said[0]
    run.output.unlink()
    run.look(SECONDS)
    assert run.output.exists()
    run.log.stop()


def test_one_that_hangs_is_ended(tmp_path: Path) -> None:
    run = Run(tmp_path, "exec sleep 1000")
    run.look(SECONDS)
    run.look(TIMEOUT - 1)
    assert run.said == []
    run.look(1)
    assert len(run.said) == 1
    run.look(SECONDS)
    run.log.stop()


def test_a_program_that_is_not_there_is_said(tmp_path: Path) -> None:
    run = Run(tmp_path, "")
    (tmp_path / "weed").unlink()
    run.look(SECONDS)
    assert "is not removed" in run.said[0]
    run.log.stop()
