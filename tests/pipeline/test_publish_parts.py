"""Parts of a large channel/version: head starts that may be lost, come twice or come late, and change no byte."""

from contextlib import suppress
from dataclasses import dataclass, replace

import pytest

from telemetry_tasks.core.blocks import block_of_measure, number_of_block
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.layouts.v1.manifest import MANIFEST
from telemetry_tasks.formats.publish_messages import in_parts, refs_message, refs_of
from telemetry_tasks.pipeline.inspect.verify import verify
from telemetry_tasks.pipeline.publish.current import load_current
from telemetry_tasks.pipeline.publish.parts import Part, all_parts, number_of_parts
from telemetry_tasks.pipeline.publish.snapshot import (
    finish_publish,
    plan_publish,
    publish,
    publish_channel_version,
    publish_part,
)
from telemetry_tasks.pipeline.state.compact import compact
from tests.pipeline.publishing import assert_intact, folder, processed, take_in
from tests.support.deployment import published_bytes
from tests.support.pings import CACHE, COUNT, FLAG, UNKNOWN, key, ping
from tests.support.stage import Make, Stage

NAME = "nightly/28"
OTHER_KEY = key("o", channel="aurora", version="27.0a2")
ALL = ping(FLAG, CACHE, COUNT, UNKNOWN)


@pytest.fixture
def small(stage: Stage) -> Stage:
    """A deployment that cuts whatever it publishes into parts."""
    return stage.with_options(publish_part_bytes=1)


@dataclass
class Begun:
    """A publish that has begun: its stamp, and the channel/versions that changed, with the number of parts of each."""

    stamp: str
    changed: dict[str, int]


def planned(stage: Stage) -> tuple[Begun, int]:
    """A publish that has begun, and the number of parts of nightly/28."""
    plan = plan_publish(stage.services)
    assert plan
    index = load_current(stage.services.published).index
    parts = {
        name: number_of_parts(stage.services, stage.state(name), index.versions.get(name)) for name in plan.changed
    }
    return Begun(plan.stamp, parts), parts[NAME]


def complete(stage: Stage, plan: Begun) -> str:
    """What the last chord of a publish does."""
    found = {
        name: publish_channel_version(stage.services, plan.stamp, name, parts) for name, parts in plan.changed.items()
    }
    return finish_publish(stage.services, plan.stamp, {name: ref for name, ref in found.items() if ref}).outcome


def rendered(stage: Stage) -> list[str]:
    """The measures' files that were written, without their folders."""
    return sorted(path.rsplit("/", 1)[-1] for path in stage.published.written if "-by-" in path or "-summary" in path)


def test_in_parts_or_whole_the_bytes_are_the_same(make_stage: Make, small: Stage) -> None:
    take_in(small, key("a"), OTHER_KEY, pings=[ALL])
    plan, parts = planned(small)
    assert parts == len({block_of_measure(name) for name in small.state().base().measures if name})
    for name in plan.changed:
        for part in all_parts(plan.changed[name]):
            publish_part(small.services, plan.stamp, name, part)
    small.published.forget_requests()
    assert complete(small, plan) == "published"
    assert rendered(small) == []
    assert_intact(small)
    assert list(verify(small.services)) == []
    in_parts_ = published_bytes(small.published)
    small.lose_state()
    whole = make_stage()
    take_in(whole, key("a"), OTHER_KEY, pings=[ALL])
    publish(whole.services)
    assert published_bytes(whole.published) == in_parts_


def test_one_process_does_the_same(small: Stage, make_stage: Make) -> None:
    take_in(small, key("a"), pings=[ALL])
    assert publish(small.services).outcome == "published"
    take_in(small, key("b"), pings=[ping(FLAG)])
    small.clock.pass_(5)
    small.published.forget_requests()
    assert publish(small.services).outcome == "published"
    assert {name.split("-")[0] for name in rendered(small)} == {FLAG, "SIMPLE_MEASURES_UPTIME"}
    assert list(verify(small.services)) == []


def test_what_lost_parts_would_have_written_is_written_at_the_end(small: Stage) -> None:
    take_in(small, key("a"), pings=[ALL])
    plan, parts = planned(small)
    block = number_of_block(block_of_measure(FLAG))
    done = publish_part(small.services, plan.stamp, NAME, Part(block % parts, parts))
    assert 1 <= done < 5
    small.published.forget_requests()
    assert complete(small, plan) == "published"
    assert len(rendered(small)) == 3 * (5 - done)
    assert_intact(small)
    assert list(verify(small.services)) == []


def test_a_part_that_comes_twice_writes_nothing_the_second_time(small: Stage) -> None:
    take_in(small, key("a"), pings=[ALL])
    plan, parts = planned(small)
    assert sum(publish_part(small.services, plan.stamp, NAME, part) for part in all_parts(parts)) == 5
    before = {info.key: info.etag for info in small.published.list("current/")}
    for part in all_parts(parts):
        assert publish_part(small.services, plan.stamp, NAME, part) == 0
    assert {info.key: info.etag for info in small.published.list("current/")} == before
    assert complete(small, plan) == "published"


def test_a_part_that_wakes_up_after_the_end_changes_nothing(small: Stage) -> None:
    take_in(small, key("a"), pings=[ALL])
    plan, parts = planned(small)
    assert complete(small, plan) == "published"
    before = published_bytes(small.published)
    take_in(small, key("b"), pings=[ALL])
    compact(small.state())
    for part in all_parts(parts):
        publish_part(small.services, plan.stamp, NAME, part)
    assert published_bytes(small.published) == before
    assert_intact(small)


def test_what_counts_meanwhile_is_in_the_next_snapshot(small: Stage) -> None:
    take_in(small, key("a"), pings=[ALL])
    plan, parts = planned(small)
    for part in all_parts(parts):
        publish_part(small.services, plan.stamp, NAME, part)
    take_in(small, key("b"), pings=[ALL])
    small.published.forget_requests()
    assert complete(small, plan) == "published"
    assert rendered(small) == []
    assert processed(small) == [key("a")]
    small.clock.pass_(5)
    assert publish(small.services).outcome == "published"
    assert processed(small) == [key("a"), key("b")]
    assert list(verify(small.services)) == []


def test_parts_of_a_base_that_moved_on_are_written_over(small: Stage) -> None:
    take_in(small, key("a"), pings=[ALL])
    plan, parts = planned(small)
    for part in all_parts(parts):
        publish_part(small.services, plan.stamp, NAME, part)
    take_in(small, key("b"), pings=[ping(FLAG)])
    compact(small.state())  # as a checkpoint does
    small.published.forget_requests()
    assert complete(small, plan) == "published"
    assert {name.split("-")[0] for name in rendered(small)} == {FLAG, "SIMPLE_MEASURES_UPTIME"}
    assert processed(small) == [key("a"), key("b")]
    assert list(verify(small.services)) == []


def test_a_measure_that_went_meanwhile_leaves_no_file(small: Stage) -> None:
    """What a part wrote of it is taken away: a folder has the files of its measures and no others."""
    take_in(small, key("a"), pings=[ALL])
    plan, parts = planned(small)
    for part in all_parts(parts):
        publish_part(small.services, plan.stamp, NAME, part)
    state = small.state()
    assert state.compact(state.base(), {}, {}, {UNKNOWN: None}) == "ok"
    assert UNKNOWN not in state.base().measures
    assert complete(small, plan) == "published"
    assert not [info.key for info in small.published.list(f"{folder(small)}/") if UNKNOWN in info.key]
    assert_intact(small)


def test_a_damaged_block_holds_up_its_channel_version_alone(small: Stage) -> None:
    take_in(small, key("a"), OTHER_KEY, pings=[ALL])
    plan, _ = planned(small)
    block = block_of_measure(FLAG)
    body = small.state().blocks([block])[block]
    small.backend.set_block(NAME, block, body[:20] + b"damage" + body[26:])
    for name in plan.changed:
        for part in all_parts(plan.changed[name]):
            with suppress(DataError):  # as the tasks do, which note it
                publish_part(small.services, plan.stamp, name, part)
    with pytest.raises(DataError, match="bad-state"):
        publish_channel_version(small.services, plan.stamp, NAME, plan.changed.pop(NAME))
    assert complete(small, plan) == "published"
    assert processed(small) == [OTHER_KEY]


def test_only_what_changed_and_is_large_is_cut(stage: Stage) -> None:
    take_in(stage, key("a"), pings=[ALL])
    assert number_of_parts(stage.services, stage.state(), None) == 1
    small = stage.with_options(publish_part_bytes=1)
    assert number_of_parts(small.services, small.state(), None) > 1
    publish(stage.services)
    take_in(stage, key("b"), pings=[{**ping(FLAG), "simpleMeasurements": {}}])
    _, parts = planned(small)
    assert parts == 1
    large = stage.with_options(publish_part_bytes=10_000_000)
    assert number_of_parts(large.services, large.state(), None) == 1


def test_a_new_population_counts_as_a_change_of_every_measure(stage: Stage) -> None:
    small = stage.with_options(publish_part_bytes=1)
    take_in(stage, key("a"), pings=[ALL])
    publish(stage.services)
    take_in(stage, key("b"), pings=[ping(FLAG, system=("Darwin", "13.0.0", "x86-64"))])
    _, parts = planned(small)
    assert parts > 2


def test_messages_of_a_chord_say_what_is_to_be_completed() -> None:
    part = refs_message(NAME, None, 3)
    assert in_parts([part, part, refs_message("aurora/27", None)]) == {NAME: 3}
    assert refs_of([part]) == {}


def test_reports_are_no_files_of_the_folder(small: Stage) -> None:
    take_in(small, key("a"), pings=[ALL])
    publish(small.services)
    names = {info.key.removeprefix(f"{folder(small)}/") for info in small.published.list(f"{folder(small)}/")}
    assert MANIFEST in names
    assert not [name for name in names if "parts" in name]
    assert replace(Part(0, 2), number=1).report("current/1", NAME) == f"current/1/parts/{NAME}/1-of-2.json"
