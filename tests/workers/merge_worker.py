"""A real worker of the merge queue, started by its entry point."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def merge_worker(redis_url: str, folder: Path, **settings: str) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """The process and its node's name; it logs to ``folder/log``. The state is in database 1, ``settings`` go ahead."""
    environment = {
        **os.environ,
        "TELEMETRY_BROKER_URL": redis_url,
        "TELEMETRY_REDIS_URL": redis_url.replace("/0", "/1"),
        "TELEMETRY_REQUIRE_DURABLE_REDIS": "false",
        "TELEMETRY_WORKER_PROCESSES": "1",
        **{f"TELEMETRY_{name}_URL": f"folder://{folder}" for name in ("INPUT", "RESULTS", "PUBLISHED")},
        **settings,
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "workers.merge"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    try:
        yield process, f"merge.{process.pid}@{socket.gethostname()}"
    finally:
        process.kill()
        process.wait()
