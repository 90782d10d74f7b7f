"""Ping files of the simulated fleet, under the keys that a real intake would give them."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby

import numpy as np

from telemetry_tasks.core.chunks import chunks
from telemetry_tasks.simulation.bad_lines import SPOILERS
from telemetry_tasks.simulation.batch import REASONS, Batch, day_batch, moment_batch
from telemetry_tasks.simulation.builds import APPLICATION, EPOCH
from telemetry_tasks.simulation.compression import COMPRESSIONS
from telemetry_tasks.simulation.documents import documents
from telemetry_tasks.simulation.fleet import make_fleet

DRAWN_AT_ONCE = 1000
"""Pings whose arrays are in memory together: about 50 MB."""

_SPOILERS = tuple(SPOILERS.values())


@dataclass(frozen=True, slots=True)
class SimulatedFile:
    """``key`` as in the input bucket; ``good`` and ``bad`` count its lines."""

    key: str
    body: bytes
    good: int
    bad: int


@dataclass(frozen=True, slots=True)
class Packing:
    """How pings are put into files: ``format`` is one of ``COMPRESSIONS``, ``bad_share`` that of unusable lines.

    The first line of a file without a good one stays good: such a file is missing, and `status` wants a person.
    """

    format: str = "lzma"
    pings_per_file: int = 200
    bad_share: float = 0.005

    def __post_init__(self) -> None:
        if self.format not in COMPRESSIONS:
            raise ValueError(f"format {self.format!r} is not one of {', '.join(COMPRESSIONS)}")
        if self.pings_per_file < 1 or not 0 <= self.bad_share <= 1:
            raise ValueError("a file has at least one ping, and a share is between 0 and 1")


def simulate_files(
    seed: int, clients: int, first_day: date, days: int = 1, packing: Packing = Packing()
) -> Iterator[SimulatedFile]:
    """What a fleet submits in some days, a file at a time, by day.

    Each day depends on ``seed``, ``clients`` and its own date only: a history may be made in any pieces. About 0.9
    pings a client and day. Raises ``ValueError`` for days before ``EPOCH``.
    """
    fleet = make_fleet(seed, clients)
    for day in (first_day + timedelta(days=number) for number in range(days)):
        _check(day)
        rng = np.random.default_rng([seed, clients, day.toordinal()])
        yield from _packed(rng, day_batch(rng, fleet, day), day, packing)


def simulate_moment(
    seed: int, clients: int, day: date, moment: int, pings: int, packing: Packing = Packing()
) -> Iterator[SimulatedFile]:
    """Some more pings of the same fleet for a running system: ``moment`` numbers the calls of a day, from 0."""
    _check(day)
    rng = np.random.default_rng([seed, clients, day.toordinal(), moment + 1])
    yield from _packed(rng, moment_batch(rng, make_fleet(seed, clients), day, pings), day, packing)


def _check(day: date) -> None:
    if day < EPOCH:
        raise ValueError(f"{day}: the example browser has no builds before {EPOCH}")


@dataclass(frozen=True, slots=True)
class _Line:
    reason: int
    build: int
    document: bytes
    spoiled: bytes | None

    @property
    def text(self) -> bytes:
        return self.document if self.spoiled is None else self.spoiled


def _packed(rng: np.random.Generator, batch: Batch, day: date, packing: Packing) -> Iterator[SimulatedFile]:
    """Files of one reason and build each, at most ``pings_per_file`` lines long."""
    ordered = batch.ordered()
    for (reason, number), lines in groupby(_lines(rng, ordered, packing), lambda line: (line.reason, line.build)):
        build = batch.builds[number]
        folder = f"{REASONS[reason]}/{APPLICATION}/{build.channel}/{build.version}"
        for some in chunks(lines, packing.pings_per_file):
            name = f"{build.build_id}.{day:%Y%m%d}.v2.log.{rng.bytes(16).hex()}"
            ending = "" if packing.format == "none" else f".{packing.format}"
            bad = sum(line.spoiled is not None for line in some)
            if bad == len(some):
                some[0], bad = replace(some[0], spoiled=None), bad - 1
            body = COMPRESSIONS[packing.format](b"".join(line.text for line in some))
            yield SimulatedFile(f"{folder}/{name}{ending}", body, len(some) - bad, bad)


def _lines(rng: np.random.Generator, batch: Batch, packing: Packing) -> Iterator[_Line]:
    for begin in range(0, batch.size, DRAWN_AT_ONCE):
        part = batch.part(begin, begin + DRAWN_AT_ONCE)
        bad = (rng.random(part.size) < packing.bad_share).tolist()
        spoilers = rng.integers(len(_SPOILERS), size=part.size).tolist()
        of_pings = zip(part.reason.tolist(), part.build.tolist(), bad, spoilers, documents(rng, part), strict=True)
        for reason, build, is_bad, spoiler, document in of_pings:
            ident = str(uuid.UUID(bytes=rng.bytes(16), version=4)).encode()
            spoiled = _SPOILERS[spoiler](ident, document) + b"\n" if is_bad else None
            yield _Line(reason, build, ident + b"\t" + document + b"\n", spoiled)
