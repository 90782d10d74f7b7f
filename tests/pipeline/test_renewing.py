"""A lease is renewed while a block runs, and not a moment longer."""

import threading

import pytest

from telemetry_tasks.errors import InfrastructureError
from telemetry_tasks.pipeline.leases import A_LEASE, renewing
from tests.embedded.waiting import wait_until


def renews() -> bool:
    """Whether a thread is there that renews a lease."""
    return any(thread.name == "renewing" for thread in threading.enumerate())


def test_it_is_renewed_again_and_again_until_the_block_ends() -> None:
    renewed: list[float] = []
    with renewing(lambda: renewed.append(0.0), 0.04):
        wait_until(lambda: len(renewed) > A_LEASE, 60)
    assert not renews()


def test_a_renewal_that_fails_is_left_to_the_next_one() -> None:
    tries: list[int] = []

    def fails_at_first() -> None:
        tries.append(0)
        if len(tries) < 3:
            raise InfrastructureError("away")

    with renewing(fails_at_first, 0.04):
        wait_until(lambda: len(tries) > 3, 60)


def test_a_lease_of_no_time_is_not_renewed() -> None:
    with renewing(lambda: None, 0.0):
        assert not renews()
    with renewing(lambda: None, 100.0):
        assert renews()


def test_what_the_block_raises_ends_it() -> None:
    before = threading.active_count()
    with pytest.raises(KeyError), renewing(lambda: None, 100.0):
        raise KeyError
    assert threading.active_count() == before
