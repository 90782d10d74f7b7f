"""Ids of partitions: digests of what decides their result."""

from dataclasses import fields

from telemetry_tasks.core.limits import Limits
from telemetry_tasks.core.partition import FileRef, partition_of

FILES = [FileRef("b", "2", 2), FileRef("a", "1", 1)]


def test_the_usual_limits_leave_ids_as_they_are_without_limits() -> None:
    assert Limits().mark == ""
    assert partition_of("nightly/28", FILES).id == "1f3b89abd759575ee08bc42307d1f7d8"
    assert partition_of("nightly/28", FILES[::-1], limits=Limits().mark).id == "1f3b89abd759575ee08bc42307d1f7d8"


def test_marks_of_the_first_limits_are_what_they_were_before_there_were_others() -> None:
    assert Limits(histograms=1).mark == "a45a6d2d"
    assert Limits(1 << 20, 8, 9, 7, 1 << 20, 101).mark == "56c39ed4"


def test_other_limits_give_other_ids_and_no_two_the_same() -> None:
    texts = {"name_alphabet": "A-Z", "earliest_date": "20130101", "latest_date": "20130101"}
    names = [field.name for field in fields(Limits)]
    marks = {Limits(**{name: texts.get(name, 50)}).mark for name in names}  # type: ignore[arg-type]
    assert len(marks) == len(names)
    assert len({partition_of("nightly/28", FILES, limits=mark).id for mark in {"", *marks}}) == len(marks) + 1


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
