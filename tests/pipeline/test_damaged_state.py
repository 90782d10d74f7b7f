"""A state that is damaged is noticed, holds up nobody else, and is made right from the stored results."""

import pytest

from telemetry_tasks.errors import DataError
from telemetry_tasks.pipeline.inspect.verify import verify
from telemetry_tasks.pipeline.publish.snapshot import publish
from telemetry_tasks.pipeline.recovery.checkpoint import checkpoint
from telemetry_tasks.pipeline.recovery.restore import ensure_state
from telemetry_tasks.pipeline.state.base_blocks import BaseMoved
from telemetry_tasks.pipeline.state.compact import compact
from telemetry_tasks.pipeline.state.rebuild import rebuild, sum_of_base
from tests.pipeline.publishing import assert_intact, processed, take_in
from tests.support.pings import key as key_of
from tests.support.stage import Stage, redis_of

NAME = "nightly/28"
A, B, C = key_of("a"), key_of("b"), key_of("c")
OTHER = key_of("o", channel="aurora", version="27.0a2")
DAY = 86400.0


def damage_block(stage: Stage, block: str) -> None:
    """Overwrites a few bytes in the middle of a block."""
    body = stage.state().blocks([block])[block]
    stage.backend.set_block(NAME, block, body[:20] + b"damage" + body[26:])


@pytest.mark.parametrize(
    "how", ["half a block", "a block is gone", "a delta is damaged", "rows are gone", "added twice"]
)
def test_a_damaged_state_is_made_right_from_the_results(stage: Stage, how: str) -> None:
    take_in(stage, A)
    publish(stage.services)
    take_in(stage, B)
    take_in(stage, OTHER)
    state = stage.state()
    if how == "a delta is damaged":
        (delta,) = state.deltas()
        stage.backend.set_delta(NAME, delta, b"damaged")
    elif how == "added twice":
        (body,) = state.deltas().values()
        assert state.commit(body, {}).ok
    else:
        compact(state)
        block = "l20131205" if how == "rows are gone" else "pings"
        if how == "half a block":
            damage_block(stage, block)
        else:
            stage.backend.set_block(NAME, block, None)
    assert rebuild(stage.services, state).changed
    assert not rebuild(stage.services, state).changed
    stage.clock.pass_(5)
    publish(stage.services)
    assert processed(stage) == sorted([A, B, OTHER])
    assert list(verify(stage.services)) == []


def test_a_state_just_restored_can_be_made_right_too(stage: Stage) -> None:
    take_in(stage, A)
    checkpoint(stage.services)
    stage.lose_state()
    ensure_state(stage.services)
    stage.backend.set_block(NAME, "pings", None)
    assert rebuild(stage.services, stage.state()).changed
    publish(stage.services)
    assert list(verify(stage.services)) == []


def test_what_is_committed_during_a_rebuild_stays(stage: Stage) -> None:
    take_in(stage, A)
    compact(stage.state())
    stage.backend.set_block(NAME, "pings", None)

    def before(verb: str, path: str) -> None:
        if path.startswith("results/"):
            stage.results.before = lambda verb, path: None
            take_in(stage, B)

    stage.results.before = before
    rebuild(stage.services, stage.state())
    publish(stage.services)
    assert processed(stage) == [A, B]
    assert list(verify(stage.services)) == []


def test_one_damaged_channel_version_holds_back_no_other(stage: Stage) -> None:
    take_in(stage, A)
    compact(stage.state())
    damage_block(stage, "pings")
    take_in(stage, OTHER)
    assert publish(stage.services).versions == ("aurora/27",)
    assert_intact(stage)


@pytest.mark.parametrize("block", ["pings", "l20131205"])
def test_a_block_with_a_flipped_bit_is_never_compacted(stage: Stage, block: str) -> None:
    take_in(stage, A)
    before = compact(stage.state())
    body = bytearray(stage.state().blocks([block])[block])
    body[len(body) // 2] ^= 1
    stage.backend.set_block(NAME, block, bytes(body))
    take_in(stage, B)
    with pytest.raises(DataError, match="not what was written"):
        compact(stage.state())
    assert stage.state().base() == before
    assert stage.state().blocks([block])[block] == bytes(body)
    assert rebuild(stage.services, stage.state()).changed
    publish(stage.services)
    assert processed(stage) == [A, B]


def test_a_part_of_a_delta_that_is_gone_is_noticed(redis_stage: Stage) -> None:
    take_in(redis_stage, A)
    (delta,) = redis_stage.state().deltas()
    redis_of(redis_stage).delete(f"tt:{{{NAME}}}:delta:{delta}:0")
    with pytest.raises(DataError, match="gone from Redis"):
        compact(redis_stage.state())


def test_a_block_that_is_another_s_is_not_added_up_but_told_by_verify(stage: Stage) -> None:
    take_in(stage, A)
    take_in(stage, OTHER)
    publish(stage.services)
    other = stage.state("aurora/27")
    base = other.base()
    block = next(name for name in sorted(base.blocks) if name != "pings" and not name.startswith("l"))
    sound = stage.state().blocks(["pings"])["pings"]
    stage.backend.set_block("aurora/27", block, sound)
    with pytest.raises(DataError, match="not what was written"):
        sum_of_base(other, base)
    assert [finding.where for finding in verify(stage.services)] == ["aurora/27: state"]


def test_intake_that_moves_the_base_while_it_is_verified_is_no_finding(stage: Stage) -> None:
    take_in(stage, A)
    publish(stage.services)
    moved: list[str] = []

    def takes_in_once(verb: str, path: str) -> None:
        if path == A and not moved:
            moved.append(stage.state().base().version or "")
            take_in(stage, B)
            compact(stage.state())

    stage.input.before = takes_in_once
    assert list(verify(stage.services)) == []
    assert moved != [stage.state().base().version]


def test_what_counts_since_the_base_was_read_is_no_finding(stage: Stage) -> None:
    take_in(stage, A)
    publish(stage.services)
    stage.requests.before_next("merged", lambda: take_in(stage, B))
    assert list(verify(stage.services)) == []
    assert stage.state().delta_count() == 1


def test_a_base_that_moved_is_read_from_the_start(stage: Stage) -> None:
    take_in(stage, A)
    base = compact(stage.state())
    take_in(stage, B)
    compact(stage.state())
    with pytest.raises(BaseMoved):
        sum_of_base(stage.state(), base)
