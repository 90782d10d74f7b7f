"""The publish chord: whatever one channel/version does, the others are published, and it is noted."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import redis

from telemetry_tasks.core.reading import Reading
from telemetry_tasks.pipeline.epoch import channel_state
from telemetry_tasks.pipeline.failures import load_troubles
from telemetry_tasks.pipeline.inspect.status import status
from telemetry_tasks.pipeline.options import Options
from telemetry_tasks.pipeline.publish.current import load_current
from telemetry_tasks.pipeline.publish.snapshot import plan_publish, refused_by_settings
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.pipeline.state.compact import compact
from telemetry_tasks.tasks import publishing
from tests.support.deployment import aggregate_all, deployment, merge_all
from tests.support.pings import ping, ping_file

GOOD, BAD = "beta/27", "nightly/28"
OF_BAD = "http://hg.mozilla.org/mozilla-central/rev/ad0ae007aa9e"
KEYS = [f"saved_session/Firefox/{name}.0a1/20131103030201.20131105.v2.log.x.gz" for name in (GOOD, BAD)]


@pytest.fixture
def services(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Services:
    """Two channel/versions that are added up, the second with a revision of its own."""
    redis.Redis.from_url(redis_url).flushall()
    made = deployment(redis_url, Options(transfers=1))
    odd = ping()
    odd["info"] = {**odd["info"], "revision": OF_BAD}
    made.input.put(KEYS[0], ping_file(ping()))
    made.input.put(KEYS[1], ping_file(odd))
    aggregate_all(made)
    merge_all(made)
    monkeypatch.setattr("telemetry_tasks.tasks.context.services", lambda settings: made)
    monkeypatch.setattr("telemetry_tasks.tasks.troubles.services", lambda settings: made)
    return made


def chord(services: Services) -> list[str]:
    """Runs the tasks of a publish; the channel/versions that readers see then."""
    plan = plan_publish(services, refused_by_settings(services))
    assert plan is not None
    header: list[dict[str, Any]] = []
    for name, parts in plan.changed.items():
        if parts == 1:
            header.append(publishing.publish_channel_version(plan.stamp, name))
        else:
            header += [publishing.publish_part(plan.stamp, name, number, parts) for number in range(parts)]
    publishing.finish_publish(header, plan.stamp)
    return sorted(load_current(services.published).index.versions)


def rot(services: Services) -> None:
    """A block of the state is not what was written."""
    client = services.state.client  # type: ignore[attr-defined]
    compact(channel_state(services, BAD))
    client.setrange(f"tt:{{{BAD}}}:base:pings", 20, b"damage")


def confuse(services: Services) -> None:
    """A bug: an error that nobody raises on purpose, in one channel/version only."""
    real = services.definitions.file

    def file(revision: str) -> Any:
        if revision == OF_BAD:
            raise IndexError("tuple index out of range")
        return real(revision)

    services.definitions.file = file  # type: ignore[method-assign]


@pytest.mark.parametrize("in_parts", [False, True])
@pytest.mark.parametrize("harm", [rot, confuse])
def test_the_others_are_published_and_it_is_noted(
    services: Services, harm: Callable[[Services], None], in_parts: bool
) -> None:
    harm(services)
    if in_parts:
        object.__setattr__(services, "options", replace(services.options, publish_part_bytes=1))
    assert chord(services) == [GOOD]
    troubles = [each for each in load_troubles(services.state) if each.where == BAD]
    assert troubles
    assert ("IndexError" if harm is confuse else "bad-state") in troubles[0].reason


def test_one_with_other_settings_is_refused_and_status_says_so(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = services.state.channel_version(BAD, services.state.epoch() or "")
    other = Reading("saved-session", 1, ("OS",), "none").fingerprint
    services.state.client.set(f"tt:{{{state.name}}}:reading", other)  # type: ignore[attr-defined]
    monkeypatch.setattr(publishing, "chord", lambda header: lambda body: None)
    publishing.publish()
    found = status(services, services.published.now()).open
    (finding,) = [each for each in found if each.code == "other-settings"]
    assert finding.about == BAD
    assert "telemetry-tasks reprocess --channel nightly --version 28" in finding.remedy
    services.state.drop_note("publishing")
    assert chord(services) == [GOOD]
