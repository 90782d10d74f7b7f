"""Processes that are killed, frozen, stopped: F1, F2, F8, F27."""

import random
import signal
import time
from collections import Counter
from collections.abc import Callable

import pytest

from tests.faults.bench import Bench
from tests.faults.chaos import kill_child, kill_redis, kill_worker, number_of_waves, waves
from tests.faults.feed import make_feed
from tests.faults.silence import Silence, limit, waiting_in
from tests.faults.size import SEED, seeds, sized
from tests.faults.truth import Truth

Make = Callable[..., Bench]

SMALL_PARTS = "1000"
"""Bytes of cells that one task publishes: few, so that each channel/version is published in parts."""


@pytest.mark.case("F0")
def test_an_undisturbed_run_publishes_the_bytes_of_a_serial_recomputation(bench: Make, truth: Truth) -> None:
    feed = make_feed(sized(24, 200), SEED)
    calm = bench(feed).start()
    calm.upload()
    calm.wait_published()
    calm.check(truth.of(feed))


@pytest.mark.case("F1")
@pytest.mark.parametrize("seed", seeds(3))
def test_workers_and_children_killed_at_any_moment_change_no_byte(bench: Make, truth: Truth, seed: int) -> None:
    feed, dice = make_feed(sized(24, 200), seed), random.Random(seed)
    one = bench(feed, PUBLISH_PART_BYTES=SMALL_PARTS).start()
    waves(one, dice, [kill_worker(one, dice), kill_child(one, dice)], count=number_of_waves(), every=2)
    one.wait_published()
    assert any("/parts/" in info.key for info in one.services.published.list("current/"))
    one.check(truth.of(feed))


@pytest.mark.case("F2")
def test_a_redis_killed_among_the_workers_changes_no_byte_and_leaves_no_worker_silent(
    bench: Make, truth: Truth
) -> None:
    feed, dice = make_feed(sized(24, 200), SEED), random.Random(SEED)
    began = time.monotonic()
    one = bench(feed).start().wait_ready()
    allowed = limit(time.monotonic() - began)
    faults = [kill_worker(one, dice), kill_child(one, dice), kill_redis(one, dice), kill_redis(one, dice)]
    prefix = one.fleet.celery_prefix
    with (
        one.broker_client() as broker,
        Silence(one.workers, lambda: waiting_in(broker, prefix)) as silence,
    ):
        waves(one, dice, faults, count=number_of_waves(), every=2.5)
        one.wait_published()
    told = f"longest silence of a worker {silence.longest:.1f} s of {allowed:.0f} s allowed"
    one.record.note(told)
    assert silence.longest <= allowed, f"{silence.whose}: {told}"
    one.check(truth.of(feed))


@pytest.mark.case("F2")
def test_a_worker_that_takes_nothing_while_there_is_work_is_seen_to_be_silent(bench: Make) -> None:
    """A negative control of the case above: a worker that lives and is connected, and a queue that fills."""
    one = bench(make_feed(4, SEED))
    frozen, control = one.fleet.worker(["aggregate"]), one.fleet.worker(["control"])
    one.workers += [frozen, control]
    one.start(workers=0).wait_ready()
    frozen.freeze()
    one.record.fault("worker frozen")
    prefix = one.fleet.celery_prefix
    with (
        one.broker_client() as broker,
        Silence([frozen], lambda: waiting_in(broker, prefix, ["aggregate"])) as silence,
    ):
        one.upload()
        one.wait_until(lambda: silence.longest > 3, 180, "the silence is noticed")
        frozen.thaw()
        one.wait_until(
            lambda: not waiting_in(broker, prefix, ["aggregate"]),
            180,
            "the worker takes messages again",
        )
        before = silence.longest
        time.sleep(3)
    assert silence.longest == before, "an empty queue is no reason to speak"
    one.record.note(f"silent for {silence.longest:.1f} s: the control fails, as it must")
    one.record.row["complete"] = True


@pytest.mark.case("F8")
def test_a_worker_that_wakes_up_after_its_successor_changes_nothing(bench: Make, truth: Truth) -> None:
    feed, dice = make_feed(sized(24, 200), SEED), random.Random(SEED)
    one = bench(feed).start().wait_ready()
    keys = dice.sample(feed.keys, len(feed.keys))
    rounds = sized(1, 3)
    for number in range(rounds):
        one.upload(keys[number::rounds])
        time.sleep(dice.uniform(0.2, 0.8))
        worker = dice.choice(one.workers)
        worker.freeze()
        time.sleep(9)  # longer than every lease and the visibility timeout
        worker.thaw()
        one.record.fault("worker frozen for 9 s")
    one.wait_published()
    one.check(truth.of(feed))


IN_TIME = 30.0
"""Seconds that a worker has after SIGTERM, as supervisors give; its own second and a busy machine included."""


@pytest.mark.case("F27")
def test_workers_stopped_one_after_the_other_lose_nothing_and_end_in_time(bench: Make, truth: Truth) -> None:
    feed, dice = make_feed(sized(24, 200), SEED), random.Random(SEED)
    one = bench(feed).start().wait_ready()
    slowest, stopped = 0.0, Counter[str]()

    def stop(number: int) -> None:
        nonlocal slowest
        worker = dice.choice(one.workers)
        # Celery forgets a signal that comes while it starts: a supervisor's SIGKILL ends such a worker
        one.wait_until(lambda: worker.logged().count(" ready.") > stopped[worker.name], 180, "the worker is ready")
        stopped[worker.name] += 1
        began = time.monotonic()
        worker.signal(number)
        worker.wait(180)
        slowest = max(slowest, time.monotonic() - began)
        worker.start()

    def term() -> str:
        stop(signal.SIGTERM)
        return "worker stopped (TERM)"

    def quit_() -> str:
        stop(signal.SIGQUIT)
        return "worker stopped (QUIT)"

    waves(one, dice, [term, term, quit_], count=sized(3, 10), every=2)
    one.wait_published()
    one.record.note(f"slowest end {slowest:.1f} s")
    assert slowest <= IN_TIME
    one.check(truth.of(feed))
