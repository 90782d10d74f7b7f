"""Checkpoints, and an empty Redis that gets its state back from them."""

import pytest

from telemetry_tasks.errors import DataError, InfrastructureError
from telemetry_tasks.formats.checkpoints import CHECKPOINT_LIST
from telemetry_tasks.formats.documents import json_document
from telemetry_tasks.pipeline.aggregate.partition import aggregate_partition
from telemetry_tasks.pipeline.epoch import channel_state
from telemetry_tasks.pipeline.inspect.checkpoint_checks import check_newest_checkpoint
from telemetry_tasks.pipeline.inspect.published_rules import check_published
from telemetry_tasks.pipeline.intake.discover import discover
from telemetry_tasks.pipeline.publish.snapshot import publish
from telemetry_tasks.pipeline.recovery.checkpoint import checkpoint, list_checkpoints
from telemetry_tasks.pipeline.recovery.garbage import collect_garbage
from telemetry_tasks.pipeline.recovery.restore import ensure_state, restore
from telemetry_tasks.pipeline.recovery.saved import read_state
from telemetry_tasks.pipeline.state.compact import compact
from telemetry_tasks.pipeline.state.merge import plan_merges
from telemetry_tasks.storage.objects import Headers
from tests.pipeline.publishing import assert_intact, take_in
from tests.support.deployment import aggregate_all, merge_all, published_bytes, run_all
from tests.support.pings import key
from tests.support.stage import Make, Stage
from tests.support.stores import damage

OTHER = key("o", channel="aurora", version="27.0a2")


def write(stage: Stage) -> str:
    stage.clock.pass_(60)
    return checkpoint(stage.services).stamp


def blocks_of(stage: Stage, name: str) -> list[str]:
    root = f"check-points/{name}/state/"
    return [info.key for info in stage.published.list(root) if not info.key.endswith("manifest.json")]


class TestWriting:
    def test_a_checkpoint_is_listed_once_it_reads_as_written(self, stage: Stage) -> None:
        take_in(stage, key("a"), OTHER)
        name = write(stage)
        assert list_checkpoints(stage.published) == [name]
        assert sorted(read_state(stage.published, name, 2)) == ["aurora/27", "nightly/28"]
        assert list(check_newest_checkpoint(stage.services)) == []
        assert stage.published.get(CHECKPOINT_LIST).headers.cache_control == "no-cache"

    def test_it_is_a_whole_snapshot_too(self, stage: Stage) -> None:
        take_in(stage, key("a"), OTHER)
        publish(stage.services)
        name = write(stage)
        of_current = published_bytes(stage.published)
        for path in of_current:
            if path.endswith("-by-build-date.json"):
                assert stage.published.head(f"check-points/{name}/{path}"), path
        for file in ("versions.json", "FILES_PROCESSED", "FILES_MISSING"):
            assert stage.published.head(f"check-points/{name}/{file}")

    def test_one_of_an_empty_state_is_no_error(self, stage: Stage) -> None:
        name = write(stage)
        assert read_state(stage.published, name, 2) == {}

    def test_one_that_breaks_off_is_not_listed_and_the_next_one_is(self, stage: Stage) -> None:
        take_in(stage, key("a"))

        def before(verb: str, path: str) -> None:
            if path.endswith("state/manifest.json"):
                raise InfrastructureError("killed")

        stage.published.before = before
        with pytest.raises(InfrastructureError):
            write(stage)
        stage.published.before = lambda verb, path: None
        assert list_checkpoints(stage.published) == []
        name = write(stage)
        assert list_checkpoints(stage.published) == [name]

    def test_a_block_that_arrives_damaged_is_noticed_before_it_is_listed(self, stage: Stage) -> None:
        take_in(stage, key("a"))

        def before(verb: str, path: str) -> None:
            if verb == "put" and path.endswith("state/manifest.json"):
                root = path.removesuffix("manifest.json")
                block = next(i.key for i in stage.published.list(root))
                stage.published.before = lambda verb, path: None
                damage(stage.published, block)

        stage.published.before = before
        with pytest.raises(DataError, match="damaged"):
            write(stage)
        assert list_checkpoints(stage.published) == []

    def test_a_block_that_was_damaged_in_redis_is_not_written_as_sound(self, stage: Stage) -> None:
        take_in(stage, key("a"))
        compact(stage.state())
        stage.backend.set_block("nightly/28", "pings", stage.state().blocks(["pings"])["pings"] + b"x")
        with pytest.raises(DataError, match="pings in Redis"):
            write(stage)
        assert list_checkpoints(stage.published) == []

    def test_one_that_a_newer_one_overtook_is_not_listed(self, stage: Stage) -> None:
        take_in(stage, key("a"))

        def before(verb: str, path: str) -> None:
            if (verb, path) == ("put", CHECKPOINT_LIST):
                stage.published.before = lambda verb, path: None
                checkpoint(stage.services)

        stage.published.before = before
        with pytest.raises(InfrastructureError, match="the newer"):
            write(stage)
        assert len(list_checkpoints(stage.published)) == 1

    @pytest.mark.parametrize("part", ["/state/", "/files/"])
    def test_one_that_slept_until_a_newer_one_had_it_collected_is_not_said_to_be_damaged(
        self, stage: Stage, part: str
    ) -> None:
        take_in(stage, key("a"))

        def before(verb: str, path: str) -> None:
            if verb == "get" and part in path:
                stage.published.before = lambda verb, path: None
                checkpoint(stage.services)
                stage.clock.pass_(2 * stage.services.options.grace_time)
                assert collect_garbage(stage.services, stage.clock()).checkpoints

        stage.published.before = before
        with pytest.raises(InfrastructureError, match=r"the newer|garbage-collected"):
            write(stage)


class TestRestoring:
    def test_one_whose_checkpoint_is_collected_for_a_newer_one_does_not_begin_again(self, stage: Stage) -> None:
        """Or what only checkpoints know, of files that left the bucket long ago, would be forgotten."""
        take_in(stage, key("a"))
        older = write(stage)
        newer = write(stage)
        listed = stage.published.get(CHECKPOINT_LIST)
        stage.published.put(CHECKPOINT_LIST, json_document([older]).body, headers=Headers(content_encoding="gzip"))
        stage.lose_state()

        def before(verb: str, path: str) -> None:
            if verb == "get" and "/state/" in path:
                stage.published.before = lambda verb, path: None
                stage.published.put(CHECKPOINT_LIST, listed.body, headers=Headers(content_encoding="gzip"))
                stage.published.delete([info.key for info in stage.published.list(f"check-points/{older}/")])

        stage.published.before = before
        with pytest.raises(InfrastructureError, match="checkpoints changed"):
            ensure_state(stage.services)
        assert ensure_state(stage.services) == newer

    def test_after_a_flush_the_same_bytes_are_published(self, stage: Stage) -> None:
        take_in(stage, key("a"), key("b"), OTHER)
        publish(stage.services)
        before = published_bytes(stage.published)
        name = write(stage)
        stage.lose_state()
        assert ensure_state(stage.services) == name
        stage.published.forget_requests()
        run_all(stage.services)
        assert published_bytes(stage.published) == before
        assert not [path for path in stage.published.written if path.endswith("-by-build-date.json")]
        assert_intact(stage)

    def test_what_came_after_the_checkpoint_is_taken_in_again(self, stage: Stage) -> None:
        take_in(stage, key("a"))
        write(stage)
        take_in(stage, key("b"), OTHER)
        publish(stage.services)
        before = published_bytes(stage.published)
        stage.lose_state()
        ensure_state(stage.services)
        stage.input.forget_requests()
        assert aggregate_all(stage.services) == 2
        assert stage.input.requests["get"] == 2
        merge_all(stage.services)
        stage.clock.pass_(5)
        publish(stage.services)
        assert published_bytes(stage.published) == before

    def test_without_any_checkpoint_everything_is_taken_in_again(self, stage: Stage) -> None:
        take_in(stage, key("a"), OTHER)
        publish(stage.services)
        before = published_bytes(stage.published)
        stage.lose_state()
        assert ensure_state(stage.services) == ""
        stage.clock.pass_(5)
        run_all(stage.services)
        assert published_bytes(stage.published) == before

    @pytest.mark.parametrize("how", ["damaged", "gone", "no manifest", "damaged manifest"])
    def test_a_checkpoint_that_is_not_sound_is_passed_over_for_the_one_before(self, stage: Stage, how: str) -> None:
        take_in(stage, key("a"))
        first = write(stage)
        take_in(stage, key("b"))
        publish(stage.services)
        before = published_bytes(stage.published)
        second = write(stage)
        manifest = f"check-points/{second}/state/manifest.json"
        if how == "damaged":
            damage(stage.published, blocks_of(stage, second)[0])
        elif how == "damaged manifest":
            damage(stage.published, manifest)
        else:
            stage.published.delete([blocks_of(stage, second)[0] if how == "gone" else manifest])
        stage.lose_state()
        assert ensure_state(stage.services) == first
        assert len(stage.state().merged()) == 1
        stage.clock.pass_(5)
        run_all(stage.services)
        assert published_bytes(stage.published) == before

    def test_one_that_is_asked_for_by_name_must_be_sound(self, stage: Stage) -> None:
        take_in(stage, key("a"))
        name = write(stage)
        damage(stage.published, blocks_of(stage, name)[0])
        epoch = stage.services.state.epoch()
        with pytest.raises(DataError, match="damaged"):
            restore(stage.services, name)
        assert stage.services.state.epoch() == epoch

    def test_a_state_that_is_there_is_left_alone(self, stage: Stage) -> None:
        take_in(stage, key("a"))
        write(stage)
        epoch = stage.services.state.epoch()
        assert ensure_state(stage.services) is None
        assert stage.services.state.epoch() == epoch

    def test_while_another_restores_nobody_else_does(self, make_stage: Make) -> None:
        stage = make_stage()
        lock = stage.services.state.lock("restore", 60)
        assert lock.acquire()
        assert ensure_state(stage.services) is None
        lock.release()
        assert ensure_state(stage.services) == ""

    def test_workers_of_the_epoch_before_cannot_write_any_more(self, stage: Stage) -> None:
        take_in(stage, key("a"))
        write(stage)
        stage.upload(key("b"))
        (partition,) = discover(stage.services, stage.input.now(), all_now=True).partitions
        old = stage.state()
        old.start(partition.id, 60)
        stage.lose_state()
        ensure_state(stage.services)
        assert not old.note_aggregated(partition.id, "digest")
        assert old.register(partition) is None
        assert aggregate_partition(stage.services, "nightly/28", partition.id) == "nothing to do"

    def test_restoring_over_a_living_state_drops_what_the_checkpoint_does_not_have(self, stage: Stage) -> None:
        take_in(stage, key("a"))
        name = write(stage)
        take_in(stage, OTHER)
        publish(stage.services)
        before = published_bytes(stage.published)
        restore(stage.services, name)
        assert channel_state(stage.services, "aurora/27").merged() == {}
        assert channel_state(stage.services, "aurora/27").base().version is None
        assert aggregate_all(stage.services) == 1
        assert len(plan_merges(stage.services)) == 1
        stage.clock.pass_(5)
        merge_later(stage)
        publish(stage.services)
        assert published_bytes(stage.published) == before

    def test_a_state_that_lost_its_epoch_alone_begins_again(self, stage: Stage) -> None:
        """As if that key were lost: nothing that is left may stop its files from being taken in."""
        take_in(stage, key("a"))
        publish(stage.services)
        before = published_bytes(stage.published)
        stage.backend.lose_epoch()
        assert ensure_state(stage.services) == ""
        stage.clock.pass_(5)
        run_all(stage.services)
        assert len(stage.state().merged()) == 1
        assert published_bytes(stage.published) == before

    @pytest.mark.parametrize("written", [True, False])
    def test_a_channel_version_that_is_ahead_of_the_state_is_caught_up_with(self, stage: Stage, written: bool) -> None:
        """A restore slept while the state was lost, and began a channel/version in a life that never came to be."""
        take_in(stage, key("a"), OTHER)
        publish(stage.services)
        before = published_bytes(stage.published)
        name = write(stage) if written else ""
        state = stage.services.state
        over = f"{int(state.next_epoch().partition('-')[0]) + 10**12:020d}-over"
        state.channel_version("nightly/28", over).begin()
        assert ensure_state(stage.services) == name
        assert (state.epoch() or "") > over
        assert ensure_state(stage.services) is None
        stage.clock.pass_(5)
        run_all(stage.services)
        assert len(stage.state().merged()) == 1
        assert published_bytes(stage.published) == before

    def test_the_published_checkpoint_meets_every_rule(self, stage: Stage) -> None:
        take_in(stage, key("a"), OTHER)
        publish(stage.services)
        write(stage)
        assert list(check_published(lambda path: stage.published.get(path).body)) == []


def merge_later(stage: Stage) -> None:
    stage.elapse(stage.services.options.merge_lease)
    merge_all(stage.services)
