"""A format with keys and lines of its own: the one that docs/ping-formats.md writes, from files to what readers see."""

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from telemetry_tasks.core.blocks import is_ledger_block
from telemetry_tasks.core.reading import Reading
from telemetry_tasks.formats.pings.contract import FileKey, PingFormat
from telemetry_tasks.formats.pings.registry import ping_format
from telemetry_tasks.pipeline.definition_sources import DefinitionSources
from telemetry_tasks.pipeline.inspect.verify import verify
from telemetry_tasks.pipeline.other_settings import other_settings
from telemetry_tasks.pipeline.publish.snapshot import publish
from telemetry_tasks.pipeline.reprocess.plan import plan_jobs
from telemetry_tasks.pipeline.reprocess.selection import Selection
from telemetry_tasks.pipeline.reprocess.switch import reprocess_here
from telemetry_tasks.pipeline.state.compact import compact
from telemetry_tasks.storage.definitions.folder import FolderDefinitions
from tests.docs.pages import ROOT, blocks
from tests.pipeline.publishing import assert_intact, folder, latest, processed, seen
from tests.support.deployment import FALLBACK_REVISION, aggregate_all, merge_all, published_bytes
from tests.support.stage import Stage

PAGE = ROOT / "docs" / "ping-formats.md"
NAME = "beta/3"
DIMENSIONS = ("site", "process")
OLD, NEW = "kiosk/2026-10-03/beta/3.1/oslo.jsonl", "kiosk/2026-10-04/beta/3.2/rome.jsonl"


def session(build: str = "20261001120000", site: str = "NO", **processes: dict[str, list[int]]) -> dict[str, Any]:
    return {"build": build, "site": site, **(processes or {"main": {"FRAME_MS": [12, 18, 35]}})}


def lines(*sessions: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in sessions or (session(),))


def staged(stage: Stage, form: PingFormat, definitions: Path) -> Stage:
    """A deployment that has this format, and its definitions in a folder."""
    (definitions / "Histograms.json").write_text('{"FRAME_MS": "Time of a frame"}')
    services = replace(
        stage.services,
        ping_format=form,
        reading=Reading("kiosk_pings:KioskPings", form.version, form.dimensions, FALLBACK_REVISION).fingerprint,
        definitions=DefinitionSources([FolderDefinitions(definitions)], partial(form.definitions, constants={})),
    )
    return stage.over(services)


@pytest.fixture
def form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PingFormat:
    """The format as a reader of the page has it."""
    (code,) = [block.text for block in blocks(PAGE) if "file=kiosk_pings.py" in block.tags]
    (tmp_path / "kiosk_pings.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    return ping_format("kiosk_pings:KioskPings", DIMENSIONS, FALLBACK_REVISION)


@pytest.fixture
def kiosks(stage: Stage, form: PingFormat, tmp_path: Path) -> Stage:
    return staged(stage, form, tmp_path)


def take_in(stage: Stage, key: str, *sessions: dict[str, Any]) -> None:
    """Lets a file count, in a partition of its own."""
    stage.upload(key, body=lines(*sessions))
    aggregate_all(stage.services)
    merge_all(stage.services)


def measure(stage: Stage, name: str, kind: str) -> Any:
    return seen(stage, f"{folder(stage, NAME)}/{name}-by-{kind}-date.json")


def health(stage: Stage) -> Any:
    return seen(stage, f"current/{latest(stage)}/health.json")["versions"][NAME]


def test_its_numbers_are_published_under_its_own_dimensions_and_definitions(kiosks: Stage) -> None:
    take_in(kiosks, OLD, session(), session(printer={"JOB_MS": [7]}), {"build": "lost"})
    publish(kiosks.services)
    where = folder(kiosks, NAME)
    tree = seen(kiosks, f"{where}/filter-tree.json")
    assert tree["name"] == "site"
    leaf = tree["NO"]["main"]["_id"]
    (row,) = measure(kiosks, "FRAME_MS", "submission")["20261003"]
    assert row == [0, 2, 0, 1, 0, 65, -1, -1, -1, -1, 1, leaf]
    definitions = seen(kiosks, f"{where}/histograms.json")
    assert (definitions["FRAME_MS"]["kind"], definitions["FRAME_MS"]["description"]) == ("linear", "Time of a frame")
    assert processed(kiosks) == [OLD]
    assert health(kiosks)["bad_lines"] == {"not-a-session": 1}
    assert_intact(kiosks)
    assert [finding for finding in verify(kiosks.services, 1.0) if finding] == []


def test_a_record_may_add_to_several_rows(kiosks: Stage) -> None:
    take_in(kiosks, OLD, session(main={"FRAME_MS": [1]}, printer={"FRAME_MS": [2, 3]}))
    publish(kiosks.services)
    rows = measure(kiosks, "FRAME_MS", "build")["20261001"]
    assert sorted(row[0] for row in rows) == [1, 2]


def test_the_day_in_its_keys_decides_on_blocks_and_on_the_health_page(kiosks: Stage) -> None:
    take_in(kiosks, OLD)
    take_in(kiosks, NEW, session(), session())
    base = compact(kiosks.state(NAME))
    assert sorted(filter(is_ledger_block, base.blocks)) == ["l20261003", "l20261004"]
    publish(kiosks.services)
    days = health(kiosks)["days"]
    assert {day: counts["pings"] for day, counts in days.items()} == {"20261003": 1, "20261004": 2}
    assert health(kiosks)["last_submission_date"] == "20261004"


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        ({"build_from": "20261002"}, [NEW]),
        ({"build_to": "20261001"}, [OLD]),
        ({"build_from": "20261001"}, [OLD, NEW]),
        ({"build_from": "20261006"}, []),
        ({"submitted_from": "20261004"}, [NEW]),
        ({"submitted_from": "20261004", "build_to": "20261001"}, []),
        ({"build_from": "20261002", "measures": ("JOB_MS",)}, []),
    ],
)
def test_partitions_are_selected_by_builds_that_no_key_names(
    kiosks: Stage, conditions: dict[str, Any], found: list[str]
) -> None:
    take_in(kiosks, OLD, session())
    take_in(kiosks, NEW, session(build="20261005120000"))
    plans = plan_jobs(kiosks.services, Selection(**conditions))
    files = [file.key for plan in plans for partition in plan.partitions.values() for file in partition.files]
    assert sorted(files) == found


def test_reprocessing_gives_the_same_bytes(kiosks: Stage) -> None:
    take_in(kiosks, OLD, session())
    take_in(kiosks, NEW, session(build="20261005120000"))
    publish(kiosks.services)
    before = published_bytes(kiosks.published)
    (plan,) = plan_jobs(kiosks.services, Selection(build_from="20261002"))
    assert reprocess_here(kiosks.services, plan).outcome == "switched"
    publish(kiosks.services)
    assert published_bytes(kiosks.published) == before


def test_a_state_of_another_format_is_not_added_to(kiosks: Stage, stage: Stage) -> None:
    take_in(kiosks, OLD)
    what = other_settings(stage.services, kiosks.state(NAME))
    assert what is not None
    assert "TELEMETRY_PING_FORMAT was" in what


class Dateless:
    """The format of files whose keys say nothing: all of them are of one channel/version."""

    def __init__(self, real: PingFormat) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def key(self, key: str) -> FileKey:
        return FileKey(NAME, day="", build_date="")


@pytest.fixture
def dateless(stage: Stage, form: PingFormat, tmp_path: Path) -> Stage:
    return staged(stage, Dateless(form), tmp_path)


def test_files_whose_keys_name_no_day_are_spread_over_blocks_and_their_day_is_unknown(dateless: Stage) -> None:
    for key in ("a", "b", "c/d", "2026"):
        take_in(dateless, key)
    base = compact(dateless.state(NAME))
    blocks_of_ledger = sorted(filter(is_ledger_block, base.blocks))
    partitions = sorted(dateless.state(NAME).merged())
    assert blocks_of_ledger == sorted({f"l{partition[:2]}" for partition in partitions})
    publish(dateless.services)
    assert health(dateless)["days"] == {"unknown": {"files": 4, "pings": 4, "bad_lines": 0}}
    assert health(dateless)["last_submission_date"] == ""
