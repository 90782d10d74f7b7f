"""Sums of pings within a budget of memory."""

import json

from telemetry_tasks.core.limits import Limits
from telemetry_tasks.core.ping import LineCounts
from telemetry_tasks.formats.kernels import AUTO
from telemetry_tasks.formats.pings.saved_session.keys import parse_key
from telemetry_tasks.pipeline.aggregate.channel_sums import ChannelSums
from tests.support.aggregating import FORMAT
from tests.support.pings import key, ping

WIDE = [1] + [0] * 994 + [1] * 5


def block(systems: int) -> bytes:
    """A wide ping, nearly empty, of each of many systems."""
    pings = [ping(system=(f"OS{number}", "1", "x")) for number in range(systems)]
    for each in pings:
        each["histograms"]["WIDE"] = WIDE
    return b"".join(b"id\t" + json.dumps(each).encode() + b"\n" for each in pings)


def sums_over(budget: int, versions: list[str]) -> tuple[ChannelSums, int]:
    """The sums of a block for each day and version, and the most bytes that were dense after any of them."""
    sums, most = ChannelSums(FORMAT, Limits(), budget, AUTO), 0
    for day in range(1, 9):
        for version in versions:
            sums.add(parse_key(key(version=version, day=day)), block(20), LineCounts())
            most = max(most, sums.size)
    return sums, most


def test_dense_cells_stay_within_the_budget_and_the_sums_are_the_same() -> None:
    free, most = sums_over(1 << 40, ["28.0a1", "27.0"])
    assert most > 2 * 8 * 20 * 8 * len(WIDE)
    bounded, most_bounded = sums_over(1 << 20, ["28.0a1", "27.0"])
    assert most_bounded <= 1 << 20
    expected, got = free.take(), bounded.take()
    assert expected.keys() == got.keys() == {"nightly/28", "nightly/27"}
    assert all(got[name].same(cells) for name, cells in expected.items())


def test_what_was_taken_is_not_kept() -> None:
    sums, _ = sums_over(1 << 40, ["28.0a1"])
    assert sums.take()
    assert sums.take() == {}
    assert sums.size == 0


def test_lines_that_are_no_pings_leave_no_channel_behind() -> None:
    sums = ChannelSums(FORMAT, Limits(), 1 << 20, AUTO)
    sums.add(parse_key(key()), b"no tab\n", LineCounts())
    assert sums.take() == {}
