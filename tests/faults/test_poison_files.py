"""Ping files that harm their readers, or cannot be read, among good ones: F16."""

import gzip
import lzma
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from telemetry_tasks.core.partition import Partition
from telemetry_tasks.pipeline.epoch import EmptyState, channel_states
from tests.faults.bench import Bench
from tests.faults.feed import Feed, make_feed, name_of
from tests.faults.size import SEED, sized
from tests.faults.test_messages import wait_running
from tests.faults.truth import Truth
from tests.support.pings import key, ping_file

Make = Callable[..., Bench]
MEBIBYTE = 1 << 20
LZMA_HEADER = 13
BOMB = sized(256, 10 << 10)
"""MiB that the bomb's decoder would give; the limit of a file is the 16th part of it."""

TIMES = {
    "SOFT_TIME_LIMIT": str(sized(4, 15)),
    "TIME_LIMIT": str(sized(6, 20)),
    "VISIBILITY_TIMEOUT": str(sized(7, 25)),
    "LEASE": str(sized(7, 25)),
}
"""A bomb of full size takes seconds until it is seen to be one."""

KILLED = r"gave-up: 4 attempts failed; the worker was lost or killed each time"
REASONS = {
    "kills": KILLED,
    "loops": KILLED,
    "eats": r"gave-up: 4 attempts failed; MemoryError",
    "corrupt": r"damaged: ",
    "bomb": r"file-too-large: more than \d+ bytes decoded",
    "gone": r"not-found: ",
}
"""Why each poisonous file is on the list of missing files."""

OF_ALL_FILES = ("FILES_MISSING", "health.json")
"""Published documents that tell of the missing files, too."""


CHANNELS = {
    "kills": ("nightly", "28.0a1"),
    "corrupt": ("nightly", "28.0a1"),
    "loops": ("nightly", "27.0a1"),
    "bomb": ("nightly", "27.0a1"),
    "eats": ("beta", "26.0"),
    "gone": ("beta", "26.0"),
}
"""Where the files are when they are spread: one that takes attempts and one that takes none in each channel/version."""

SHARED = 4
"""Files that share a partition."""


def poisonous() -> dict[str, bytes]:
    """The files by key, all of one channel/version that has good ones."""
    good = ping_file()
    packed = lzma.compress(gzip.decompress(good), lzma.FORMAT_ALONE)
    bodies = {
        "kills": good,
        "loops": good,
        "eats": good,
        "corrupt": packed[:LZMA_HEADER]
        + bytes(byte ^ 0xFF for byte in packed[LZMA_HEADER:]),  # no line of it can be read
        "bomb": lzma.compress(bytes(64 * MEBIBYTE), preset=1) * (BOMB // 64),
        "gone": good,
    }
    assert bodies.keys() == REASONS.keys()
    return {key(name): body for name, body in bodies.items()}


def spread(poison: dict[str, bytes]) -> dict[str, bytes]:
    """The same files in several channel/versions."""
    return {
        key(name, channel=CHANNELS[name][0], version=CHANNELS[name][1]): body
        for name, body in ((name_of(at), body) for at, body in poison.items())
    }


@pytest.mark.case("F16")
def test_poison_files_are_given_up_after_four_attempts_and_hold_back_no_other(bench: Make, truth: Truth) -> None:
    poison = poisonous()
    one, good, marks = poisoned_bench(bench, poison)
    wait_running(one)
    read_and_give_up(one, poison, marks)
    intake_goes_on(one, good, truth)


@pytest.mark.case("F16")
def test_poison_files_among_good_ones_in_their_partitions_hold_back_no_neighbour(bench: Make, truth: Truth) -> None:
    """Several channel/versions, several files a partition: each poison file has good neighbours."""
    poison = spread(poisonous())
    one, good, marks = poisoned_bench(bench, poison, PARTITION_FILES=str(SHARED))
    partitions = wait_registered(one)
    wait_running(one, len(partitions))
    assert len({partition.channel_version for partition in partitions}) == len(set(CHANNELS.values()))
    for at in poison:
        (together,) = (partition for partition in partitions if at in {file.key for file in partition.files})
        neighbours = {file.key for file in together.files} - poison.keys()
        assert neighbours, f"{at} is alone"
    one.record.note(f"{len(partitions)} partitions of up to {SHARED} files")
    read_and_give_up(one, poison, marks)
    intake_goes_on(one, good, truth)


def poisoned_bench(bench: Make, poison: dict[str, bytes], **settings: str) -> tuple[Bench, Feed, Path]:
    """A bench that finds good and poisonous files and has nobody yet to read them; the good ones; where attempts are
    noted."""
    good = make_feed(sized(18, 194), SEED)
    feed = good.with_files(poison)
    one = bench(feed, WINDOW="1000", LIMIT_FILE_BYTES=str(BOMB // 16 * MEBIBYTE), **{**TIMES, **settings})
    marks = one.fleet.folder / "attempts"
    marks.mkdir()
    one.workers.append(one.fleet.worker(["control"]))
    one.upload()
    return one.start(workers=0), good, marks


def wait_registered(one: Bench) -> list[Partition]:
    """The partitions, once every file is in one."""

    def registered() -> list[Partition]:
        states = channel_states(one.services)
        return [
            partition
            for state in states
            for partition in state.partitions(
                sorted({owner for _, owner in state.registered(one.feed.keys).values()})
            ).values()
        ]

    def whole() -> bool:
        try:
            return sum(len(partition.files) for partition in registered()) == len(one.feed.bodies)
        except EmptyState:  # nobody has discovered yet
            return False

    one.wait_until(whole, 180, "all files registered")
    return registered()


def read_and_give_up(one: Bench, poison: dict[str, bytes], marks: Path) -> None:
    """Lets workers read; what is poisonous ends on the list of missing files for its reason, and no worker ends."""
    one.services.input.delete([at for at in poison if name_of(at) == "gone"])
    one.record.fault("poison file", len(poison))
    harmed = {"application": "tests.faults.poison", "environment": {"FAULT_MARKS": str(marks)}}
    one.workers += [one.fleet.worker(processes=2, **harmed) for _ in range(2)]
    pids = [worker.pid for worker in one.workers]
    one.wait_published()
    attempts = {name_of(at): len((marks / name_of(at)).read_text().split()) for at in poison}
    one.record.note(f"attempts: {attempts}")
    assert max(attempts.values()) <= 4, attempts
    assert [attempts[name] for name in ("kills", "eats", "loops")] == [4, 4, 4]
    missing = one.fleet.published.files()[1]
    assert missing.keys() == poison.keys()
    for at, reason in missing.items():
        assert re.match(REASONS[name_of(at)], reason), f"{at}: {reason}"
    assert [worker.pid for worker in one.workers if worker.alive] == pids, "a worker ended over a file"


def intake_goes_on(one: Bench, good: Feed, truth: Truth) -> None:
    """Files that come later are published, too, and all numbers are those of the good files alone."""
    late = make_feed(4, SEED, "late")
    one.feed = Feed({**one.feed.bodies, **late.bodies}, 0)
    one.upload(late.keys)
    one.wait_listed(len(one.feed.bodies))
    others = {name: digest for name, digest in one.published().items() if name not in OF_ALL_FILES}
    without = truth.of(Feed({**good.bodies, **late.bodies}, 0))
    assert others == {name: digest for name, digest in without.items() if name not in OF_ALL_FILES}
    one.check_sound()
