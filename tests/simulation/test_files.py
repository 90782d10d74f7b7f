import gzip
import json
import lzma
from datetime import date, timedelta
from itertools import islice

import pytest
import zstandard

from telemetry_tasks.formats.pings.saved_session.keys import parse_key
from telemetry_tasks.simulation.bad_lines import SPOILERS
from telemetry_tasks.simulation.builds import EPOCH, newest_builds
from telemetry_tasks.simulation.files import Packing, SimulatedFile, simulate_files, simulate_moment
from telemetry_tasks.simulation.fleet import make_fleet
from telemetry_tasks.simulation.measures import simulated_definitions

DAY = date(2026, 10, 1)
PLAIN = Packing(format="none", bad_share=0.0)


def pings(files: list[SimulatedFile]) -> list[dict]:
    return [json.loads(line.split(b"\t", 1)[1]) for file in files for line in file.body.splitlines()]


def test_the_same_arguments_give_the_same_bytes() -> None:
    assert list(simulate_files(5, 60, DAY, 2)) == list(simulate_files(5, 60, DAY, 2))


def test_another_seed_gives_other_pings_under_other_keys() -> None:
    first, second = list(simulate_files(5, 60, DAY)), list(simulate_files(6, 60, DAY))
    assert not {file.key for file in first} & {file.key for file in second}


def test_a_history_may_be_made_in_pieces() -> None:
    whole = list(simulate_files(5, 60, DAY, 3))
    pieces = [file for number in range(3) for file in simulate_files(5, 60, DAY + timedelta(days=number))]
    assert whole == pieces


def test_moments_of_a_day_add_pings_that_were_not_there() -> None:
    day = {file.key for file in simulate_files(5, 60, DAY)}
    moments = [file for moment in range(3) for file in simulate_moment(5, 60, DAY, moment, 20)]
    assert sum(file.good + file.bad for file in moments) == 60
    assert len({file.key for file in moments}) == len(moments)
    assert not day & {file.key for file in moments}


def test_keys_say_what_the_pings_in_the_file_say() -> None:
    for file in simulate_files(5, 200, DAY, packing=PLAIN):
        key = parse_key(file.key)
        assert key.day == "20261001"
        _, _, channel, version, _ = file.key.split("/")
        for ping in pings([file]):
            info = ping["info"]
            assert (info["appName"], info["appUpdateChannel"], info["appVersion"], info["appBuildID"]) == (
                key.application,
                channel,
                version,
                key.build_id,
            )
            assert info["reason"].replace("-", "_") == key.reason


def test_builds_are_not_newer_than_their_submissions_and_most_are_the_newest() -> None:
    newest = {channel: newest_builds(channel, DAY, 1)[0].build_id for channel in ("nightly", "beta", "release")}
    files = [(parse_key(file.key), file.good) for file in simulate_files(5, 500, DAY, packing=PLAIN)]
    assert all(key.build_date <= key.day for key, _ in files)
    on_newest = sum(good for key, good in files if key.build_id == newest[key.channel_version.partition("/")[0]])
    assert 0.45 < on_newest / sum(good for _, good in files) < 0.75


def test_a_few_stragglers_come_too_late_to_count_by_submission_date() -> None:
    files = [(parse_key(file.key), file.good) for file in simulate_files(5, 1000, DAY, packing=PLAIN)]
    late = sum(good for key, good in files if not key.submission_date)
    assert 0 < late < 0.03 * sum(good for _, good in files)


def test_every_array_fits_its_definition_and_its_samples_are_counted() -> None:
    definitions = simulated_definitions()
    seen = set()
    for ping in pings(list(simulate_files(5, 60, DAY, packing=PLAIN))):
        for name, array in ping["histograms"].items():
            assert len(array) == definitions[name].buckets + 5
            assert any(array[:-5])
            seen.add(name)
    assert seen == set(definitions)


def test_populations_are_mixed_and_androids_version_is_a_number() -> None:
    infos = [ping["info"] for ping in pings(list(simulate_files(5, 300, DAY, packing=PLAIN)))]
    assert {info["OS"] for info in infos} == {"WINNT", "Darwin", "Linux", "Android"}
    assert {info["version"] for info in infos if info["OS"] == "Android"} == {33}


UNPACKED = {
    "lzma": lambda body: lzma.decompress(body, format=lzma.FORMAT_ALONE),
    "xz": lambda body: lzma.decompress(body, format=lzma.FORMAT_XZ),
    "gz": gzip.decompress,
    "zst": lambda body: zstandard.ZstdDecompressor().decompressobj().decompress(body),
}


@pytest.mark.parametrize("format", UNPACKED)
def test_a_packed_file_holds_the_lines_of_the_plain_one(format) -> None:
    packed = list(simulate_files(5, 20, DAY, packing=Packing(format=format)))
    plain = list(simulate_files(5, 20, DAY, packing=Packing(format="none")))
    assert [UNPACKED[format](file.body) for file in packed] == [file.body for file in plain]
    assert [file.key for file in packed] == [f"{file.key}.{format}" for file in plain]


def test_no_file_is_longer_than_was_asked() -> None:
    files = list(simulate_files(5, 200, DAY, packing=Packing("none", pings_per_file=7)))
    assert max(file.good + file.bad for file in files) == 7
    assert all(file.body.count(b"\n") == file.good + file.bad for file in files)


def test_every_file_has_a_good_line_however_many_are_bad() -> None:
    """One that has none is missing, and `up` would not be healthy for long."""
    files = list(simulate_files(5, 60, DAY, packing=Packing("none", pings_per_file=3, bad_share=0.9)))
    assert all(file.good for file in files)
    assert any(file.bad for file in files)
    first = [json.loads(file.body.split(b"\n")[0].split(b"\t")[1]) for file in files if file.good + file.bad == 1]
    assert first
    assert all("OS" in ping["info"] and ping["info"]["revision"] != 7 for ping in first)


def test_files_come_one_by_one_however_long_the_history() -> None:
    assert len(list(islice(simulate_files(5, 50, DAY, 10**6), 3))) == 3


@pytest.mark.parametrize("kind", SPOILERS)
def test_a_spoiled_line_is_one_line_still(kind) -> None:
    line = SPOILERS[kind](b"id", b'{"info":{"OS":"Linux","revision":"r"}}')
    assert line.startswith(b"id")
    assert b"\n" not in line


@pytest.mark.parametrize("wrong", [{"format": "rar"}, {"pings_per_file": 0}, {"bad_share": 1.5}, {"bad_share": -0.1}])
def test_a_packing_that_makes_no_sense_is_refused(wrong) -> None:
    with pytest.raises(ValueError):
        Packing(**wrong)


def test_days_before_the_first_build_are_refused() -> None:
    with pytest.raises(ValueError, match="no builds before"):
        next(simulate_files(5, 10, EPOCH - timedelta(days=1)))


def test_a_fleet_without_clients_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        make_fleet(1, 0)
