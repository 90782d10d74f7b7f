"""Two deployments on one Redis, for state and broker alike: each has its own messages, workers and results."""

from pathlib import Path

import pytest
import redis
from celery import Celery

from telemetry_tasks.storage.redis.broker import QUEUES
from tests.servers.moto import MotoServer
from tests.servers.redis import RedisServer
from tests.system.made import Made
from tests.system.processes import Fleet, wait_until


def answering(url: str, fleet: Fleet) -> set[str]:
    """The workers that answer remote control of the fleet."""
    app = Celery(broker=url, set_as_current=False)
    options = {"global_keyprefix": fleet.celery_prefix}
    app.conf.update(task_serializer="msgpack", accept_content=["msgpack"], broker_transport_options=options)
    try:
        return {node for answer in app.control.ping(timeout=5.0) for node in answer}
    finally:
        app.close()


def test_two_deployments_on_one_redis_both_publish(tmp_path: Path, few: Made, s3_server: MotoServer) -> None:
    halves = few.keys[:3], few.keys[3:6]
    with RedisServer() as server, redis.Redis.from_url(server.url) as client:
        own = {"REDIS_URL": server.url, "BROKER_URL": server.url, "RESULT_BACKEND": server.url}
        folders = tmp_path / "one", tmp_path / "two"
        for folder in folders:
            folder.mkdir()
        with (
            Fleet(folders[0], server, server, s3_server, **own) as one,
            Fleet(folders[1], server, server, s3_server, **own) as two,
        ):
            for fleet, keys in zip((one, two), halves, strict=True):
                fleet.upload(few.root, keys)
                for queue in QUEUES:
                    fleet.worker([queue])
                fleet.beat()
            for fleet, keys in zip((one, two), halves, strict=True):
                fleet.wait_published(keys)
                processed, missing = fleet.published.files()
                assert ([*processed], [*missing]) == ([*keys], [])
            keys_in_redis = [key.decode() for key in client.scan_iter(count=1000)]
            assert [key for key in keys_in_redis if not key.startswith((one.name, two.name))] == []
            two.processes[0].kill()
            wait_until(lambda: len(answering(server.url, one)) == 4, 60)
            wait_until(lambda: len(answering(server.url, two)) == 3, 60)
            assert "unregistered" not in "".join(process.logged() for process in (*one.processes, *two.processes))


@pytest.mark.parametrize("odd", ["a*", "a b", "", "x{1}"])
def test_a_prefix_that_would_match_others_is_refused(odd: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from telemetry_tasks.errors import OperatorError
    from telemetry_tasks.settings import load_settings

    monkeypatch.setenv("TELEMETRY_REDIS_PREFIX", odd)
    with pytest.raises(OperatorError, match="TELEMETRY_REDIS_PREFIX"):
        load_settings()
