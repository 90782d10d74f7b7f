"""The probe, as those who restart processes run it, against real ones."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.embedded.waiting import wait_until
from tests.servers.ports import free_port
from tests.servers.redis import RedisServer
from tests.workers.running import running
from workers.probe import file_problem, http_problem

ROOT = Path(__file__).resolve().parents[2]


def probe(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "workers.probe", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)


@contextmanager
def process_of(kind: str, folder: Path, broker: str, state: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A process of a fleet by its entry point, whose heartbeat is ``folder/heartbeat``; it logs to ``folder/log``."""
    settings = {
        "TELEMETRY_HEARTBEAT": str(folder / "heartbeat"),
        "TELEMETRY_BEAT_SCHEDULE": str(folder / "schedule"),
        "TELEMETRY_BROKER_URL": broker,
        "TELEMETRY_REDIS_URL": state,
    }
    with running((sys.executable, "-m", f"workers.{kind}"), folder, **settings) as process:
        yield process


def test_a_worker_that_lives_that_hangs_and_that_stops(redis_url: str, tmp_path: Path) -> None:
    file = tmp_path / "heartbeat"
    file.write_text("ready\n")
    os.utime(file, (0, 0))
    with process_of("merge", tmp_path, redis_url, redis_url) as process:
        wait_until(lambda: probe(file, "--ready").returncode == 0, 180)
        before = file.stat().st_mtime
        wait_until(lambda: file.stat().st_mtime > before, 120)
        process.send_signal(signal.SIGSTOP)
        try:
            wait_until(lambda: probe(file, "--seconds", "8").returncode == 1, 120)
            assert "the process hangs or is gone" in probe(file, "--seconds", "8").stderr
        finally:
            process.send_signal(signal.SIGCONT)
        wait_until(lambda: probe(file, "--seconds", "30").returncode == 0, 120)
        process.terminate()
        process.wait(180)
        stopped = probe(file)
        assert stopped.returncode == 1
        assert "is not there" in stopped.stderr


def test_a_worker_without_its_broker_lives_and_is_not_ready(tmp_path: Path) -> None:
    file = tmp_path / "heartbeat"
    with (
        RedisServer() as state,
        RedisServer() as broker,
        process_of("merge", tmp_path, broker.url, state.url),
    ):
        wait_until(lambda: probe(file, "--ready").returncode == 0, 180)
        broker.kill()
        wait_until(lambda: "has no broker" in probe(file, "--ready").stderr, 180)
        before = file.stat().st_mtime
        wait_until(lambda: file.stat().st_mtime > before, 120)
        assert probe(file, "--seconds", "60").returncode == 0
        broker.start()
        wait_until(lambda: probe(file, "--ready").returncode == 0, 180)


def test_beat_touches_its_file_while_it_lives(redis_url: str, tmp_path: Path) -> None:
    file = tmp_path / "heartbeat"
    with process_of("beat", tmp_path, redis_url, redis_url):
        wait_until(lambda: probe(file, "--ready").returncode == 0, 180)
        before = file.stat().st_mtime
        wait_until(lambda: file.stat().st_mtime > before, 120)
    assert file_problem(file, 60, file.stat().st_mtime + 61) is not None


@contextmanager
def answering(status: int) -> Iterator[str]:
    """A server that answers everything with one status."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(("status", "lives"), [(200, True), (401, True), (404, False), (500, False), (503, False)])
def test_a_server_lives_when_it_answers_and_does_not_fail(status: int, lives: bool) -> None:
    with answering(status) as url:
        assert (http_problem(url) is None) == lives


def test_a_server_that_is_away_is_named() -> None:
    url = f"http://127.0.0.1:{free_port()}/"
    ended = probe(url)
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"{url} does not answer")
    assert len(ended.stderr.splitlines()) == 1


def test_the_probe_loads_nothing_of_the_package() -> None:
    code = "import sys, workers.probe; print(sorted({name.split('.')[0] for name in sys.modules}))"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    for name in ("telemetry_tasks", "celery", "numpy", "pydantic", "redis", "structlog"):
        assert f"'{name}'" not in ran.stdout
