"""What the test of a cut-off host runs in a network of its own: ``python -m tests.faults.hosts.cut_off FOLDER``.

Two hosts work; the cable of the second is pulled while it has work in hand, and what it had is done by the first.
Then it is back, the first one's cable is pulled, and the second must do all that comes now. The row of the table of
faults is in ``FOLDER/record.json``.
"""

import json
import re
import sys
import time
from pathlib import Path

from tests.faults.bench import PATIENCE, Bench
from tests.faults.feed import make_feed
from tests.faults.hosts.network import SERVERS, Host, hosts
from tests.faults.record import Record
from tests.faults.size import SEED, sized
from tests.faults.truth import Truth
from tests.servers.redis import RedisServer
from tests.servers.weed import WeedServer
from tests.system.processes import Process

CASE, TITLE = "F35", "a host that is cut off in the middle and comes back changes no byte"
RECORD = "record.json"
RECEIVED = re.compile(r"Task \w+\[([0-9a-f-]+)\] received")
ENDED = re.compile(r"Task \w+\[([0-9a-f-]+)\] (?:succeeded|raised|retry)")


def in_hand(worker: Process) -> set[str]:
    """The tasks that a worker took and has not ended."""
    log = worker.logged()
    return set(RECEIVED.findall(log)) - set(ENDED.findall(log))


def pull_in_the_middle(host: Host, worker: Process, bench: Bench) -> int:
    """Pulls the cable of a host whose worker is at work; how many tasks it has in hand."""
    deadline = time.monotonic() + PATIENCE
    while True:
        assert time.monotonic() < deadline, f"{worker.name} never had work; {bench.progress()}"
        if in_hand(worker):
            host.pull()
            if held := in_hand(worker):
                return len(held)
            host.plug()  # it had just ended
        time.sleep(0.01)


def cut_off(folder: Path, record: Record) -> None:
    """The case: nothing is lost, nothing counts twice, the bytes are those of a serial recomputation."""
    feed = make_feed(sized(48, 200), SEED)
    keys, half = feed.keys, len(feed.keys) // 2
    with (
        hosts(2) as (first, second),
        WeedServer(SERVERS) as s3,
        RedisServer() as serial,
    ):
        bench = Bench(folder, s3, record, feed, SERVERS)
        try:
            workers = [bench.fleet.worker(processes=2, prefix=host.prefix) for host in (first, second)]
            bench.workers += workers
            bench.start(workers=0).wait_ready()
            bench.upload(keys[:half])
            held = pull_in_the_middle(second, workers[1], bench)
            record.fault(f"host cut off with {held} tasks in hand")
            assert [host.reaches(bench.broker.port) for host in (first, second)] == [True, False]
            bench.wait_listed(half)  # what was in hand there is done here
            second.plug()
            record.fault("host back")
            first.pull()
            record.fault("the other host cut off")
            assert [host.reaches(bench.broker.port) for host in (first, second)] == [False, True]
            bench.upload(keys[half:])
            bench.wait_published()
            first.plug()
            bench.check(Truth(serial).of(feed))
        except BaseException:
            print(bench.logs())
            raise
        finally:
            bench.close()


def main() -> None:
    folder = Path(sys.argv[1])
    record = Record(CASE, TITLE, SEED)
    try:
        cut_off(folder, record)
    finally:
        (folder / RECORD).write_text(json.dumps(record.row))


if __name__ == "__main__":
    main()
