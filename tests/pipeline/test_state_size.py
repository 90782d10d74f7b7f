"""A channel/version that takes too much of Redis gets no more files; others do, nothing is lost, and status says so."""

from telemetry_tasks.core.blocks import block_of_measure
from telemetry_tasks.pipeline.inspect.status import status
from telemetry_tasks.pipeline.inspect.verify import verify
from telemetry_tasks.pipeline.publish.snapshot import publish
from telemetry_tasks.pipeline.recovery.restore import ensure_state
from telemetry_tasks.pipeline.reprocess.plan import plan_jobs
from telemetry_tasks.pipeline.reprocess.selection import Selection
from telemetry_tasks.pipeline.reprocess.switch import reprocess_here
from telemetry_tasks.pipeline.state.compact import compact
from telemetry_tasks.pipeline.state.state_size import CELL_BLOCKS, base_bytes, is_full, make_room, to_compact
from tests.pipeline.publishing import processed, take_in
from tests.support.deployment import merge_all, published_bytes
from tests.support.pings import CACHE, FLAG, key, ping
from tests.support.stage import Make, Stage

A, B, OTHER = key("a"), key("b"), key("o", channel="aurora", version="27.0a2")
NAME = "nightly/28"


def codes(stage: Stage) -> dict[str, str]:
    findings = status(stage.services, stage.published.now()).findings
    return {each.code: each.about for each in findings if each.code not in ("no-worker", "no-beat")}


def full(stage: Stage) -> Stage:
    """A deployment whose first file of nightly/28 leaves no room for another one."""
    take_in(stage, A, pings=[ping(FLAG, CACHE)])
    compact(stage.state())
    return stage.with_options(most_state_bytes=base_bytes(stage.state()) - 1)


def test_what_is_full_for_its_deltas_alone_is_compacted_and_goes_on(stage: Stage) -> None:
    take_in(stage, A)
    assert base_bytes(stage.state()) == 0
    stage = stage.with_options(most_state_bytes=sum(stage.state().delta_bytes().values()) - 1)
    assert is_full(stage.services, stage.state())
    assert codes(stage) == {}
    assert to_compact(stage.services) == [NAME]
    assert to_compact(stage.services) == []  # it is under way
    make_room(stage.services, NAME)
    assert stage.state().delta_count() == 0
    assert base_bytes(stage.state()) > 0
    assert to_compact(stage.services) == []
    assert block_of_measure(FLAG) in CELL_BLOCKS


def test_files_wait_others_go_on_and_status_says_so(stage: Stage) -> None:
    stage = full(stage)
    take_in(stage, B, OTHER)
    publish(stage.services)
    assert processed(stage) == [OTHER, A]
    assert stage.state().counts().aggregated == 1
    assert codes(stage) == {"state-too-large": NAME}
    assert list(verify(stage.services)) == []


def test_with_more_room_the_bytes_are_as_if_there_had_never_been_a_limit(make_stage: Make, stage: Stage) -> None:
    small = full(stage)
    take_in(small, B, OTHER)
    publish(small.services)
    merge_all(stage.services)
    publish(stage.services)
    assert codes(stage) == {}
    found = published_bytes(stage.published)
    stage.lose_state()
    free = make_stage()
    ensure_state(free.services)
    take_in(free, A, pings=[ping(FLAG, CACHE)])
    take_in(free, B, OTHER)
    publish(free.services)
    assert published_bytes(free.published) == found


def test_if_files_are_deleted_and_reprocessed_what_waits_is_added(stage: Stage) -> None:
    stage = full(stage)
    take_in(stage, B)
    stage.input.delete([A])
    (plan,) = plan_jobs(stage.services, Selection(channels=("nightly",), versions=("28",)))
    assert reprocess_here(stage.services, plan).outcome == "switched"
    merge_all(stage.services)
    publish(stage.services)
    assert processed(stage) == [B]
    assert list(verify(stage.services)) == []
