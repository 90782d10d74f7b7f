"""Real workers as processes of their own."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def running(command: tuple[str, ...], folder: Path, **settings: str) -> Iterator["subprocess.Popen[bytes]"]:
    """The process; it logs to ``folder/log``, and its stores are in ``folder``."""
    stores = {name: folder / name.lower() for name in ("INPUT", "RESULTS", "PUBLISHED")}
    for store in stores.values():
        store.mkdir(exist_ok=True)
    environment = {
        **os.environ,
        "TELEMETRY_REQUIRE_DURABLE_REDIS": "false",
        "TELEMETRY_WORKER_PROCESSES": "1",
        **{f"TELEMETRY_{name}_URL": f"folder://{store}" for name, store in stores.items()},
        **settings,
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def merge_worker(redis_url: str, folder: Path) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """A worker of the merge queue, by its entry point, and its node's name. The state is in database 1."""
    urls = {"TELEMETRY_BROKER_URL": redis_url, "TELEMETRY_REDIS_URL": redis_url.replace("/0", "/1")}
    with running((sys.executable, "-m", "workers.merge"), folder, **urls) as process:
        yield process, f"merge.{process.pid}@{socket.gethostname()}"
