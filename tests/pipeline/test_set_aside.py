"""Files that the object store does not give hold back no other, and count once it gives them."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from telemetry_tasks.core.partition import Partition
from telemetry_tasks.errors import DamagedObject, InfrastructureError, OperatorError, TelemetryError
from telemetry_tasks.pipeline.aggregate.partition import aggregate_partition
from telemetry_tasks.pipeline.aggregate.set_aside import LONGEST
from telemetry_tasks.pipeline.inspect.status import status
from telemetry_tasks.pipeline.intake.discover import discover
from telemetry_tasks.pipeline.intake.dispatch import claim_partitions
from tests.support.pings import key
from tests.support.stage import Stage

ARCHIVED = OperatorError("the object is archived: restore it first (InvalidObjectState)")
ERRORS = {
    "archived": ARCHIVED,
    "forbidden": OperatorError("not permitted (AccessDenied)"),
    "damaged": DamagedObject("the md5 of the body is another"),
    "failing": InfrastructureError("the server answered 500 InternalError"),
}
GOOD, BAD = [key(f"g{number}") for number in range(5)], [key("bad-1"), key("bad-2")]


def refusing(error: TelemetryError, part: str = "bad", verbs: tuple[str, ...] = ("get",)) -> Callable[[str, str], None]:
    def before(verb: str, key: str) -> None:
        if verb in verbs and part in key:
            raise error

    return before


def nothing(verb: str, key: str) -> None:
    pass


def one_partition(stage: Stage) -> Partition:
    stage.upload(*GOOD, *BAD)
    (partition,) = discover(stage.services, stage.input.now(), all_now=True).partitions
    return partition


def run_once(stage: Stage) -> list[str]:
    """One attempt at each partition that may be claimed now."""
    outcomes = []
    for job in claim_partitions(stage.services):
        try:
            outcomes.append(aggregate_partition(stage.services, job.channel_version, job.partition))
        except TelemetryError as error:
            outcomes.append(type(error).__name__)
    return outcomes


def aggregated_files(stage: Stage) -> set[str]:
    state = stage.state()
    partitions = state.partitions(sorted(state.aggregated())).values()
    return {file.key for partition in partitions for file in partition.files}


def reasons(stage: Stage) -> dict[str, str | None]:
    """Why, by file, of those partitions that wait with one file."""
    state = stage.state()
    owners = {key: owner for key, (_, owner) in state.registered([*GOOD, *BAD]).items()}
    return {key: state.error(owner) for key, owner in owners.items() if key not in aggregated_files(stage)}


@pytest.mark.parametrize("kind", ERRORS)
def test_neighbours_are_counted_while_the_store_does_not_give_a_file(stage: Stage, kind: str) -> None:
    one_partition(stage)
    stage.input.before = refusing(ERRORS[kind])
    for _ in range(3):
        run_once(stage)
    assert aggregated_files(stage) == set(GOOD)
    assert reasons(stage) == dict.fromkeys(BAD, str(ERRORS[kind]))


@pytest.mark.parametrize("kind", ERRORS)
def test_such_a_file_is_never_given_up_and_counts_once_the_store_gives_it(stage: Stage, kind: str) -> None:
    one_partition(stage)
    stage.input.before = refusing(ERRORS[kind])
    for _ in range(5 * stage.services.options.max_attempts):
        run_once(stage)
    assert aggregated_files(stage) == set(GOOD)
    stage.input.before = nothing
    run_once(stage)
    assert aggregated_files(stage) == {*GOOD, *BAD}


@pytest.mark.parametrize("kind", ERRORS)
def test_a_store_that_gives_no_file_at_all_has_none_set_aside(stage: Stage, kind: str) -> None:
    partition = one_partition(stage)
    stage.input.before = refusing(ERRORS[kind], part="")
    for _ in range(3 * stage.services.options.max_attempts):
        run_once(stage)
    assert stage.state().partitions([partition.id]).keys() == {partition.id}
    stage.input.before = nothing
    assert run_once(stage) == ["aggregated"]


def test_status_shows_such_files_with_their_reason_and_since_when(stage: Stage) -> None:
    one_partition(stage)
    stage.input.before = refusing(ARCHIVED)
    for _ in range(4):
        run_once(stage)
    stage = stage.with_options(retry_delay=100.0)
    run_once(stage)  # now nothing may be claimed for a while
    stage.elapse(600)
    found = status(stage.services, datetime.fromtimestamp(stage.backend.now(), UTC))
    (version,) = found.versions
    assert {(key, files, why) for key, files, _, why in version.failing} == {(key, 1, str(ARCHIVED)) for key in BAD}
    assert version.oldest_waiting is not None
    assert 600 <= version.oldest_waiting < 700
    assert not found.healthy


def test_attempts_at_a_file_alone_come_at_growing_intervals(stage: Stage) -> None:
    stage = stage.with_options(retry_delay=100.0)
    stage.upload(BAD[0])
    (partition,) = discover(stage.services, stage.input.now(), all_now=True).partitions
    stage.input.before = refusing(ARCHIVED)
    state, delays = stage.state(), []
    for _ in range(9):
        stage.elapse(LONGEST)
        began = stage.backend.now()
        assert state.claim(1, 60.0) == [partition.id]
        with pytest.raises(OperatorError):
            aggregate_partition(stage.services, partition.channel_version, partition.id)
        delays.append(round(((state.oldest_waiting() or 0) - began) / 100) * 100)
    assert delays == [100, 200, 400, 800, 1600, 3200, LONGEST, LONGEST, LONGEST]


def test_a_file_that_kills_its_workers_after_it_was_given_is_given_up(stage: Stage) -> None:
    stage = stage.with_options(lease=0.01)
    stage.upload(BAD[0])
    (partition,) = discover(stage.services, stage.input.now(), all_now=True).partitions
    stage.input.before = refusing(ARCHIVED)
    for _ in range(2 * stage.services.options.max_attempts):
        run_once(stage)
    stage.input.before = nothing
    state = stage.state()

    def killed(verb: str, key: str) -> None:
        if verb == "get":
            raise SystemExit

    stage.input.before = killed
    state.claim(1, 60.0)
    with pytest.raises(SystemExit):
        aggregate_partition(stage.services, partition.channel_version, partition.id)
    assert aggregate_partition(stage.services, partition.channel_version, partition.id) == "given up"


def test_a_file_that_looks_damaged_without_a_checksum_is_read_again_later(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.upload(GOOD[0])
    stage.input.put(BAD[0], b"\x1f\x8b\x08\x00 and no more")
    listed = stage.input.list

    def in_parts(prefix: str = "", *, start_after: str = ""):  # type: ignore[no-untyped-def]
        for info in listed(prefix, start_after=start_after):
            yield type(info)(info.key, info.size, f"{info.etag}-1", info.modified)

    real = stage.input.stream
    monkeypatch.setattr(stage.input, "list", in_parts)
    monkeypatch.setattr(stage.input, "stream", lambda key, if_match="": real(key, if_match=if_match.removesuffix("-1")))
    discover(stage.services, stage.input.now(), all_now=True)
    assert run_once(stage) == ["to be read again"]
    assert run_once(stage) == ["aggregated"]


def test_a_body_of_another_length_than_the_listed_one_is_the_stores_fault(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_partition(stage)
    monkeypatch.setattr(stage.input, "stream", lambda key, if_match=None: iter([b"<html>sign in</html>"]))
    assert run_once(stage) == ["DamagedObject"]
    assert aggregated_files(stage) == set()
    monkeypatch.undo()
    run_once(stage)
    assert aggregated_files(stage) == {*GOOD, *BAD}
