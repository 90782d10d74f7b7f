"""F5: the append-only file of the state ends anywhere, as after a crash of the machine."""

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from telemetry_tasks.pipeline.epoch import channel_states
from telemetry_tasks.pipeline.inspect.verify import verify
from tests.faults.feed import make_feed
from tests.faults.record import Record
from tests.faults.size import SEED, sized
from tests.faults.steps import STEPS, folder_deployment
from tests.faults.truth import Truth
from tests.servers.redis import RedisServer
from tests.support.deployment import published_bytes

CUTS = sized(5, 60)
FILES = 8


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with RedisServer(durable=True) as made:
        yield made


def appended(folder: Path) -> Path:
    """The file that commands are appended to."""
    (found,) = folder.glob("appendonlydir/*.incr.aof")
    return found


def start_cut(server: RedisServer, whole: Path, at: int) -> None:
    """Starts the server on a copy of the folder whose append-only file ends at byte ``at``."""
    server.kill()
    shutil.rmtree(server.folder / "appendonlydir")
    shutil.copytree(whole / "appendonlydir", server.folder / "appendonlydir")
    with appended(server.folder).open("r+b") as file:
        file.truncate(at)
    server.restart()


def kept(server: RedisServer, at: Path) -> int:
    """Ends the server and keeps its folder; bytes of what it appended."""
    server.kill()
    shutil.copytree(server.folder, at)
    return appended(at).stat().st_size


@pytest.mark.case("F5")
def test_a_state_whose_append_only_file_is_cut_anywhere_ends_with_the_same_bytes(
    server: RedisServer, truth: Truth, tmp_path: Path, record: Record
) -> None:
    """F5: whatever was on the disk is a moment of the state; the rest is done again."""
    feed, dice = make_feed(FILES, SEED), random.Random(SEED)
    right = truth.of(feed)
    services = folder_deployment(server.url, tmp_path)
    for number, key in enumerate(feed.keys):
        services.input.put(key, feed.bodies[key])
        STEPS["settle" if number % 3 else "discover"](services)
        if number == FILES // 2:
            STEPS["checkpoint"](services)
    STEPS["settle"](services)
    size = kept(server, tmp_path / "whole")
    for at in sorted(dice.randrange(size) for _ in range(CUTS)):
        start_cut(server, tmp_path / "whole", at)
        record.fault("append-only file cut")
        if services.state.epoch() is not None:
            held = [set(state.merged()) & set(state.aggregated()) for state in channel_states(services)]
            assert not any(held), f"a partition counts and waits to be counted, cut at byte {at} of {size}"
        STEPS["settle"](services)
        assert published_bytes(services.published) == right, f"cut at byte {at} of {size}"
        assert [str(finding) for finding in verify(services)] == [], f"cut at byte {at} of {size}"
    record.recovered()
    record.partitions(FILES)
    record.note(f"{CUTS} cuts of {size} bytes")


@pytest.mark.case("F31")
@pytest.mark.parametrize("transaction", [False, True])
def test_plain_commands_are_torn_by_a_cut_and_those_of_one_step_are_not(
    server: RedisServer, tmp_path: Path, record: Record, transaction: bool
) -> None:
    """F31, the control of F5: the sum and its mark, written one after the other, differ after some cut."""
    with redis.Redis.from_url(server.url) as client:
        for _ in range(40):
            pipeline = client.pipeline(transaction=transaction)
            pipeline.incr("sum")
            pipeline.incr("mark")
            pipeline.execute()
        size = kept(server, tmp_path / "whole")
        torn = 0
        for at in range(size - 1, size - 80, -16):
            start_cut(server, tmp_path / "whole", at)
            torn += client.get("sum") != client.get("mark")
            record.fault("append-only file cut")
    assert bool(torn) is not transaction
    record.note(f"{torn} of 5 torn")
