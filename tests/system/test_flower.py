"""Flower as operators meet it: which workers there are, what each task works on, and how far it is."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3

from tests.faults.proxies.http_proxy import HttpFaultProxy
from tests.faults.proxies.rules import Fault, Rule
from tests.servers.moto import MotoServer
from tests.servers.ports import HOST, free_port
from tests.servers.redis import RedisServer
from tests.system.made import made, thinned
from tests.system.processes import Fleet, wait_until

FILES = 12
KEYS = [f"saved_session/Firefox/nightly/28.0a1/20131029030201.20131029.v2.log.{n:032x}.gz" for n in range(FILES)]
SLOW = Rule(Fault.DELAY, method="GET", path="/pings/saved_session/", seconds=1.0)
"""A partition of ``FILES`` takes so many seconds."""
WAIT = 180.0

Tasks = dict[str, dict[str, Any]]

ARGUMENTS = {
    "aggregate_partition": r"\('nightly/28', '[0-9a-f]{32}'\) \{\}",
    "download_and_merge": r"\('nightly/28', 1 partitions\) \{'batch': '[0-9a-f]+'\}",
    "reduce_into_state": r"\(1 slices of 1 partitions\) \{'channel_version': 'nightly/28', 'batch': '[0-9a-f]+'\}",
    "publish_channel_version": r"\('\d{8}\w+', 'nightly/28'\) \{\}",
    "finish_publish": r"\(1 channel/versions\) \{'stamp': '\d{8}\w+'\}",
    "discover": r"\(\) \{\}",
}
"""Positional and named arguments of each kind of task, as Flower shows them."""


@pytest.fixture
def fleet(
    tmp_path: Path, state_server: RedisServer, broker_server: RedisServer, s3_server: MotoServer
) -> Iterator[Fleet]:
    with (
        HttpFaultProxy(s3_server.endpoint_url, [SLOW]) as proxy,
        Fleet(
            tmp_path, state_server, broker_server, s3_server, S3_ENDPOINT_URL=proxy.endpoint_url, SOFT_TIME_LIMIT="100",
            TIME_LIMIT="110", VISIBILITY_TIMEOUT="120", LEASE="120",
        ) as made_fleet,
    ):  # fmt: skip
        yield made_fleet


class Flower:
    """Its API and pages; nothing while it does not answer."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._http = urllib3.PoolManager(retries=False, timeout=30.0)

    def page(self, path: str) -> str:
        try:
            answer = self._http.request("GET", f"{self._address}/{path}")
        except urllib3.exceptions.HTTPError:
            return ""
        return answer.data.decode() if answer.status == 200 else ""

    def queues(self) -> dict[str, set[str]]:
        """Queues by worker."""
        workers = json.loads(self.page("api/workers?refresh=1") or "{}")
        return {
            name.split("@")[0]: {queue["name"] for queue in worker.get("active_queues", ())}
            for name, worker in workers.items()
        }

    def tasks(self, name: str = "") -> Tasks:
        """Tasks by id, of one name where it is given."""
        return json.loads(self.page(f"api/tasks?taskname={name}" if name else "api/tasks") or "{}")


def test_flower_shows_workers_and_tasks_with_what_they_work_on_and_how_far_they_are(
    tmp_path: Path, fleet: Fleet
) -> None:
    flower = Flower(fleet.flower())
    fleet.worker(["control"])
    fleet.worker(["aggregate", "merge", "publish"])
    wait_until(
        lambda: flower.queues() == {"worker-1": {"control"}, "worker-2": {"aggregate", "merge", "publish"}},
        WAIT, fleet.processes,
    )  # fmt: skip
    pings = thinned(made(tmp_path / "pings", files=1, pings=2, seed=1))
    body = (pings.root / pings.keys[0]).read_bytes()
    for key in KEYS:
        (tmp_path / "pings" / key).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "pings" / key).write_bytes(body)
    fleet.upload(tmp_path / "pings", KEYS)
    fleet.beat()

    seen: Tasks = {}

    def under_way() -> Tasks:
        tasks = flower.tasks("aggregate_partition")
        seen.update({id: task for id, task in tasks.items() if task["state"] == "PROGRESS"})
        return seen

    wait_until(under_way, WAIT, fleet.processes)
    ((id, task),) = seen.items()
    assert re.fullmatch(r"\d+\.\d of \d+\.\d MiB", task["result"])
    page = flower.page(f"task/{id}")
    assert "PROGRESS" in page
    assert re.findall(r"<th[^>]*>\s*(\w+)", flower.page("tasks"))[:5] == ["Name", "State", "args", "kwargs", "Result"]
    assert re.search(r"\d+\.\d of \d+\.\d MiB", page)

    def ended() -> bool:
        return ARGUMENTS.keys() <= {task["name"] for task in flower.tasks().values() if task["state"] == "SUCCESS"}

    wait_until(ended, WAIT, fleet.processes)
    for name, arguments in ARGUMENTS.items():
        shown = {f"{task['args']} {task['kwargs']}" for task in flower.tasks(name).values()}
        assert all(re.fullmatch(arguments, each) for each in shown), (name, shown)
    assert flower.tasks("aggregate_partition")[id]["state"] == "SUCCESS"


def test_flower_knows_after_a_restart_what_it_knew_before(tmp_path: Path, fleet: Fleet) -> None:
    port = free_port()
    settings = {"FLOWER_PORT": str(port), "FLOWER_DATABASE": str(tmp_path / "flower.db")}
    process = fleet.entry_point("flower", **settings)
    flower = Flower(f"http://{HOST}:{port}")
    worker = fleet.worker(["control"])
    wait_until(lambda: flower.queues() == {"worker-1": {"control"}}, WAIT, fleet.processes)
    beat = fleet.beat()
    wait_until(lambda: flower.tasks("discover"), WAIT, fleet.processes)
    for other in (beat, worker):  # nothing new comes from here on
        other.kill()
        fleet.processes.remove(other)
    before = flower.tasks("discover").keys()
    process.terminate()
    assert flower.tasks() == {}
    process.start()
    wait_until(lambda: before <= flower.tasks("discover").keys(), WAIT, fleet.processes)
