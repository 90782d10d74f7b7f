"""What a scrape shows: of a real deployment, by name as declared, and in time when a service is away."""

import gzip
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from prometheus_client import CollectorRegistry

from telemetry_tasks.core.disclosure.publish_limits import PublishLimits
from telemetry_tasks.exporter.collector import Scraper
from telemetry_tasks.exporter.reference import page
from telemetry_tasks.exporter.samples import FindingsSource, PublishedSource, broker_samples, state_samples
from telemetry_tasks.metrics import METRICS
from telemetry_tasks.pipeline.inspect.accepted import change_accepted
from telemetry_tasks.pipeline.inspect.status import status
from telemetry_tasks.pipeline.inspect.status_values import DEFAULT_THRESHOLDS
from telemetry_tasks.pipeline.intake.discover import discover
from telemetry_tasks.pipeline.publish.snapshot import publish
from telemetry_tasks.pipeline.recovery.checkpoint import checkpoint
from telemetry_tasks.storage.redis.state import RedisState
from tests.servers.redis import RedisServer
from tests.support.deployment import aggregate_all, merge_all, run_all
from tests.support.living import all_live
from tests.support.stage import Stage

KEY = "saved_session/Firefox/nightly/28.0a1/20131029030201.20131029.v2.log.{}.lzma"
CUT = gzip.compress(b"x" * 1000)[:-9]
NAMES = {"channel_version": "nightly/28"}
EXPORTER = Path(__file__).resolve().parents[2] / "docs" / "metrics.md"


@pytest.fixture
def stage(redis_stage: Stage) -> Stage:
    """A scrape looks at the broker, too."""
    return redis_stage


def scrape(stage: Stage) -> CollectorRegistry:
    state: Any = stage.services.state
    registry = CollectorRegistry()
    registry.register(
        Scraper(
            {
                "state": lambda: state_samples(state, stage.clock().timestamp()),
                "broker": lambda: broker_samples(state.client, state.url, "tt:celery:"),
                "published": PublishedSource(stage.services.published).samples,
            },
            state.counters.read,
        )
    )
    return registry


def value(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(name, labels)


def test_a_partition_is_seen_from_its_registration_to_its_publication(stage: Stage) -> None:
    stage.upload(KEY.format(1), KEY.format(2))
    discover(stage.services, stage.input.now(), all_now=True)
    stage.clock.pass_(100)
    waiting = scrape(stage)
    assert value(waiting, "telemetry_partitions", station="waiting", **NAMES) == 1
    assert value(waiting, "telemetry_oldest_unpublished_seconds", **NAMES) == pytest.approx(100, abs=2)
    assert value(waiting, "telemetry_pings", **NAMES) is None
    aggregate_all(stage.services)
    aggregated = scrape(stage)
    assert value(aggregated, "telemetry_partitions", station="aggregated", **NAMES) == 1
    merge_all(stage.services)
    published = publish(stage.services)
    assert len(published.partitions) == 1
    done = scrape(stage)
    assert value(done, "telemetry_partitions", station="merged", **NAMES) == 1
    assert value(done, "telemetry_oldest_unpublished_seconds", **NAMES) == 0
    assert value(done, "telemetry_published_files", **NAMES) == 2
    assert value(done, "telemetry_pings", **NAMES) > 0  # type: ignore[operator]
    assert value(done, "telemetry_input_bytes", **NAMES) > 0  # type: ignore[operator]
    assert value(done, "telemetry_publication_lag_seconds_count") == 1
    assert value(done, "telemetry_publication_lag_seconds_bucket", le="60.0") == 0
    assert value(done, "telemetry_publication_lag_seconds_bucket", le="300.0") == 1
    assert value(done, "telemetry_publish_duration_seconds_count") == 1


def test_numbers_stay_when_steps_are_repeated(stage: Stage) -> None:
    stage.upload(KEY.format(1), KEY.format("bad"), body=b"no ping\n")
    run_all(stage.services)
    before = scrape(stage)
    stage.upload(KEY.format(1), KEY.format("bad"), body=b"no ping\n")
    run_all(stage.services)
    after = scrape(stage)
    for name in ("telemetry_pings", "telemetry_published_files", "telemetry_missing_files", "telemetry_input_bytes"):
        assert value(after, name, **NAMES) == value(before, name, **NAMES)
    assert value(after, "telemetry_publication_lag_seconds_count") == 1


def test_what_is_collapsed_into_other_is_seen_by_dimension_and_reason(stage: Stage) -> None:
    stage = stage.with_options(publish_limits=PublishLimits(allowed_options=(("OS", ("Darwin",)),)))
    stage.upload(KEY.format(1))
    run_all(stage.services)
    found = scrape(stage)
    labels = {**NAMES, "reason": "not-allowed", "dimension": "OS"}
    assert value(found, "telemetry_collapsed", **labels) == 1
    assert value(found, "telemetry_collapsed_pings", **labels) == value(found, "telemetry_pings", **NAMES)


def test_findings_are_seen_by_code_and_whether_somebody_accepted_them(stage: Stage) -> None:
    all_live(stage.backend.post)
    stage.upload(KEY.format("cut"), body=CUT)
    run_all(stage.services)

    def seen(source: FindingsSource) -> list[tuple[float, tuple[str, ...]]]:
        return [(sample.value, sample.labels) for sample in source.samples()]

    now = [0.0]
    source = FindingsSource(stage.services, DEFAULT_THRESHOLDS, lambda: now[0])
    assert seen(source) == [(1, ("file-missing", "no"))]
    fingerprints = {finding.name: finding.fingerprint for finding in status(stage.services, stage.input.now()).findings}
    change_accepted(stage.services, lambda accepted: {**accepted, **fingerprints})
    assert seen(source) == [(1, ("file-missing", "no"))], "looked at again too soon"
    now[0] = source.EVERY
    assert seen(source) == [(1, ("file-missing", "yes"))]


def test_processes_that_live_are_counted_by_kind(stage: Stage) -> None:
    assert value(scrape(stage), "telemetry_processes", kind="aggregate") == 0
    all_live(stage.backend.post)
    assert value(scrape(stage), "telemetry_processes", kind="aggregate") == 1


def test_a_checkpoint_is_timed_and_seen(stage: Stage) -> None:
    stage.upload(KEY.format(1))
    run_all(stage.services)
    checkpoint(stage.services)
    found = scrape(stage)
    assert value(found, "telemetry_checkpoint_duration_seconds_count") == 1
    assert value(found, "telemetry_last_checkpoint_timestamp_seconds") > 0  # type: ignore[operator]


def test_every_family_of_a_scrape_is_declared_and_every_declared_one_is_there(stage: Stage) -> None:
    stage.upload(KEY.format(1))
    run_all(stage.services)
    found = {family.name for family in scrape(stage).collect()}
    assert found == {metric.name.removesuffix("_total") for metric in METRICS}


def test_names_follow_the_conventions() -> None:
    names = [metric.name for metric in METRICS]
    assert len(set(names)) == len(names)
    for metric in METRICS:
        assert metric.name.startswith("telemetry_")
        assert metric.name.endswith("_total") == (metric.kind == "counter")
        assert metric.help.endswith(".")


@pytest.fixture
def frozen() -> Iterator[RedisServer]:
    with RedisServer() as server:
        server.freeze()
        yield server
        server.thaw()


def test_a_scrape_ends_and_says_so_when_redis_hangs(stage: Stage, frozen: RedisServer) -> None:
    client = redis.Redis.from_url(frozen.url, socket_timeout=60)
    state = RedisState(client, frozen.url, "tt")
    registry = CollectorRegistry()
    published = PublishedSource(stage.services.published)
    registry.register(
        Scraper({"state": lambda: state_samples(state, 0.0), "published": published.samples}, state.counters.read)
    )
    began = time.monotonic()
    assert value(registry, "telemetry_up", service="state") == 0
    assert value(registry, "telemetry_up", service="published") == 1
    assert time.monotonic() - began < 50  # the client alone would wait for 60 s


def test_the_page_on_metrics_is_up_to_date() -> None:
    assert EXPORTER.read_text() == page(), "run: make docs"
