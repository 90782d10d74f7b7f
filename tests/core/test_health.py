"""How complete a channel/version is, from the reports of its files."""

from collections.abc import Iterable

from telemetry_tasks.core.disclosure.collapse import Collapsed
from telemetry_tasks.core.disclosure.health import MOST_LISTED, Day, Health, health_of
from telemetry_tasks.core.kinds_of_date import BY_BUILD
from telemetry_tasks.core.partition import LedgerEntry, partition_of
from telemetry_tasks.core.result import FileReport

ODD_BUILD = {"first": "20131201", "last": "20131202", "number": 1, "pings": 1}


def health(*reports: FileReport, builds: Iterable[str] = (), **more: object) -> Health:
    """``reports`` in two partitions; the day of a file is what its key begins with."""
    dated = tuple(report._replace(day=report.key.rpartition("/")[0]) for report in reports)
    entries = [LedgerEntry(partition_of("nightly/28", ()), "", some) for some in (dated[:1], dated[1:])]
    return health_of(entries, ["B", "A"], builds, **more)  # type: ignore[arg-type]


GOOD = FileReport("20131203/a", size=10, good=3, bad={"no-tab": 1, "bad-json": 1}, left_out={"too-many-rows": 2})
MISSING = FileReport("20131203/b", size=5, good=1, bad={"no-tab": 1}, error="truncated")
OTHER_DAY = FileReport("20131204/c", size=1, good=2)


def test_it_adds_up_files_pings_bytes_and_reasons() -> None:
    found = health(GOOD, MISSING, OTHER_DAY)
    assert (found.files, found.missing, found.pings, found.bytes) == (3, 1, 6, 16)
    assert found.bad_lines == {"no-tab": 2, "bad-json": 1}
    assert found.left_out == {"too-many-rows": 2}
    assert found.days == {"20131203": Day(2, 4, 3), "20131204": Day(1, 2, 0)}


def test_missing_files_are_listed_by_key() -> None:
    others = (FileReport("20131203/c", error="not-found"), FileReport("20131203/a", error="changed"))
    found = health(MISSING, *others)
    assert found.missing_files == [("20131203/a", "changed"), ("20131203/b", "truncated"), ("20131203/c", "not-found")]


def test_no_more_missing_files_are_listed_than_a_person_reads() -> None:
    found = health(*(FileReport(f"20131203/{n:04}", error="not-found") for n in range(MOST_LISTED + 5)))
    assert found.missing == MOST_LISTED + 5
    assert len(found.missing_files) == MOST_LISTED


def test_dates_are_the_first_and_last() -> None:
    found = health(GOOD, OTHER_DAY, builds=["20131202", "20131201", "20131203"])
    assert (found.first_build_date, found.last_build_date) == ("20131201", "20131203")
    assert found.last_submission_date == "20131204"


def test_implausible_dates_do_not_count_as_first_or_last() -> None:
    found = health(GOOD, builds=["19700101", "20131201", "20131202"], outside={BY_BUILD: ODD_BUILD})
    assert (found.first_build_date, found.last_build_date) == ("20131201", "20131202")
    assert found.implausible == {BY_BUILD: ODD_BUILD}


def test_an_implausible_submission_date_is_not_the_last() -> None:
    many = FileReport("20131203/a", good=1000)
    found = health(many, FileReport("20991231/b", good=1))
    assert found.last_submission_date == "20131203"
    assert found.days.keys() == {"20131203", "20991231"}


def test_a_file_of_no_day_counts_under_unknown_but_is_not_the_last_date() -> None:
    found = health(FileReport("a", good=1))
    assert found.last_submission_date == ""
    assert list(found.days) == ["unknown"]


def test_nothing_is_empty_and_not_missing() -> None:
    found = health()
    assert (found.files, found.first_build_date, found.last_build_date, found.last_submission_date) == (0, "", "", "")


def test_what_publishing_found_is_handed_on() -> None:
    part = Collapsed("too-many-options", "OS", 7, 9)
    found = health(collapsed=(part,), small_cells=4)
    assert (found.collapsed, found.small_cells, found.unknown_definitions) == ((part,), 4, ["A", "B"])
