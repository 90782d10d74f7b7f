"""A worker refuses none of our own messages, not even one that Celery writes again because a child was killed."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from telemetry_tasks.app import app
from telemetry_tasks.formats.task_message import check_body, task_headers
from telemetry_tasks.tasks.context import NEXT_ATTEMPT

MANY = 60
NOW = datetime.now(UTC)


@pytest.mark.parametrize(
    ("task", "arguments"),
    [
        ("download_and_merge", ("nightly/28", ["f" * 32] * MANY)),
        ("reduce_into_state", ([f"merged-slices/nightly/28/{'f' * 32}-{'0' * 8}"] * MANY,)),
        ("finish_publish", ([{"name": f"nightly/{n}", "ref": {"path": "x" * 80}, "parts": 1} for n in range(MANY)],)),
    ],
)
def test_long_arguments_are_taken(task: str, arguments: tuple[Any, ...]) -> None:
    message = app.amqp.as_task_v2("an-id", task, arguments, {"batch": "f" * 32}, retries=1)
    assert len(message.headers["argsrepr"]) > 1000
    assert task_headers(message.headers, NOW)["argsrepr"] == message.headers["argsrepr"]
    check_body(message.body)


def test_an_attempt_that_is_scheduled_is_taken() -> None:
    message = app.amqp.as_task_v2("an-id", "aggregate_partition", ("nightly/28", "p"), countdown=NEXT_ATTEMPT)
    assert task_headers(message.headers, NOW)["eta"]


def test_a_task_of_a_chord_is_taken() -> None:
    body = app.signature("reduce_into_state", kwargs={"channel_version": "nightly/28", "batch": "b"})
    message = app.amqp.as_task_v2("an-id", "download_and_merge", ("nightly/28", ["p"]), group_id="g", chord=body)
    assert message.body[2]["chord"]
    check_body(json.loads(json.dumps(message.body)))
    assert task_headers(message.headers, NOW)["group"] == "g"
