"""The numbers of a scrape and their sources: a request to each service, and what ``status`` finds."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from telemetry_tasks import metrics as m
from telemetry_tasks.core.disclosure.health import Health
from telemetry_tasks.core.living import LIVING, MOST, kinds
from telemetry_tasks.errors import NotFound
from telemetry_tasks.formats.layouts.v1.health import HEALTH, read_health
from telemetry_tasks.formats.layouts.v1.latest import LATEST, read_current
from telemetry_tasks.formats.layouts.v1.names import snapshot_folder
from telemetry_tasks.formats.stamps import parse_stamp
from telemetry_tasks.metrics import Metric
from telemetry_tasks.pipeline.inspect.status import job_progress, status
from telemetry_tasks.pipeline.inspect.status_values import Thresholds
from telemetry_tasks.pipeline.recovery.checkpoint import list_checkpoints
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.objects import ObjectStore
from telemetry_tasks.storage.redis.broker import queue_lengths
from telemetry_tasks.storage.state import State


class Sample(NamedTuple):
    """A value of a gauge, with its labels in the order of the declaration."""

    metric: Metric
    value: float
    labels: tuple[str, ...] = ()


def state_samples(state: State, now: float) -> Iterator[Sample]:
    """What the state says; ``now`` in seconds since 1970. A state that waits for its restore has no partitions."""
    memory = state.memory()
    yield Sample(m.REDIS_USED, float(memory["used_memory"]))
    yield Sample(m.REDIS_LIMIT, float(memory.get("maxmemory", 0)))
    for kind, processes in kinds(state.board(LIVING, MOST).read()).items():
        yield Sample(m.PROCESSES, processes.alive, (kind,))
    epoch = state.epoch()
    if epoch is None:
        return
    for name in state.channel_versions():
        channel = state.channel_version(name, epoch)
        if channel.is_of_this_epoch():
            yield from _channel_samples(channel, now)


def _channel_samples(state: ChannelState, now: float) -> Iterator[Sample]:
    counts, name = state.counts(), (state.name,)
    yield Sample(m.FILES, counts.files, name)
    partitions = {
        "waiting": counts.waiting,
        "running": counts.running,
        "aggregated": counts.aggregated,
        "merged": counts.merged,
    }
    for where, number in partitions.items():
        yield Sample(m.PARTITIONS, number, (state.name, where))
    yield Sample(m.BATCHES, counts.batches, name)
    yield Sample(m.DELTAS, counts.deltas, name)
    yield Sample(m.OLDEST_WAITING, _age(counts.oldest_waiting, now), name)
    yield Sample(m.OLDEST_UNPUBLISHED, _age(state.oldest_unpublished(), now), name)
    jobs = job_progress(state)
    done, every = sum(done for _, done, _ in jobs), sum(number for _, _, number in jobs)
    yield Sample(m.JOBS, done, (state.name, "done"))
    yield Sample(m.JOBS, max(0, every - done), (state.name, "left"))


def _age(since: float | None, now: float) -> float:
    return 0.0 if since is None else max(0.0, now - since)


def broker_samples(client: Any, url: str, prefix: str) -> Iterator[Sample]:
    """The lengths of the queues of the deployment with this ``key_prefix``."""
    lengths = queue_lengths(client, url, prefix)
    for queue, length in lengths.waiting.items():
        yield Sample(m.QUEUE, length, (queue,))
    yield Sample(m.UNACKED, lengths.taken)


class FindingsSource:
    """What ``status`` finds; it reads the lists of files, so it is read once in ``EVERY`` seconds."""

    EVERY = 60.0

    def __init__(self, services: Services, thresholds: Thresholds, clock: Callable[[], float] = time.monotonic) -> None:
        self._services, self._thresholds, self._clock = services, thresholds, clock
        self._due = float("-inf")
        self._samples: list[Sample] = []

    def samples(self) -> list[Sample]:
        """The number of findings by code, accepted or not."""
        if self._clock() >= self._due:
            found = status(self._services, self._services.published.now(), self._thresholds).findings
            numbers = Counter((finding.code, "yes" if finding.accepted else "no") for finding in found)
            self._samples = [Sample(m.FINDINGS, number, labels) for labels, number in sorted(numbers.items())]
            self._due = self._clock() + self.EVERY
        return self._samples


class PublishedSource:
    """What is published. The health of a snapshot never changes, so it is read once."""

    def __init__(self, store: ObjectStore) -> None:
        self._store, self._stamp = store, ""
        self._health: Mapping[str, Health] = {}

    def samples(self) -> Iterator[Sample]:
        """The published numbers; none before the first publish."""
        checkpoints = list_checkpoints(self._store)
        if checkpoints:
            yield Sample(m.LAST_CHECKPOINT, parse_stamp(checkpoints[-1]).timestamp())
        try:
            stamp = read_current(self._store.get(LATEST).body)
        except NotFound:
            return
        if stamp != self._stamp:
            self._health = read_health(self._store.get(f"{snapshot_folder(stamp)}/{HEALTH}").body)
            self._stamp = stamp
        yield Sample(m.LAST_PUBLISH, parse_stamp(stamp).timestamp())
        for name, health in self._health.items():
            yield from _health_samples(name, health)


def _health_samples(name: str, health: Health) -> Iterator[Sample]:
    numbers = (
        (m.PUBLISHED_FILES, health.files - health.missing),
        (m.MISSING, health.missing),
        (m.PINGS, health.pings),
        (m.BYTES, health.bytes),
        (m.SMALL_CELLS, health.small_cells),
    )
    for metric, number in numbers:
        yield Sample(metric, number, (name,))
    for part in health.collapsed:
        labels = (name, part.reason, part.dimension)
        yield Sample(m.COLLAPSED, part.number, labels)
        yield Sample(m.COLLAPSED_PINGS, part.pings, labels)
    for metric, reasons in ((m.BAD_LINES, health.bad_lines), (m.LEFT_OUT, health.left_out)):
        for reason, number in reasons.items():
            yield Sample(metric, number, (name, reason))
