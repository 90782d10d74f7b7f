"""Snapshots: only what changed is written, readers see whole ones, and nobody publishes less than is shown."""

import contextlib
from collections.abc import Callable

import pytest

from telemetry_tasks.errors import DamagedObject, InfrastructureError
from telemetry_tasks.formats.layouts.v1.latest import LATEST
from telemetry_tasks.formats.layouts.v1.versions import VERSIONS
from telemetry_tasks.formats.publish_messages import refs_message, refs_of
from telemetry_tasks.pipeline.publish.snapshot import finish_publish, plan_publish, publish, publish_channel_version
from telemetry_tasks.pipeline.publish.under_way import publishing
from telemetry_tasks.pipeline.recovery.restore import restore
from telemetry_tasks.pipeline.state.compact import compact
from tests.pipeline.publishing import assert_intact, folder, latest, missing, processed, seen, take_in
from tests.support.deployment import published_bytes
from tests.support.pings import COUNT, FLAG, key, ping
from tests.support.stage import Make, Stage

NAME = "nightly/28"
OTHER = "aurora/27"
OTHER_KEY = key("o", channel="aurora", version="27.0a2")


def again(stage: Stage, seconds: float = 5.0) -> str:
    stage.clock.pass_(seconds)
    return publish(stage.services).outcome


def documents(stage: Stage) -> set[str]:
    """What was written below a channel/version's folder, stamps left out."""
    return {"/".join(path.split("/")[4:]) for path in stage.published.written if path.count("/") > 3}


def test_what_counts_is_published(stage: Stage) -> None:
    take_in(stage, key("a"), OTHER_KEY)
    done = publish(stage.services)
    assert (done.outcome, done.versions) == ("published", (OTHER, NAME))
    assert done.stamp == latest(stage) == "20131206120000"
    assert seen(stage, VERSIONS) == {OTHER: f"current/{done.stamp}/{OTHER}", NAME: f"current/{done.stamp}/{NAME}"}
    assert processed(stage) == sorted([key("a"), OTHER_KEY])
    assert missing(stage) == {}
    assert_intact(stage)


def test_nothing_to_publish_is_nothing(stage: Stage) -> None:
    assert publish(stage.services).outcome == "nothing"
    assert not stage.published.written


def test_when_nothing_changed_nothing_is_written_and_hardly_anything_read(stage: Stage) -> None:
    take_in(stage, key("a"), OTHER_KEY)
    publish(stage.services)
    assert again(stage) == "nothing"  # it looked whether all is there, which is not done each time
    stage.published.forget_requests()
    assert again(stage) == "nothing"
    assert stage.published.written == []
    assert stage.published.requests.total() <= 4


def test_only_the_measures_that_changed_are_uploaded_the_others_copied(stage: Stage) -> None:
    take_in(stage, key("a"))
    publish(stage.services)
    stage.published.forget_requests()
    take_in(stage, key("b"), pings=[{**ping(FLAG), "simpleMeasurements": {}}])
    assert again(stage) == "published"
    assert {name for name in documents(stage) if COUNT in name or FLAG in name or "SIMPLE" in name} == {
        f"{FLAG}-by-build-date.json",
        f"{FLAG}-by-submission-date.json",
        f"{FLAG}-summary.json",
    }
    assert stage.published.requests["copy"] == 6
    assert_intact(stage)


def test_a_channel_version_that_did_not_change_keeps_its_folder(stage: Stage) -> None:
    take_in(stage, key("a"), OTHER_KEY)
    publish(stage.services)
    before = folder(stage, OTHER)
    stage.published.forget_requests()
    take_in(stage, key("b"))
    again(stage)
    assert folder(stage, OTHER) == before
    assert folder(stage) == f"current/{latest(stage)}/{NAME}"
    assert not [path for path in stage.published.written if OTHER in path]
    assert_intact(stage)


def test_a_file_without_a_ping_changes_the_lists_and_no_folder(stage: Stage) -> None:
    take_in(stage, key("a"))
    publish(stage.services)
    before = folder(stage)
    stage.upload(key("bad"), body=b"\x1f\x8b and no more")
    take_in(stage, key("c"), pings=[{"info": None}])
    assert again(stage) == "published"
    assert folder(stage) == before
    assert sorted(missing(stage)) == [key("bad"), key("c")]
    assert processed(stage) == [key("a")]
    assert_intact(stage)


def test_a_new_population_has_every_measure_rendered_again(stage: Stage) -> None:
    """Ids of the filter tree shift: rows and tree must be of one moment."""
    take_in(stage, key("a"))
    publish(stage.services)
    stage.published.forget_requests()
    take_in(stage, key("b"), pings=[ping(FLAG, system=("Darwin", "13.0.0", "x86-64"))])
    again(stage)
    assert any(COUNT in name for name in documents(stage))
    assert stage.published.requests["copy"] == 0
    assert_intact(stage)


def test_files_without_a_channel_are_listed_and_have_no_folder(stage: Stage) -> None:
    stage.upload("readme.txt")
    take_in(stage, key("a"))
    publish(stage.services)
    assert list(seen(stage, VERSIONS)) == [NAME]
    assert missing(stage)["readme.txt"].startswith("bad-key")
    assert_intact(stage)


def test_objects_have_the_headers_that_readers_need(stage: Stage) -> None:
    take_in(stage, key("a"))
    publish(stage.services)
    for name in (VERSIONS, LATEST):
        assert stage.published.get(name).headers.cache_control == "no-cache"
    for path, kind in (
        (f"{folder(stage)}/histograms.json", "application/json"),
        (f"{folder(stage)}/{FLAG}-by-build-date.json", "application/json"),
        (f"current/{latest(stage)}/FILES_PROCESSED", "text/plain"),
    ):
        found = stage.published.get(path)
        assert (found.headers.content_encoding, found.headers.content_type) == ("gzip", kind)
        assert found.headers.cache_control == "public, max-age=31536000, immutable"


class TestBehind:
    def test_a_state_that_lost_files_is_not_published(self, stage: Stage) -> None:
        take_in(stage, key("a"), key("b"))
        publish(stage.services)
        before = published_bytes(stage.published)
        stage.lose_state()
        restore(stage.services)
        stage.input.delete([key("a")])
        take_in(stage, key("b"), key("c"))
        assert again(stage) == "behind"
        assert published_bytes(stage.published) == before

    def test_it_is_published_again_once_it_caught_up(self, stage: Stage) -> None:
        take_in(stage, key("a"), key("b"))
        publish(stage.services)
        before = published_bytes(stage.published)
        stage.lose_state()
        hidden = stage.input.get(key("b"))
        stage.input.delete([key("b")])
        take_in(stage, key("a"))
        assert again(stage) == "behind"
        stage.input.put(key("b"), hidden.body)
        take_in(stage, key("b"))
        assert again(stage) == "published"
        assert published_bytes(stage.published) == before

    def test_one_channel_version_behind_does_not_hold_back_another(self, stage: Stage) -> None:
        take_in(stage, key("a"), OTHER_KEY)
        publish(stage.services)
        stage.lose_state()
        stage.input.delete([key("a")])
        take_in(stage, key("b"), OTHER_KEY, key("o2", channel="aurora", version="27.0a2"))
        stage.clock.pass_(5)
        done = publish(stage.services)
        assert (done.outcome, done.versions) == ("published", (OTHER,))
        assert key("a") in processed(stage)
        assert_intact(stage)


class TestTwoPublishers:
    def test_they_never_share_a_folder(self, stage: Stage) -> None:
        take_in(stage, key("a"))
        plans = [plan_publish(stage.services) for _ in range(3)]
        assert len({plan.stamp for plan in plans if plan}) == 3

    def test_the_earlier_stamp_does_not_replace_the_later(self, stage: Stage) -> None:
        take_in(stage, key("a"))
        early, late = plan_publish(stage.services), plan_publish(stage.services)
        assert early
        assert late
        for plan, outcome in ((late, "published"), (early, "lost")):
            ref = publish_channel_version(stage.services, plan.stamp, NAME)
            assert ref
            assert finish_publish(stage.services, plan.stamp, {NAME: ref}).outcome == outcome
        assert latest(stage) == late.stamp
        assert_intact(stage)

    def test_one_that_is_overtaken_at_the_switch_loses(self, stage: Stage) -> None:
        take_in(stage, key("a"))
        plan = plan_publish(stage.services)
        assert plan
        ref = publish_channel_version(stage.services, plan.stamp, NAME)
        assert ref

        def overtake(verb: str, path: str) -> None:
            if (verb, path) == ("put", LATEST):
                stage.published.before = lambda verb, path: None
                assert again(stage) == "published"

        stage.published.before = overtake
        assert finish_publish(stage.services, plan.stamp, {NAME: ref}).outcome == "lost"
        assert latest(stage) != plan.stamp
        assert_intact(stage)

    def test_a_task_that_comes_twice_does_not_write_into_the_folder_again(self, stage: Stage) -> None:
        take_in(stage, key("a"))
        plan = plan_publish(stage.services)
        assert plan
        ref = publish_channel_version(stage.services, plan.stamp, NAME)
        stage.published.forget_requests()
        assert publish_channel_version(stage.services, plan.stamp, NAME) is None
        assert stage.published.written == []
        assert ref
        assert finish_publish(stage.services, plan.stamp, {NAME: ref}).outcome == "published"
        assert finish_publish(stage.services, plan.stamp, {NAME: ref}).outcome == "lost"
        assert_intact(stage)

    def test_while_one_is_under_way_it_can_be_seen(self, stage: Stage) -> None:
        take_in(stage, key("a"))
        plan = plan_publish(stage.services)
        assert plan
        assert publishing(stage.services) == plan.stamp
        seen_at_the_switch = []

        def before(verb: str, path: str) -> None:
            if (verb, path) == ("put", LATEST):
                seen_at_the_switch.append(publishing(stage.services))

        stage.published.before = before
        ref = publish_channel_version(stage.services, plan.stamp, NAME)
        assert ref
        finish_publish(stage.services, plan.stamp, {NAME: ref})
        assert seen_at_the_switch == [plan.stamp]
        assert publishing(stage.services) is None

    def test_one_that_fails_at_its_end_is_not_under_way_any_more(self, stage: Stage) -> None:
        take_in(stage, key("a"))
        plan = plan_publish(stage.services)
        assert plan
        stage.published.before = dying_at(0)
        with pytest.raises(InfrastructureError):
            finish_publish(stage.services, plan.stamp, {})
        assert publishing(stage.services) is None


class TestDying:
    """A publisher that is killed at any of its requests leaves readers with the old snapshot or the new one."""

    def test_wherever_it_dies_the_next_one_publishes_the_same(self, make_stage: Make) -> None:
        def prepared() -> Stage:
            made = make_stage()
            made.lose_state()
            take_in(made, key("a"), OTHER_KEY)
            publish(made.services)
            take_in(made, key("b"), pings=[ping(FLAG, bucket=2)])
            made.clock.pass_(5)
            return made

        undisturbed = prepared()
        before = published_bytes(undisturbed.published)
        undisturbed.published.forget_requests()
        publish(undisturbed.services)
        steps = undisturbed.published.requests.total()
        after = published_bytes(undisturbed.published)
        assert steps > 20
        for step in range(steps):
            stage = prepared()
            stage.published.before = dying_at(step)
            with contextlib.suppress(InfrastructureError):  # from the switch on only the lag is not measured
                publish(stage.services)
            stage.published.before = lambda verb, path: None
            assert published_bytes(stage.published) in (before, after), f"request {step}"
            stage.clock.pass_(5)
            publish(stage.services)
            assert published_bytes(stage.published) == after, f"request {step}"
            assert_intact(stage)

    def test_an_index_that_was_left_behind_is_repaired_by_the_next(self, stage: Stage) -> None:
        take_in(stage, key("a"))

        def before(verb: str, path: str) -> None:
            if (verb, path) == ("put", VERSIONS):
                raise InfrastructureError("killed")

        stage.published.before = before
        with pytest.raises(InfrastructureError):
            publish(stage.services)
        assert stage.published.head(VERSIONS) is None
        stage.published.before = lambda verb, path: None
        assert again(stage) == "nothing"
        assert folder(stage) == f"current/{latest(stage)}/{NAME}"
        assert_intact(stage)

    @pytest.mark.parametrize("rotted", [True, False])
    def test_so_is_one_that_was_damaged(self, stage: Stage, rotted: bool) -> None:
        take_in(stage, key("a"))
        publish(stage.services)
        stage.published.put(VERSIONS, b"{half")

        def before(verb: str, path: str) -> None:
            if rotted and (verb, path) == ("get", VERSIONS):
                raise DamagedObject("the md5 of the body is another one")

        stage.published.before = before
        assert again(stage) == "nothing"
        stage.published.before = lambda verb, path: None
        assert_intact(stage)


def dying_at(step: int) -> Callable[[str, str], None]:
    left = step

    def before(verb: str, path: str) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise InfrastructureError("killed")

    return before


def test_what_is_committed_while_rendering_comes_with_this_snapshot_or_the_next(stage: Stage) -> None:
    take_in(stage, key("a"))
    plan = plan_publish(stage.services)
    assert plan
    take_in(stage, key("b"))
    ref = publish_channel_version(stage.services, plan.stamp, NAME)
    take_in(stage, key("c"))
    assert ref
    finish_publish(stage.services, plan.stamp, {NAME: ref})
    assert processed(stage) == [key("a"), key("b")]
    assert again(stage) == "published"
    assert processed(stage) == [key("a"), key("b"), key("c")]
    assert_intact(stage)


def test_a_compaction_alone_is_nothing_to_publish(stage: Stage) -> None:
    take_in(stage, key("a"))
    publish(stage.services)
    compact(stage.state())
    assert again(stage) == "nothing"


def test_references_survive_their_message(stage: Stage) -> None:
    take_in(stage, key("a"))
    plan = plan_publish(stage.services)
    assert plan
    ref = publish_channel_version(stage.services, plan.stamp, NAME)
    assert refs_of([refs_message(NAME, ref), refs_message(OTHER, None)]) == {NAME: ref}
