"""Files that arrive in waves while things happen to the bench: which ones is up to the dice."""

import random
import time
from collections.abc import Callable, Sequence

from tests.faults.bench import Bench
from tests.faults.size import sized

Fault = Callable[[], str]
"""Does harm; says what it did to whom."""


def waves(bench: Bench, dice: random.Random, faults: Sequence[Fault], *, count: int, every: float) -> None:
    """Uploads all files in ``count`` waves, and after each one does one of the faults, then waits ``every`` seconds."""
    keys = dice.sample(bench.feed.keys, len(bench.feed.keys))
    for number in range(count):
        bench.upload(keys[number::count])
        time.sleep(every * dice.uniform(0.3, 0.7))
        if faults:
            bench.record.fault(dice.choice(faults)())
        time.sleep(every * 0.3)
        bench.revive()


def number_of_waves() -> int:
    return sized(4, 25)


def kill_worker(bench: Bench, dice: random.Random) -> Fault:
    """SIGKILL to a worker with its children; it is started again at once."""

    def kill() -> str:
        worker = dice.choice(bench.workers)
        worker.kill()
        worker.start()
        return "worker killed"

    return kill


def kill_child(bench: Bench, dice: random.Random) -> Fault:
    """SIGKILL to one child of a worker."""

    def kill() -> str:
        children = [child for worker in bench.workers for child in worker.children()]
        if not children:
            return "no child to kill"
        dice.choice(children).kill()
        return "child killed"

    return kill


def kill_redis(bench: Bench, dice: random.Random) -> Fault:
    """SIGKILL to one of the two Redis; it is back in a moment, with what its append-only file has."""

    def kill() -> str:
        name = dice.choice(("state", "broker"))
        server = bench.state if name == "state" else bench.broker
        server.kill()
        time.sleep(dice.uniform(0.1, 1.0))
        server.restart()
        return f"{name} Redis killed"

    return kill
