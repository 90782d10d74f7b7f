"""Ids of partitions: digests of what decides their result."""

from dataclasses import fields, replace
from typing import Any

import pytest

from telemetry_tasks.core.limits import SETTINGS, Limits
from telemetry_tasks.core.partition import FileRef, partition_of
from telemetry_tasks.core.reading import SETTINGS as SETTINGS_OF_ROWS
from telemetry_tasks.core.reading import Reading, differences, told_differences

FILES = [FileRef("b", "2", 2), FileRef("a", "1", 1)]


def test_the_order_of_files_decides_no_id() -> None:
    assert partition_of("nightly/28", FILES).id == partition_of("nightly/28", FILES[::-1]).id


def test_other_limits_give_other_ids_and_no_two_the_same() -> None:
    texts = {"name_alphabet": "A-Z", "earliest_date": "20130101", "latest_date": "20130101"}
    names = [field.name for field in fields(Limits)]
    assert set(SETTINGS) == set(names)  # or nobody is told which one changed
    prints = {Limits(**{name: texts.get(name, 50)}).fingerprint for name in names}  # type: ignore[arg-type]
    prints.add(Limits().fingerprint)
    assert len({partition_of("nightly/28", FILES, settings=each).id for each in prints}) == len(names) + 1


@pytest.mark.parametrize(
    "change",
    [
        {"dimensions": ("OS", "arch", "locale=info.locale")},
        {"dimensions": ("OS",)},
        {"dimensions": ("arch", "OS")},
        {"dimensions": ("OS", "locale=info.locale")},
        {"dimensions": ("OS", "arch=info.arch")},
        {"ping_format": "game_pings:GamePings"},
        {"ping_format_version": 2},
        {"fallback_revision": "none\ndimensions=[]"},
    ],
    ids=["added", "removed", "reordered", "replaced", "another source", "format", "version", "fallback revision"],
)
def test_settings_that_decide_what_rows_mean_give_other_ids_and_are_told_by_name(change: dict[str, Any]) -> None:
    usual = Reading("saved-session", 1, ("OS", "arch"), "none")
    other = replace(usual, **change)
    ids = {partition_of("nightly/28", FILES, settings=each.fingerprint).id for each in (usual, other)}
    assert len(ids) == 2
    (difference,) = differences(usual.fingerprint, other.fingerprint)
    assert difference[0] == next(iter(change))
    assert SETTINGS_OF_ROWS[difference[0]] in told_differences(usual.fingerprint, other.fingerprint)


def test_a_key_that_reads_like_several_files_makes_another_partition_than_they() -> None:
    several = [FileRef("a", "1", 1), FileRef("b", "2", 1), FileRef("c", "3", 1)]
    like = [
        [FileRef("a\t1\nb", "2", 1), FileRef("c", "3", 1)],
        [FileRef("a", "1", 1), FileRef("b\t2\nc", "3", 1)],
        [FileRef("a", "1\nb\t2\nc\t3", 1)],
        [FileRef("a\t1\nb\t2\nc", "3", 1)],
        [FileRef("a\t1", "\nb\t2\nc\t3", 1)],
    ]
    assert len({partition_of("nightly/28", files).id for files in [several, *like]}) == 6
