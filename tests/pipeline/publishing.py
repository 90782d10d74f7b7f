"""What the tests of publishing share: taking files in, and looking at what readers see."""

from collections.abc import Iterable
from typing import Any

from telemetry_tasks.formats.documents import read_json, read_lines
from telemetry_tasks.formats.layouts.v1.latest import LATEST
from telemetry_tasks.formats.layouts.v1.versions import VERSIONS
from telemetry_tasks.pipeline.inspect.published_rules import check_published, fetcher
from tests.support.deployment import aggregate_all, merge_all
from tests.support.pings import ping, ping_file
from tests.support.stage import Stage


def take_in(stage: Stage, *keys: str, pings: Iterable[dict[str, Any]] = ()) -> None:
    """Uploads a file under each key, with these pings, and lets it count."""
    body = ping_file(*(list(pings) or [ping()]))
    stage.upload(*keys, body=body)
    aggregate_all(stage.services)
    merge_all(stage.services)


def seen(stage: Stage, path: str) -> Any:
    """A published document's value."""
    return read_json(stage.published.get(path).body)


def latest(stage: Stage) -> str:
    return seen(stage, LATEST)["current"]


def folder(stage: Stage, version: str = "nightly/28") -> str:
    return seen(stage, VERSIONS)[version]


def processed(stage: Stage) -> list[str]:
    return read_lines(stage.published.get(f"current/{latest(stage)}/FILES_PROCESSED").body)


def missing(stage: Stage) -> dict[str, str]:
    lines = read_lines(stage.published.get(f"current/{latest(stage)}/FILES_MISSING").body)
    return dict(line.split("\t", 1) for line in lines)


def assert_intact(stage: Stage) -> None:
    assert list(check_published(fetcher(stage.published))) == []
