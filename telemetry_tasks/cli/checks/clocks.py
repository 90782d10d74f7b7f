"""Three clocks: this machine's, Redis's, the object store's."""

import time
from collections.abc import Callable, Iterator
from functools import partial

from telemetry_tasks.cli.checks.check import OK, WRONG, Check, guarded, together
from telemetry_tasks.cli.checks.object_stores import open_store
from telemetry_tasks.cli.checks.redis_servers import connect
from telemetry_tasks.settings import Settings
from telemetry_tasks.storage.redis.errors import redacted, translated

MOST = 10.0
"""Seconds of difference: leases last minutes, and S3 refuses requests that are off by a quarter of an hour."""


def check_clocks(settings: Settings) -> Iterator[Check]:
    """Redis's and the store's clock against this machine's."""
    looks = (
        partial(compare, "Clock of Redis", partial(_redis_time, settings)),
        partial(compare, "Clock of the store", partial(_store_time, settings)),
    )
    yield from together(partial(guarded, look.args[0], look) for look in looks)


def compare(subject: str, clock: Callable[[], float]) -> Iterator[Check]:
    """Whether the clock tells this machine's time, seconds since 1970."""
    before = time.time()
    there = clock()
    after = time.time()
    # the time that the request took is not a difference
    off = there - after if there > after else min(0.0, there - before)
    if abs(off) <= MOST:
        yield Check(subject, OK, f"{abs(off):.1f} s off this machine's")
    else:
        way = "ahead of" if off > 0 else "behind"
        yield Check(
            subject,
            WRONG,
            f"is {abs(off):.0f} s {way} this machine's: leases and ages would be told wrongly",
            "set both by NTP (systemd-timesyncd, chrony)",
        )


def _redis_time(settings: Settings) -> float:
    url = settings.state_address
    client = connect(url)
    with translated(redacted(url)):
        seconds, microseconds = client.time()
    return float(seconds) + microseconds / 1e6


def _store_time(settings: Settings) -> float:
    return open_store(settings.published_url, settings).now().timestamp() + 0.5  # a Date has whole seconds
