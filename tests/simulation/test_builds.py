from datetime import date, timedelta

import pytest

from telemetry_tasks.simulation.builds import CHANNELS, CYCLE, EPOCH, build_of, cycle_day, newest_builds

START = EPOCH + timedelta(days=50 * CYCLE)


def days(first: date, count: int) -> list[date]:
    return [first + timedelta(days=number) for number in range(count)]


@pytest.mark.parametrize(("channel", "builds"), [("nightly", 28), ("beta", 7), ("release", 2)])
def test_each_channel_has_its_pace(channel, builds) -> None:
    assert sum(build_of(channel, day) is not None for day in days(START, CYCLE)) == builds


def test_a_version_moves_from_channel_to_channel_with_the_cycles() -> None:
    majors = [
        build.version.split(".")[0]
        for number, channel in enumerate(CHANNELS)
        if (build := build_of(channel, START + timedelta(days=number * CYCLE)))
    ]
    assert len(majors) == 3
    assert len(set(majors)) == 1


def test_the_second_release_of_a_cycle_is_a_point_release() -> None:
    first, second = build_of("release", START), build_of("release", START + timedelta(days=14))
    assert first is not None
    assert second is not None
    assert second.version == first.version + ".1"


def test_builds_of_a_day_have_ids_and_revisions_of_their_own() -> None:
    builds = [build for channel in CHANNELS if (build := build_of(channel, START))]
    assert len({build.build_id for build in builds}) == len({build.revision for build in builds}) == 3
    assert all(build.build_id.startswith(f"{START:%Y%m%d}") and len(build.build_id) == 14 for build in builds)


def test_the_newest_builds_come_newest_first() -> None:
    builds = newest_builds("beta", START + timedelta(days=9), 4)
    assert [cycle_day(build.day) for build in builds] == [8, 4, 0, 24]


def test_there_is_no_build_before_the_first() -> None:
    assert newest_builds("nightly", EPOCH + timedelta(days=1), 5) == [
        build_of("nightly", EPOCH + timedelta(days=1)),
        build_of("nightly", EPOCH),
    ]
    assert newest_builds("nightly", EPOCH - timedelta(days=1), 5) == []
