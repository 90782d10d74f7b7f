"""The README's way to a real bucket, word for word: a clone, a fresh environment, an own Redis and an own S3 server.

The commands are those of its blocks with the tag ``fleet``, run in their order; the one that runs until it is stopped
runs beside the others. What is not the reader's: addresses and ports, which are free ones here, and where pip looks.
"""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3

from tests.deploy.wheels import write_wheels
from tests.docs.pages import README, ROOT, blocks
from tests.embedded.waiting import wait_until
from tests.servers import s3
from tests.servers.ports import HOST, free_ports
from tests.servers.redis import RedisServer
from tests.servers.weed import WeedServer

STEPS = [block.text for block in blocks(README) if "fleet" in block.tags]
UNTIL_STOPPED = "honcho start\n"
LEFT = (
    ".git",
    ".venv",
    "node_modules",
    "vendor",
    "build",
    "dist",
    "data",
    "tests",
    "*.egg-info",
    "*.so",
    "__pycache__",
)
BEFORE, AFTER = STEPS[: STEPS.index(UNTIL_STOPPED)], STEPS[STEPS.index(UNTIL_STOPPED) + 1 :]


class Newcomer:
    """A reader with a clone, a Redis and an S3 server, and a shell whose variables stay from step to step."""

    def __init__(self, folder: Path, redis: RedisServer, store: WeedServer) -> None:
        self.clone, self._redis = folder / "clone", redis
        shutil.copytree(ROOT, self.clone, ignore=shutil.ignore_patterns(*LEFT))
        wheels = folder / "wheels"
        wheels.mkdir()
        write_wheels(wheels)
        page, flower, metrics = free_ports(3)
        self.page = f"http://{HOST}:{page}"
        self._environment = {
            # the interpreter's own folder is not on the path: nothing of this environment may be found
            "PATH": os.pathsep.join(part for part in os.environ["PATH"].split(os.pathsep) if ".venv" not in part),
            "HOME": os.environ.get("HOME", str(folder)),
            **s3.ENVIRONMENT,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(wheels),
            "npm_config_prefer_offline": "true",
            "TELEMETRY_S3_ENDPOINT_URL": store.endpoint_url,
            "TELEMETRY_PAGE_PORT": str(page),
            "TELEMETRY_FLOWER_PORT": str(flower),
            "TELEMETRY_METRICS_PORT": str(metrics),
        }

    def types(self, step: str) -> str:
        """Runs a block to its end and keeps what it exports; its output."""
        seen = self.clone.parent / "environment"
        script = f"set -euo pipefail\n{self._own(step)}\nenv -0 > '{seen}'\n"
        ran = subprocess.run(
            ["bash", "-c", script], cwd=self.clone, env=self._environment, capture_output=True, text=True, timeout=900
        )
        assert ran.returncode == 0, f"{step}\n{ran.stdout[-6000:]}\n{ran.stderr[-6000:]}"
        self._environment = dict(line.split("=", 1) for line in seen.read_text().split("\0") if line)
        return ran.stdout

    def starts(self, step: str, log: Path) -> "subprocess.Popen[bytes]":
        """The block that runs until it is stopped, in a session of its own."""
        with log.open("wb") as written:
            return subprocess.Popen(
                ["bash", "-c", f"exec {self._own(step)}"],
                cwd=self.clone,
                env=self._environment,
                stdout=written,
                stderr=written,
                start_new_session=True,
            )

    def _own(self, step: str) -> str:
        return step.replace("127.0.0.1:6379", f"{HOST}:{self._redis.port}")


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newcomer]:
    with RedisServer(durable=True) as redis, WeedServer() as store:
        yield Newcomer(tmp_path_factory.mktemp("newcomer"), redis, store)


@pytest.fixture(scope="module")
def installed(newcomer: Newcomer) -> Newcomer:
    """After all steps before the start."""
    for step in BEFORE:
        newcomer.types(step)
    return newcomer


def test_the_fast_kernel_runs_in_the_folder_that_the_processes_are_started_in(installed: Newcomer) -> None:
    installed.types(
        "python -c 'import telemetry_tasks.formats.pings.arrays._native, telemetry_tasks.formats.rows._native'\n"
    )


def test_every_process_of_the_procfile_stays_and_the_page_shows_the_pings(installed: Newcomer, tmp_path: Path) -> None:
    log = tmp_path / "honcho.log"
    process = installed.starts(UNTIL_STOPPED, log)

    def shown() -> bool:
        assert process.poll() is None
        try:
            index = urllib3.request("GET", f"{installed.page}/data/latest-current.json", retries=False, timeout=20.0)
        except urllib3.exceptions.HTTPError:
            return False
        return index.status == 200 and bool(json.loads(index.data)["versions"])

    try:
        for step in AFTER:
            installed.types(step)
        wait_until(shown, 60, every=0.5)
        assert urllib3.request("GET", f"{installed.page}/vendor/page.js", timeout=20.0).status == 200
        assert process.poll() is None
    except BaseException:
        print(log.read_text("utf-8", "replace")[-8000:])
        raise
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(90)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
