"""The publish chord: whatever one channel/version does, the others are published, and it is noted."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import redis

from telemetry_tasks.core.reading import Reading
from telemetry_tasks.pipeline.epoch import channel_state
from telemetry_tasks.pipeline.failures import load_failures
from telemetry_tasks.pipeline.inspect.status import status
from telemetry_tasks.pipeline.inspect.verify import verify
from telemetry_tasks.pipeline.options import Options
from telemetry_tasks.pipeline.publish import snapshot
from telemetry_tasks.pipeline.publish.current import load_current
from telemetry_tasks.pipeline.publish.under_way import publishing as publishing_now
from telemetry_tasks.pipeline.publish.under_way import steps_to_start
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
    monkeypatch.setattr("telemetry_tasks.tasks.failures.services", lambda settings: made)
    return made


class Chords:
    """In the place of Celery's chord: runs the header, then the body, and notes what ran."""

    def __init__(self) -> None:
        self.ran: list[tuple[str, str]] = []

    def __call__(self, header: Any) -> Callable[[Any], None]:
        def run(body: Any) -> None:
            refs = [self._run(each.task, *each.args) for each in header.tasks]
            self._run(body.task, refs, **body.kwargs)

        return run

    def _run(self, task: str, *arguments: Any, **named: Any) -> Any:
        self.ran.append((task, arguments[1] if task.startswith("publish") else ""))
        return getattr(publishing, task)(*arguments, **named)


@pytest.fixture
def chords(monkeypatch: pytest.MonkeyPatch) -> Chords:
    made = Chords()
    monkeypatch.setattr(publishing, "chord", made)
    return made


def chord(services: Services) -> list[str]:
    """Publishes; the channel/versions that readers see then."""
    publishing.publish()
    return shown(services)


def shown(services: Services) -> list[str]:
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


def cut(services: Services) -> None:
    """Every channel/version is large: it is rendered in parts."""
    object.__setattr__(services, "options", replace(services.options, publish_part_bytes=1))


@pytest.mark.parametrize("in_parts", [False, True])
@pytest.mark.parametrize("harm", [rot, confuse])
def test_the_others_are_published_and_it_is_noted(
    services: Services, chords: Chords, harm: Callable[[Services], None], in_parts: bool
) -> None:
    harm(services)
    if in_parts:
        cut(services)
    assert chord(services) == [GOOD]
    failures = [each for each in load_failures(services.state) if each.where == BAD]
    assert failures
    assert ("IndexError" if harm is confuse else "bad-state") in failures[0].reason


def test_each_large_one_is_completed_in_a_task_of_its_own(services: Services, chords: Chords) -> None:
    cut(services)
    assert chord(services) == [GOOD, BAD]
    tasks = [task for task, _ in chords.ran]
    assert tasks[:3] == ["publish_channel_version", "publish_channel_version", "finish_publish"]
    assert set(tasks[3:-4]) == {"publish_part"}
    assert chords.ran[-4:] == [
        ("complete_parts", ""),
        ("publish_channel_version", GOOD),
        ("publish_channel_version", BAD),
        ("finish_publish", ""),
    ]
    assert list(verify(services)) == []
    assert publishing_now(services) is None
    assert steps_to_start(services) == []


def test_readers_see_small_ones_before_large_ones_are_rendered(
    services: Services, chords: Chords, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many large ones there are, and however long each takes."""
    real = snapshot.number_of_parts
    monkeypatch.setattr(
        snapshot, "number_of_parts", lambda s, state, *a: 2 if state.name == BAD else real(s, state, *a)
    )
    seen = []
    part = snapshot.publish_part

    def watched(*arguments: Any) -> int:
        seen.append(shown(services))
        return part(*arguments)

    monkeypatch.setattr(snapshot, "publish_part", watched)
    assert chord(services) == [GOOD, BAD]
    assert seen == [[GOOD], [GOOD]]
    assert list(verify(services)) == []


def test_one_with_other_settings_is_refused_and_status_says_so(services: Services, chords: Chords) -> None:
    state = services.state.channel_version(BAD, services.state.epoch() or "")
    other = Reading("saved-session", 1, ("OS",), "none").fingerprint
    services.state.client.set(f"tt:{{{state.name}}}:reading", other)  # type: ignore[attr-defined]
    assert chord(services) == [GOOD]
    found = status(services, services.published.now()).open
    (finding,) = [each for each in found if each.code == "other-settings"]
    assert finding.about == BAD
    assert "telemetry-tasks reprocess --channel nightly --version 28" in finding.remedy
