"""The state in Redis, on a real Valkey. Two clients stand for two processes; leases are short and really run out."""

import itertools
import time
from collections.abc import Callable

import pytest
import redis

from telemetry_tasks.core.cells import Cells
from telemetry_tasks.core.partition import FileRef, LedgerEntry, Partition, partition_of
from telemetry_tasks.core.result import FileReport
from telemetry_tasks.errors import InfrastructureError, OperatorError
from telemetry_tasks.formats import delta as delta_format
from telemetry_tasks.formats.delta import Delta
from telemetry_tasks.storage import redis_state
from telemetry_tasks.storage.redis_state import ChannelState, RedisState
from telemetry_tasks.storage.state import Base, Batch
from tests.servers.ports import free_port
from tests.servers.redis import RedisServer

NAME = "nightly/28"
LEASE = 60.0
SHORT = 0.05
EPOCH, LATER, EARLIER = "epoch 5", "epoch 6", "epoch 4"
Make = Callable[..., ChannelState]


def state_at(url: str, **options: object) -> RedisState:
    return RedisState(redis.Redis.from_url(url, **options), url, "tt")


@pytest.fixture
def make(redis_url: str) -> Make:
    """Further clients of the same channel/version, in the same epoch or another."""
    state_at(redis_url).begin_epoch(EPOCH, only_if_none=True)
    return lambda epoch=EPOCH: state_at(redis_url).channel_version(NAME, epoch)


@pytest.fixture
def state(make: Make) -> ChannelState:
    made = make()
    made.begin()
    return made


@pytest.fixture
def dump(redis_url: str) -> Callable[[], dict[bytes, object]]:
    """All keys and values but staged ones: to show that nothing was written."""

    def take() -> dict[bytes, object]:
        with redis.Redis.from_url(redis_url) as client:
            return {key: client.dump(key) for key in client.scan_iter() if b":stage:" not in key}

    return take


def partition(*files: str, etag: str = "e") -> Partition:
    return partition_of(NAME, [FileRef(name, etag, 10) for name in files])


def entry(of: Partition, digest: str = "digest") -> LedgerEntry:
    return LedgerEntry(of, digest, tuple(FileReport(file.key, file.etag, file.size, good=1) for file in of.files))


def delta(*of: Partition) -> bytes:
    return delta_format.encode(Delta(Cells(), tuple(map(entry, of))))


def finished(state: ChannelState, *of: Partition) -> None:
    for each in of:
        assert state.register(each) == []
        assert state.start(each.id, LEASE)
        assert state.finish(each.id, "digest")


def counted(state: ChannelState, *of: Partition) -> None:
    finished(state, *of)
    assert state.commit(delta(*of), {each.id: "digest" for each in of}).ok


class TestEpochs:
    def test_an_empty_redis_has_none(self, redis_url: str) -> None:
        assert state_at(redis_url).epoch() is None

    def test_of_two_that_begin_one_at_once_the_first_wins(self, redis_url: str) -> None:
        one, two = state_at(redis_url), state_at(redis_url)
        assert one.begin_epoch("one", only_if_none=True)
        assert not two.begin_epoch("two", only_if_none=True)
        assert two.epoch() == "one"

    def test_beginning_drops_what_is_left_of_the_epoch_before(
        self, state: ChannelState, make: Make, dump: Callable[[], dict[bytes, object]]
    ) -> None:
        counted(state, partition("a"))
        base = state.base()
        assert state.compact(base, dict.fromkeys(state.deltas(), 1), {"c00": b"block"}, {"b:c00": "x"}) == "ok"
        counted(state, partition("b"))
        state.add_job("job", b"plan", LEASE)
        state.note_done("job", "p", "d")
        make(LATER).begin()
        left = {key for key in dump() if b"{nightly/28}" in key}
        assert left == {b"tt:{nightly/28}:epoch"}

    def test_beginning_twice_drops_nothing(self, state: ChannelState, make: Make) -> None:
        counted(state, partition("a"))
        make().begin()
        assert state.ledger()

    def test_beginning_leaves_other_channel_versions_alone(self, state: ChannelState, redis_url: str) -> None:
        other = state_at(redis_url).channel_version("nightly/280", EPOCH)
        other.begin()
        other.register(partition_of("nightly/280", [FileRef("z", "e", 1)]))
        state_at(redis_url).channel_version(NAME, LATER).begin()
        assert other.registered(["z"])

    def test_one_that_is_over_does_not_begin_again(self, state: ChannelState, make: Make) -> None:
        counted(state, partition("a"))
        make(EARLIER).begin()
        assert state.ledger()
        assert state.register(partition("b")) == []

    def test_the_next_one_sorts_after_the_last(self, redis_url: str) -> None:
        epochs = [state_at(redis_url).next_epoch() for _ in range(5)]
        assert epochs == sorted(set(epochs))

    @pytest.mark.parametrize("epoch", [EARLIER, LATER])
    def test_every_write_of_another_epoch_is_refused(
        self, state: ChannelState, make: Make, dump: Callable[[], dict[bytes, object]], epoch: str
    ) -> None:
        known, done = partition("a"), partition("b")
        finished(state, done)
        state.register(known)
        batch = Batch("batch", (done.id,))
        before = dump()
        stale = make(epoch)
        assert stale.registered(["a"]) == {}
        assert stale.register(partition("c")) is None
        assert stale.claim(5, LEASE, renew=True) == []
        assert stale.start(known.id, LEASE) == 0
        assert not stale.finish(known.id, "digest")
        assert not stale.split(known.id, [partition("a")])
        assert not stale.form_batch(batch, LEASE)
        assert stale.overdue_batches(LEASE) == []
        assert stale.commit(delta(done), {done.id: "digest"}).code == "stale"
        assert stale.compact(Base(None), {}, {"c00": b"x"}, {}) == "stale"
        stale.release(known.id, counts=True)
        stale.dissolve(batch)
        assert dump() == before


class TestRegistration:
    def test_a_registered_partition_is_known_with_its_files(self, state: ChannelState) -> None:
        new = partition("a", "b")
        assert state.register(new) == []
        assert state.partitions([new.id, "nobody"]) == {new.id: new}
        assert state.registered(["a", "b", "c"]) == {"a": ("e", new.id), "b": ("e", new.id)}

    def test_the_second_time_its_files_stand_in_the_way(
        self, state: ChannelState, make: Make, dump: Callable[[], dict[bytes, object]]
    ) -> None:
        new = partition("a", "b")
        state.register(new)
        before = dump()
        assert make().register(new) == ["a", "b"]
        assert dump() == before

    def test_of_overlapping_partitions_the_second_is_not_registered_at_all(self, state: ChannelState) -> None:
        state.register(partition("a", "b"))
        second = partition("b", "c")
        assert state.register(second) == ["b"]
        assert state.registered(["c"]) == {}
        assert state.partitions([second.id]) == {}

    def test_a_file_with_another_etag_stands_in_the_way_too(self, state: ChannelState) -> None:
        state.register(partition("a"))
        assert state.register(partition("a", etag="changed")) == ["a"]
        assert state.registered(["a"])["a"][0] == "e"

    def test_an_etag_with_spaces_comes_back_whole(self, state: ChannelState) -> None:
        state.register(partition("a", etag="with two spaces"))
        assert state.registered(["a"])["a"][0] == "with two spaces"

    def test_a_partition_of_a_thousand_files_is_registered_at_once(self, state: ChannelState) -> None:
        new = partition(*(f"file-{i:04d}" for i in range(1000)))
        assert state.register(new) == []
        assert state.counts().files == 1000


class TestDispatch:
    def test_the_oldest_that_wait_are_claimed_first_and_once(self, state: ChannelState, make: Make) -> None:
        ids = []
        for name in "abc":
            new = partition(name)
            state.register(new)
            ids.append(new.id)
        assert state.claim(2, LEASE, renew=False) == ids[:2]
        assert make().claim(2, LEASE, renew=False) == ids[2:]
        assert state.dispatched() == 3

    def test_a_lease_that_ran_out_is_claimed_again_by_a_sweep_only(self, state: ChannelState) -> None:
        new = partition("a")
        state.register(new)
        state.claim(1, SHORT, renew=False)
        assert state.claim(5, LEASE, renew=True) == []
        time.sleep(2 * SHORT)
        assert state.claim(5, LEASE, renew=False) == []
        assert state.claim(0, LEASE, renew=True) == [new.id]
        assert state.claim(5, LEASE, renew=True) == []

    def test_starting_renews_the_lease(self, state: ChannelState) -> None:
        new = partition("a")
        state.register(new)
        state.claim(1, SHORT, renew=False)
        state.start(new.id, LEASE)
        time.sleep(2 * SHORT)
        assert state.claim(0, LEASE, renew=True) == []

    def test_attempts_are_counted(self, state: ChannelState) -> None:
        new = partition("a")
        state.register(new)
        assert [state.start(new.id, LEASE) for _ in range(3)] == [1, 2, 3]

    def test_a_partition_given_back_waits_and_the_attempt_counts_or_not(self, state: ChannelState) -> None:
        new = partition("a")
        state.register(new)
        state.start(new.id, LEASE)
        state.release(new.id, counts=False)
        assert state.claim(1, LEASE, renew=False) == [new.id]
        assert state.start(new.id, LEASE) == 1
        state.release(new.id, counts=True)
        assert state.start(new.id, LEASE) == 2

    def test_giving_back_twice_does_not_count_an_attempt_twice(self, state: ChannelState) -> None:
        new = partition("a")
        state.register(new)
        state.start(new.id, LEASE)
        state.release(new.id, counts=False)
        state.release(new.id, counts=False)
        assert state.start(new.id, LEASE) == 1

    @pytest.mark.parametrize("done", [finished, counted])
    def test_a_late_message_of_a_partition_that_is_done_leaves_nothing_dispatched(
        self, state: ChannelState, done: Callable[..., None]
    ) -> None:
        new = partition("a")
        done(state, new)
        assert state.start(new.id, LEASE) == 0
        assert state.counts().dispatched == state.counts().waiting == 0

    def test_a_message_of_an_unknown_partition_is_nothing_to_do(self, state: ChannelState) -> None:
        assert state.start("nobody", LEASE) == 0
        assert not state.finish("nobody", "digest")
        assert state.counts().dispatched == 0


class TestFinishing:
    def test_what_is_finished_neither_waits_nor_is_dispatched(self, state: ChannelState) -> None:
        new = partition("a")
        state.note_error(new.id, "once")
        finished(state, new)
        counts = state.counts()
        assert (counts.waiting, counts.dispatched, counts.finished) == (0, 0, 1)
        assert state.finished() == {new.id: "digest"}
        assert state.error(new.id) is None

    def test_finishing_what_counts_already_is_no_news(self, state: ChannelState) -> None:
        new = partition("a")
        counted(state, new)
        assert not state.finish(new.id, "digest")
        assert state.finished() == {}

    def test_a_result_that_is_gone_sends_its_partition_back(self, state: ChannelState) -> None:
        new = partition("a")
        finished(state, new)
        assert state.unfinish(new.id, "bad-result: gone")
        assert state.error(new.id) == "bad-result: gone"
        assert state.claim(5, LEASE, renew=False) == [new.id]
        assert not state.unfinish(new.id, "again")

    def test_a_result_that_counts_is_not_sent_back(self, state: ChannelState) -> None:
        new = partition("a")
        counted(state, new)
        assert not state.unfinish(new.id, "gone")
        assert state.counts().waiting == 0

    def test_one_sent_back_that_counts_after_all_does_not_stay_dispatched(self, state: ChannelState) -> None:
        """Its fold was made before its result was lost: the commit is right, and the second aggregation is moot."""
        new = partition("a")
        finished(state, new)
        state.unfinish(new.id, "gone")
        assert state.commit(delta(new), {new.id: "digest"}).ok
        state.claim(5, LEASE, renew=False)
        assert state.start(new.id, LEASE) == 0
        counts = state.counts()
        assert (counts.waiting, counts.dispatched) == (0, 0)


class TestSplitting:
    def test_the_parts_take_the_files_over_and_go_on_counting_attempts(self, state: ChannelState) -> None:
        whole, parts = partition("a", "b"), [partition("a"), partition("b")]
        state.register(whole)
        state.start(whole.id, LEASE)
        state.start(whole.id, LEASE)
        assert state.split(whole.id, parts)
        assert state.partitions([whole.id]) == {}
        assert {name: owner for name, (_, owner) in state.registered(["a", "b"]).items()} == {
            "a": parts[0].id,
            "b": parts[1].id,
        }
        assert sorted(state.claim(5, LEASE, renew=True)) == sorted(part.id for part in parts)
        assert state.start(parts[0].id, LEASE) == 3
        assert state.dispatched() == 2

    @pytest.mark.parametrize("done", [finished, counted])
    def test_what_was_done_meanwhile_is_not_split(self, state: ChannelState, done: Callable[..., None]) -> None:
        whole = partition("a", "b")
        done(state, whole)
        assert not state.split(whole.id, [partition("a"), partition("b")])
        assert state.registered(["a"])["a"][1] == whole.id

    def test_the_second_of_two_splits_does_nothing(self, state: ChannelState) -> None:
        whole, parts = partition("a", "b"), [partition("a"), partition("b")]
        state.register(whole)
        assert state.split(whole.id, parts)
        state.start(parts[0].id, LEASE)
        assert not state.split(whole.id, parts)
        assert state.start(parts[0].id, LEASE) == 2


class TestBatches:
    def test_a_batch_takes_finished_partitions_once(self, state: ChannelState, make: Make) -> None:
        one, two = partition("a"), partition("b")
        finished(state, one, two)
        batch = Batch("batch", (one.id, two.id))
        assert state.form_batch(batch, LEASE)
        assert not make().form_batch(Batch("other", (two.id,)), LEASE)
        assert state.batch("batch") == batch
        assert state.batch("other") is None
        assert state.unbatched() == {}

    def test_a_batch_with_one_that_is_not_finished_is_not_formed(self, state: ChannelState) -> None:
        one, two = partition("a"), partition("b")
        finished(state, one)
        state.register(two)
        assert not state.form_batch(Batch("batch", (one.id, two.id)), LEASE)
        assert list(state.unbatched()) == [one.id]

    def test_one_whose_chord_was_lost_is_handed_out_when_its_lease_is_over(self, state: ChannelState) -> None:
        one = partition("a")
        finished(state, one)
        batch = Batch("batch", (one.id,))
        state.form_batch(batch, SHORT)
        assert state.overdue_batches(LEASE) == []
        time.sleep(2 * SHORT)
        assert state.overdue_batches(LEASE) == [batch]
        assert state.overdue_batches(LEASE) == []

    def test_a_dissolved_batch_frees_its_partitions(self, state: ChannelState) -> None:
        one = partition("a")
        finished(state, one)
        batch = Batch("batch", (one.id,))
        state.form_batch(batch, SHORT)
        state.dissolve(batch)
        assert state.batch("batch") is None
        assert state.form_batch(Batch("next", (one.id,)), LEASE)
        state.dissolve(batch)
        assert state.batch("next") is not None
        assert state.unbatched() == {}

    def test_a_merged_batch_is_gone(self, state: ChannelState) -> None:
        one = partition("a")
        finished(state, one)
        state.form_batch(Batch("batch", (one.id,)), SHORT)
        assert state.commit(delta(one), {one.id: "digest"}, batch="batch").ok
        time.sleep(2 * SHORT)
        assert state.batch("batch") is None
        assert state.overdue_batches(LEASE) == []
        assert (state.counts().finished, state.counts().batches) == (0, 0)


class TestCommits:
    def test_the_sum_and_the_mark_appear_together(self, state: ChannelState) -> None:
        one, two = partition("a"), partition("b")
        finished(state, one, two)
        body = delta(one, two)
        assert state.commit(body, {one.id: "digest", two.id: "digest"}).ok
        assert state.ledger() == {one.id: "digest", two.id: "digest"}
        assert list(state.deltas().values()) == [body]
        assert state.nonce()

    def test_a_second_one_counts_nothing_and_names_what_counts_already(
        self, state: ChannelState, dump: Callable[[], dict[bytes, object]]
    ) -> None:
        one, two = partition("a"), partition("b")
        counted(state, one)
        finished(state, two)
        before = dump()
        answer = state.commit(delta(one, two), {one.id: "digest", two.id: "digest"})
        assert (answer.code, answer.ids, answer.ok) == ("counted", (one.id,), False)
        assert dump() == before

    def test_one_of_an_unknown_partition_writes_nothing(
        self, state: ChannelState, dump: Callable[[], dict[bytes, object]]
    ) -> None:
        one = partition("a")
        finished(state, one)
        before = dump()
        answer = state.commit(delta(one), {one.id: "digest", "nobody": "digest"})
        assert (answer.code, answer.ids) == ("unknown", ("nobody",))
        assert dump() == before

    def test_a_replacement_happens_in_one_step(self, state: ChannelState) -> None:
        old, new = partition("a", "b"), partition("a", etag="changed")
        counted(state, old)
        answer = state.commit(
            delta(new),
            {new.id: "other"},
            register={new.id: new},
            remove={old.id: "digest"},
            owners={"a": f"changed {new.id}", "b": None},
        )
        assert answer.ok
        assert state.ledger() == {new.id: "other"}
        assert state.partitions([old.id, new.id]) == {new.id: new}
        assert state.registered(["a", "b"]) == {"a": ("changed", new.id)}

    def test_a_replacement_of_what_is_not_as_expected_writes_nothing(
        self, state: ChannelState, dump: Callable[[], dict[bytes, object]]
    ) -> None:
        old, new = partition("a"), partition("a", etag="changed")
        counted(state, old)
        before = dump()
        answer = state.commit(delta(new), {new.id: "x"}, register={new.id: new}, remove={old.id: "another digest"})
        assert (answer.code, answer.ids) == ("replaced", (old.id,))
        assert dump() == before

    def test_one_that_expects_another_nonce_comes_too_late(
        self, state: ChannelState, dump: Callable[[], dict[bytes, object]]
    ) -> None:
        counted(state, partition("a"))
        seen = state.nonce()
        counted(state, partition("b"))
        before = dump()
        assert state.commit(delta(), {}, expected_nonce=seen).code == "moved"
        assert dump() == before
        assert state.commit(delta(), {}, expected_nonce=state.nonce()).ok

    def test_one_whose_staged_bytes_expired_writes_nothing(
        self,
        state: ChannelState,
        monkeypatch: pytest.MonkeyPatch,
        dump: Callable[[], dict[bytes, object]],
    ) -> None:
        one = partition("a")
        finished(state, one)
        before = dump()
        monkeypatch.setattr(state, "_stage", lambda blob: ["tt:{nightly/28}:stage:expired:0"])
        assert state.commit(delta(one), {one.id: "digest"}).code == "unstaged"
        assert dump() == before

    @pytest.mark.parametrize("size", [1, 7, 1 << 20])
    def test_a_large_sum_is_kept_in_pieces(
        self, state: ChannelState, monkeypatch: pytest.MonkeyPatch, redis_url: str, size: int
    ) -> None:
        monkeypatch.setattr(redis_state, "PIECE", size)
        one = partition("a")
        finished(state, one)
        body = delta(one)
        state.commit(body, {one.id: "digest"})
        assert list(state.deltas().values()) == [body]
        with redis.Redis.from_url(redis_url) as client:
            pieces = list(client.scan_iter("*:delta:*", count=1000))
            assert len(pieces) == -(-len(body) // size)
            assert all(client.ttl(piece) == -1 for piece in pieces)
            assert list(client.scan_iter("*:stage:*", count=1000)) == []

    def test_what_was_staged_and_refused_goes_away_by_itself(self, state: ChannelState, redis_url: str) -> None:
        state.commit(delta(), {"nobody": "digest"})
        with redis.Redis.from_url(redis_url) as client:
            staged = list(client.scan_iter("*:stage:*", count=1000))
            assert [0 < client.ttl(key) <= redis_state.STAGE_SECONDS for key in staged] == [True]

    def test_of_many_that_commit_the_same_at_once_one_counts(self, state: ChannelState, make: Make) -> None:
        one, two = partition("a"), partition("b")
        finished(state, one, two)
        wishes = [(one,), (two,), (one, two), (two, one)] * 3
        answers = [make().commit(delta(*w), {each.id: "digest" for each in w}) for w in wishes]
        assert sum(len(w) for w, answer in zip(wishes, answers, strict=True) if answer.ok) == 2
        assert len(state.ledger()) == 2


class TestCompaction:
    def test_deltas_give_way_to_blocks(self, state: ChannelState) -> None:
        counted(state, partition("a"))
        before = state.base()
        assert before == Base(None)
        deltas = dict.fromkeys(state.deltas(), 1)
        assert state.compact(before, deltas, {"c00": b"block"}, {"m:X": "x", "b:c00": "y"}) == "ok"
        base = state.base()
        assert base.version
        assert (dict(base.measures), dict(base.blocks)) == ({"X": "x"}, {"c00": "y"})
        assert state.blocks(["c00", "c01"]) == {"c00": b"block"}
        assert state.deltas() == {}
        assert state.delta_count() == 0

    def test_a_block_and_a_digest_that_are_empty_now_go(self, state: ChannelState) -> None:
        state.compact(Base(None), {}, {"c00": b"1", "c01": b"2"}, {"m:X": "x", "m:Y": "y"})
        assert state.compact(state.base(), {}, {"c00": None}, {"m:X": None}) == "ok"
        assert state.blocks(["c00", "c01"]) == {"c01": b"2"}
        assert dict(state.base().measures) == {"Y": "y"}

    def test_a_base_that_moved_is_left_as_it_is(
        self, state: ChannelState, dump: Callable[[], dict[bytes, object]]
    ) -> None:
        seen = state.base()
        state.compact(seen, {}, {"c00": b"first"}, {})
        before = dump()
        assert state.compact(seen, {}, {"c00": b"second"}, {}) == "moved"
        assert dump() == before

    def test_a_delta_that_is_gone_spoils_the_compaction(
        self, state: ChannelState, dump: Callable[[], dict[bytes, object]]
    ) -> None:
        counted(state, partition("a"))
        deltas = dict.fromkeys(state.deltas(), 1)
        before = dump()
        assert state.compact(state.base(), {**deltas, "gone": 1}, {"c00": b"x"}, {}) == "moved"
        assert dump() == before

    def test_a_delta_that_came_meanwhile_stays(self, state: ChannelState) -> None:
        counted(state, partition("a"))
        old = dict.fromkeys(state.deltas(), 1)
        counted(state, partition("b"))
        assert state.compact(state.base(), old, {"c00": b"x"}, {}) == "ok"
        assert state.delta_count() == 1

    def test_one_whose_staged_bytes_expired_writes_nothing(
        self,
        state: ChannelState,
        monkeypatch: pytest.MonkeyPatch,
        dump: Callable[[], dict[bytes, object]],
    ) -> None:
        before = dump()
        monkeypatch.setattr(state, "_stage_whole", lambda blob: ["tt:{nightly/28}:stage:expired"])
        assert state.compact(Base(None), {}, {"c00": b"x"}, {}) == "unstaged"
        assert dump() == before


class TestRestoring:
    def test_what_a_check_point_had_counts_and_is_registered(self, state: ChannelState) -> None:
        one = partition("a", "b")
        state.load([entry(one)])
        assert state.ledger() == {one.id: "digest"}
        assert state.registered(["a", "b"])["b"] == ("e", one.id)
        assert state.partitions([one.id]) == {one.id: one}
        assert state.counts().waiting == 0
        assert state.register(one) == ["a", "b"]


class TestJobs:
    def test_a_job_is_kept_once_and_handed_out_when_its_lease_is_over(self, state: ChannelState) -> None:
        assert state.add_job("job", b"plan", 0.0)
        assert not state.add_job("job", b"other plan", LEASE)
        assert state.jobs() == {"job": b"plan"}
        assert state.overdue_jobs() == ["job"]
        state.renew_job("job", LEASE)
        assert state.overdue_jobs() == []

    def test_an_ended_job_is_forgotten_with_what_it_had_done(self, state: ChannelState) -> None:
        state.add_job("job", b"plan", LEASE)
        state.note_done("job", "p", "d")
        assert state.done("job") == {"p": "d"}
        assert state.end_job("job")
        assert not state.end_job("job")
        assert (state.jobs(), state.done("job")) == ({}, {})


class TestCounts:
    def test_they_say_how_much_is_where_and_how_long_the_oldest_waits(self, state: ChannelState) -> None:
        for name in "abc":
            state.register(partition(name))
        state.claim(1, LEASE, renew=False)
        counted(state, partition("d"))
        counts = state.counts()
        assert (counts.files, counts.waiting, counts.dispatched, counts.counted, counts.deltas) == (4, 2, 1, 1, 1)
        assert counts.oldest_waiting == pytest.approx(time.time(), abs=30)


class TestTheServer:
    def test_a_redis_that_is_away_is_infrastructure_and_its_password_is_not_shown(self) -> None:
        url = f"redis://user:secret@127.0.0.1:{free_port()}/0"
        with pytest.raises(InfrastructureError, match="does not answer") as caught:
            state_at(url, socket_connect_timeout=1).epoch()
        assert "secret" not in str(caught.value)

    def test_a_wrong_password_is_the_operators_to_mend(self) -> None:
        with RedisServer() as server, redis.Redis.from_url(server.url) as client:
            client.config_set("requirepass", "right")
            with pytest.raises(OperatorError, match="refuses this user"):
                state_at(server.url.replace("redis://", "redis://:wrong@")).epoch()

    def test_a_lost_script_is_sent_again(self, state: ChannelState, redis_url: str) -> None:
        with redis.Redis.from_url(redis_url) as client:
            client.script_flush()
        assert state.register(partition("a")) == []

    def test_notes_are_kept_for_their_time(self, redis_url: str) -> None:
        notes = state_at(redis_url)
        notes.set_note("n", b"1", SHORT)
        notes.set_note("forever", b"2")
        assert notes.note("n") == b"1"
        time.sleep(2 * SHORT)
        assert (notes.note("n"), notes.note("forever")) == (None, b"2")
        notes.drop_note("forever")
        assert notes.note("forever") is None

    def test_channel_versions_are_listed_in_order(self, redis_url: str) -> None:
        listed = state_at(redis_url)
        for name in itertools.permutations(("release/25", "aurora/27"), 2):
            for each in name:
                listed.add_channel_version(each)
        assert listed.channel_versions() == ["aurora/27", "release/25"]
