"""A key that is revoked while workers run: one line says so, nothing is given up, and all goes on when it is back."""

import time
from pathlib import Path

from tests.faults.proxies.http_proxy import HttpFaultProxy
from tests.faults.proxies.rules import Fault, Rule
from tests.servers.moto import MotoServer
from tests.servers.redis import RedisServer
from tests.system.made import made, thinned
from tests.system.processes import Fleet, wait_until

REVOKED_FOR = 5.0
"""Seconds: with the short times of a fleet, several attempts at everything."""


def test_a_revoked_key_stops_everything_and_gives_nothing_up(
    tmp_path: Path, state_server: RedisServer, broker_server: RedisServer, s3_server: MotoServer
) -> None:
    pings = thinned(made(tmp_path / "pings", files=4, pings=2, seed=9))
    with (
        HttpFaultProxy(s3_server.endpoint_url) as proxy,
        Fleet(tmp_path, state_server, broker_server, s3_server, S3_ENDPOINT_URL=proxy.endpoint_url) as fleet,
    ):
        worker = fleet.worker()
        fleet.upload(pings.root, pings.keys)
        fleet.beat()
        wait_until(lambda: "Task aggregate_partition" in worker.logged(), 180, fleet.processes)
        proxy.rules = [Rule(Fault.FORBIDDEN)]
        wait_until(lambda: "check keys and bucket policy" in worker.logged(), 180, fleet.processes)
        time.sleep(REVOKED_FOR)
        proxy.rules = []
        fleet.wait_published(pings.keys)
        processed, missing = fleet.published.files()
        assert missing == {}
        assert processed == pings.keys
        assert "Traceback" not in worker.logged()
