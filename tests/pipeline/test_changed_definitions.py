"""A definition file that is added or corrected is a change: the next publish shows it, and only what it concerns."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from telemetry_tasks.errors import InfrastructureError
from telemetry_tasks.formats.pings.saved_session.definitions import parse_definitions
from telemetry_tasks.pipeline.definition_sources import DefinitionSources
from telemetry_tasks.pipeline.inspect.status import status
from telemetry_tasks.pipeline.inspect.verify import verify
from telemetry_tasks.pipeline.publish.current import load_current
from telemetry_tasks.pipeline.publish.parts import number_of_parts
from telemetry_tasks.pipeline.publish.snapshot import publish
from telemetry_tasks.storage.definitions.folder import FolderDefinitions
from tests.pipeline.publishing import folder, seen, take_in
from tests.support.deployment import published_bytes
from tests.support.pings import FLAG, key
from tests.support.stage import Stage

OTHER_KEY = key("o").replace("nightly/28", "beta/27")


class Away:
    """A source that does not answer."""

    name, worth_caching = "away", False

    def fetch(self, revision: object) -> bytes:
        raise InfrastructureError("away")


def with_definitions(stage: Stage, *folders: Path) -> Stage:
    """A process that starts now: it remembers no definitions."""
    sources = DefinitionSources([FolderDefinitions(each) for each in folders], parse_definitions)
    return stage.over(replace(stage.services, definitions=sources))


def define(folder: Path, description: str, **others: str) -> None:
    folder.mkdir(exist_ok=True)
    entries = {name: {"kind": "flag", "description": text} for name, text in {FLAG: description, **others}.items()}
    (folder / "Histograms.json").write_text(json.dumps(entries))


def description(stage: Stage) -> str:
    return str(seen(stage, f"{folder(stage)}/histograms.json")[FLAG]["description"])


def publish_again(stage: Stage) -> tuple[str, ...]:
    stage.clock.pass_(5)
    return publish(stage.services).versions


def test_definitions_that_are_added_later_appear_with_the_next_publish(stage: Stage, tmp_path: Path) -> None:
    stage = with_definitions(stage)
    take_in(stage, key("a"), OTHER_KEY)
    publish(stage.services)
    assert description(stage) != "added"
    define(tmp_path / "d", "added")
    stage = with_definitions(stage, tmp_path / "d")
    stage.published.forget_requests()
    assert set(publish_again(stage)) == {"nightly/28", "beta/27"}
    assert description(stage) == "added"
    rendered = {path.rpartition("/")[2] for path in stage.published.written if path.endswith("-summary.json")}
    assert f"{FLAG}-summary.json" in rendered  # the others say now that they are not in the file
    assert not [name for name in rendered if name.startswith("SIMPLE")]
    assert list(verify(stage.services)) == []
    assert publish_again(stage) == ()


def test_a_corrected_definition_appears_and_a_running_process_sees_it_too(stage: Stage, tmp_path: Path) -> None:
    define(tmp_path, "worng")
    now = 0.0
    sources = DefinitionSources([FolderDefinitions(tmp_path)], parse_definitions, clock=lambda: now)
    stage = stage.over(replace(stage.services, definitions=sources))
    take_in(stage, key("a"))
    publish(stage.services)
    assert publish_again(stage) == ()
    define(tmp_path, "right")
    now += 11.0  # longer than what a folder says is remembered
    assert publish_again(stage) == ("nightly/28",)
    assert description(stage) == "right"
    assert list(verify(stage.services)) == []


def test_the_bytes_are_those_of_a_deployment_that_always_had_them(stage: Stage, tmp_path: Path) -> None:
    define(tmp_path, "now")
    before = with_definitions(stage)
    take_in(before, key("a"))
    publish(before.services)
    after = with_definitions(stage, tmp_path)
    publish_again(after)
    found = published_bytes(after.published)
    after.published.delete([info.key for info in after.published.list("")])
    publish_again(after)
    assert published_bytes(after.published) == found


def test_a_change_that_concerns_no_measure_writes_no_document_again(stage: Stage, tmp_path: Path) -> None:
    define(tmp_path, "same")
    before = with_definitions(stage, tmp_path)
    take_in(before, key("a"))
    publish(before.services)
    shown = folder(before)
    define(tmp_path, "same", ANOTHER="nobody sends it")
    after = with_definitions(stage, tmp_path)
    publish_again(after)
    assert folder(after) == shown
    assert publish_again(after) == ()


def test_definitions_that_are_away_take_nothing_back(stage: Stage, tmp_path: Path) -> None:
    define(tmp_path / "d", "known")
    before = with_definitions(stage, tmp_path / "d")
    take_in(before, key("a"))
    publish(before.services)
    after = stage.over(replace(stage.services, definitions=DefinitionSources([Away()], parse_definitions)))
    assert publish_again(after) == ()
    assert description(after) == "known"


def findings(stage: Stage) -> set[str]:
    found = status(stage.services, stage.published.now()).findings
    return {each.code for each in found if each.code not in ("no-worker", "no-beat")}


class Portal(Away):
    """A login page in the place of every file, with status 200."""

    def fetch(self, revision: object) -> bytes:
        return b"<!doctype html><title>Log in</title>"


@pytest.mark.parametrize(
    ("source", "code"),
    [(Away(), "definitions-away"), (Portal(), "definitions-unusable"), (None, "definitions-unusable")],
)
def test_the_last_good_ones_stay_while_measures_change_and_status_says_so(
    stage: Stage, tmp_path: Path, source: Away | None, code: str
) -> None:
    define(tmp_path / "d", "known")
    before = with_definitions(stage, tmp_path / "d")
    take_in(before, key("a"))
    publish(before.services)
    take_in(before, key("b"))
    sources = DefinitionSources([source or FolderDefinitions(tmp_path / "not-mounted")], parse_definitions)
    during = stage.over(replace(stage.services, definitions=sources))
    assert publish_again(during) == ("nightly/28",)
    assert description(during) == "known"
    assert "unknown_definition" not in seen(during, f"{folder(during)}/measures.json")["measures"][FLAG]
    assert findings(during) == {code}
    after = with_definitions(stage, tmp_path / "d")
    assert publish_again(after) == ("nightly/28",)
    assert findings(after) == set()
    assert list(verify(after.services)) == []
    assert publish_again(after) == ()


@pytest.mark.parametrize("changed", [False, True])
def test_a_large_channel_version_is_cut_into_parts_for_them_too(stage: Stage, tmp_path: Path, changed: bool) -> None:
    define(tmp_path, "old")
    before = with_definitions(stage, tmp_path).with_options(publish_part_bytes=1)
    take_in(before, key("a"))
    publish(before.services)
    define(tmp_path, "new" if changed else "old")
    after = with_definitions(before, tmp_path)
    shown = load_current(after.published).index.versions["nightly/28"]
    assert (number_of_parts(after.services, after.state(), shown) > 1) is changed
    publish_again(after)
    assert description(after) == ("new" if changed else "old")
    assert list(verify(after.services)) == []
