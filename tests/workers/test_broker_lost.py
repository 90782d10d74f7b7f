"""A worker with a message in hand outlives a broker that is lost twice in a row, or that answers errors for a while."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import redis
from celery import Celery

from telemetry_tasks.settings.redis_addresses import key_prefix
from tests.embedded.waiting import wait_until
from tests.faults.proxies.resp_proxy import ALWAYS_ALLOWED, RespFaultProxy
from tests.servers.redis import RedisServer
from tests.workers.running import running

COMMAND = (sys.executable, "-m", "celery", "-A", "tests.workers.holding", "worker", "-c", "2", "-Q", "merge")
PREFIX = key_prefix("tt")
REFUSED = 2
"""Requests that the broker refuses before the task in hand ends, and again after that."""

TURNED_AWAY = 4
"""Connections: redis-py makes two in the place of those that it lost, before Celery makes its own."""

ANSWERS = {
    "LOADING": ("LOADING Redis is loading the dataset in memory", ALWAYS_ALLOWED),
    "MASTERDOWN": ("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", ALWAYS_ALLOWED),
    "CLUSTERDOWN": ("CLUSTERDOWN The cluster is down", ALWAYS_ALLOWED | {b"PING", b"MULTI", b"EXEC"}),
    "NOAUTH": ("NOAUTH Authentication required.", frozenset({b"AUTH"})),
}
"""By its code: the line, and what Redis answers all the same."""


class Working:
    """A worker behind ``proxy`` with two processes, one of which holds a task."""

    def __init__(self, process: "subprocess.Popen[bytes]", proxy: RespFaultProxy, folder: Path) -> None:
        self.process, self.proxy, self._folder = process, proxy, folder
        self._sent = 0

    def send(self, task: str, *paths: Path) -> None:
        """Sends it past the proxy's errors: they are off."""
        with Celery(broker=self.proxy.redis_url, set_as_current=False) as sender:
            sender.conf.update(task_serializer="msgpack", broker_transport_options={"global_keyprefix": PREFIX})
            sender.send_task(task, tuple(map(str, paths)), queue="merge")

    def log(self) -> str:
        return (self._folder / "log").read_text()

    def hold(self) -> None:
        """Has one task in hand from here on, which is not acknowledged."""
        self._sent += 1
        begun = self._folder / f"begun-{self._sent}"
        self._end = self._folder / f"end-{self._sent}"
        self.send("hold", begun, self._end)
        wait_until(begun.exists, 60)

    def release(self) -> None:
        """Lets the task that it has in hand end."""
        self._end.touch()

    def is_refused(self) -> None:
        """Returns when the broker has refused some more requests, or when the worker has ended."""
        refused = self.proxy.refused
        before = refused.total()
        wait_until(lambda: refused.total() >= before + REFUSED or self.ends(), 60)

    def ends(self) -> bool:
        """Whether it ended, or said that it will as soon as the task in hand is over."""
        return self.process.poll() is not None or "Unrecoverable error" in self.log()

    def works(self) -> None:
        """Fails unless the worker lives and does a new task."""
        self._sent += 1
        done = self._folder / f"done-{self._sent}"
        self.send("mark", done)
        wait_until(lambda: done.exists() or self.ends(), 60)
        assert not self.ends(), self.log()[-3000:]

    def acknowledges_all(self) -> None:
        """Fails unless the broker is rid of every message that the worker had taken."""
        with redis.Redis.from_url(self.proxy.redis_url) as broker:
            wait_until(lambda: not broker.exists(f"{PREFIX}merge", f"{PREFIX}unacked"), 60)

    def lose_broker(self) -> None:
        """The subscription goes first, while a BRPOP waits; so do the connections that are made in their place.

        Returns when redis-py has tried to connect again, and Celery too, or when the worker has ended.
        """
        proxy = self.proxy
        before = proxy.turned_away
        proxy.lose(b"PSUBSCRIBE", b"SUBSCRIBE")
        wait_until(lambda: proxy.turned_away >= before + TURNED_AWAY or self.ends(), 60)
        proxy.lost = False


@contextmanager
def started(folder: Path) -> Iterator[Working]:
    with RedisServer() as server, RespFaultProxy(server.port) as proxy:
        urls = {"TELEMETRY_BROKER_URL": proxy.redis_url, "TELEMETRY_REDIS_URL": server.url_of(1)}
        with running(COMMAND, folder, **urls, TELEMETRY_VISIBILITY_TIMEOUT="10") as process:
            yield Working(process, proxy, folder)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Working]]:
    """One worker for all tests; a new one after a test in which it ended."""
    with ExitStack() as stack:
        workers: list[Working] = []

        def alive() -> Working:
            if not workers or workers[-1].ends():
                workers.append(stack.enter_context(started(tmp_path_factory.mktemp("worker"))))
            return workers[-1]

        yield alive


@pytest.fixture
def working(shared: Callable[[], Working]) -> Working:
    """It takes messages, and has one in hand."""
    worker = shared()
    worker.works()
    worker.hold()
    return worker


def test_a_worker_whose_broker_is_lost_and_lost_again_lives(working: Working) -> None:
    for _ in range(3):
        working.lose_broker()
        working.works()
    working.release()
    working.acknowledges_all()


@pytest.mark.parametrize("cut", [False, True], ids=["open", "cut"])
@pytest.mark.parametrize("code", ANSWERS)
def test_a_worker_whose_broker_answers_errors_for_a_while_lives(code: str, cut: bool, working: Working) -> None:
    proxy = working.proxy
    line, proxy.allowed = ANSWERS[code]
    proxy.refuse_with = line
    if cut:
        proxy.cut()
    working.is_refused()
    working.release()  # what acknowledges it is refused, too
    working.is_refused()
    proxy.refuse_with = ""
    working.works()
    working.acknowledges_all()
