"""Pings of the simulated fleet into a bucket: a history once, then some more every few seconds."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from telemetry_tasks.cli.upload import upload
from telemetry_tasks.errors import InfrastructureError
from telemetry_tasks.pipeline.parallel import in_parallel
from telemetry_tasks.simulation.files import Packing, SimulatedFile, simulate_files, simulate_moment
from telemetry_tasks.storage.objects import Headers, ObjectStore


@dataclass(frozen=True, slots=True)
class Fleet:
    """Which fleet, and how its pings are packed."""

    seed: int
    clients: int
    packing: Packing

    @property
    def name(self) -> str:
        """Tells this fleet from others, in keys."""
        packing = self.packing
        return f"{self.seed}-{self.clients}-{packing.format}-{packing.pings_per_file}-{packing.bad_share}"

    def day(self, day: date) -> Iterator[SimulatedFile]:
        """What it submits on a day."""
        return simulate_files(self.seed, self.clients, day, 1, self.packing)


def days_before(today: date, count: int) -> list[date]:
    """The ``count`` days before today, the newest first: what people look at first is there first."""
    return [today - timedelta(days=number) for number in range(1, count + 1)]


@dataclass(frozen=True, slots=True)
class Feed:
    """Uploads a fleet's files. ``notes`` is the prefix of its notes on complete days; no ping file may be there."""

    fleet: Fleet
    pings: ObjectStore
    notes: ObjectStore
    threads: int

    def missing_days(self, days: Iterable[date]) -> list[date]:
        """Those days that were not uploaded whole yet."""
        root = self._note("")
        there = {info.key.removeprefix(root) for info in self.notes.list(root)}
        return [day for day in days if f"{day:%Y%m%d}" not in there]

    def send_day(self, day: date, sent: Callable[[SimulatedFile], None] = lambda file: None) -> None:
        """Uploads a day, then notes that it is complete. Doing it again does no harm: its bytes are the same."""
        self.send(self.fleet.day(day), sent)
        self.notes.put(self._note(f"{day:%Y%m%d}"), b"", headers=Headers("text/plain"))

    def send(self, files: Iterable[SimulatedFile], sent: Callable[[SimulatedFile], None]) -> None:
        """Uploads files, several at a time."""

        def one(file: SimulatedFile) -> None:
            upload(self.pings, file.key, file.body)
            sent(file)

        for _ in in_parallel(one, files, self.threads):
            pass

    def _note(self, day: str) -> str:
        return f"simulated/{self.fleet.name}/{day}"


def follow(
    feed: Feed,
    pings: int,
    every: float,
    clock: Callable[[], datetime],
    sent: Callable[[SimulatedFile], None],
    trouble: Callable[[str], None],
    pause: Callable[[float], None] = time.sleep,
    rounds: int | None = None,
) -> None:
    """Uploads ``pings`` pings of today every so many seconds; for ever, unless ``rounds`` says how often.

    A moment is numbered by the time of day: one that is repeated after a restart gives the same files again. A
    store that is away is told to ``trouble``, and tried again at the next moment.
    """
    fleet = feed.fleet
    while rounds is None or (rounds := rounds - 1) >= 0:
        now = clock()
        seconds = now.hour * 3600 + now.minute * 60 + now.second
        files = simulate_moment(fleet.seed, fleet.clients, now.date(), int(seconds // every), pings, fleet.packing)
        try:
            feed.send(files, sent)
        except InfrastructureError as error:
            trouble(str(error))
        pause(every - (seconds + now.microsecond / 1e6) % every)
