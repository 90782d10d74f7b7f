"""A key without rights costs files nothing; a single file that is refused does not hold up its partition for ever."""

import pytest

from telemetry_tasks.core.partition import Partition
from telemetry_tasks.errors import OperatorError
from telemetry_tasks.pipeline.aggregate.partition import aggregate_partition
from telemetry_tasks.pipeline.intake.discover import discover
from telemetry_tasks.pipeline.intake.dispatch import claim_partitions
from tests.support.pings import key
from tests.support.stage import Stage


@pytest.fixture
def partition(stage: Stage) -> Partition:
    stage.upload(key("a"))
    (found,) = discover(stage.services, stage.input.now(), all_now=True).partitions
    return found


def refuse(stage: Stage, *verbs: str) -> None:
    def before(verb: str, key: str) -> None:
        if verb in verbs:
            raise OperatorError("s3://input: not permitted (403 AccessDenied)")

    stage.input.before = before


def attempts(stage: Stage, partition: Partition) -> int:
    """Those so far, by beginning one more."""
    return stage.state().start(partition.id, 0.0) - 1


def attempt(stage: Stage, partition: Partition) -> None:
    claim_partitions(stage.services, overdue=99)
    with pytest.raises(OperatorError):
        aggregate_partition(stage.services, partition.channel_version, partition.id)


def test_a_key_that_was_revoked_costs_no_attempt(stage: Stage, partition: Partition) -> None:
    refuse(stage, "stream", "get", "list", "head")
    for _ in range(5):
        attempt(stage, partition)
    assert attempts(stage, partition) == 0
    stage.input.before = lambda verb, key: None
    claim_partitions(stage.services, overdue=99)
    assert aggregate_partition(stage.services, partition.channel_version, partition.id) == "aggregated"


def test_a_file_that_is_refused_alone_costs_one(stage: Stage, partition: Partition) -> None:
    refuse(stage, "stream", "get")
    attempt(stage, partition)
    assert attempts(stage, partition) == 1
