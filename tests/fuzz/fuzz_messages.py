"""Random messages for a live worker: bodies, headers and names that no client sends. The worker goes on working.

``python -m tests.fuzz.fuzz_messages --minutes 10``. A seed gives the same messages again.
"""

import argparse
import base64
import json
import random
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgpack
import redis

from telemetry_tasks.metrics import REFUSED, sums_of
from telemetry_tasks.settings.redis_addresses import key_prefix
from telemetry_tasks.storage.redis.state import RedisState
from tests.embedded.waiting import wait_until
from tests.servers.redis import RedisServer
from tests.workers.running import merge_worker

PREFIX = key_prefix("tt")
GOOD = msgpack.packb([([[]], "nightly/99", "batch"), {}, {}])
RUN = "not merged: a slice is missing"
"""What the task logs when it is run with them."""

PATIENCE = 120.0
BATCH = 50
TASKS = (
    *("reduce_into_state", "aggregate_partition", "publish", "nobody", "", "celery.map", "celery.starmap"),
    *("celery.chunks", "celery.group", "celery.chain", "celery.chord", "celery.chord_unlock", "celery.accumulate"),
    *("celery.backend_cleanup", "celery.ping", "../reduce", "é", "\x00"),
)
HEADERS = (
    *("task", "id", "lang", "root_id", "parent_id", "group", "group_index", "shadow", "eta", "expires", "retries"),
    *("timelimit", "argsrepr", "kwargsrepr", "origin", "ignore_result", "stamps", "stamped_headers", "compression"),
    *("chord", "args", "kwargs", "callbacks", "errbacks", "chain", "reply_to", "delivery_info", "hostname"),
    *("replaced_task_nesting", "update", "get", "__dict__", "redelivered", "x-death"),
)
PROPERTIES = (
    "correlation_id",
    "reply_to",
    "delivery_mode",
    "delivery_info",
    "priority",
    "body_encoding",
    "delivery_tag",
)


class WorkerEnded(AssertionError):
    """The worker ended, or does not work any more."""


def plain(dice: random.Random, depth: int = 3) -> Any:
    """Any value that JSON has."""
    odd = ("", "x", "\ud800", "é" * 50, "2026-01-01T00:00:00", "9999-12-31T23:59:59", "None", "a" * 3000, "\x00")
    numbers = (0, -1, 1, 2**31, 2**63, -(2**63), 10**30, 1e308, -0.5, float("inf"), float("nan"))
    kind = dice.randrange(6 if depth else 4)
    if kind == 4:
        return [plain(dice, depth - 1) for _ in range(dice.randrange(4))]
    if kind == 5:
        return {str(plain(dice, 0))[:20]: plain(dice, depth - 1) for _ in range(dice.randrange(4))}
    return (dice.choice(odd), dice.choice(numbers), dice.choice((True, False)), None)[kind]


def packed(dice: random.Random) -> bytes:
    """A body: right, of other values, of extensions, damaged, or of nothing like it."""
    extension = dice.choice((msgpack.Timestamp(1, 2), msgpack.ExtType(5, b"x"), msgpack.ExtType(0, b"")))
    name = dice.choice(("chord", "callbacks", "errbacks", "chain"))
    embedded = {name: dice.choice((plain(dice), [plain(dice)], 1))}
    choices: tuple[Callable[[], bytes], ...] = (
        lambda: GOOD,
        lambda: msgpack.packb([[extension], {}, {}]),
        lambda: msgpack.packb([[], {"x": extension}, {"chord": extension}]),
        lambda: _pack([plain(dice), plain(dice), plain(dice)]),
        lambda: _pack([[[[]], "nightly/99", "batch"], {}, embedded]),
        lambda: _pack(plain(dice)),
        lambda: b"\x91" * dice.randrange(1, 3000) + b"\xc0",
        lambda: dice.randbytes(dice.randrange(60)),
        lambda: GOOD[: dice.randrange(len(GOOD))],
    )
    return dice.choice(choices)()


def _pack(value: Any) -> bytes:
    try:
        return bytes(msgpack.packb(value))
    except (ValueError, OverflowError):  # half a character, or a number of more than 64 bits
        return b"\xc1"


def element(dice: random.Random) -> bytes:
    """An element of a queue."""
    kind = dice.randrange(12)
    if kind == 0:
        return dice.randbytes(dice.randrange(80))
    if kind == 1:
        return json.dumps(plain(dice)).encode()
    if kind == 2:
        return dice.choice((b"[" * 5000, b"1" * 5000, b'{"a":' * 3000, b"", b"[]", b"1", b"null", b'"x"', b"{}"))
    name = str(uuid.UUID(int=dice.getrandbits(128)))
    address = {"exchange": "", "routing_key": "merge"}
    properties: dict[str, Any] = {"correlation_id": name, "delivery_mode": 2, "delivery_info": address, "priority": 0}
    properties |= {"body_encoding": "base64", "delivery_tag": name}
    headers: dict[str, Any] = {"lang": "py", "task": dice.choice(TASKS), "id": name, "root_id": name, "retries": 0}
    message: dict[str, Any] = {"body": base64.b64encode(packed(dice)).decode(), "headers": headers}
    message |= {"content-type": "application/x-msgpack", "content-encoding": "binary", "properties": properties}
    for _ in range(dice.randrange(3)):
        headers[dice.choice(HEADERS)] = plain(dice)
    if dice.random() < 0.2:
        properties[dice.choice(PROPERTIES)] = plain(dice)
    if dice.random() < 0.1:
        message[dice.choice(("body", "headers", "properties", "content-type", "content-encoding"))] = plain(dice)
    if dice.random() < 0.1:
        headers["compression"] = dice.choice(("application/x-gzip", "application/x-bz2", "zstd", "none"))
    if dice.random() < 0.1:
        message["content-type"] = dice.choice(("application/json", "application/x-python-serialize", "text/plain", "x"))
    return json.dumps(message).encode()


def good(name: str) -> bytes:
    """A message of ours, as it should be."""
    properties = {"correlation_id": name, "delivery_mode": 2, "priority": 0, "body_encoding": "base64"}
    properties |= {"delivery_tag": name, "delivery_info": {"exchange": "", "routing_key": "merge"}}  # type: ignore[dict-item]
    headers = {"lang": "py", "task": "reduce_into_state", "id": name, "root_id": name, "retries": 0}
    message = {"body": base64.b64encode(GOOD).decode(), "headers": headers, "properties": properties}
    return json.dumps(message | {"content-type": "application/x-msgpack", "content-encoding": "binary"}).encode()


def run(seconds: float, seed: int, folder: Path, redis_url: str) -> tuple[int, float]:
    """Sends batches to a live worker for so long; how many messages were sent, and how many were refused.

    After each batch a right message must be run. Raises ``WorkerEnded``, with the seed.
    """
    dice, sent, log = random.Random(seed), 0, folder / "log"
    client = redis.Redis.from_url(redis_url.replace("/0", "/1"))
    state = RedisState(client, redis_url, "tt")
    with merge_worker(redis_url, folder) as (process, _), redis.Redis.from_url(redis_url) as broker, client:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline or not sent:
            batch = [element(dice) for _ in range(BATCH)]
            for each in batch:
                broker.lpush(f"{PREFIX}merge", each)
                if dice.random() < 0.1:
                    broker.publish(f"{PREFIX}/0.celery.pidbox", element(dice))
            name = str(uuid.UUID(int=dice.getrandbits(128)))
            broker.lpush(f"{PREFIX}merge", good(name))
            sent += len(batch)
            try:
                wait_until(lambda: _worked(process.poll(), log, name), PATIENCE)  # noqa: B023
            except AssertionError as error:
                raise WorkerEnded(f"seed {seed}, batch {sent // BATCH}: {log.read_text()[-3000:]}") from error
            wait_until(lambda: not broker.exists(f"{PREFIX}merge", f"{PREFIX}unacked"), PATIENCE)
        refused = sum(parts[""] for parts in sums_of(REFUSED, state.counters.read()).values())
    return sent, refused


def _worked(ended: int | None, log: Path, name: str) -> bool:
    if ended is not None:
        raise AssertionError(f"the worker ended with {ended}")
    return f"[{name}] succeeded" in log.read_text("utf-8", "replace")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args()
    seed = random.SystemRandom().randrange(2**32) if options.seed is None else options.seed
    print(f"seed {seed}", flush=True)
    with RedisServer() as server, tempfile.TemporaryDirectory(prefix="fuzz-messages-") as folder:
        sent, refused = run(60 * options.minutes, seed, Path(folder), server.url)
    print(f"{sent} messages, {refused:.0f} refused; the worker works")


if __name__ == "__main__":
    sys.exit(main())
