"""``simulate``: the same fleet, into a folder or a bucket, once."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from telemetry_tasks.cli.simulated_feed import Feed, Fleet, days_before, follow
from telemetry_tasks.errors import InfrastructureError
from telemetry_tasks.simulation.files import Packing
from telemetry_tasks.storage.memory import MemoryObjectStore
from tests.cli.conftest import its_services
from tests.cli.invoking import run

SMALL = ("--days", 2, "--clients", 20, "--until", "2026-10-03")


def test_files_are_written_under_their_keys_and_can_be_aggregated(tmp_path: Path) -> None:
    made = run("simulate", "--out", tmp_path / "sim", *SMALL, "--bad", 0.1, "--format", "gz", "--json").document
    added = run("aggregate", "--root", tmp_path / "sim", tmp_path / "sim", "-o", tmp_path / "r.tt", "--json").document
    assert made["pings"] == added["pings"] > 10
    assert made["bad_lines"] == sum(added["bad_lines"].values()) > 0
    assert made["files"] == added["files"]
    names = [path.name for path in (tmp_path / "sim").rglob("*.gz")]
    assert {name.split(".")[1] for name in names} == {"20261001", "20261002"}


def test_the_same_options_give_the_same_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        run("simulate", "--out", tmp_path / name, *SMALL)
    paths = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*.zst"))
    assert paths
    assert all((tmp_path / "a" / path).read_bytes() == (tmp_path / "b" / path).read_bytes() for path in paths)


def test_a_history_is_uploaded_once(stores: None) -> None:
    first = run("simulate", "--ingest", *SMALL, "--json").document
    assert first["files"] == len([*its_services().input.list()])
    assert run("simulate", "--ingest", *SMALL, "--json").document["files"] == 0
    assert "2 days were there already" in run("simulate", "--ingest", *SMALL).out


def test_it_has_to_be_said_where_the_pings_go(tmp_path: Path) -> None:
    assert run("simulate").code == 2
    assert run("simulate", "--out", tmp_path, "--ingest").code == 2
    assert run("simulate", "--out", tmp_path, "--follow").code == 2


def test_days_before_the_first_build_are_refused(tmp_path: Path) -> None:
    assert "choose fewer --days" in run("simulate", "--out", tmp_path, "--until", "2012-01-01").error


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "choose another --out" in run("simulate", "--out", tmp_path / "file" / "x", *SMALL).error


def test_the_newest_day_comes_first() -> None:
    assert days_before(date(2026, 10, 3), 2) == [date(2026, 10, 2), date(2026, 10, 1)]


class Ticking:
    """A clock that its own pauses move on."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.pauses: list[float] = []

    def now(self) -> datetime:
        return datetime.fromtimestamp(1_790_000_000 + self.seconds, UTC)

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.seconds += seconds


def feed(store: MemoryObjectStore) -> Feed:
    return Feed(Fleet(1, 20, Packing("none")), store, MemoryObjectStore("notes"), threads=2)


def follow_for(feed: Feed, clock: Ticking, rounds: int) -> list[str]:
    troubles: list[str] = []
    follow(feed, 3, 10.0, clock.now, lambda file: None, troubles.append, clock.pause, rounds)
    return troubles


def test_following_sends_other_pings_each_time_and_the_same_after_a_restart() -> None:
    once, again = MemoryObjectStore(), MemoryObjectStore()
    clock = Ticking()
    follow_for(feed(once), clock, 3)
    assert clock.pauses[1:] == [10.0, 10.0]
    follow_for(feed(again), Ticking(), 2)
    follow_for(feed(again), Ticking(), 3)
    lines = [line for info in once.list() for line in once.get(info.key).body.splitlines()]
    assert len(lines) == len(set(lines)) == 9
    assert [info.key for info in again.list()] == [info.key for info in once.list()]


class Away(MemoryObjectStore):
    """A store that does not answer."""

    def head(self, key: str) -> None:
        raise InfrastructureError("the store is away")


def test_following_goes_on_when_the_store_is_away() -> None:
    assert follow_for(feed(Away()), Ticking(), 2) == ["the store is away", "the store is away"]


@pytest.mark.parametrize("bad", ["-1", "2", "x"])
def test_a_share_is_between_none_and_all(bad: str, tmp_path: Path) -> None:
    assert run("simulate", "--out", tmp_path, "--bad", bad).code == 2
