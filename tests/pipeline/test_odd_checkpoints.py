"""Checkpoints and their list that are not what they should be, and what is taken out while one is written."""

import pytest

from telemetry_tasks.errors import DamagedObject
from telemetry_tasks.formats.checkpoints import CHECKPOINT_LIST
from telemetry_tasks.pipeline.publish.snapshot import publish
from telemetry_tasks.pipeline.recovery.checkpoint import checkpoint
from telemetry_tasks.pipeline.recovery.restore import ensure_state
from telemetry_tasks.pipeline.reprocess.plan import plan_jobs
from telemetry_tasks.pipeline.reprocess.selection import Selection
from telemetry_tasks.pipeline.reprocess.switch import reprocess_here
from tests.pipeline.publishing import take_in
from tests.support.deployment import published_bytes, run_all
from tests.support.pings import key
from tests.support.stage import Stage


def write(stage: Stage) -> str:
    stage.clock.pass_(60)
    return checkpoint(stage.services).stamp


@pytest.mark.parametrize("list_", [b"null", b"{}", b"5", b"[5]", b'[["20131206120000"]]', b"not JSON"])
def test_where_the_list_of_checkpoints_is_none_the_newest_whole_one_restores(stage: Stage, list_: bytes) -> None:
    take_in(stage, key("a"))
    name = write(stage)
    stage.lose_state()
    stage.published.put(CHECKPOINT_LIST, list_)
    assert ensure_state(stage.services) == name
    assert len(stage.state().merged()) == 1


def test_where_the_list_is_damaged_for_good_the_newest_whole_one_restores(stage: Stage) -> None:
    take_in(stage, key("a"))
    name = write(stage)
    stage.lose_state()

    def before(verb: str, path: str) -> None:
        if (verb, path) == ("get", CHECKPOINT_LIST):
            raise DamagedObject("its MD5 is another")

    stage.published.before = before
    assert ensure_state(stage.services) == name
    assert len(stage.state().merged()) == 1


@pytest.mark.parametrize(
    "manifest",
    [
        b"null",
        b"[]",
        b'{"schema":1}',
        b'{"schema":1,"versions":5}',
        b'{"schema":1,"versions":{"nightly/28":[]}}',
        b'{"schema":1,"versions":{"nightly/28":{"blocks":{},"measures":{},"built_with":3,"forgotten":[]}}}',
        b'{"schema":1,"versions":{"nightly/28":{"blocks":3}}}',
    ],
)
def test_one_whose_manifest_is_none_is_passed_over_for_the_one_before(stage: Stage, manifest: bytes) -> None:
    take_in(stage, key("a"))
    first, second = write(stage), write(stage)
    stage.lose_state()
    stage.published.put(f"check-points/{second}/state/manifest.json", manifest)
    assert ensure_state(stage.services) == first
    assert len(stage.state().merged()) == 1


def test_a_file_that_is_taken_out_while_a_checkpoint_is_written_holds_nothing_back(stage: Stage) -> None:
    stage = stage.with_options(partition_files=1)
    take_in(stage, key("a"), key("b"))
    publish(stage.services)
    stage.input.delete([key("b")])

    def switch() -> None:
        (plan,) = plan_jobs(stage.services, Selection(files=(key("b"),)))
        assert reprocess_here(stage.services, plan).outcome == "switched"

    stage.requests.after_next("forgotten", switch)
    shown = published_bytes(stage.published)
    name = write(stage)
    stage.lose_state()
    assert ensure_state(stage.services) == name
    stage.clock.pass_(60)
    assert run_all(stage.services).held_back == {}
    assert published_bytes(stage.published) == shown  # the switch came after the state was written
