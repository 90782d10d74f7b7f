"""A Redis that loses what it had, goes back in time, is full, or is away: F3, F4, F6, F20, F22."""

import random
import shutil
import time
from collections.abc import Callable

import pytest
import redis

from telemetry_tasks.formats.checkpoints import CHECKPOINTS
from telemetry_tasks.pipeline.epoch import channel_states
from telemetry_tasks.pipeline.recovery.checkpoint import checkpoint
from tests.faults.bench import Bench
from tests.faults.feed import make_feed
from tests.faults.proxies.tcp_proxy import TcpFaultProxy
from tests.faults.size import SEED, sized
from tests.faults.truth import Truth
from tests.support.stores import damage

Make = Callable[..., Bench]


def flush(one: Bench) -> None:
    """Both Redis lose everything at once."""
    with one.state_client() as state, one.broker_client() as broker:
        state.flushall()
        broker.flushall()


@pytest.mark.case("F3")
def test_both_redis_wiped_half_way_without_a_checkpoint_change_no_byte(bench: Make, truth: Truth) -> None:
    feed, dice = make_feed(sized(24, 200), SEED), random.Random(SEED)
    one = bench(feed).start()
    keys = dice.sample(feed.keys, len(feed.keys))
    half = len(keys) // 2
    one.upload(keys[:half])
    one.wait_listed(half)
    one.upload(keys[half:])
    time.sleep(dice.uniform(0.3, 1.0))
    flush(one)
    one.record.fault("both Redis wiped")
    one.wait_published()
    one.check(truth.of(feed))


@pytest.mark.case("F4")
def test_of_two_checkpoints_the_older_one_restores_when_the_newer_one_is_damaged(bench: Make, truth: Truth) -> None:
    feed, dice = make_feed(sized(24, 200), SEED), random.Random(SEED)
    one = bench(feed).start()
    keys = dice.sample(feed.keys, len(feed.keys))
    half = len(keys) // 2
    one.upload(keys[:half])
    one.wait_listed(half)
    older = checkpoint(one.services).stamp
    counted = sum(state.counts().merged for state in channel_states(one.services))
    one.upload(keys[half : half + half // 2])
    one.wait_listed(half + half // 2)
    newer = checkpoint(one.services).stamp
    blocks = [info.key for info in one.services.published.list(f"{CHECKPOINTS}/{newer}/state/")]
    damage(one.services.published, dice.choice([key for key in blocks if not key.endswith("manifest.json")]))
    before = len(one.events("aggregated"))
    flush(one)
    one.record.fault("both Redis wiped, the newest checkpoint damaged")
    one.upload(keys[half + half // 2 :])
    one.wait_published()
    assert {event["checkpoint"] for event in one.events("skipped a damaged checkpoint")} == {newer}
    assert {event["checkpoint"] for event in one.events("restored")} == {older}
    again = {e["partition"] for e in one.events("aggregated")[before:] if e["outcome"] == "aggregated"}
    assert len(one.events("aggregated")) - before >= len(feed.bodies) - counted
    one.record.note(f"{counted} restored, {len(again)} aggregated after it")
    checkpoint(one.services)  # or ``verify`` would rightly complain of the damaged one
    one.check(truth.of(feed))


@pytest.mark.case("F6")
def test_a_state_that_goes_back_in_time_catches_up_and_nobody_sees_it(bench: Make, truth: Truth) -> None:
    feed, dice = make_feed(sized(24, 200), SEED), random.Random(SEED)
    one = bench(feed).start()
    keys = dice.sample(feed.keys, len(feed.keys))
    half = len(keys) // 2
    one.upload(keys[:half])
    one.wait_counted(half // 2)
    one.state.kill()
    backup = one.state.folder.with_name(one.state.folder.name + "-backup")
    shutil.copytree(one.state.folder, backup)
    one.state.restart()
    one.upload(keys[half:])
    one.wait_counted(half + half // 2)
    one.state.kill()
    shutil.rmtree(one.state.folder)
    backup.rename(one.state.folder)
    one.state.restart()
    one.record.fault("the state's append-only file of half the time put back")
    one.wait_published()
    one.check(truth.of(feed))


@pytest.mark.case("F20")
@pytest.mark.parametrize("which", ["state", "broker"])
def test_a_full_redis_stops_everything_and_loses_nothing(bench: Make, truth: Truth, which: str) -> None:
    feed, dice = make_feed(sized(24, 200), SEED), random.Random(SEED)
    one = bench(feed).start()
    keys = dice.sample(feed.keys, len(feed.keys))
    half = len(keys) // 2
    one.upload(keys[:half])
    one.wait_counted(half // 2)
    with one.state_client() if which == "state" else one.broker_client() as client:
        client.config_set("maxmemory", "1mb")
        one.record.fault(f"the {which} Redis is full")
        one.upload(keys[half:])
        for _ in range(sized(5, 20)):
            time.sleep(1)
            one.revive()
        client.config_set("maxmemory", "0")
    one.record.fault("room again")
    one.wait_published()
    one.check(truth.of(feed))


@pytest.mark.case("F22")
def test_workers_go_on_after_a_redis_that_restarts_cuts_and_freezes(bench: Make, truth: Truth) -> None:
    feed, dice = make_feed(sized(24, 200), SEED), random.Random(SEED)
    one = bench(feed).start().wait_ready()
    keys = dice.sample(feed.keys, len(feed.keys))
    rounds = sized(2, 12)
    for number in range(rounds):
        server = dice.choice((one.state, one.broker))
        server.kill()
        time.sleep(dice.uniform(0.1, sized(1, 3)))
        server.restart()
        one.record.fault("Redis away")
        one.upload(keys[number :: rounds + 1])
        one.wait_listed(sum(len(keys[n :: rounds + 1]) for n in range(number + 1)), 180)
    one.upload(keys[rounds :: rounds + 1])
    for _ in range(sized(2, 20)):
        with one.broker_client() as client:
            cut_all(client)
        one.record.fault("all connections to the broker cut")
        time.sleep(1)
    for server in (one.state, one.broker):
        server.freeze()
    time.sleep(sized(3, 60))
    for server in (one.state, one.broker):
        server.thaw()
    one.record.fault("both Redis frozen")
    one.wait_published()
    one.check(truth.of(feed))


def cut_all(client: redis.Redis) -> None:
    """Ends every connection but the client's own."""
    client.client_kill_filter(_type="normal", skipme=True)


@pytest.mark.case("F22")
def test_answers_of_the_state_that_get_lost_on_the_way_change_no_byte(bench: Make, truth: Truth) -> None:
    feed, dice = make_feed(sized(24, 200), SEED), random.Random(SEED)
    with TcpFaultProxy(0) as proxy:
        one = bench(feed, REDIS_URL=f"redis://127.0.0.1:{proxy.port}/0")
        proxy.upstream_port = one.state.port
        one.start()
        keys = dice.sample(feed.keys, len(feed.keys))
        rounds = sized(6, 50)
        for number in range(rounds):
            one.upload(keys[number::rounds])
            time.sleep(dice.uniform(0.2, 0.8))
            proxy.lose_replies(sized(2, 4))
            one.record.fault("answers of the state lost", sized(2, 4))
        one.wait_published()
        one.check(truth.of(feed))
