"""F34: children of a worker share no connection, neither with each other nor with their parent; and its control."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from celery import Celery
from celery.result import AsyncResult

from tests.faults.bench import Bench
from tests.faults.feed import Feed
from tests.faults.read_bodies import body_of, note_of
from tests.faults.shared_sockets import shared
from tests.faults.size import sized

CHILDREN = 6
KEYS = [f"read-{number:03d}" for number in range(50)]
LONG = {"SOFT_TIME_LIMIT": "300", "TIME_LIMIT": "310", "VISIBILITY_TIMEOUT": "320", "LEASE": "320"}


@dataclass
class Seen:
    """What a round of reads came to."""

    shared: dict[int, list[int]] = field(default_factory=dict)
    looks: int = 0
    wrong: int = 0
    failed: int = 0


class Forks:
    """One worker with six children, and clients of its broker."""

    def __init__(self, one: Bench, client: str = "") -> None:
        self.one = one
        for key in KEYS:
            one.services.input.put(key, body_of(key))
            one.services.state.set_note(key, note_of(key))
        self.worker = one.fleet.worker(
            ["aggregate"],
            CHILDREN,
            "tests.faults.reading_children",
            environment={"FAULT_CLIENT": client},
        ).wait_ready(180)
        self.ports = [one.state.port, one.broker.port, urlsplit(one.settings.s3_endpoint_url or "").port or 0]
        self.sender = Celery(broker=one.broker.url_of(0), backend=one.broker.url_of(1), set_as_current=False)
        self.sender.conf.update(task_serializer="msgpack", accept_content=["msgpack"], result_serializer="msgpack")
        options = {"global_keyprefix": one.fleet.celery_prefix}
        self.sender.conf.update(broker_transport_options=options, result_backend_transport_options=options)
        one.wait_until(lambda: len(self.worker.children()) == CHILDREN, 180, "all children are there")

    def look(self, seen: Seen) -> None:
        seen.shared |= self.held()
        seen.looks += 1

    def read(self, name: str, reads: int) -> Seen:
        """All children read at once, and are looked at meanwhile."""
        seen = Seen()
        self.look(seen)
        marks = self.one.fleet.folder / f"marks-{name}"
        marks.mkdir()
        arguments = (str(marks), CHILDREN, KEYS, reads)
        sent: list[AsyncResult] = [
            self.sender.send_task("read_together", arguments, queue="aggregate") for _ in range(CHILDREN)
        ]
        while not all(each.ready() for each in sent):
            self.look(seen)
            time.sleep(0.05)
        answers = [each.get(timeout=180) for each in sent]
        assert len({pid for pid, _, _ in answers}) == CHILDREN
        seen.wrong, seen.failed = sum(each[1] for each in answers), sum(each[2] for each in answers)
        return seen

    def replace_child(self) -> None:
        """A child that is killed is replaced by a fork of a parent that has its connections open."""
        before = self.children()
        self.worker.kill_child()
        self.one.record.fault("child killed, forked again")
        self.one.wait_until(
            lambda: self.children() != before and len(self.children()) == CHILDREN, 180, "the child is replaced"
        )
        # a fork holds what its parent has open until its first lines of code are through
        self.one.wait_until(lambda: not self.held(), 180, "the new child lets go of its parent's connections")

    def held(self) -> dict[int, list[int]]:
        return shared([self.worker.pid, *self.children()], self.ports)

    def children(self) -> set[int]:
        return {child.pid for child in self.worker.children()}


def check(seen: Seen) -> None:
    assert not seen.shared, f"connections that several processes hold: {seen.shared}"
    assert (seen.wrong, seen.failed) == (0, 0)


@pytest.mark.case("F34")
def test_children_of_a_worker_share_no_connection_and_read_nothing_wrong(bench: Callable[..., Bench]) -> None:
    forks = Forks(bench(Feed({}, 0), **LONG))
    reads, looks = 0, 0
    for name in range(sized(2, 5)):
        seen = forks.read(str(name), sized(50, 300))
        check(seen)
        reads, looks = reads + CHILDREN * sized(50, 300), looks + seen.looks
        forks.replace_child()
    forks.one.record.note(f"{reads} objects and as many notes read by {CHILDREN} children, 0 wrong; {looks} looks")
    forks.one.record.row["complete"] = True


@pytest.mark.case("F31")
@pytest.mark.parametrize("client", ["boto3", "redis"])
def test_a_client_from_before_the_fork_is_noticed(bench: Callable[..., Bench], client: str) -> None:
    """A negative control: the case above must fail where the children use what their parent has opened."""
    forks = Forks(bench(Feed({}, 0), **LONG), client)
    seen = Seen()
    forks.look(seen)
    with pytest.raises(AssertionError, match="several processes hold"):
        check(seen)
    holders = max(map(len, seen.shared.values()))
    forks.one.record.fault(f"{client} connection opened in the parent")
    forks.one.record.note(f"held by {holders} processes: the control fails, as it must")
    assert holders == CHILDREN + 1
    forks.one.record.row["complete"] = True
