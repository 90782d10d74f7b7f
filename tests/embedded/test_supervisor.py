"""The supervisor in a process of its own, over plain children."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from telemetry_tasks.embedded.child_log import MAX_BYTES
from tests.embedded.waiting import alive, family, wait_until

REPOSITORY = Path(__file__).resolve().parents[2]


class Run:
    """One run of ``tests.embedded.supervised``."""

    def __init__(self, folder: Path, children: tuple[str, ...]) -> None:
        self.folder = folder
        self.output = folder / "output"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.embedded.supervised", str(folder), *children],
                cwd=REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def says(self, what: str) -> bool:
        return what in self.output.read_text()

    def ready(self) -> "Run":
        wait_until(lambda: self.says("ready"))
        return self

    def interrupt(self) -> None:
        """Ctrl-C: the terminal sends SIGINT to the whole foreground group."""
        os.killpg(self.process.pid, signal.SIGINT)

    def ends(self, seconds: float = 120.0) -> int:
        return self.process.wait(seconds)

    def events(self, what: str) -> list[tuple[str, int]]:
        """Names and process ids, in the order of events of this kind."""
        lines = (line.split() for line in (self.folder / "events").read_text().splitlines())
        return [(name, int(pid)) for name, kind, pid in lines if kind == what]

    def names(self, what: str) -> list[str]:
        return [name for name, _ in self.events(what)]


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []

    def start(*children: str) -> Run:
        runs.append(Run(tmp_path, children))
        return runs[-1]

    yield start
    for run in runs:
        if run.process.poll() is None:
            run.process.kill()
            run.process.wait()


def test_children_start_in_order_and_stop_in_reverse(supervise: Callable[..., Run]) -> None:
    run = supervise("a=plain", "b=plain", "c=plain").ready()
    run.interrupt()
    assert run.ends() == 0
    assert run.names("starts") == ["a", "b", "c"]
    assert run.names("ends") == ["c", "b", "a"]


def test_sigterm_stops_as_ctrl_c_does(supervise: Callable[..., Run]) -> None:
    run = supervise("a=plain").ready()
    run.process.terminate()
    assert run.ends() == 0
    assert run.names("ends") == ["a"]


def test_a_child_that_ignores_sigterm_is_killed(supervise: Callable[..., Run]) -> None:
    run = supervise("a=plain", "b=deaf").ready()
    children = family(run.process.pid)
    run.interrupt()
    assert run.ends() == 0
    assert run.says("b is killed")
    assert run.names("ends") == ["a"]
    assert not alive(children)


def test_what_a_child_forked_goes_with_it(supervise: Callable[..., Run]) -> None:
    run = supervise("a=forks").ready()
    children = family(run.process.pid)
    assert len(children) == 2
    run.interrupt()
    assert run.ends() == 0
    wait_until(lambda: not alive(children), 60)


def test_the_third_ctrl_c_kills_at_once(supervise: Callable[..., Run]) -> None:
    run = supervise("a=plain", "b=stone", "c=stone").ready()
    children = family(run.process.pid)
    began = time.monotonic()
    for _ in range(3):
        run.interrupt()
        time.sleep(0.2)
    assert run.ends() == 0
    assert time.monotonic() - began < 50  # one of them alone would have a minute
    assert not alive(children)


@pytest.mark.parametrize("kind", ["plain", "watched"])
def test_no_child_survives_a_kill_of_the_supervisor(supervise: Callable[..., Run], kind: str) -> None:
    run = supervise(f"a={kind}", f"b={kind}").ready()
    children = family(run.process.pid)
    assert len(children) >= 2
    run.process.kill()
    wait_until(lambda: not alive(children), 60)


def test_a_killed_child_comes_back(supervise: Callable[..., Run]) -> None:
    run = supervise("a=plain", "b=plain").ready()
    name, pid = run.events("starts")[0]
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: len(run.names("starts")) == 3)
    assert run.names("starts") == ["a", "b", name]
    assert run.says("a ended (killed by SIGKILL), starts again in 0.5 s")


def test_a_child_that_cannot_start_yet_is_tried_again(supervise: Callable[..., Run]) -> None:
    run = supervise("a=finicky").ready()
    (run.folder / "refuse").touch()
    os.kill(run.events("starts")[0][1], signal.SIGKILL)
    wait_until(lambda: len(run.names("starts")) == 2)
    assert run.says("a cannot start yet (not now), tries again in 1 s")


def test_it_looks_again_and_again_while_nothing_happens(supervise: Callable[..., Run]) -> None:
    run = supervise("a=plain").ready()
    wait_until(lambda: len(run.events("looks")) >= 3)
    run.interrupt()
    assert run.ends() == 0
    assert run.names("starts") == ["a"]


def test_a_child_that_has_finished_is_left_alone(supervise: Callable[..., Run]) -> None:
    run = supervise("a=plain", "b=once").ready()
    time.sleep(1)
    assert run.names("starts") == ["a", "b"]


def test_a_child_that_fails_at_the_start_stops_everything_with_its_last_words(
    supervise: Callable[..., Run],
) -> None:
    run = supervise("a=plain", "b=broken", "c=plain")
    assert run.ends() == 2
    assert run.says("b ended at once (exit code 3); see ")
    assert run.says("b.log: no such luck")
    assert run.names("ends") == ["a"]
    assert run.names("starts") == ["a", "b"]


def test_a_child_that_never_gets_ready_stops_everything(supervise: Callable[..., Run]) -> None:
    run = supervise("a=plain", "b=never")
    assert run.ends() == 2
    assert run.says("b is not ready after 1 s: it does not answer")


def test_ctrl_c_while_starting_stops_what_has_started(supervise: Callable[..., Run]) -> None:
    run = supervise("a=plain", "b=never")
    wait_until(lambda: (run.folder / "events").exists() and "b" in run.names("starts"))
    run.interrupt()
    assert run.ends() == 0
    assert run.names("ends") == ["b", "a"]
    assert not run.says("ready")


def test_a_log_that_grows_too_large_is_begun_again(supervise: Callable[..., Run]) -> None:
    run = supervise("a=noisy").ready()
    logs = run.folder / "logs"
    wait_until(lambda: sum(path.stat().st_size for path in logs.iterdir()) == 4_100 * 1001)
    assert sorted(path.name for path in logs.iterdir()) == ["a.log", "a.log.1"]
    assert all(path.stat().st_size <= MAX_BYTES for path in logs.iterdir())
