"""Ids of partitions: digests of what decides their result."""

from telemetry_tasks.core.partition import FileRef, partition_of
from telemetry_tasks.core.ping import Limits

FILES = [FileRef("b", "2", 2), FileRef("a", "1", 1)]


def test_the_usual_limits_leave_ids_as_they_have_always_been() -> None:
    assert Limits().mark == ""
    assert partition_of("nightly/28", FILES).id == "a8b619fba8e481bd2b1d28d93255feb9"
    assert partition_of("nightly/28", FILES[::-1], limits=Limits().mark).id == "a8b619fba8e481bd2b1d28d93255feb9"


def test_other_limits_give_other_ids_and_no_two_the_same() -> None:
    marks = {Limits(**{name: 50}).mark for name in Limits.__dataclass_fields__}
    assert len(marks) == len(Limits.__dataclass_fields__)
    assert len({partition_of("nightly/28", FILES, limits=mark).id for mark in {"", *marks}}) == len(marks) + 1
