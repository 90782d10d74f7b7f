"""Messages that other systems send: S3 event notifications, and the task-finished messages of the old system."""

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from telemetry_tasks.core.partition import is_object_key
from telemetry_tasks.errors import DataError

_NOT_LOOKED_UP = re.compile(r"[\x00-\x1f\x7f]|(?:\A|/)\.\.?(?:/|\Z)")
"""Keys that some servers reject: with control characters, or with path parts such as ``..``."""


@dataclass(frozen=True, slots=True)
class CreatedObject:
    """An object that S3 says was created."""

    bucket: str
    key: str


@dataclass(frozen=True, slots=True)
class FinishedTask:
    """A task of the old system: its ``result.txt`` is below ``prefix``, or it failed and ``prefix`` is None."""

    id: str
    files: tuple[str, ...]
    prefix: str | None


def created_objects(body: str) -> list[CreatedObject]:
    """The objects in a notification: direct from S3, through SNS, or through EventBridge.

    Test events and events of other kinds give no objects. Raises ``DataError`` ``bad-message``.
    """
    try:
        created = _created(_object(json.loads(body)))
        for each in created:
            _check_key(each.key)
        return created
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DataError("bad-message", f"not an S3 notification: {error!r}") from error


def _created(event: dict[str, Any]) -> list[CreatedObject]:
    if event.get("Type") == "Notification" and "Message" in event:
        return _created(_object(json.loads(event["Message"])))
    if event.get("Event") == "s3:TestEvent":
        return []
    if event.get("source") == "aws.s3":  # EventBridge does not quote keys
        if event["detail-type"] != "Object Created":
            return []
        return [CreatedObject(event["detail"]["bucket"]["name"], event["detail"]["object"]["key"])]
    return [
        CreatedObject(record["s3"]["bucket"]["name"], unquote_plus(record["s3"]["object"]["key"]))
        for record in event["Records"]
        if "ObjectCreated" in record["eventName"]
    ]


def finished_task(body: str) -> FinishedTask:
    """A task-finished message: ``{"id", "name", "owner", "code", "target-queue", "files", "size", "target-prefix"}``.

    Raises ``DataError`` ``bad-message``.
    """
    try:
        message = _object(json.loads(body))
        id, files, prefix = message["id"], message["files"], message["target-prefix"]
        if not isinstance(files, list) or not (prefix is None or isinstance(prefix, str)):
            raise ValueError("files is not a list, or target-prefix is neither a string nor null")
        for key in (*files, f"{prefix or ''}result", f"task-{id}"):
            _check_key(key)
            if _NOT_LOOKED_UP.search(key):
                raise ValueError(f"{key!r} is not a usable key")
        return FinishedTask(str(id), tuple(files), prefix)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DataError("bad-message", f"not a task-finished message: {error!r}") from error


def _check_key(key: object) -> None:
    """Raises ``ValueError`` for invalid keys, which would otherwise be requested again and again."""
    if not isinstance(key, str) or not is_object_key(key):
        raise ValueError(f"{str(key)[:100]!r} is not a valid key")


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return value
