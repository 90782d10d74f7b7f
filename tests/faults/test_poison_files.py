"""Ping files that harm whoever reads them, or cannot be read, among good ones: F16."""

import gzip
import lzma
import re
from collections.abc import Callable

import pytest

from telemetry_tasks.formats.ping_files import HEAD
from tests.faults.bench import Bench
from tests.faults.feed import Feed, make_feed, name_of
from tests.faults.size import SEED, sized
from tests.faults.test_messages import wait_dispatched
from tests.faults.truth import Truth
from tests.support.pings import key, ping_file

Make = Callable[..., Bench]
MEBIBYTE = 1 << 20
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


def poisonous() -> dict[str, bytes]:
    """The files by key, all of one channel/version that has good ones."""
    good = ping_file()
    packed = lzma.compress(gzip.decompress(good), lzma.FORMAT_ALONE)
    bodies = {
        "kills": good,
        "loops": good,
        "eats": good,
        "corrupt": packed[:HEAD] + bytes(byte ^ 0xFF for byte in packed[HEAD:]),  # no line of it can be read
        "bomb": lzma.compress(bytes(64 * MEBIBYTE), preset=1) * (BOMB // 64),
        "gone": good,
    }
    assert bodies.keys() == REASONS.keys()
    return {key(name): body for name, body in bodies.items()}


@pytest.mark.case("F16")
def test_poison_files_are_given_up_after_four_attempts_and_hold_back_no_other(bench: Make, truth: Truth) -> None:
    poison = poisonous()
    good = make_feed(sized(18, 194), SEED)
    feed = good.with_files(poison)
    one = bench(feed, WINDOW="1000", LIMIT_FILE_BYTES=str(BOMB // 16 * MEBIBYTE), **TIMES)
    marks = one.fleet.folder / "attempts"
    marks.mkdir()
    control = one.fleet.worker(["control"])
    one.workers.append(control)
    one.upload()
    one.start(workers=0)
    wait_dispatched(one)
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
    late = make_feed(4, SEED, "late")
    one.feed = Feed({**feed.bodies, **late.bodies}, 0)
    one.upload(late.keys)
    one.wait_listed(len(one.feed.bodies))
    others = {name: digest for name, digest in one.published().items() if name not in OF_ALL_FILES}
    without = truth.of(Feed({**good.bodies, **late.bodies}, 0))
    assert others == {name: digest for name, digest in without.items() if name not in OF_ALL_FILES}
    one.check_sound()
