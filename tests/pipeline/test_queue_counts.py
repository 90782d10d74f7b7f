"""What is counted of SQS queues, as the tasks do it: against moto's server, read back as a scrape shows it."""

import json
from collections.abc import Iterator

import boto3
import pytest
from prometheus_client import CollectorRegistry

from telemetry_tasks.errors import InfrastructureError
from telemetry_tasks.exporter.collector import Scraper
from telemetry_tasks.pipeline.intake.notifications import Bucket, drain_notifications
from telemetry_tasks.pipeline.intake.queue_drain import POISON
from telemetry_tasks.settings import load_settings
from telemetry_tasks.storage.sqs import SqsQueue
from telemetry_tasks.tasks import intake
from tests.servers.moto import MotoServer
from tests.support.pings import key
from tests.support.stage import Stage

REGION = "us-east-1"
BUCKET = Bucket("pings", "")


@pytest.fixture
def urls(s3_server: MotoServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Two queues, and the settings of the tasks that name their server."""
    client = boto3.client("sqs", endpoint_url=s3_server.endpoint_url, region_name=REGION)
    attributes = {"VisibilityTimeout": "0"}
    made = {
        name: client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        for name in ("notifications", "dead-letters")
    }
    chosen = load_settings(sqs_endpoint_url=s3_server.endpoint_url, s3_region=REGION)
    monkeypatch.setattr(intake, "settings", lambda: chosen)
    yield made
    for url in made.values():
        client.delete_queue(QueueUrl=url)


def notification(name: str) -> str:
    record = {"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "pings"}, "object": {"key": name}}}
    return json.dumps({"Records": [record]})


def drain(stage: Stage, urls: dict[str, str]) -> None:
    services = stage.services
    with (
        intake._counted(services, "notifications", urls["notifications"]) as queue,
        intake._counted(services, "dead-letters", urls["dead-letters"]) as dead_letters,
    ):
        assert queue is not None
        drain_notifications(services, queue, BUCKET, services.input.now, dead_letters, wait=0)


def counted(stage: Stage, queue: str, action: str) -> float | None:
    registry = CollectorRegistry()
    registry.register(Scraper({}, stage.services.state.counters.read))
    return registry.get_sample_value("telemetry_intake_messages_total", {"queue": queue, "action": action})


def send(stage: Stage, url: str, *bodies: str) -> None:
    settings = intake.settings()
    SqsQueue(url, REGION, settings.sqs_endpoint_url).send(bodies)


def keep_to_the_first(url: str) -> None:
    """A message that is not ended does not come again: else a drain receives it for as long as it may."""
    client = boto3.client("sqs", endpoint_url=intake.settings().sqs_endpoint_url, region_name=REGION)
    client.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "600"})


def test_messages_received_and_ended_are_counted_and_add_up(stage: Stage, urls: dict[str, str]) -> None:
    stage.upload(key("a"), key("b"), key("c"))
    keep_to_the_first(urls["notifications"])
    send(stage, urls["notifications"], notification(key("a")), notification(key("b")))
    drain(stage, urls)
    assert counted(stage, "notifications", "received") == counted(stage, "notifications", "ended") == 2
    send(stage, urls["notifications"], notification(key("c")))
    drain(stage, urls)
    assert counted(stage, "notifications", "received") == counted(stage, "notifications", "ended") == 3
    assert counted(stage, "dead-letters", "sent") is None


def test_a_poison_message_is_counted_each_time_it_comes_and_once_as_a_dead_letter(
    stage: Stage, urls: dict[str, str]
) -> None:
    send(stage, urls["notifications"], "not JSON")
    for _ in range(POISON + 1):
        drain(stage, urls)
    assert counted(stage, "dead-letters", "sent") == 1
    assert counted(stage, "notifications", "ended") == 1
    assert counted(stage, "notifications", "received") == POISON


def test_messages_that_were_received_are_counted_where_the_drain_fails(stage: Stage, urls: dict[str, str]) -> None:
    def away(verb: str, key: str) -> None:
        raise InfrastructureError("away")

    stage.input.before = away
    keep_to_the_first(urls["notifications"])
    send(stage, urls["notifications"], notification(key("a")))
    with pytest.raises(InfrastructureError):
        drain(stage, urls)
    assert counted(stage, "notifications", "received") == 1
    assert counted(stage, "notifications", "ended") is None


def test_without_a_queue_nothing_is_counted(stage: Stage, urls: dict[str, str]) -> None:
    with intake._counted(stage.services, "notifications", None) as queue:
        assert queue is None
    assert counted(stage, "notifications", "received") is None
