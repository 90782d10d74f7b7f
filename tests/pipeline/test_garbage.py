"""What is removed, and what never is."""

import pytest

from telemetry_tasks.errors import InfrastructureError
from telemetry_tasks.pipeline.publish.snapshot import finish_publish, plan_publish, publish, publish_channel_version
from telemetry_tasks.pipeline.recovery.checkpoint import checkpoint, list_checkpoints
from telemetry_tasks.pipeline.recovery.garbage import Collected, collect_garbage
from tests.pipeline.publishing import assert_intact, folder, latest, take_in
from tests.support.deployment import published_bytes
from tests.support.pings import key
from tests.support.stage import Stage

HOUR = 3600.0
GRACE = 24 * HOUR
OTHER = key("o", channel="aurora", version="27.0a2")


def collect(stage: Stage) -> Collected:
    return collect_garbage(stage.services, stage.published.now())


def snapshots(stage: Stage) -> list[str]:
    return sorted({info.key.split("/")[1] for info in stage.published.list("current/")})


def publish_hourly(stage: Stage, count: int) -> list[str]:
    stamps = []
    for i in range(count):
        take_in(stage, key(f"{stage.clock().timestamp():.0f}-{i}"))
        stage.clock.pass_(HOUR)
        publish(stage.services)
        stamps.append(latest(stage))
    return stamps


def test_snapshots_younger_than_the_grace_time_stay(stage: Stage) -> None:
    stamps = publish_hourly(stage, 5)
    stage.clock.pass_(GRACE - 6 * HOUR)
    assert collect(stage).snapshots == 0
    assert snapshots(stage) == stamps


def test_a_snapshot_stays_for_the_grace_time_after_it_was_replaced_however_old_it_is(stage: Stage) -> None:
    first, second = publish_hourly(stage, 2)
    stage.clock.pass_(30 * GRACE)
    third, fourth = publish_hourly(stage, 2)
    collect(stage)
    assert snapshots(stage) == [second, third, fourth]
    stage.clock.pass_(GRACE + HOUR)
    collect(stage)
    assert snapshots(stage) == [third, fourth]
    assert first not in snapshots(stage)


def test_the_newest_two_stay_however_old(stage: Stage) -> None:
    stamps = publish_hourly(stage, 4)
    stage.clock.pass_(100 * GRACE)
    collect(stage)
    assert snapshots(stage) == stamps[-2:]
    assert_intact(stage)


def test_a_folder_that_a_newer_snapshot_names_stays(stage: Stage) -> None:
    take_in(stage, OTHER)
    publish(stage.services)
    old = folder(stage, "aurora/27")
    publish_hourly(stage, 4)
    stage.clock.pass_(100 * GRACE)
    before = published_bytes(stage.published)
    collect(stage)
    assert folder(stage, "aurora/27") == old
    assert published_bytes(stage.published) == before
    assert_intact(stage)


def test_what_a_dead_publisher_left_goes_after_the_grace_time(stage: Stage) -> None:
    publish_hourly(stage, 1)
    take_in(stage, key("b"))
    plan = plan_publish(stage.services)
    assert plan
    publish_channel_version(stage.services, plan.stamp, "nightly/28")
    collect(stage)
    assert plan.stamp in snapshots(stage)
    stage.clock.pass_(GRACE + 1)
    publish(stage.services)
    collect(stage)
    assert plan.stamp not in snapshots(stage)
    assert_intact(stage)


def test_what_is_later_than_the_snapshot_shown_stays_since_its_writer_may_yet_show_it(stage: Stage) -> None:
    publish_hourly(stage, 1)
    take_in(stage, key("b"))
    plan = plan_publish(stage.services)
    assert plan
    ref = publish_channel_version(stage.services, plan.stamp, "nightly/28")
    assert ref
    stage.clock.pass_(GRACE - 1)
    collect(stage.with_options(grace_time=1.0))
    assert finish_publish(stage.services, plan.stamp, {"nightly/28": ref}).outcome == "published"
    assert_intact(stage)


def test_collecting_half_way_leaves_readers_whole_and_the_next_ends_it(stage: Stage) -> None:
    stamps = publish_hourly(stage, 4)
    stage.clock.pass_(10 * GRACE)
    before = published_bytes(stage.published)
    left = 7

    def dying(verb: str, path: str) -> None:
        nonlocal left
        left -= verb == "delete"
        if not left:
            raise InfrastructureError("killed")

    stage.published.before = dying
    with pytest.raises(InfrastructureError):
        collect(stage)
    stage.published.before = lambda verb, path: None
    assert published_bytes(stage.published) == before
    collect(stage)
    assert snapshots(stage) == stamps[-2:]


def test_the_newest_checkpoints_stay_and_older_ones_are_unlisted_then_removed(stage: Stage) -> None:
    stage = stage.with_options(keep_checkpoints=2)
    names = []
    for name in "abc":
        take_in(stage, key(name))
        stage.clock.pass_(HOUR)
        names.append(checkpoint(stage.services).stamp)
    assert collect(stage).checkpoints == 0
    assert list_checkpoints(stage.published) == names[1:]
    assert list(stage.published.list(f"check-points/{names[0]}/"))
    stage.clock.pass_(GRACE + 1)
    assert collect(stage).checkpoints > 0
    assert not list(stage.published.list(f"check-points/{names[0]}/"))
    for name in names[1:]:
        assert stage.published.head(f"check-points/{name}/state/manifest.json")


def test_a_checkpoint_being_written_stays(stage: Stage) -> None:
    take_in(stage, key("a"))

    def before(verb: str, path: str) -> None:
        if verb == "put" and path.endswith("state/manifest.json"):
            stage.published.before = lambda verb, path: None
            stage.clock.pass_(HOUR)
            collect(stage)

    stage.published.before = before
    name = checkpoint(stage.services).stamp
    assert list_checkpoints(stage.published) == [name]


def test_merged_slices_that_nobody_merged_go_and_partial_results_stay(stage: Stage) -> None:
    take_in(stage, key("a"))
    stage.results.put("merged-slices/nightly/28/lost", b"slice")
    assert collect(stage).merged_slices == 0
    stage.clock.pass_(100 * GRACE)
    assert collect(stage).merged_slices == 1
    assert [info.key.split("/")[0] for info in stage.results.list()] == ["results"]


def test_an_empty_bucket_has_no_garbage(stage: Stage) -> None:
    assert collect(stage) == Collected(0, 0, 0)


@pytest.mark.parametrize("name", ["current/00-read-me.txt", "current/20131201/x.json", "check-points/00-read-me.txt"])
def test_what_is_below_no_stamp_is_somebody_else_s(stage: Stage, name: str) -> None:
    stage.published.put(name, b"not ours")
    take_in(stage, key("a"))
    publish_hourly(stage, 3)
    checkpoint(stage.services)
    stage.clock.pass_(3 * GRACE)
    assert collect(stage).snapshots
    assert stage.published.get(name).body == b"not ours"
