"""Messages of other systems: what they name, and which cannot be used."""

import json
from typing import Any

import pytest

from telemetry_tasks.core.partition import LONGEST_KEY
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.messages import CreatedObject, FinishedTask, created_objects, finished_task


def record(key: object, bucket: object = "pings", name: object = "ObjectCreated:Put") -> dict[str, Any]:
    return {"eventName": name, "s3": {"bucket": {"name": bucket}, "object": {"key": key}}}


def s3(*records: object) -> dict[str, Any]:
    return {"Records": list(records)}


def sns(message: object) -> dict[str, Any]:
    return {"Type": "Notification", "Message": json.dumps(message)}


def eventbridge(key: object, kind: str = "Object Created") -> dict[str, Any]:
    detail = {"bucket": {"name": "pings"}, "object": {"key": key}}
    return {"source": "aws.s3", "detail-type": kind, "detail": detail}


@pytest.mark.parametrize(
    "form",
    [s3(record("a+b/%C3%A9")), sns(s3(record("a+b/%C3%A9"))), eventbridge("a b/é"), sns(eventbridge("a b/é"))],
    ids=["S3", "SNS", "EventBridge", "EventBridge through SNS"],
)
def test_every_form_of_notification_names_its_object(form: dict[str, Any]) -> None:
    assert created_objects(json.dumps(form)) == [CreatedObject("pings", "a b/é")]


def test_a_notification_may_name_several_objects_and_events_of_other_kinds() -> None:
    several = s3(record("a"), record("b", name="ObjectRemoved:Delete"), record("c", bucket="other"))
    assert created_objects(json.dumps(several)) == [CreatedObject("pings", "a"), CreatedObject("other", "c")]


@pytest.mark.parametrize(
    "event", [{"Service": "Amazon S3", "Event": "s3:TestEvent"}, s3(), eventbridge("a", "Object Deleted")]
)
def test_events_that_create_nothing_name_nothing(event: dict[str, Any]) -> None:
    assert created_objects(json.dumps(event)) == []


@pytest.mark.parametrize(
    "body",
    [
        "not JSON",
        "[" * 100_000,
        *map(
            json.dumps,
            [
                None,
                [],
                {},
                {"Records": None},
                s3({}),
                s3(record(5)),
                s3(record("a", name=None)),
                s3(record("")),
                s3(record("x" * (LONGEST_KEY + 1))),
                s3(record("\ud800")),
                eventbridge(None),
                {"source": "aws.s3"},
                {"Type": "Notification", "Message": "not JSON"},
                sns([]),
            ],
        ),
    ],
    ids=lambda body: body[:40],
)
def test_what_is_no_notification_is_a_bad_message(body: str) -> None:
    with pytest.raises(DataError) as caught:
        created_objects(body)
    assert caught.value.reason == "bad-message"


def test_a_key_of_the_longest_length_is_one() -> None:
    assert created_objects(json.dumps(s3(record("x" * LONGEST_KEY))))[0].key == "x" * LONGEST_KEY


FINISHED = {
    "id": "7",
    "owner": "somebody",
    "code": 0,
    "target-queue": "q",
    "files": ["a", "b/c"],
    "size": 5,
    "target-prefix": "output/task-7/",
}


def test_a_finished_task_names_its_files_and_where_its_result_is() -> None:
    assert finished_task(json.dumps(FINISHED)) == FinishedTask("7", ("a", "b/c"), "output/task-7/")


def test_a_task_that_failed_has_no_prefix_and_ids_may_be_numbers() -> None:
    assert finished_task(json.dumps({**FINISHED, "id": 7, "target-prefix": None})) == FinishedTask(
        "7", ("a", "b/c"), None
    )


@pytest.mark.parametrize(
    "change",
    [
        {"files": "a"},
        {"files": [5]},
        {"files": [""]},
        {"files": ["a/../b"]},
        {"files": ["."]},
        {"files": ["a\nb"]},
        {"files": ["x" * (LONGEST_KEY + 1)]},
        {"files": ["\ud800"]},
        {"target-prefix": 5},
        {"target-prefix": "../"},
        {"target-prefix": "x" * LONGEST_KEY},
        {"id": "a\x00b"},
        {"id": "/../"},
    ],
    ids=lambda change: str(change)[:40],
)
def test_what_a_task_cannot_mean_is_a_bad_message(change: dict[str, Any]) -> None:
    with pytest.raises(DataError) as caught:
        finished_task(json.dumps({**FINISHED, **change}))
    assert caught.value.reason == "bad-message"


@pytest.mark.parametrize("missing", ["id", "files", "target-prefix"])
def test_a_task_without_what_it_needs_is_a_bad_message(missing: str) -> None:
    with pytest.raises(DataError, match=missing):
        finished_task(json.dumps({name: value for name, value in FINISHED.items() if name != missing}))
