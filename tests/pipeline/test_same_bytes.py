"""Whatever happens in between, in whatever order: the same files are published as the same bytes."""

import random
from collections.abc import Callable
from functools import partial

import pytest

from telemetry_tasks.errors import InfrastructureError
from telemetry_tasks.pipeline.aggregate.partition import aggregate_files, aggregate_partition
from telemetry_tasks.pipeline.epoch import channel_state, channel_states
from telemetry_tasks.pipeline.inspect.verify import verify
from telemetry_tasks.pipeline.intake.discover import discover
from telemetry_tasks.pipeline.intake.dispatch import claim_partitions
from telemetry_tasks.pipeline.publish.snapshot import publish
from telemetry_tasks.pipeline.recovery.checkpoint import checkpoint
from telemetry_tasks.pipeline.recovery.garbage import collect_garbage
from telemetry_tasks.pipeline.recovery.restore import ensure_state
from telemetry_tasks.pipeline.reprocess.plan import plan_jobs
from telemetry_tasks.pipeline.reprocess.selection import Selection
from telemetry_tasks.pipeline.reprocess.switch import reprocess_here
from telemetry_tasks.pipeline.results import store_result
from telemetry_tasks.pipeline.state.compact import compact
from telemetry_tasks.pipeline.state.merge import commit_delta, delta_of_results, merge_slice, plan_merges, reduce_batch
from telemetry_tasks.storage.redis import scripts as redis_scripts
from tests.pipeline.publishing import assert_intact
from tests.support.deployment import published_bytes, run_all
from tests.support.pings import CACHE, COUNT, FLAG, UNKNOWN, key, ping, ping_file
from tests.support.stage import Make, Stage, stage_over

SYSTEMS = [("WINNT", "6.1", "x86"), ("Darwin", "13.0.0", "x86-64"), ("Linux", "3.8.0-33-generic", "x86")]
LEASE = 60.0


def all_files() -> dict[str, bytes]:
    """Sixteen files of two channel/versions, some of them damaged or without a channel."""
    order = random.Random(0)
    files = {"readme.txt": b"no ping file"}
    for i in range(16):
        name = key(f"f{i:02d}", channel=("nightly", "aurora")[i % 2], day=1 + i % 5, build=1 + i % 3)
        pings = [
            ping(
                *order.sample((FLAG, CACHE, COUNT, UNKNOWN), 2), bucket=order.randrange(3), system=order.choice(SYSTEMS)
            )
            for _ in range(order.randint(1, 4))
        ]
        files[name] = ping_file(*pings, bad_lines=[b"no tab"] * (i % 3))
    files[key("cut", day=2)] = ping_file(*(ping(bucket=i % 3) for i in range(300)))[:-100]
    return files


class History:
    """A random course of events in one deployment."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self.order = random.Random(seed)
        self.stage = stage.with_options(
            partition_files=self.order.randint(1, 5),
            batch_partitions=self.order.randint(1, 6),
            slice_partitions=self.order.randint(1, 3),
            window=self.order.randint(1, 8),
            lease=LEASE,
            merge_lease=LEASE,
            publish_lease=LEASE,
        )
        self.frozen: list[Callable[[], object]] = []
        self.left = list(all_files().items())
        self.order.shuffle(self.left)

    def run(self, steps: int) -> None:
        ensure_state(self.stage.services)
        doings: list[Callable[[], object]] = [
            *([self.upload] * 3 + [self.discover] * 2 + [self.aggregate] * 4 + [self.merge] * 3 + [self.publish] * 2),
            *([self.freeze] * 2 + [self.thaw] * 2),
            *(self.compact, self.checkpoint, self.flush, self.collect, self.fail),
        ]
        for _ in range(steps):
            self.stage.clock.pass_(self.order.randint(1, 600))
            self.order.choice(doings)()
        while self.left:
            self.upload()
        self.finish()
        for late in self.frozen:
            late()
        self.finish()

    def upload(self) -> None:
        for _ in range(min(len(self.left), self.order.randint(1, 5))):
            self.stage.upload(self.left[-1][0], body=self.left[-1][1])
            self.left.pop()

    def discover(self) -> None:
        discover(self.stage.services, self.stage.input.now(), all_now=self.order.random() < 0.5)

    def aggregate(self) -> None:
        """Some messages are lost, some come twice."""
        jobs = claim_partitions(self.stage.services, overdue=self.order.choice((0, 99)))
        for job in self.order.sample(jobs, self.order.randint(0, len(jobs))) * self.order.randint(1, 2):
            aggregate_partition(self.stage.services, job.channel_version, job.partition)
        self.stage.elapse(self.order.choice((0, LEASE)))

    def merge(self) -> None:
        """Some chords are lost, some run twice."""
        services = self.stage.services
        for job in plan_merges(services):
            for _ in range(self.order.randint(0, 2)):
                slices = [merge_slice(services, job.channel_version, part) for part in job.slices]
                if self.order.random() < 0.8:
                    reduce_batch(services, job.channel_version, job.batch, slices)
        self.stage.elapse(self.order.choice((0, LEASE)))

    def freeze(self) -> None:
        """A worker stops between its slice and its commit, or between its result and saying so."""
        services = self.stage.services
        for job in plan_merges(services)[:1]:
            state = channel_state(services, job.channel_version)
            batch = state.batch(job.batch)
            assert batch
            delta = delta_of_results(services, state, batch.partitions)
            self.frozen.append(partial(commit_delta, services, state, delta, batch))
        for job in claim_partitions(services, most=1):
            late = channel_state(services, job.channel_version)
            partition = late.partitions([job.partition])[job.partition]
            late.start(job.partition, LEASE)
            digest = store_result(services.results, partition, aggregate_files(services, partition))
            self.frozen.append(partial(late.note_aggregated, partition.id, digest))
        self.stage.elapse(self.order.choice((0, LEASE)))

    def thaw(self) -> None:
        """It goes on, however much later; now and then another one has the same work."""
        if self.frozen:
            again = self.order.choice(self.frozen)
            again()

    def publish(self) -> None:
        publish(self.stage.services)

    def compact(self) -> None:
        for state in channel_states(self.stage.services):
            compact(state)

    def checkpoint(self) -> None:
        checkpoint(self.stage.services)

    def collect(self) -> None:
        collect_garbage(self.stage.services, self.stage.published.now())

    def flush(self) -> None:
        if self.order.random() < 0.4:
            self.stage.lose_state()
            ensure_state(self.stage.services)

    def fail(self) -> None:
        """One of the stores goes away in the middle of something."""
        store = self.order.choice((self.stage.input, self.stage.results, self.stage.published))
        left = self.order.randint(0, 12)

        def before(verb: str, path: str) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise InfrastructureError("away")

        store.before = before
        try:
            self.order.choice((self.aggregate, self.merge, self.publish, self.checkpoint, self.collect))()
        except InfrastructureError:
            pass
        finally:
            store.before = lambda verb, path: None

    def finish(self) -> None:
        """No more mishaps: what any deployment comes to by itself."""
        services = self.stage.services
        for _ in range(100):
            self.stage.clock.pass_(60)
            discover(services, self.stage.input.now(), all_now=True)
            for job in claim_partitions(services, overdue=99):
                aggregate_partition(services, job.channel_version, job.partition)
            for merge in plan_merges(services):
                slices = [merge_slice(services, merge.channel_version, part) for part in merge.slices]
                reduce_batch(services, merge.channel_version, merge.batch, slices)
            counts = [state.counts() for state in channel_states(services)]
            if not any(c.waiting or c.running or c.aggregated or c.batches for c in counts):
                break
            self.stage.elapse(LEASE)
        else:
            pytest.fail(f"it never ends: {counts}")
        publish(services)


@pytest.fixture
def calm(make_stage: Make) -> dict[str, str]:
    return calm_bytes(make_stage())


def calm_bytes(stage: Stage) -> dict[str, str]:
    """Without any mishap; the state is lost then."""
    for name, body in all_files().items():
        stage.upload(name, body=body)
    run_all(stage.services)
    stage.lose_state()
    return published_bytes(stage.published)


@pytest.mark.parametrize("seed", range(12))
def test_a_random_history_ends_with_the_bytes_of_a_calm_one(calm: dict[str, str], make_stage: Make, seed: int) -> None:
    stage = make_stage()
    History(stage, seed).run(steps=40)
    assert published_bytes(stage.published) == calm
    assert_intact(stage)
    assert list(verify(stage.services)) == []


def test_without_the_guard_of_the_commit_the_bytes_are_wrong(
    redis_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: these histories do what the guard is for."""
    guard = "if #merged > 1 then return merged end"
    calm, real = calm_bytes(redis_stage), redis_scripts.source
    assert guard in real("commit")
    monkeypatch.setattr(redis_scripts, "source", lambda name: real(name).replace(guard, ""))
    monkeypatch.setattr(redis_scripts, "_digest", lambda name: "0" * 40)  # so that each call sends the text
    for seed in range(12):
        stage = stage_over(redis_stage.backend)
        stage.lose_state()
        History(stage, seed).run(steps=40)
        if published_bytes(stage.published) != calm:
            return
    pytest.fail("nothing went wrong without it")


def test_a_version_whose_files_were_all_taken_out_is_as_one_that_never_was(make_stage: Make) -> None:
    kept, gone = key("a"), key("b", channel="beta", version="26.0")
    without = make_stage()
    without.upload(kept)
    run_all(without.services)
    stage = make_stage()
    stage.lose_state()
    stage.upload(kept, gone)
    run_all(stage.services)
    stage.input.delete([gone])
    for plan in plan_jobs(stage.services, Selection(files=(gone,))):
        assert reprocess_here(stage.services, plan).outcome == "switched"
    stage.clock.pass_(5)
    publish(stage.services)
    assert published_bytes(stage.published) == published_bytes(without.published)
