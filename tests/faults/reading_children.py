"""The application with one more task, for F34: ``read_together`` reads objects and notes and says what came wrong.

``FAULT_CLIENT`` ``boto3`` or ``redis`` opens a connection in the parent, which all children keep and use after the
fork: the mistake that the case is there to find.
"""

import os
import time
from pathlib import Path

from celery.signals import worker_process_init

from telemetry_tasks import app as application
from telemetry_tasks import bootstrap
from telemetry_tasks.app import app
from telemetry_tasks.settings import settings
from telemetry_tasks.storage.s3 import client as s3_client
from tests.faults.read_bodies import body_of, note_of

PATIENCE = 120.0
"""Seconds that a child waits for all the others to have a task."""


@app.task(name="read_together", ignore_result=False)
def read_together(marks: str, children: int, keys: list[str], reads: int) -> list[int]:
    """Waits until ``children`` processes do, then reads. Process id, reads that came wrong, reads that failed."""
    (Path(marks) / str(os.getpid())).touch()
    deadline = time.monotonic() + PATIENCE
    while len(os.listdir(marks)) < children and time.monotonic() < deadline:
        time.sleep(0.01)
    services = bootstrap.services(settings())
    wrong = failed = 0
    for number in range(reads):
        key = keys[(number + os.getpid()) % len(keys)]
        try:
            wrong += services.input.get(key).body != body_of(key)
            wrong += services.state.note(key) != note_of(key)
        except Exception:  # noqa: BLE001 - whatever a shared connection leads to is counted
            failed += 1
    return [os.getpid(), wrong, failed]


def _share_s3() -> None:
    made = s3_client._connection_of(0, bootstrap.s3_options(settings()))
    made.client.list_buckets()
    s3_client._connection_of = lambda pid, options: made  # type: ignore[assignment]


def _share_redis() -> None:
    made = bootstrap.redis_state(settings())
    made.epoch()
    bootstrap.redis_state = lambda settings: made


if client := os.environ.get("FAULT_CLIENT"):
    {"boto3": _share_s3, "redis": _share_redis}[client]()
    worker_process_init.disconnect(application.give_up)
