"""A worker that is told to stop at the worst moment ends."""

from pathlib import Path

from tests.servers.redis import RedisServer
from tests.servers.s3 import S3Server
from tests.system.processes import Fleet


def test_a_worker_that_must_stop_while_it_writes_a_job_to_a_child_ends(
    tmp_path: Path, state_server: RedisServer, broker_server: RedisServer, s3_server: S3Server
) -> None:
    with Fleet(tmp_path, state_server, broker_server, s3_server) as fleet:
        worker = fleet.worker(processes=2, application="tests.system.half_written").wait_ready()
        fleet.beat()
        worker.wait(90)  # it never ended where the signal was handled at once
        assert "Cold shutdown" in worker.logged()
