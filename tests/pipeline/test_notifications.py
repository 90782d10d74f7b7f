"""Intake by SQS: against moto's SQS server, over HTTP."""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest

from telemetry_tasks.errors import DataError, InfrastructureError, OperatorError
from telemetry_tasks.formats.documents import read_lines
from telemetry_tasks.formats.messages import finished_task
from telemetry_tasks.formats.result_text import export_lines
from telemetry_tasks.pipeline.epoch import channel_states
from telemetry_tasks.pipeline.intake import finished_tasks, notifications
from telemetry_tasks.pipeline.intake.finished_tasks import drain_finished
from telemetry_tasks.pipeline.intake.notifications import Bucket, drain_notifications
from telemetry_tasks.pipeline.options import Options
from telemetry_tasks.pipeline.publish.current import load_current
from telemetry_tasks.pipeline.publish.snapshot import publish
from telemetry_tasks.pipeline.recovery.restore import ensure_state
from telemetry_tasks.pipeline.results import load_result
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.storage.memory import MemoryObjectStore
from telemetry_tasks.storage.queues import Message
from telemetry_tasks.storage.sqs import SqsQueue
from tests.servers.moto import MotoServer
from tests.support.backends import Backend
from tests.support.deployment import aggregate_all, merge_all, published_bytes, run_all, services_over, upload
from tests.support.shared import REAL_KEYS, lay_real_pings

BUCKET = Bucket("pings", "incoming")
REGION = "us-east-1"


@pytest.fixture
def queues(s3_server: MotoServer) -> Iterator[tuple[SqsQueue, SqsQueue]]:
    client = boto3.client("sqs", endpoint_url=s3_server.endpoint_url, region_name=REGION)
    urls = [
        client.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "0"})["QueueUrl"]
        for name in ("new", "dead")
    ]
    yield SqsQueue(urls[0], REGION, s3_server.endpoint_url), SqsQueue(urls[1], REGION, s3_server.endpoint_url)
    for url in urls:
        client.delete_queue(QueueUrl=url)


@pytest.fixture
def services(state_backend: Backend) -> Services:
    made = services_over(state_backend.client(), Options(partition_age=0.3))
    ensure_state(made)
    return made


@pytest.fixture
def root(tmp_path: Path) -> Path:
    lay_real_pings(tmp_path)
    return tmp_path


def notification(key: str, bucket: str = "pings", name: str = "ObjectCreated:Put") -> str:
    record = {"eventName": name, "s3": {"bucket": {"name": bucket}, "object": {"key": f"incoming/{key}"}}}
    return json.dumps({"Records": [record]})


def drain(services: Services, queues: tuple[SqsQueue, SqsQueue]):  # type: ignore[no-untyped-def]
    return drain_notifications(services, queues[0], BUCKET, services.input.now, queues[1], wait=0)


def test_notified_files_are_published_as_listed_ones_are(
    services: Services, queues: tuple[SqsQueue, SqsQueue], root: Path, state_backend: Backend
) -> None:
    keys = upload(services.input, root)
    queues[0].send([notification(key) for key in keys])
    assert drain(services, queues).new == len(keys)
    run_all(services)
    shown = published_bytes(services.published)
    state_backend.wipe()
    listed = services_over(state_backend.client())
    upload(listed.input, root)
    run_all(listed)
    assert shown == published_bytes(listed.published)


def test_a_message_that_comes_twice_registers_its_file_once(
    services: Services, queues: tuple[SqsQueue, SqsQueue], root: Path
) -> None:
    keys = upload(services.input, root)
    queues[0].send([notification(keys[0]), notification(keys[0])])
    assert drain(services, queues).new == 1
    queues[0].send([notification(keys[0])])
    assert drain(services, queues).new == 0
    assert queues[0].receive(0) == []


def test_a_message_is_kept_until_its_file_is_registered(
    services: Services, queues: tuple[SqsQueue, SqsQueue], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = upload(services.input, root)
    queues[0].send([notification(keys[0])])

    def away(key: str) -> None:
        raise InfrastructureError("away")

    with monkeypatch.context() as patch:
        patch.setattr(services.input, "head", away)
        with pytest.raises(InfrastructureError):
            drain(services, queues)
    assert drain(services, queues).new == 1


@pytest.mark.parametrize("when", ["before the files are looked at", "after they are registered"])
def test_messages_outlive_a_state_that_is_lost_while_they_are_drained(
    services: Services,
    queues: tuple[SqsQueue, SqsQueue],
    root: Path,
    state_backend: Backend,
    monkeypatch: pytest.MonkeyPatch,
    when: str,
) -> None:
    keys = upload(services.input, root)
    queues[0].send([notification(keys[0])])
    what = services.input if when.startswith("before") else notifications
    name = "head" if when.startswith("before") else "register_files"
    real = getattr(what, name)

    def lost(*arguments: object, **named: object) -> object:
        found = real(*arguments, **named)
        state_backend.wipe()
        ensure_state(services)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(what, name, lost)
        with pytest.raises(InfrastructureError, match="lost or restored"):
            drain(services, queues)
    drain(services, queues)
    assert channel_states(services)[0].counts().files == 1
    assert queues[0].receive(0) == []


def test_other_buckets_other_events_and_test_events_register_nothing(
    services: Services, queues: tuple[SqsQueue, SqsQueue], root: Path
) -> None:
    keys = upload(services.input, root)
    queues[0].send(
        [
            notification(keys[0], bucket="another"),
            notification(keys[0], name="ObjectRemoved:Delete"),
            json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent"}),
        ]
    )
    assert drain(services, queues).seen == 0
    assert queues[0].receive(0) == []


def test_a_poison_message_goes_to_the_dead_letter_queue_and_holds_back_no_other(
    services: Services, queues: tuple[SqsQueue, SqsQueue], root: Path
) -> None:
    keys = upload(services.input, root)
    queues[0].send(["not JSON", notification(keys[0])])
    new = sum(drain(services, queues).new for _ in range(12))
    assert new == 1
    assert [message.body for message in queues[1].receive(0)] == ["not JSON"]
    assert queues[0].receive(0) == []


def eventbridge(bucket: object, key: object) -> str:
    detail = {"bucket": {"name": bucket}, "object": {"key": key}}
    return json.dumps({"source": "aws.s3", "detail-type": "Object Created", "detail": detail})


@pytest.mark.parametrize(
    "poison",
    [
        notification("x" * 1025),
        notification("\ud800"),
        eventbridge("pings", "incoming/\ud800"),
        eventbridge("pings", 5),
        eventbridge("pings", None),
        "[" * 100_000,
    ],
    ids=["long", "half a pair", "half a pair, unquoted", "a number", "nothing", "deep"],
)
def test_a_notification_of_what_can_be_no_object_holds_back_no_other(
    services: Services, queues: tuple[SqsQueue, SqsQueue], root: Path, poison: str
) -> None:
    keys = upload(services.input, root)
    queues[0].send([poison, notification(keys[0])])
    assert sum(drain(services, queues).new for _ in range(12)) == 1
    assert [message.body for message in queues[1].receive(0)] == [poison]


def test_a_queue_that_is_never_empty_is_drained_for_a_minute(services: Services) -> None:
    class Endless:
        url = "endless"

        def __init__(self) -> None:
            self.now, self.ended = datetime(2013, 12, 6, tzinfo=UTC), 0

        def receive(self, wait: float) -> list[Message]:
            self.now += timedelta(seconds=5)
            return [Message(notification("nothing"), str(self.now))]

        def delete(self, messages: Sequence[Message]) -> None:
            self.ended += len(messages)

        def send(self, bodies: Sequence[str]) -> None:
            raise AssertionError(bodies)

    queue = Endless()
    patient = replace(services, options=replace(services.options, partition_age=3600.0))
    drain_notifications(patient, queue, BUCKET, lambda: queue.now)
    assert 10 < queue.ended < 20


def test_a_queue_that_is_not_there_says_so(s3_server: MotoServer) -> None:
    with pytest.raises(OperatorError, match="check its URL"):
        SqsQueue(f"{s3_server.endpoint_url}/123456789012/nowhere", REGION, s3_server.endpoint_url).receive(0)


def message(id: str, files: list[str], prefix: str | None) -> str:
    return json.dumps(
        {
            "id": id,
            "name": "n",
            "owner": "o",
            "code": "c",
            "target-queue": "q",
            "files": files,
            "size": 1,
            "target-prefix": prefix,
        }
    )


def test_the_result_of_a_finished_task_is_merged_like_any_partial_result(
    services: Services, queues: tuple[SqsQueue, SqsQueue], root: Path, state_backend: Backend
) -> None:
    key = REAL_KEYS["ss-ff-n-28.lzma"]
    upload(services.input, root, [key])
    aggregate_all(services)
    (state,) = [services.state.channel_version("nightly/28", services.state.epoch() or "")]
    ((partition, _),) = state.aggregated().items()
    text = "".join(export_lines(load_result(services.results, "nightly/28", partition).result))
    merge_all(services)
    publish(services)
    right = published_bytes(services.published)

    state_backend.wipe()
    other, analysis = services_over(state_backend.client()), MemoryObjectStore("analysis")
    ensure_state(other)
    analysis.put("output/task-1/result.txt", text.encode())
    queues[0].send([message("1", [key], "output/task-1/")] * 2)
    drained = drain_finished(other, queues[0], analysis, other.input.now, queues[1], wait=0)
    assert drained.messages == 2
    merge_all(other)
    publish(other)
    found = published_bytes(other.published)
    assert {n: d for n, d in found.items() if "by-" in n} == {n: d for n, d in right.items() if "by-" in n}


@pytest.mark.parametrize(
    ("id", "files", "prefix"),
    [
        ("1", [""], None),
        ("1", ["x" * 1025], None),
        ("1", ["a/../../b"], None),
        ("1", ["a\0"], None),
        ("1", ["\ud800"], None),
        ("1", [5], None),
        ("\ud800", ["a"], None),
        ("1", ["a"], "x" * 1020),
        ("1", ["a"], "\ud800"),
    ],
)
def test_a_finished_task_of_what_can_be_no_object_holds_back_no_other(
    services: Services, queues: tuple[SqsQueue, SqsQueue], id: str, files: list[str], prefix: str | None
) -> None:
    poison, good = message(id, files, prefix), message("7", [REAL_KEYS["ss-ff-n-28.lzma"]], None)
    queues[0].send([poison, good])
    analysis = MemoryObjectStore("analysis")
    drained = drain_finished(services, queues[0], analysis, services.input.now, queues[1], wait=0, seconds=0.5)
    assert drained.messages == 1
    assert [found.body for found in queues[1].receive(0)] == [poison]


def test_messages_of_finished_tasks_outlive_a_state_that_is_lost_while_they_are_drained(
    services: Services, queues: tuple[SqsQueue, SqsQueue], state_backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    queues[0].send([message("7", [REAL_KEYS["ss-ff-n-28.lzma"]], None)])
    real = finished_tasks.take_task

    def lost(*arguments: object) -> None:
        real(*arguments)  # type: ignore[arg-type]
        state_backend.wipe()
        ensure_state(services)

    def drain_them() -> None:
        drain_finished(services, queues[0], MemoryObjectStore("analysis"), services.input.now, queues[1], wait=0)

    with monkeypatch.context() as patch:
        patch.setattr(finished_tasks, "take_task", lost)
        with pytest.raises(InfrastructureError, match="lost or restored"):
            drain_them()
    drain_them()
    assert channel_states(services)[0].counts().aggregated == 1
    assert queues[0].receive(0) == []


def test_the_files_of_a_failed_task_are_missing(
    services: Services, queues: tuple[SqsQueue, SqsQueue], root: Path
) -> None:
    key = REAL_KEYS["ss-ff-n-28.lzma"]
    queues[0].send([message("7", [key], None)])
    drain_finished(services, queues[0], MemoryObjectStore("analysis"), services.input.now, queues[1], wait=0)
    merge_all(services)
    publish(services)
    stamp = load_current(services.published).stamp
    missing = read_lines(services.published.get(f"current/{stamp}/FILES_MISSING").body)
    assert missing == [f"{key}\ttask 7 failed"]


def test_a_result_of_a_finished_task_that_is_damaged_is_a_bad_message_and_stops_nothing(
    services: Services, queues: tuple[SqsQueue, SqsQueue]
) -> None:
    analysis = MemoryObjectStore("analysis")
    body = gzip.compress(b"nothing but a line\n" * 50)
    analysis.put("output/task-1/result.txt", body[:12] + b"\xff" * 20 + body[32:])
    queues[0].send([message("1", [REAL_KEYS["ss-ff-n-28.lzma"]], "output/task-1/")])
    (sent,) = queues[0].receive(0)
    with pytest.raises(DataError, match=r"result\.txt"):
        finished_tasks.take_task(services, analysis, finished_task(sent.body))


def test_a_result_of_a_finished_task_may_hold_characters_that_end_lines_elsewhere(services: Services) -> None:
    ensure_state(services)
    analysis, key = MemoryObjectStore("analysis"), REAL_KEYS["ss-ff-n-28.lzma"]
    cell = '{"values": [1, 0, 0, 0, 0, 0, 1], "buildId": "20131101", "revision": "r"}'
    text = f'nightly/28/A/by-build-date\t{{"20131101/s/F/a\u2028b\x85/1/x": {cell}}}\n'
    analysis.put("output/task-1/result.txt", text.encode())
    finished_tasks.take_task(services, analysis, finished_task(message("1", [key], "output/task-1/")))
    assert channel_states(services)[0].counts().aggregated == 1
