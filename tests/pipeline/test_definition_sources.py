import json
from collections.abc import Callable
from functools import partial

import pytest

from telemetry_tasks.core.histograms import histogram_shape
from telemetry_tasks.core.revisions import Revision
from telemetry_tasks.errors import DataError, InfrastructureError, NotFound, OperatorError
from telemetry_tasks.formats.pings.saved_session.definitions import parse_definitions
from telemetry_tasks.pipeline import definition_sources
from telemetry_tasks.pipeline.definition_sources import DefinitionSources
from telemetry_tasks.storage.definitions.http import HttpDefinitions
from telemetry_tasks.storage.definitions.prefix import PrefixDefinitions
from telemetry_tasks.storage.memory import MemoryObjectStore
from tests.shared_data import definition_file
from tests.storage.definitions.server import Answer, serving

CENTRAL = "http://hg.mozilla.org/mozilla-central/rev/518f5bff0ae4"
FLAG = json.dumps({"SEEN": {"kind": "flag", "description": "seen"}}).encode()
EMPTY = b"{}"


class Source:
    """A source that gives what it is told to, and counts how often it was asked."""

    worth_caching = True

    def __init__(self, name: str, answer: bytes | Exception) -> None:
        self.name = name
        self.answer = answer
        self.asked: list[Revision | None] = []

    def fetch(self, revision: Revision | None) -> bytes:
        self.asked.append(revision)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def reasons(sources: DefinitionSources) -> list[tuple[str, str]]:
    return [(problem.source, problem.reason) for problem in sources.problems()]


def test_the_first_source_that_has_a_revision_gives_it() -> None:
    first, second, third = Source("a", NotFound("")), Source("b", FLAG), Source("c", EMPTY)
    sources = DefinitionSources([first, second, third], parse_definitions)
    assert set(sources.known(CENTRAL) or {}) == {"SEEN"}
    assert (len(first.asked), len(second.asked), len(third.asked)) == (1, 1, 0)
    assert sources.problems() == ()


def test_an_array_is_published_under_the_definition_of_its_revision() -> None:
    sources = DefinitionSources([Source("a", FLAG)], parse_definitions)
    assert sources.meaning_of("STARTUP_SEEN", histogram_shape(3), CENTRAL).kind == "flag"
    assert sources.meaning_of("OTHER", histogram_shape(3), CENTRAL).unknown


def test_simple_measurements_ask_no_source() -> None:
    source = Source("a", FLAG)
    definition = DefinitionSources([source], parse_definitions).meaning_of(
        "SIMPLE_MEASURES_UPTIME", histogram_shape(50), "simple-measures-hack"
    )
    assert definition.n_buckets == 50
    assert source.asked == []


def test_an_answer_is_remembered_for_a_while(clock) -> None:
    source = Source("a", FLAG)
    sources = DefinitionSources([source], parse_definitions, clock=clock, found_for=100)
    for now in (0, 1, 99):
        clock.now = now
        assert sources.known(CENTRAL)
    assert len(source.asked) == 1
    clock.now = 101
    assert sources.known(CENTRAL)
    assert len(source.asked) == 2


def test_not_found_is_remembered_for_a_shorter_while_and_reported(clock) -> None:
    source = Source("a", NotFound(""))
    sources = DefinitionSources([source], parse_definitions, clock=clock, missing_for=10)
    assert sources.known(CENTRAL) is None
    assert sources.known(CENTRAL) is None
    assert len(source.asked) == 1
    assert reasons(sources) == [("a", "definitions-not-found")]
    clock.now, source.answer = 11, FLAG
    assert sources.known(CENTRAL)


def test_a_source_that_is_away_is_passed_over_and_reported() -> None:
    sources = DefinitionSources([Source("a", InfrastructureError("timeout")), Source("b", FLAG)], parse_definitions)
    assert sources.known(CENTRAL)
    assert reasons(sources) == [("a", "definitions-away")]
    assert sources.problems()[0].revision == CENTRAL


def test_where_a_source_is_away_and_no_other_has_them_the_caller_is_told_to_retry(clock) -> None:
    away = Source("a", InfrastructureError("timeout"))
    sources = DefinitionSources([away, Source("b", NotFound(""))], parse_definitions, clock=clock, away_for=30)
    for _ in range(3):
        with pytest.raises(InfrastructureError):
            sources.known(CENTRAL)
    assert len(away.asked) == 1, "a source that is away is left alone for a moment"
    clock.now, away.answer = 31, FLAG
    assert sources.known(CENTRAL)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"<html>", "definitions-not-json"),
        (b"[]", "definitions-not-an-object"),
        (DataError("definitions-too-large"), "definitions-too-large"),
        (OperatorError("no such folder"), "definitions-set-up"),
    ],
)
def test_a_source_that_gives_something_else_is_passed_over_and_reported(answer, reason) -> None:
    sources = DefinitionSources([Source("a", answer), Source("b", FLAG)], parse_definitions)
    assert sources.known(CENTRAL)
    assert reasons(sources) == [("a", reason)]


def test_what_is_left_out_of_a_file_is_reported_with_its_name() -> None:
    store = MemoryObjectStore("defs")
    store.put("8d3810543edc.Histograms.json", definition_file("8d3810543edc"))
    sources = DefinitionSources([PrefixDefinitions(store)], partial(parse_definitions, constants={}))
    assert len(sources.known("http://hg.mozilla.org/releases/mozilla-release/rev/8d3810543edc") or {}) == 588
    assert {problem.detail.split(":")[0] for problem in sources.problems()} == {
        "GC_REASON_2",
        "STARTUP_MEASUREMENT_ERRORS",
    }


def test_a_revision_that_is_not_safe_reaches_no_path() -> None:
    source = Source("a", NotFound(""))
    assert DefinitionSources([source], parse_definitions).known("http://host/../../etc/passwd\x00") is None
    assert source.asked == [None]


def test_what_came_from_far_away_is_kept_in_the_cache() -> None:
    cache = MemoryObjectStore()
    DefinitionSources([Source("a", FLAG)], parse_definitions, cache=cache).known(CENTRAL)
    assert [info.key for info in cache.list()] == ["mozilla-central/518f5bff0ae4.Histograms.json"]
    other = Source("a", InfrastructureError("away"))
    assert DefinitionSources([other], parse_definitions, cache=cache).known(CENTRAL)
    assert other.asked == []


def test_what_is_no_definition_file_is_not_kept_and_the_caller_is_told(clock) -> None:
    cache, source = MemoryObjectStore(), Source("a", b"<html>")
    sources = DefinitionSources([source], parse_definitions, cache=cache, clock=clock, near_for=30, away_for=30)
    for _ in range(3):
        with pytest.raises(DataError, match="definitions-not-json"):
            sources.known(CENTRAL)
    assert len(source.asked) == 1
    assert list(cache.list()) == []


def test_a_cache_that_is_away_costs_time_only() -> None:
    class Away(MemoryObjectStore):
        def get(self, key, *, if_match=None):
            raise InfrastructureError("away")

        def head(self, key):
            raise InfrastructureError("away")

    sources = DefinitionSources([Source("a", FLAG)], parse_definitions, cache=Away("cache"))
    assert sources.known(CENTRAL)
    assert reasons(sources) == [("memory://cache", "definitions-cache-away")]


@pytest.mark.parametrize(
    ("limit", "answer", "count"),
    [
        ("REMEMBERED_FILES", FLAG, lambda sources: len(sources._found)),
        ("REMEMBERED_MISSING", NotFound(""), lambda sources: len(sources._missing)),
        ("REMEMBERED_PROBLEMS", NotFound(""), lambda sources: len(sources.problems())),
    ],
)
def test_memory_is_bounded_whatever_revisions_clients_invent(
    monkeypatch, limit: str, answer: bytes | Exception, count: Callable[[DefinitionSources], int]
) -> None:
    monkeypatch.setattr(definition_sources, limit, 5)
    sources = DefinitionSources([Source("a", answer)], parse_definitions)
    for number in range(20):
        sources.known(f"http://host/r/rev/{number}")
    assert count(sources) == 5


def test_a_real_web_server_serves_a_real_file() -> None:
    with serving() as server:
        path = "/mozilla-central/raw-file/ad0ae007aa9e/toolkit/components/telemetry/Histograms.json"
        server.answers[path] = Answer(body=definition_file("ad0ae007aa9e"))
        template = server.url + path.replace("ad0ae007aa9e", "{revision_id}")
        sources = DefinitionSources([HttpDefinitions(template)], parse_definitions, cache=MemoryObjectStore())
        definition = sources.meaning_of("GC_MS", histogram_shape(50), CENTRAL.replace("518f5bff0ae4", "ad0ae007aa9e"))
        assert (definition.kind, definition.high) == ("exponential", 10000)
        assert sources.known(CENTRAL) is None
        assert len(server.requests) == 2
