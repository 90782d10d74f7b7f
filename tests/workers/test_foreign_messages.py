"""Messages that no client of ours sends: a worker throws them away unread, and goes on."""

import pickle
from pathlib import Path

import pytest
import redis
from celery import Celery

from telemetry_tasks.embedded.celery_probe import worker_answers
from tests.embedded.waiting import wait_until
from tests.workers.running import merge_worker

ARGUMENTS = ([[]], "nightly/99", "batch")
RUN = "not merged: a slice is missing"
"""What the task logs when it is run with them."""


class Planted:
    """Creates a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (self._path,)  # type: ignore[return-value]


def send(redis_url: str, serializer: str, *arguments: object) -> None:
    app = Celery(broker=redis_url, set_as_current=False)
    try:
        app.send_task("reduce_into_state", arguments, queue="merge", serializer=serializer)
    finally:
        app.close()


@pytest.mark.parametrize("serializer", ["json", "pickle"])
def test_a_message_in_another_format_is_refused_without_effect(serializer: str, redis_url: str, tmp_path: Path) -> None:
    planted = tmp_path / "planted"
    send(redis_url, serializer, *(ARGUMENTS if serializer == "json" else (Planted(planted),)))
    log = tmp_path / "log"
    with merge_worker(redis_url, tmp_path) as (_, node), redis.Redis.from_url(redis_url) as broker:
        wait_until(lambda: "ContentDisallowed" in log.read_text(), 180)
        wait_until(lambda: not broker.exists("merge", "unacked"), 180)
        assert worker_answers(redis_url, node)
        assert RUN not in log.read_text()
        send(redis_url, "msgpack", *ARGUMENTS)
        wait_until(lambda: RUN in log.read_text(), 180)
    assert not planted.exists()


def test_the_planted_message_would_do_harm_where_pickles_are_read(tmp_path: Path) -> None:
    pickle.loads(pickle.dumps(Planted(tmp_path / "planted")))
    assert (tmp_path / "planted").exists()
