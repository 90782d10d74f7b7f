"""Messages that no client of ours sends: a worker throws them away unread, and goes on."""

import json
import pickle
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgpack
import pytest
import redis
from celery import Celery

from telemetry_tasks.embedded.celery_probe import worker_answers
from telemetry_tasks.metrics import ARGUMENTS, FORMAT, MALFORMED, REFUSED, UNKNOWN_TASK, sums_of
from telemetry_tasks.settings.redis_addresses import key_prefix
from telemetry_tasks.storage.redis.state import RedisState
from tests.embedded.waiting import wait_until
from tests.faults.foreign_messages import message
from tests.workers.running import merge_worker

PREFIX = key_prefix("tt")
ARGUMENTS_OF_TASK = ([[]], "nightly/99", "batch")
RUN = "not merged: one of its tasks failed"
"""What the task logs when it is run with them."""

GOOD = msgpack.packb([ARGUMENTS_OF_TASK, {}, {}])


class Planted:
    """Creates a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (self._path,)  # type: ignore[return-value]


def send(redis_url: str, serializer: str, *arguments: object) -> None:
    app = Celery(broker=redis_url, set_as_current=False)
    app.conf.broker_transport_options = {"global_keyprefix": PREFIX}
    try:
        app.send_task("reduce_into_state", arguments, queue="merge", serializer=serializer)
    finally:
        app.close()


@pytest.mark.parametrize("serializer", ["json", "pickle"])
def test_a_message_in_another_format_is_refused_without_effect(serializer: str, redis_url: str, tmp_path: Path) -> None:
    planted = tmp_path / "planted"
    send(redis_url, serializer, *(ARGUMENTS_OF_TASK if serializer == "json" else (Planted(planted),)))
    log = tmp_path / "log"
    with merge_worker(redis_url, tmp_path) as (_, node), redis.Redis.from_url(redis_url) as broker:
        wait_until(lambda: "ContentDisallowed" in log.read_text(), 60)
        wait_until(lambda: not broker.exists(f"{PREFIX}merge", f"{PREFIX}unacked"), 60)
        assert worker_answers(redis_url, PREFIX, node)
        assert RUN not in log.read_text()
        send(redis_url, "msgpack", *ARGUMENTS_OF_TASK)
        wait_until(lambda: RUN in log.read_text(), 60)
    assert not planted.exists()


def of_no_client(change: Callable[[dict[str, Any]], object], *, body: bytes = GOOD) -> bytes:
    """A message of ours that was changed."""
    whole = json.loads(message("merge", "application/x-msgpack", body))
    whole |= {"content-encoding": "binary"}
    whole["headers"] |= {"task": "reduce_into_state"}
    change(whole)
    return json.dumps(whole).encode()


def unchanged(whole: dict[str, Any]) -> None:
    """Nothing but the body is odd."""


ODD = {
    "json": (FORMAT, of_no_client(lambda whole: whole.update({"content-type": "application/json"}))),
    "broken msgpack": (FORMAT, of_no_client(unchanged, body=b"\xc1\xc1")),
    "no such task": (UNKNOWN_TASK, of_no_client(lambda whole: whole["headers"].update(task="nobody"))),
    "no task": (MALFORMED, of_no_client(lambda whole: whole["headers"].pop("task"))),
    "one of Celery's": (UNKNOWN_TASK, of_no_client(lambda whole: whole["headers"].update(task="celery.map"))),
    "a chord of Celery's": (
        UNKNOWN_TASK,
        of_no_client(lambda whole: whole["headers"].update(task="celery.chord_unlock")),
    ),
    "a time": (MALFORMED, of_no_client(unchanged, body=msgpack.packb([[msgpack.Timestamp(1)], {}, {}]))),
    "an extension": (MALFORMED, of_no_client(unchanged, body=msgpack.packb([[], {}, {"x": msgpack.ExtType(5, b"")}]))),
    "an odd limit": (MALFORMED, of_no_client(lambda whole: whole["headers"].update(timelimit=["a", {}]))),
    "an odd name": (MALFORMED, of_no_client(lambda whole: whole["headers"].update(shadow=[1]))),
    "half a character": (MALFORMED, b'{"body": "\\ud800"}'),
    "nested": (MALFORMED, b"[" * 100_000),
    "no id": (MALFORMED, of_no_client(lambda whole: whole["headers"].pop("id"))),
    "an odd third part": (MALFORMED, of_no_client(unchanged, body=msgpack.packb([[], {}, ["id"]]))),
    "a header in the body": (MALFORMED, of_no_client(unchanged, body=msgpack.packb([[], {}, {"retries": "x"}]))),
    "a task that follows": (MALFORMED, of_no_client(unchanged, body=msgpack.packb([[], {}, {"chain": [{"a": 1}]}]))),
    "a chord of nothing": (MALFORMED, of_no_client(unchanged, body=msgpack.packb([[], {}, {"chord": {"task": 1}}]))),
    "empty": (MALFORMED, of_no_client(unchanged, body=b"")),
    "a pair": (MALFORMED, of_no_client(unchanged, body=msgpack.packb([1, 2]))),
    "a number": (MALFORMED, of_no_client(unchanged, body=msgpack.packb(7))),
    "an odd time": (MALFORMED, of_no_client(lambda whole: whole["headers"].update(eta="soon"))),
    "a time in years": (MALFORMED, of_no_client(lambda whole: whole["headers"].update(eta="9999-12-31T23:59:59"))),
    "no properties": (MALFORMED, of_no_client(lambda whole: whole.update(properties={}))),
    "odd properties": (MALFORMED, of_no_client(lambda whole: whole.update(properties=[]))),
    "no address": (MALFORMED, of_no_client(lambda whole: whole["properties"].pop("delivery_info"))),
    "half an address": (MALFORMED, of_no_client(lambda whole: whole["properties"].update(delivery_info={}))),
    "an odd tag": (MALFORMED, of_no_client(lambda whole: whole["properties"].update(delivery_tag={}))),
    "odd headers": (MALFORMED, of_no_client(lambda whole: whole.update(headers=[1]))),
    "an odd body": (MALFORMED, of_no_client(lambda whole: whole.update(body=7))),
    "a list": (MALFORMED, b"[]"),
    "a bare number": (MALFORMED, b"7"),
    "nothing": (MALFORMED, b"null"),
    "no JSON": (MALFORMED, b"\xff\xfe"),
    "too many arguments": (ARGUMENTS, of_no_client(unchanged, body=msgpack.packb([[1, 2, 3, 4, 5], {}, {}]))),
    "unknown names": (ARGUMENTS, of_no_client(unchanged, body=msgpack.packb([[], {"odd": 1}, {}]))),
    "no names": (ARGUMENTS, of_no_client(unchanged, body=msgpack.packb([[], [], {}]))),
    "no arguments": (ARGUMENTS, of_no_client(unchanged, body=msgpack.packb([None, {}, {}]))),
}
"""By what is odd: the reason for which it is counted, and the message."""


def test_a_worker_counts_what_it_refuses_by_reason_and_outlives_it(redis_url: str, tmp_path: Path) -> None:
    client = redis.Redis.from_url(redis_url.replace("/0", "/1"))
    state = RedisState(client, redis_url, "tt")
    log = tmp_path / "log"
    client.flushdb()
    wanted: Counter[str] = Counter()

    def seen() -> dict[str, float]:
        return {reason: parts[""] for (reason,), parts in sums_of(REFUSED, state.counters.read()).items()}

    with merge_worker(redis_url, tmp_path) as (process, node), redis.Redis.from_url(redis_url) as broker, client:
        for name, (reason, odd) in ODD.items():
            broker.lpush(f"{PREFIX}merge", odd)
            wanted[reason] += 1
            wait_until(lambda: seen() == wanted, 60)
            assert process.poll() is None, name
        wait_until(lambda: not broker.exists(f"{PREFIX}merge", f"{PREFIX}unacked"), 60)
        assert RUN not in log.read_text()
        send(redis_url, "msgpack", *ARGUMENTS_OF_TASK)
        wait_until(lambda: RUN in log.read_text(), 60)
        assert worker_answers(redis_url, PREFIX, node)
    assert seen() == wanted


def test_the_planted_message_would_do_harm_where_pickles_are_read(tmp_path: Path) -> None:
    pickle.loads(pickle.dumps(Planted(tmp_path / "planted")))
    assert (tmp_path / "planted").exists()
