"""One life of a deployment: what its dice make happen, until nothing is left to do and the bytes are compared."""

import random
from functools import cache
from typing import Any

from telemetry_tasks.errors import InfrastructureError
from telemetry_tasks.formats.pings.saved_session.definitions import parse_definitions
from telemetry_tasks.pipeline.definition_sources import DefinitionSources
from telemetry_tasks.pipeline.epoch import channel_states
from telemetry_tasks.pipeline.inspect.verify import verify
from telemetry_tasks.pipeline.options import Options
from telemetry_tasks.pipeline.reprocess.plan import entries_of
from telemetry_tasks.pipeline.reprocess.selection import Selection
from telemetry_tasks.storage.definitions.folder import FolderDefinitions
from tests.faults.feed import Feed, make_feed
from tests.faults.simulation.broker import Broker, Message
from tests.faults.simulation.crew import Crew
from tests.faults.simulation.readers import Reader
from tests.faults.simulation.store import SimulatedStore
from tests.faults.simulation.tasks import BEAT, Tasks
from tests.faults.simulation.truth import truth_of
from tests.faults.simulation.weather import Weather
from tests.support.deployment import published_bytes, services_over
from tests.support.memory_state import MemoryServer, MemoryState
from tests.support.shared import SHARED
from tests.support.stores import Clock

WORKERS = 4
FILES = 5
TURNS = 120
FEEDS = 10
"""Different sets of files: what is expected of each is computed once."""

VERIFIED = 5
"""Every so manieth life is also verified in the end, which takes as long as half of a life."""

STEP = 1000.0
"""Seconds that pass at a time: so many that nothing of the product that waits for real has waited by then."""

LEASE, SHORT = 4 * STEP, 0.1 * STEP
GRACE = 8 * STEP
PATIENCE = 60


@cache
def _definitions() -> DefinitionSources:
    return DefinitionSources([FolderDefinitions(SHARED / "data" / "definitions")], parse_definitions)


@cache
def _feed(number: int) -> Feed:
    return make_feed(FILES, number)


@cache
def _other_bodies(number: int) -> list[bytes]:
    return list(make_feed(2, 1000 + number).bodies.values())


class NoLock:
    """A lock that everybody gets: safety never depends on one."""

    def acquire(self) -> bool:
        return True

    def reacquire(self) -> None: ...

    def release(self) -> None: ...


class Unlocked(MemoryState):
    """The state, where nothing that is done twice is saved."""

    def lock(self, name: str, seconds: float) -> Any:
        return NoLock()


class Life:
    """``trace`` is what happened, line by line. ``stormy`` lives have the worst weather there is."""

    def __init__(self, seed: int, *, stormy: bool = False) -> None:
        self.dice = random.Random(seed)
        self.trace: list[str] = []
        self.clock = Clock()
        self.crew = Crew(WORKERS, self.trace.append)
        self.weather = Weather(
            self.crew, self.dice, self.dice.choice((0.06,) if stormy else (0.0, 0.01, 0.02, 0.04, 0.08))
        )
        self.server = MemoryServer(lambda: self.clock.now.timestamp(), lambda size: self.dice.randbytes(size).hex())
        self.server.send = self.weather.send
        stores = {name: SimulatedStore(name, self.clock, self.weather) for name in ("input", "results", "published")}
        self._bucket = stores["input"].inner
        self.services = services_over(Unlocked(self.server), self._options(), definitions=_definitions(), **stores)
        self.broker = Broker()
        self.tasks = Tasks(self.services, self.broker)
        self.reader = Reader(stores["published"].inner)
        self._wakefulness = self.dice.choice((3, 20))
        self._number, self._is_verified = seed % FEEDS, seed % VERIFIED == 0
        self._feed = _feed(self._number)
        self.waiting = self.dice.sample(self._feed.keys, FILES)
        self.files: dict[str, bytes] = {}
        self.removed: set[str] = set()

    def _options(self) -> Options:
        return Options(
            partition_files=self.dice.choice((1, 2)),
            partition_age=STEP,
            batch_partitions=2,
            slice_partitions=1,
            window=self.dice.choice((2, 100)),
            max_attempts=self.dice.choice((2, 1000)),
            retry_delay=0.0,
            lease=self.dice.choice((SHORT, LEASE)),
            merge_lease=self.dice.choice((SHORT, LEASE)),
            publish_lease=self.dice.choice((SHORT, LEASE)),
            publish_part_bytes=self.dice.choice((100, 1 << 20)),
            grace_time=GRACE,
            keep_checkpoints=self.dice.choice((1, 2)),
            transfers=1,
        )

    def live(self) -> None:
        """The whole of it. Raises ``AssertionError`` where something is not as it must be."""
        try:
            for _ in range(TURNS):
                self._turn()
                self.reader.look(self.removed, again=False)
            self._settle()
        finally:
            self.crew.close()

    # Turns

    def _turn(self) -> None:
        might = [(self._beat, 25), (self._pass_time, 10), (self._outside, 12)]
        if self.crew.paused:
            might += [(self._resume, self._wakefulness), (self._kill, 2)]
        if self.broker.messages and self.crew.idle:
            might.append((self._deliver, 60))
        self.dice.choices([each for each, _ in might], [weight for _, weight in might])[0]()

    def _resume(self) -> None:
        if self.crew.paused:
            self.crew.resume(self.dice.choice(self.crew.paused))

    def _kill(self) -> None:
        if self.crew.paused:
            self.crew.kill(self.dice.choice(self.crew.paused))

    def _deliver(self) -> None:
        """Any message, whatever its age; one in twenty is lost, one in ten comes again later."""
        number, fate = self.dice.randrange(len(self.broker.messages)), self.dice.random()
        message = self.broker.messages[number] if fate > 0.9 else self.broker.messages.pop(number)
        if fate > 0.05:
            self._start(message)
        else:
            self.trace.append(f"lost {message.task}{message.arguments}")

    def _beat(self) -> None:
        if self.crew.idle:
            self._start(Message(self.dice.choices(list(BEAT), list(BEAT.values()))[0], ()))

    def _start(self, message: Message) -> None:
        self.crew.begin(self.crew.idle[0], f"{message.task}{message.arguments}", lambda: self.tasks.run(message))
        if message.task == "collect_garbage":
            self.reader.look(self.removed, again=True)

    def _pass_time(self) -> None:
        self.clock.pass_(STEP * self.dice.choice((0.3, 1.0, 1.0, 5.0)))

    def _outside(self) -> None:
        self.dice.choices(
            (self._upload, self._replace, self._remove, self._reprocess, self._lose_state), (60, 8, 4, 8, 6)
        )[0]()

    def _upload(self) -> None:
        if self.waiting:
            key = self.waiting.pop()
            self._put(key, self._feed.bodies[key])

    def _replace(self) -> None:
        if self.files:
            self._put(self.dice.choice(sorted(self.files)), self.dice.choice(_other_bodies(self._number)))

    def _put(self, key: str, body: bytes) -> None:
        self.trace.append(f"uploaded {key} of {len(body)} bytes")
        self.files[key] = body
        self._bucket.put(key, body)

    def _remove(self) -> None:
        """An operator takes a file out."""
        if len(self.files) > 1:
            key = self.dice.choice(sorted(self.files))
            self.trace.append(f"removed {key}")
            del self.files[key]
            self.removed.add(key)
            self._bucket.delete([key])
            self._reprocess(key)

    def _reprocess(self, *keys: str) -> None:
        if self.crew.idle:
            self._start(Message("reprocess", (Selection(files=keys),)))

    def _lose_state(self) -> None:
        self.trace.append("state lost")
        self.server.wipe()

    # The end

    def _settle(self) -> None:
        """The weather clears; first the work is done beside those that still sleep, then these wake up, and again."""
        self.trace.append("settling")
        self.weather.calm()
        while self.waiting:
            self._upload()
        self._finish_work()
        while self.crew.paused:
            self._resume()
            self.reader.look(self.removed, again=False)
        self._finish_work()
        self._run("checkpoint")
        expected, found = truth_of(self.files, _definitions()), published_bytes(self.services.published)
        differing = [name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name)]
        assert found == expected, sorted(differing)
        if self._is_verified:
            findings = list(verify(self.services))
            assert findings == [], findings

    def _finish_work(self) -> None:
        """What beat and the operator do, given time, with every message delivered once; then all of it is done."""
        for _ in range(PATIENCE):
            self.clock.pass_(LEASE + STEP)
            for task in ("discover", "sweep", "merge_round", "publish"):
                self._run(task)
            self._operate()
            self._run("publish")
            left = self._left()
            if not left:
                return
        raise AssertionError(f"it never ends: {left}")

    def _run(self, task: str, *arguments: object) -> None:
        self.broker.send(task, *arguments)
        while self.broker.messages:
            message = self.broker.messages.pop(0)
            try:
                self.tasks.run(message)
            except InfrastructureError as error:  # a task that comes too early for the others
                self.trace.append(f"{message.task}: {error}")
            self.reader.look(self.removed, again=False)

    def _operate(self) -> None:
        """An operator has what is missing tried again, and takes removed files out for good."""
        removed = self._to_take_out() | self._shown_for_ever()
        for selection in (Selection(missing=True), *(Selection(files=(key,)) for key in sorted(removed))):
            self._run("reprocess", selection)

    def _shown_for_ever(self) -> set[str]:
        """Removed files that readers see, and that no state knows to have been taken out."""
        known = {key for state in channel_states(self.services) for key in state.forgotten()}
        return (self.reader.shown & self.removed) - self.files.keys() - known

    def _to_take_out(self) -> set[str]:
        listed = {
            file.key
            for state in channel_states(self.services)
            for entry in entries_of(state)
            for file in entry.partition.files
        }
        return listed - self.files.keys()

    def _left(self) -> list[str]:
        """What is not done yet."""
        left, there = [], {file.key: file.etag for file in self._bucket.list("")}
        for state in channel_states(self.services):
            counts = state.counts()
            for what in ("waiting", "running", "aggregated", "batches"):
                if number := getattr(counts, what):
                    left.append(f"{state.name}: {number} {what}")
            left += [f"{state.name}: job {job}" for job in {*state.jobs(), *state.overdue_jobs()}]
            for entry in entries_of(state):
                left += [f"{report.key}: {report.error}" for report in entry.reports if report.error]
                # one that changed while its partition was under way is found by the discover after that
                left += [f"{file.key} changed" for file in entry.partition.files if there.get(file.key) != file.etag]
        left += [f"{key} is not in the bucket and counts" for key in sorted(self._to_take_out())]
        left += [f"{key} is not in the bucket and shown" for key in sorted(self._shown_for_ever())]
        return left
