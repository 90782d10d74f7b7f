"""Deltas are added to the base; the base says of itself what is in it."""

import hashlib

import pytest

from telemetry_tasks.core.blocks import is_ledger_block, measure_digests
from telemetry_tasks.errors import InfrastructureError
from telemetry_tasks.formats import cells as cells_format
from telemetry_tasks.pipeline.deadline import Deadline, TooSlow
from telemetry_tasks.pipeline.state import compact as compact_module
from telemetry_tasks.pipeline.state.compact import compact, consistent, ledger_entries
from telemetry_tasks.pipeline.state.rebuild import sum_of_base
from telemetry_tasks.storage.redis import ledger as redis_ledger
from telemetry_tasks.storage.state_values import Base
from tests.support.deployment import aggregate_all, merge_all
from tests.support.pings import COUNT, FLAG, key, ping, ping_file
from tests.support.stage import Stage, redis_of


def add(stage: Stage, *names: str, day: int = 5) -> None:
    for name in names:
        stage.upload(key(name, day=day), body=ping_file(ping(FLAG), ping(COUNT, bucket=3)))
        aggregate_all(stage.services)
        merge_all(stage.services)


def cell_blocks(base: Base) -> dict[str, str]:
    return {name: digest for name, digest in base.blocks.items() if not is_ledger_block(name)}


def test_nothing_to_compact_leaves_the_base_alone(stage: Stage) -> None:
    add(stage, "a")
    first = compact(stage.state())
    assert compact(stage.state()) == first


def test_one_by_one_or_all_at_once_gives_the_same_base(stage: Stage) -> None:
    add(stage, "a")
    compact(stage.state())
    add(stage, "b")
    one_by_one = compact(stage.state())
    stage.lose_state()
    add(stage, "a", "b")
    at_once = compact(stage.state())
    assert one_by_one.measures == at_once.measures
    assert cell_blocks(one_by_one) == cell_blocks(at_once)
    assert one_by_one.version != at_once.version


def test_the_digests_are_those_of_the_blocks_and_of_the_measures_cells(stage: Stage) -> None:
    add(stage, "a", "b")
    state = stage.state()
    base = compact(state)
    blocks = state.blocks(sorted(base.blocks))
    assert {name: hashlib.sha256(body).hexdigest() for name, body in blocks.items()} == base.blocks
    assert measure_digests(sum_of_base(state, base), base.measures) == base.measures


def test_what_a_commit_did_not_touch_is_not_written_again(stage: Stage) -> None:
    add(stage, "a")
    before = compact(stage.state())
    stage.upload(key("b"), body=ping_file(ping(FLAG)))
    aggregate_all(stage.services)
    merge_all(stage.services)
    after = compact(stage.state())
    assert after.measures[COUNT] == before.measures[COUNT]
    assert after.measures[FLAG] != before.measures[FLAG]


def test_the_ledger_lists_what_counts_in_a_block_for_each_day(stage: Stage) -> None:
    add(stage, "a", day=5)
    add(stage, "b", day=6)
    state = stage.state()
    base = compact(state)
    assert sorted(filter(is_ledger_block, base.blocks)) == ["l20131205", "l20131206"]
    assert {entry.partition.id: entry.digest for entry in ledger_entries(state, base)} == state.merged()


def test_a_delta_in_several_pieces_is_dropped_whole(redis_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_ledger, "PIECE", 100)
    monkeypatch.setattr(compact_module, "PIECE", 100)
    add(redis_stage, "a")
    compact(redis_stage.state())
    assert list(redis_of(redis_stage).scan_iter("*:delta:*", count=1000)) == []


def test_what_others_commit_meanwhile_is_compacted_too(stage: Stage) -> None:
    add(stage, "a")
    state = stage.state()

    def overtake() -> None:
        add(stage, "b")
        compact(stage.state())

    stage.requests.before_next("compact", overtake)
    base = compact(state)
    assert len(ledger_entries(state, base)) == 2
    assert len(cells_format.decode(state.blocks(["pings"])["pings"]).rows) > 0


def test_a_reader_reads_again_until_all_is_of_one_version(stage: Stage) -> None:
    add(stage, "a")
    seen = []

    def read(base: Base) -> None:
        seen.append(base.version)
        if len(seen) == 1:
            add(stage, "b")
            compact(stage.state())

    assert consistent(stage.state(), read).version == seen[-1]
    assert len(seen) == 2


def test_an_epoch_that_is_over_is_not_compacted(stage: Stage) -> None:
    add(stage, "a")
    state = stage.state()
    stage.services.state.channel_version("nightly/28", stage.services.state.next_epoch()).begin()
    with pytest.raises(InfrastructureError, match="epoch is over"):
        compact(state)


def test_what_is_added_stays_added_if_there_is_no_time_for_the_rest(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(stage, "a")
    add(stage, "b")
    add(stage, "c")
    monkeypatch.setattr("telemetry_tasks.pipeline.state.compact.STEP", 1)  # a delta at a time
    state = stage.state()
    moments = iter([0.0, 0.0, 1.0])
    with pytest.raises(TooSlow):
        compact(state, deadline=Deadline(0.5, lambda: next(moments)))
    assert state.delta_count() == 2
    base = compact(state)
    assert state.delta_count() == 0
    assert len(ledger_entries(state, base)) == 3
