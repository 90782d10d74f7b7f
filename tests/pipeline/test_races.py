"""Steps that overlap: what one of them sees is never half of what another one did, and nothing is lost or doubled."""

from typing import Any

import pytest

from telemetry_tasks.core.partition import FileRef, LedgerEntry, partition_of
from telemetry_tasks.errors import InfrastructureError, StaleEpoch
from telemetry_tasks.formats.checkpoints import CHECKPOINT_LIST
from telemetry_tasks.formats.messages import FinishedTask
from telemetry_tasks.pipeline.epoch import channel_states
from telemetry_tasks.pipeline.inspect.verify import verify
from telemetry_tasks.pipeline.intake.discover import discover
from telemetry_tasks.pipeline.intake.finished_tasks import take_task
from telemetry_tasks.pipeline.publish.current import load_current
from telemetry_tasks.pipeline.publish.snapshot import finish_publish, plan_publish, publish, publish_channel_version
from telemetry_tasks.pipeline.recovery.checkpoint import checkpoint, find_checkpoints, list_checkpoints
from telemetry_tasks.pipeline.recovery.garbage import collect_garbage
from telemetry_tasks.pipeline.recovery.restore import ensure_state, restore
from telemetry_tasks.pipeline.reprocess.attempts import recompute
from telemetry_tasks.pipeline.reprocess.jobs import start_job
from telemetry_tasks.pipeline.reprocess.plan import plan_jobs
from telemetry_tasks.pipeline.reprocess.selection import Selection
from telemetry_tasks.pipeline.reprocess.switch import reprocess_here, switch_job
from telemetry_tasks.pipeline.state.compact import compact, ledger_entries
from telemetry_tasks.storage.redis.channel_state import RedisChannelState
from tests.pipeline.publishing import latest, missing, processed, take_in
from tests.support.deployment import aggregate_all, merge_all, published_bytes, run_all
from tests.support.pings import key as key_of
from tests.support.stage import Stage

NAME = "nightly/28"
A, B, C = key_of("a"), key_of("b"), key_of("c")
OTHER = key_of("o", channel="aurora", version="27.0a2")
DAY = 86400.0


def without(stage: Stage, *files: str) -> None:
    """Takes files out of the bucket, and what they contributed out of the state."""
    stage.input.delete(files)
    for plan in plan_jobs(stage.services, Selection(files=files)):
        assert reprocess_here(stage.services, plan).outcome == "switched"


def test_a_file_that_was_taken_out_and_put_back_before_a_compaction_counts(stage: Stage) -> None:
    take_in(stage, A)
    take_in(stage, B)
    without(stage, A)
    take_in(stage, A)
    base = compact(stage.state())
    assert {e.partition.id for e in ledger_entries(stage.state(), base)} == stage.state().merged().keys()
    publish(stage.services)
    assert processed(stage) == [A, B]
    assert list(verify(stage.services)) == []


def test_a_file_that_was_taken_out_is_no_reason_to_hold_back_a_restored_state(stage: Stage) -> None:
    """Shown, taken out, checkpoint, and then the Redis is lost before the next snapshot."""
    take_in(stage, A)
    take_in(stage, B)
    publish(stage.services)
    without(stage, A)
    checkpoint(stage.services)
    stage.lose_state()
    ensure_state(stage.services)
    stage.clock.pass_(5)
    assert run_all(stage.services).outcome == "published"
    assert processed(stage) == [B]


def test_a_job_that_is_refused_leaves_no_file_forgotten(stage: Stage) -> None:
    take_in(stage, A)
    (plan,) = plan_jobs(stage.services, Selection())
    start_job(stage.services, plan)
    stage.input.delete([A])
    (other,) = plan_jobs(stage.services, Selection())
    state = stage.state()
    recompute(stage.services, NAME, plan.id, *plan.partitions)
    state.add_job(other.id, b"", 1)
    assert switch_job(stage.services, NAME, plan.id).outcome == "switched"
    assert state.forgotten() == set()


@pytest.mark.parametrize("when", ["before the first version", "between two versions"])
def test_a_checkpoint_of_a_state_that_is_lost_meanwhile_is_not_listed(stage: Stage, when: str) -> None:
    take_in(stage, A, OTHER)
    stage.clock.pass_(5)
    good = checkpoint(stage.services).stamp

    def before(verb: str, path: str) -> None:
        first = path.endswith("/_claim") if when.startswith("before") else "/state/aurora/27/" in path
        if verb == "put" and first and good not in path:
            stage.published.before = lambda verb, path: None
            stage.lose_state()

    stage.published.before = before
    stage.clock.pass_(5)
    with pytest.raises(InfrastructureError):
        checkpoint(stage.services)
    assert list_checkpoints(stage.published) == [good]


def test_a_lost_state_does_not_look_like_an_empty_one(stage: Stage) -> None:
    take_in(stage, A)
    state = stage.state()
    stage.lose_state()
    with pytest.raises(StaleEpoch):
        compact(state)
    ensure_state(stage.services)
    with pytest.raises(StaleEpoch):
        compact(state)


def test_nobody_of_the_epoch_before_brings_a_channel_version_back(stage: Stage) -> None:
    take_in(stage, A)
    late = stage.state()
    stage.lose_state()
    assert late.register(partition_of(NAME, [FileRef("x", "e", 1)])) is None
    ensure_state(stage.services)
    assert channel_states(stage.services) == []


def test_a_channel_version_of_another_epoch_is_left_out(stage: Stage) -> None:
    take_in(stage, A)
    stage.services.state.channel_version(NAME, stage.services.state.next_epoch()).begin()
    assert channel_states(stage.services) == []


def test_of_two_restores_at_once_the_later_one_holds(stage: Stage) -> None:
    take_in(stage, A)
    name = checkpoint(stage.services).stamp
    take_in(stage, B, OTHER)
    newer = checkpoint_later(stage)

    def before(verb: str, path: str) -> None:
        if verb == "get" and path.endswith("state/manifest.json"):
            stage.published.before = lambda verb, path: None
            restore(stage.services, newer)

    stage.published.before = before
    restore(stage.services, name)
    assert len(stage.state().merged()) == 1
    state = stage.services.state
    current = state.epoch()
    assert current
    earlier = "0" * 20 + "-x"
    for begin in (state.begin_epoch, state.begin_restore, state.finish_restore):
        assert not begin(earlier)
    assert state.epoch() == current
    publish(stage.services)
    assert list(verify(stage.services)) == []


def test_rows_of_a_restore_that_was_overtaken_are_refused(stage: Stage) -> None:
    take_in(stage, A)
    late, name = stage.state(), checkpoint(stage.services).stamp
    restore(stage.services, name)
    stranger = partition_of(NAME, [FileRef("x", "e", 1)])
    with pytest.raises(StaleEpoch):
        late.load([LedgerEntry(stranger, "digest", ())])
    assert stranger.id not in stage.state().merged()


def test_a_restore_that_dies_half_way_over_a_living_state_is_done_again(stage: Stage) -> None:
    take_in(stage, A, OTHER)
    publish(stage.services)
    before = published_bytes(stage.published)
    name = checkpoint(stage.services).stamp
    stage.requests.before_next("load", _killed)
    with pytest.raises(InfrastructureError, match="killed"):
        restore(stage.services, name)
    assert ensure_state(stage.services) == name
    stage.clock.pass_(5)
    run_all(stage.services)
    assert published_bytes(stage.published) == before


def test_a_restore_is_over_when_a_later_one_began_and_died(stage: Stage) -> None:
    """The later one has begun the channel/versions in an epoch of its own: in the earlier one nothing could be done."""
    take_in(stage, A, OTHER)
    publish(stage.services)
    before = published_bytes(stage.published)
    name = checkpoint(stage.services).stamp

    def overtake() -> None:
        stage.requests.before_next("load", _killed)
        with pytest.raises(InfrastructureError, match="killed"):
            restore(stage.services, name)

    stage.requests.after_next("load", overtake)
    with pytest.raises(InfrastructureError, match="another restore came in between"):
        restore(stage.services, name)
    assert stage.services.state.epoch() is None
    assert ensure_state(stage.services) == name
    stage.clock.pass_(5)
    run_all(stage.services)
    assert published_bytes(stage.published) == before


def test_a_restore_into_a_state_that_is_lost_meanwhile_is_done_again(stage: Stage) -> None:
    """Or what only the checkpoint knows, of files that left the bucket long ago, would be forgotten."""
    take_in(stage, A, OTHER)
    name = checkpoint(stage.services).stamp
    stage.requests.after_next("load", stage.lose_state)
    with pytest.raises(InfrastructureError, match="the state was lost"):
        restore(stage.services, name)
    assert ensure_state(stage.services) == name
    assert sum(len(state.merged()) for state in channel_states(stage.services)) == 2


def _killed() -> None:
    raise InfrastructureError("killed")


def test_a_clock_that_was_set_back_makes_no_epoch_older_than_the_last(stage: Stage) -> None:
    state = stage.services.state
    ahead = f"{9 * 10**18:020d}-ahead"
    assert state.begin_restore(ahead)
    assert state.next_epoch() > ahead
    assert state.finish_restore(ahead)
    assert state.next_epoch() > ahead


def test_a_damaged_list_of_checkpoints_does_not_stop_a_restore(stage: Stage) -> None:
    take_in(stage, A)
    name = checkpoint(stage.services).stamp
    stage.published.put(CHECKPOINT_LIST, b"damaged")
    assert find_checkpoints(stage.published) == [name]
    stage.lose_state()
    assert ensure_state(stage.services) == name


def test_a_publisher_that_slept_over_the_grace_time_gives_up_before_the_switch(stage: Stage) -> None:
    take_in(stage, A)
    publish(stage.services)
    shown = latest(stage)
    take_in(stage, B)
    plan = plan_publish(stage.services)
    assert plan
    ref = publish_channel_version(stage.services, plan.stamp, NAME)
    assert ref
    stage.clock.pass_(2 * DAY)
    assert finish_publish(stage.services, plan.stamp, {NAME: ref}).outcome == "late"
    assert latest(stage) == shown
    publish(stage.services)
    assert processed(stage) == [A, B]


def test_a_publisher_that_names_a_folder_readers_do_not_see_any_more_is_not_shown(stage: Stage) -> None:
    """It may be gone: a worker that was stopped since it looked cannot know."""
    take_in(stage, A)
    publish(stage.services)
    ref_before = channel_ref(stage)
    plan = plan_after(stage, B)
    stage.clock.pass_(60)
    publish(stage.services)
    later = plan_after(stage, C)
    assert later.stamp > plan.stamp
    outcome = finish_publish(stage.services, later.stamp, {NAME: ref_before})
    assert outcome.outcome == "lost"


def test_a_message_that_comes_again_after_the_state_was_lost_leaves_the_list_that_is_shown(stage: Stage) -> None:
    """There is nothing to show then, no folder to claim, and a list of no files to be written."""
    take_in(stage, A)
    plan = plan_publish(stage.services)
    assert plan
    ref = publish_channel_version(stage.services, plan.stamp, NAME)
    assert ref
    assert finish_publish(stage.services, plan.stamp, {NAME: ref}).outcome == "published"
    shown = stage.published.get(ref.files).body
    stage.lose_state()
    restore(stage.services)
    discover(stage.services, stage.input.now(), all_now=True)  # it is known again, and does not count yet
    assert publish_channel_version(stage.services, plan.stamp, NAME) is None
    assert stage.published.get(ref.files).body == shown


def test_of_two_that_finish_a_snapshot_the_later_one_writes_nothing_over_what_is_shown(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has what it was given, or could complete: not always the same."""
    take_in(stage, A, OTHER)
    plan = plan_publish(stage.services)
    assert plan
    refs = {name: publish_channel_version(stage.services, plan.stamp, name) for name in plan.changed}
    whole = {name: ref for name, ref in refs.items() if ref}
    part, outcomes = {NAME: whole[NAME]}, []

    def overtake(step: str) -> None:
        if step == "publish.before-snapshot" and not outcomes:
            outcomes.append("")
            outcomes.append(finish_publish(stage.services, plan.stamp, whole).outcome)

    monkeypatch.setattr("telemetry_tasks.pipeline.publish.snapshot.failpoint", overtake)
    assert finish_publish(stage.services, plan.stamp, part).outcome == "lost"
    assert outcomes == ["", "published"]
    assert load_current(stage.published).index.versions.keys() == whole.keys()


def channel_ref(stage: Stage) -> Any:
    return load_current(stage.published).index.versions[NAME]


def plan_after(stage: Stage, file: str) -> Any:
    take_in(stage, file)
    plan = plan_publish(stage.services)
    assert plan
    return plan


def checkpoint_later(stage: Stage) -> str:
    stage.clock.pass_(5)
    return checkpoint(stage.services).stamp


def test_a_commit_whose_answer_was_lost_is_done_when_it_is_sent_again(redis_stage: Stage) -> None:
    """As the client does by itself after a broken connection: the very same script and arguments."""
    stage = redis_stage
    stage.upload(A)
    aggregate_all(stage.services)
    state = stage.backend.client().channel_version(NAME, stage.state().epoch)
    assert isinstance(state, RedisChannelState)
    run, codes = state._run, []

    def twice(script: str, *arguments: Any) -> Any:
        first = run(script, *arguments)
        if script == "commit":
            codes.append((first, run(script, *arguments)))
        return first

    state._run = twice  # type: ignore[method-assign]
    from telemetry_tasks.pipeline.state import merge

    delta = merge.delta_of_results(stage.services, state, list(state.aggregated()))
    assert state.commit(merge.delta_format.encode(delta), state.aggregated()).ok
    assert codes == [([b"ok"], [b"ok"])]
    assert len(state.deltas()) == 1


def test_a_finished_task_whose_taker_dies_is_not_taken_for_files_that_are_missing(stage: Stage) -> None:
    """Its files need not be in the bucket: a worker that looked for them first would count them as missing."""
    stage.results.put("result.txt", b"")
    task = FinishedTask("t1", (A,), "")
    stage.requests.before_next("note_aggregated", _killed)
    with pytest.raises(InfrastructureError):
        take_task(stage.services, stage.results, task)
    aggregate_all(stage.services)
    take_task(stage.services, stage.results, task)
    merge_all(stage.services)
    publish(stage.services)
    assert missing(stage) == {}
    assert processed(stage) == [A]


def test_a_finished_task_in_an_epoch_that_is_over_comes_again(stage: Stage) -> None:
    stage.results.put("result.txt", b"")
    state = stage.services.state
    stage.requests.before_next("register", lambda: state.channel_version(NAME, state.next_epoch()).begin())
    with pytest.raises(InfrastructureError):
        take_task(stage.services, stage.results, FinishedTask("t1", (A,), ""))


def test_a_slow_checkpoint_that_lost_its_blocks_to_the_garbage_is_never_listed(stage: Stage) -> None:
    stage = stage.with_options(keep_checkpoints=1)
    take_in(stage, A)

    def before(verb: str, path: str) -> None:
        if verb == "put" and path == CHECKPOINT_LIST:
            stage.published.before = lambda verb, path: None
            stage.clock.pass_(2 * DAY)
            checkpoint(stage.services)
            collect_garbage(stage.services, stage.published.now())

    stage.published.before = before
    with pytest.raises(InfrastructureError):
        checkpoint(stage.services)
    stage.lose_state()
    assert ensure_state(stage.services) == list_checkpoints(stage.published)[-1]
