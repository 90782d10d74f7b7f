"""The entry points of a fleet's processes, and the Procfile that runs them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import urllib3

from telemetry_tasks.embedded.celery_probe import worker_answers
from telemetry_tasks.settings.redis_addresses import key_prefix
from tests.embedded.waiting import wait_until
from tests.servers.ports import free_port
from tests.workers.running import merge_worker

ROOT = Path(__file__).resolve().parents[2]
LINE = re.compile(r"^([a-z-]+): python -m workers\.([a-z]+)$")


def run(kind: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", f"workers.{kind}"]
    environment = {**os.environ, **settings}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)


def test_the_procfile_runs_every_kind_of_process() -> None:
    lines = [line for line in (ROOT / "Procfile").read_text().splitlines() if not line.startswith("#")]
    kinds = [found[2] for line in lines if (found := LINE.match(line))]
    assert len(kinds) == len(lines)
    modules = {path.stem for path in (ROOT / "workers").glob("*.py")} - {"__init__", "start", "probe"}
    assert sorted(kinds) == sorted(modules)


@pytest.mark.parametrize("kind", ["control", "aggregate", "merge", "publish", "beat", "flower", "metrics", "page"])
def test_a_setting_that_is_not_valid_is_one_line(kind: str) -> None:
    ended = run(kind, TELEMETRY_WINDOW="none")
    assert ended.returncode == 2
    assert "TELEMETRY_WINDOW" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "10.0.0.1", "flower.example.com", "localhost", ""])
def test_flower_listens_beyond_loopback_only_with_a_login(address: str) -> None:
    ended = run("flower", TELEMETRY_FLOWER_ADDRESS=address)
    assert ended.returncode == 2
    assert "set TELEMETRY_FLOWER_LOGIN=user:password" in ended.stderr


def test_flower_says_what_to_install_where_it_is_not(tmp_path: Path) -> None:
    code = "import sys, runpy; sys.modules['flower'] = None; runpy.run_module('workers.flower', run_name='__main__')"
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 2
    assert "telemetry-tasks[flower]" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


OAUTH = {
    "TELEMETRY_FLOWER_OAUTH_PROVIDER": "google",
    "TELEMETRY_FLOWER_OAUTH_KEY": "client-1",
    "TELEMETRY_FLOWER_OAUTH_SECRET": "not-to-be-shown",
    "TELEMETRY_FLOWER_OAUTH_REDIRECT": "https://flower.example.com/login",
    "TELEMETRY_FLOWER_OAUTH_EMAILS": ".*@example.com",
}


def test_flower_sends_people_to_the_oauth_provider(redis_url: str) -> None:
    port = free_port()
    settings = {**OAUTH, "TELEMETRY_FLOWER_PORT": str(port), "TELEMETRY_BROKER_URL": redis_url}
    process = subprocess.Popen([sys.executable, "-m", "workers.flower"], cwd=ROOT, env={**os.environ, **settings})
    http = urllib3.PoolManager(retries=False, timeout=30.0)
    places: list[str] = []

    def answers() -> bool:
        try:
            answer = http.request("GET", f"http://127.0.0.1:{port}/login", redirect=False)
        except urllib3.exceptions.HTTPError:
            return False
        places[:] = [answer.headers.get("Location", "")]
        return True

    try:
        wait_until(answers, 180)
        assert places[0].startswith("https://accounts.google.com/")
        assert "client-1" in places[0]
        page = http.request("GET", f"http://127.0.0.1:{port}/workers", redirect=False)
        assert page.status in (302, 401)
        assert "not-to-be-shown" not in " ".join(psutil.Process(process.pid).cmdline())
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("part", ["KEY", "SECRET", "REDIRECT", "EMAILS"])
def test_half_an_oauth_is_refused(part: str) -> None:
    name = f"TELEMETRY_FLOWER_OAUTH_{part}"
    ended = run("flower", **{key: value for key, value in OAUTH.items() if key != name})
    assert ended.returncode == 2
    assert name in ended.stderr


def test_metrics_are_served_and_say_that_redis_is_away(tmp_path: Path) -> None:
    port, away = free_port(), f"redis://127.0.0.1:{free_port()}/0"
    settings = {
        "TELEMETRY_METRICS_PORT": str(port),
        "TELEMETRY_REDIS_URL": away,
        "TELEMETRY_BROKER_URL": away,
        "TELEMETRY_PUBLISHED_URL": f"folder://{tmp_path}",
    }
    process = subprocess.Popen([sys.executable, "-m", "workers.metrics"], cwd=ROOT, env={**os.environ, **settings})
    http = urllib3.PoolManager(retries=False, timeout=30.0)
    shown: list[str] = []

    def answers() -> bool:
        try:
            shown[:] = http.request("GET", f"http://127.0.0.1:{port}/metrics").data.decode().splitlines()
        except urllib3.exceptions.HTTPError:
            return False
        return True

    try:
        wait_until(answers, 180)
        for line in (
            'telemetry_up{service="state"} 0.0',
            'telemetry_up{service="broker"} 0.0',
            'telemetry_up{service="published"} 1.0',
        ):
            assert line in shown
    finally:
        process.kill()
        process.wait()


def test_a_worker_stops_softly_on_sigterm(redis_url: str, tmp_path: Path) -> None:
    with merge_worker(redis_url, tmp_path) as (process, node):
        wait_until(lambda: worker_answers(redis_url, key_prefix("tt"), node), 180)
        worker = psutil.Process(process.pid)
        assert worker.environ()["REMAP_SIGTERM"] == "SIGQUIT"
        assert len(worker.children()) == 1
        process.terminate()
        assert process.wait(180) == 0, (tmp_path / "log").read_text()
        assert "Cold shutdown" in (tmp_path / "log").read_text()


@pytest.mark.parametrize("kind", ["control", "aggregate", "merge", "publish", "beat", "flower"])
@pytest.mark.parametrize("name", ["CELERY_BROKER_URL", "CELERY_RESULT_BACKEND", "BROKER_URL"])
def test_a_variable_that_celery_would_follow_is_one_line(kind: str, name: str) -> None:
    ended = run(kind, **{name: "redis://:not-to-be-shown@127.0.0.1:1/0"})
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1
    assert f"unset {name} and set TELEMETRY_" in ended.stderr
    assert "not-to-be-shown" not in ended.stderr


@pytest.mark.parametrize("name", ["FLOWER_BASIC_AUTH", "FLOWER_AUTH_PROVIDER", "FLOWER_UNIX_SOCKET"])
def test_flower_refuses_its_own_variables_for_who_may_come_in(name: str) -> None:
    ended = run("flower", **{name: "not-to-be-shown"})
    assert ended.returncode == 2
    assert name in ended.stderr
    assert "not-to-be-shown" not in ended.stderr


def test_flower_goes_by_its_settings_whatever_kubernetes_says_of_a_service_flower(redis_url: str) -> None:
    port = free_port()
    links = {"FLOWER_PORT": "tcp://10.96.0.12:5555", "FLOWER_SERVICE_HOST": "10.96.0.12", "FLOWER_ADDRESS": "nowhere"}
    settings = {**links, "TELEMETRY_FLOWER_PORT": str(port), "TELEMETRY_BROKER_URL": redis_url}
    process = subprocess.Popen([sys.executable, "-m", "workers.flower"], cwd=ROOT, env={**os.environ, **settings})
    http = urllib3.PoolManager(retries=False, timeout=30.0)

    def answers() -> bool:
        assert process.poll() is None
        try:
            return http.request("GET", f"http://127.0.0.1:{port}/healthcheck").status == 200
        except urllib3.exceptions.HTTPError:
            return False

    try:
        wait_until(answers, 180)
    finally:
        process.kill()
        process.wait()
