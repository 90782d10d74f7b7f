"""A lease is renewed while a block runs, and not a moment longer."""

import threading
import time

import pytest

from telemetry_tasks.errors import InfrastructureError
from telemetry_tasks.pipeline.leases import A_LEASE, renewing
from tests.embedded.waiting import wait_until


def test_it_is_renewed_again_and_again_until_the_block_ends() -> None:
    renewed: list[float] = []
    with renewing(lambda: renewed.append(0.0), 0.04):
        wait_until(lambda: len(renewed) > A_LEASE, 60)
    seen = len(renewed)
    time.sleep(0.1)
    assert len(renewed) == seen


def test_a_renewal_that_fails_is_left_to_the_next_one() -> None:
    tries: list[int] = []

    def fails_at_first() -> None:
        tries.append(0)
        if len(tries) < 3:
            raise InfrastructureError("away")

    with renewing(fails_at_first, 0.04):
        wait_until(lambda: len(tries) > 3, 60)


def test_a_lease_of_no_time_is_not_renewed() -> None:
    renewed: list[int] = []
    with renewing(lambda: renewed.append(0), 0.0):
        time.sleep(0.05)
    assert renewed == []


def test_what_the_block_raises_ends_it() -> None:
    before = threading.active_count()
    with pytest.raises(KeyError), renewing(lambda: None, 100.0):
        raise KeyError
    assert threading.active_count() == before
