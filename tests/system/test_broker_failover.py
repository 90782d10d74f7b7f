"""A broker that becomes a replica for a while ends no process, and a worker that starts meanwhile waits."""

import time
from pathlib import Path

import pytest
import redis

from tests.servers.moto import MotoServer
from tests.servers.ports import free_port
from tests.servers.redis import RedisServer
from tests.system.made import Made
from tests.system.processes import Fleet, wait_until

AWAY = 8.0
MOST_BYTES = 60_000
"""What a process may log of one outage."""


def become_replica(client: redis.Redis) -> None:
    client.execute_command("REPLICAOF", "127.0.0.1", free_port())


def lose_password(client: redis.Redis) -> None:
    client.config_set("requirepass", "another")
    client.client_kill_filter(_type="normal", skipme=True)


def be_master_again(client: redis.Redis) -> None:
    client.execute_command("REPLICAOF", "NO", "ONE")


def have_password_again(client: redis.Redis) -> None:
    client.config_set("requirepass", "first-password")


FAULTS = {
    "replica": (become_replica, be_master_again),
    "password": (lose_password, have_password_again),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broker_that_refuses_for_a_while_ends_no_process(
    fault: str, tmp_path: Path, few: Made, state_server: RedisServer, s3_server: MotoServer
) -> None:
    begin, end = FAULTS[fault]
    with (
        RedisServer(password="first-password") as broker,
        redis.Redis.from_url(broker.url) as client,
        Fleet(tmp_path, state_server, broker, s3_server, LOG_FORMAT="human") as fleet,
    ):
        workers = [fleet.worker([queue]) for queue in ("control", "aggregate", "merge", "publish")]
        fleet.beat()
        fleet.flower()
        for worker in workers:
            worker.wait_ready(180)
        fleet.upload(few.root, few.keys[:2])
        fleet.wait_published(few.keys[:2])
        sizes = {process.name: process.log.stat().st_size for process in fleet.processes}
        begin(client)
        late = fleet.worker(["aggregate"])
        time.sleep(AWAY)
        end(client)
        fleet.upload(few.root, few.keys[2:4])
        fleet.wait_published(few.keys[:4])
        late.wait_ready(180)
        wait_until(lambda: all(process.alive for process in fleet.processes), 1)
        logged = {process.name: process.logged() for process in fleet.processes}
        assert [name for name, text in logged.items() if "first-password" in text] == []
        grown = {name: len(logged[name].encode()) - size for name, size in sizes.items()}
        assert {name: size for name, size in grown.items() if size > MOST_BYTES} == {}
        assert [text.count("Traceback") for name, text in logged.items() if name.startswith("beat")] == [0]
        assert [text.count("a task is not sent") > 0 for name, text in logged.items() if name.startswith("beat")] == [
            True
        ]
