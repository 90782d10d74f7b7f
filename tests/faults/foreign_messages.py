"""Messages that no client of ours sends, as kombu has them: in formats that could run code, and in JSON."""

import base64
import json
import pickle
import uuid
from pathlib import Path
from typing import Any

import redis

TASK = "aggregate_partition"
ARGUMENTS = ("nightly/28", "0" * 32)


class Planted:
    """Creates a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (self._path,)  # type: ignore[return-value]


def bodies(planted: Path) -> dict[str, bytes]:
    """A task's body by content type; what is not JSON creates the file ``planted`` when it is read."""
    yaml = f"[[!!python/object/apply:os.mknod [{planted}]], {{}}, {{}}]"
    return {
        "application/x-python-serialize": pickle.dumps(([Planted(planted)], {}, {})),
        "application/x-yaml": yaml.encode(),
        "application/json": json.dumps([ARGUMENTS, {}, {}]).encode(),
    }


def message(queue: str, content_type: str, body: bytes) -> bytes:
    """The body as a message of kombu's."""
    name = str(uuid.uuid4())
    whole: dict[str, Any] = {
        "body": base64.b64encode(body).decode(),
        "content-type": content_type,
        "content-encoding": "binary" if "python" in content_type else "utf-8",
        "headers": {"lang": "py", "task": TASK, "id": name, "root_id": name, "retries": 0},
        "properties": {
            "correlation_id": name,
            "reply_to": str(uuid.uuid4()),
            "delivery_mode": 2,
            "delivery_info": {"exchange": "", "routing_key": queue},
            "priority": 0,
            "body_encoding": "base64",
            "delivery_tag": str(uuid.uuid4()),
        },
    }
    return json.dumps(whole).encode()


def send_task(broker: redis.Redis, prefix: str, queue: str, content_type: str, body: bytes) -> None:
    """Puts a task into a queue of the deployment with this ``key_prefix``."""
    broker.lpush(f"{prefix}{queue}", message(queue, content_type, body))


def send_control(broker: redis.Redis, prefix: str, database: int, content_type: str, body: bytes) -> None:
    """Sends a command to all workers of the deployment with this ``key_prefix``, as ``celery control`` does."""
    broker.publish(f"{prefix}/{database}.celery.pidbox", message("celery.pidbox", content_type, body))
