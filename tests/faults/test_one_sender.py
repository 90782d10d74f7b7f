"""What one sender can do to all others: invent names, send bombs. Honest files beside it are published."""

import bz2
import gzip
import json
import lzma
import time
from collections.abc import Callable

import pytest
from backports import zstd

from telemetry_tasks.core.disclosure.file_limits import TOO_MANY_MEASURES
from telemetry_tasks.pipeline.inspect.status import status
from telemetry_tasks.pipeline.inspect.status_values import Status
from tests.faults.bench import PATIENCE, Bench
from tests.faults.feed import Feed, make_feed
from tests.faults.size import SEED, sized
from tests.support.pings import key, ping, ping_file

Make = Callable[..., Bench]
MEBIBYTE = 1 << 20
LONG = {
    "SOFT_TIME_LIMIT": "480",
    "TIME_LIMIT": "600",
    "VISIBILITY_TIMEOUT": "900",
    "LEASE": "1200",
    "PUBLISH_LEASE": "300",
}
"""Those of a deployment that sets none."""

SOON = 240.0
"""Seconds within which an honest file is published, on a machine of two cores that does much else."""


def inventing(lines: int, names: int) -> bytes:
    """A small file whose pings have so many measures each, none of which anybody else has."""
    out = []
    for line in range(lines):
        invented = {f"INVENTED_{line * names + number}": [1, 0, 0, 1, 1, 0, 0, 0] for number in range(names)}
        out.append(b"id\t" + json.dumps({**ping(), "histograms": invented}).encode())
    return lzma.compress(b"\n".join(out) + b"\n")


def bombs(size: int) -> dict[str, bytes]:
    """Small files that are ``size`` MiB or take long: of each kind one."""
    zeros, line = bytes(MEBIBYTE), b"id\t{\n" * (MEBIBYTE // 5)
    deep = b"id\t" + b'{"a":' * 400_000 + b"\n"
    packers: dict[str, Callable[[bytes], bytes]] = {
        "gz": lambda data: gzip.compress(data, 1),
        "xz": lambda data: lzma.compress(data, preset=1),
        "zst": zstd.compress,
    }
    made = {f"zeros-{name}": pack(zeros) * size for name, pack in packers.items()}
    made |= {f"lines-{name}": pack(line) * size for name, pack in packers.items()}
    made["zeros-lzma"] = lzma.compress(bytes(MEBIBYTE * min(size, 300)), lzma.FORMAT_ALONE, preset=1)
    made["members"] = gzip.compress(b"", mtime=0) * 100_000 + ping_file()
    made["deep"] = lzma.compress(deep * 20)
    made["integer"] = lzma.compress(b'id\t{"histograms":{"A":[' + b"9" * 2_000_000 + b"]}}\n", preset=1)
    made["bz2"] = bz2.compress(zeros)
    return {key(name, channel="bomb", version="1.0"): body for name, body in made.items()}


def looked(one: Bench) -> Status:
    return status(one.services, one.services.published.now())


def publish_beside(bench: Make, hostile: dict[str, bytes], **settings: str) -> tuple[Bench, Feed]:
    """The hostile files first; then, when they are being worked at, honest ones. How long those took is in the row."""
    honest = make_feed(3, SEED, "honest")
    one = (
        bench(honest.with_files(hostile), PARTITION_FILES="1000", PARTITION_AGE="0", **LONG, **settings)
        .start()
        .wait_ready()
    )
    one.upload(hostile)
    one.record.fault("hostile file", len(hostile))
    one.wait_until(lambda: "bomb/1" in {version.name for version in looked(one).versions}, PATIENCE, "it is known")
    began = time.monotonic()
    one.upload(honest.keys)
    one.wait_until(lambda: set(honest.keys) <= one.listed(), SOON, "the honest files are published")
    one.record.note(f"honest files published after {time.monotonic() - began:.1f} s")
    one.wait_published()
    one.record.note(f"all settled after {time.monotonic() - began:.1f} s")
    return one, honest


@pytest.mark.case("one sender")
def test_a_small_file_that_invents_measures_holds_up_nobody_and_is_told(bench: Make) -> None:
    at = key("a", channel="bomb", version="1.0")
    body = inventing(30, sized(2_000, 10_000))
    one, _ = publish_beside(bench, {at: body}, MOST_MEASURES=str(sized(500, 5_000)))
    codes = {(finding.code, finding.about) for finding in looked(one).findings}
    assert (TOO_MANY_MEASURES, "bomb/1") in codes
    assert ("measures-not-published", "bomb/1") in codes
    assert one.fleet.published.files()[1] == {}


@pytest.mark.case("one sender")
def test_bombs_of_every_kind_hold_up_nobody_and_end_on_the_list_of_missing_files(bench: Make) -> None:
    hostile = bombs(sized(16, 2048))
    one, honest = publish_beside(bench, hostile, LIMIT_SMALL_FILE_BYTES=str(sized(4, 128) * MEBIBYTE))
    processed, missing = one.fleet.published.files()
    assert set(honest.keys) <= set(processed)
    for name in ("zeros-gz", "zeros-xz", "zeros-zst", "zeros-lzma", "lines-xz", "lines-zst"):
        assert "file-too-large" in missing[key(name, channel="bomb", version="1.0")], name
    assert not any(looked(one).versions[at].counts.waiting for at in range(len(looked(one).versions)))


@pytest.mark.case("one sender")
def test_large_channel_versions_are_completed_each_in_a_task_of_its_own(bench: Make) -> None:
    channels = [f"large{at:02d}" for at in range(sized(6, 30))]
    first = {key("a", channel=channel): inventing(1, sized(60, 400)) for channel in channels}
    second = {key("b", channel=channel): ping_file(ping()) for channel in channels}
    honest = make_feed(3, SEED, "honest")
    feed = honest.with_files(first).with_files(second)
    one = bench(feed, PUBLISH_PART_BYTES="3000", PARTITION_AGE="0", **LONG).start().wait_ready()
    one.upload(first)
    one.wait_until(lambda: set(first) <= one.listed(), PATIENCE, "the large ones are published")
    one.upload([*second, *honest.keys])  # few measures change, all others are copied
    one.wait_published()
    one.wait_until(one.fleet.published.settled, 180, "versions.json follows")
    assert any("complete_parts" in process.logged() for process in one.fleet.processes)
    one.check_sound()
