"""Blocks handed from a compaction to a publish: the same cells as unpacking them gives, within a limit."""

import pytest

from telemetry_tasks.core.histograms import histogram_run
from telemetry_tasks.formats import cells as cells_format
from telemetry_tasks.pipeline.publish.snapshot import publish
from telemetry_tasks.pipeline.state.compact import compact
from telemetry_tasks.pipeline.state.recent_blocks import RecentBlocks
from tests.core.blocks import ROWS, block
from tests.pipeline.publishing import take_in
from tests.support.pings import key
from tests.support.stage import Stage

CELLS = block({(ROWS[0], histogram_run("A", 7), 7): 1 << 40})
BODY = cells_format.encode(CELLS)


def test_a_kept_block_is_given_out_once_and_unpacked_from_then_on() -> None:
    recent = RecentBlocks()
    recent.keep(BODY, CELLS)
    assert recent.unpacked(BODY) is CELLS
    again = recent.unpacked(BODY)
    assert again is not CELLS
    assert again.same(CELLS)


def test_there_is_room_for_so_many_bytes() -> None:
    other = cells_format.encode(block({(ROWS[1], histogram_run("A", 7), 7): 1 << 40}))
    recent = RecentBlocks(len(BODY))
    recent.keep(BODY, CELLS)
    recent.keep(other, CELLS)
    assert recent.unpacked(other) is not CELLS
    assert recent.unpacked(BODY) is CELLS
    recent.keep(BODY, CELLS)  # there is room again
    assert recent.unpacked(BODY) is CELLS


def test_a_compaction_keeps_what_its_blocks_unpack_to(stage: Stage) -> None:
    take_in(stage, key("a"))
    recent = RecentBlocks()
    base = compact(stage.state(), recent)
    bodies = stage.state().blocks([name for name in base.blocks if name.startswith("c")])
    kept = {name: recent.unpacked(body) for name, body in bodies.items()}
    assert kept
    for name, body in bodies.items():
        again = recent.unpacked(body)  # none is kept a second time
        assert again is not kept[name]
        assert again.same(kept[name])
        assert [tuple(row) for row in again.rows] == [tuple(row) for row in kept[name].rows]


def test_a_publish_unpacks_no_block_that_it_has_just_packed(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    take_in(stage, key("a"))
    unpacked = []
    decode = cells_format.decode
    monkeypatch.setattr(cells_format, "decode", lambda body: unpacked.append(body) or decode(body))
    publish(stage.services)
    packed = set(stage.state().blocks([name for name in stage.state().base().blocks if name.startswith("c")]).values())
    assert packed
    assert not packed & set(unpacked)
