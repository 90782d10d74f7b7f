"""Small populations in what is published."""

from dataclasses import replace
from pathlib import Path

import pytest

from telemetry_tasks.core.small import OTHER, PublishLimits
from telemetry_tasks.formats.published import read_json
from telemetry_tasks.pipeline.current import load_current
from telemetry_tasks.pipeline.options import Options
from telemetry_tasks.pipeline.publish import publish
from telemetry_tasks.pipeline.published_rules import check_published
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.pipeline.verify import fetcher
from tests.support.deployment import deployment, run_all, upload
from tests.support.shared import make_pings

FEWEST = 4


@pytest.fixture
def services(redis_url: str, tmp_path: Path) -> Services:
    made = deployment(redis_url, Options(publish_limits=PublishLimits(submissions=FEWEST)))
    make_pings(tmp_path, files=4, pings=12)
    upload(made.input, tmp_path)
    run_all(made)
    return made


def rows(services: Services) -> list[list[float]]:
    index = load_current(services.published).index
    return [
        row
        for path in index.paths().values()
        for info in services.published.list(f"{path}/")
        if info.key.endswith("-date.json")
        for lines in read_json(services.published.get(info.key).body).values()
        for row in lines
    ]


def test_no_published_cell_has_fewer_submissions_than_the_minimum(services: Services) -> None:
    found = rows(services)
    assert found
    assert min(row[-2] for row in found) >= FEWEST
    assert list(check_published(fetcher(services.published))) == []


def test_the_tree_has_a_place_for_what_is_folded_and_health_says_how_much_that_is(services: Services) -> None:
    index = load_current(services.published).index
    for path in index.paths().values():
        assert OTHER in read_json(services.published.get(f"{path}/filter-tree.json").body)
    health = read_json(services.published.get(f"current/{index.stamp}/health.json").body)["versions"]
    assert sum(facts["small_cells"] for facts in health.values()) > 0, health


def test_another_minimum_publishes_everything_anew(services: Services) -> None:
    before = len(rows(services))
    other = replace(services, options=replace(services.options, publish_limits=PublishLimits(submissions=1)))
    other.published.delete(["latest-current.json", "versions.json"])
    publish(other)
    assert len(rows(other)) > before
