"""F21: a worker does not start on a Redis that would lose the state."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.faults.proxies.tcp_proxy import TcpFaultProxy
from tests.faults.record import Record
from tests.servers.redis import RedisServer
from tests.servers.weed import WeedServer
from tests.system.processes import Fleet


@pytest.mark.case("F21")
@pytest.mark.parametrize(
    ("options", "durable", "told"),
    [
        ({"maxmemory-policy": "allkeys-lru"}, True, "maxmemory-policy noeviction"),
        ({}, False, "appendonly yes"),
    ],
)
def test_a_worker_refuses_a_redis_that_would_lose_the_state(
    tmp_path: Path, weed_server: WeedServer, record: Record, options: Mapping[str, str], durable: bool, told: str
) -> None:
    with (
        RedisServer(options, durable=durable) as state,
        RedisServer() as broker,
        Fleet(tmp_path, state, broker, weed_server, REQUIRE_DURABLE_REDIS="true") as fleet,
    ):
        worker = fleet.worker()
        record.fault(f"state Redis with {options or 'appendonly no'}")
        assert worker.wait(180) != 0
        assert told in worker.logged()
        assert "Traceback" not in worker.logged()
    record.row["complete"] = True


@pytest.mark.case("F21")
def test_a_worker_refuses_a_redis_that_is_too_old(tmp_path: Path, weed_server: WeedServer, record: Record) -> None:
    """The proxy makes a real Redis say that it is another version: there is no 6.0 to install."""
    with RedisServer(durable=True) as state, RedisServer() as broker, TcpFaultProxy(state.port) as proxy:
        proxy.replacement = (rb"redis_version:\d", b"redis_version:5")
        with Fleet(tmp_path, state, broker, weed_server, REDIS_URL=proxy.redis_url) as fleet:
            worker = fleet.worker()
            record.fault("state Redis says that it is version 5")
            assert worker.wait(180) != 0
            assert "6.2 or newer is needed" in worker.logged()
    record.row["complete"] = True
