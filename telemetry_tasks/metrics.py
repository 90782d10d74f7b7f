"""Every metric, declared once: what the pipeline counts, the exporter shows, and ``docs/metrics.md`` lists.

Names follow Prometheus: base units, ``_total`` for counters. Gauges are read from the state and the published health at
each scrape, so they are exact even if a step was repeated. Metrics that are *counted* are sums in
Redis that every process adds to (see ``counted`` and ``observed``); they restart at zero if that Redis is flushed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

GAUGE, COUNTER, HISTOGRAM = "gauge", "counter", "histogram"

_SECONDS = (0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 600.0, 1800.0)
_LAGS = (10.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 7200.0, 14400.0, 43200.0, 86400.0, 172800.0)


@dataclass(frozen=True, slots=True)
class Metric:
    """``source`` is where it comes from: state, broker or published are read at a scrape; counted is a sum in Redis.

    ``buckets`` are a histogram's upper bounds, in the metric's unit, without infinity.
    """

    name: str
    kind: str
    source: str
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


_BY_VERSION = ("channel_version",)

UP = Metric(
    "telemetry_up", GAUGE, "exporter",
    "1 if the service answered the last scrape: state, broker, published; status for all that it asks.",
    ("service",),
)  # fmt: skip
SCRAPE_SECONDS = Metric("telemetry_scrape_duration_seconds", GAUGE, "exporter", "How long this scrape took.")

FILES = Metric("telemetry_files", GAUGE, "state", "Ping files that are registered.", _BY_VERSION)
PARTITIONS = Metric(
    "telemetry_partitions", GAUGE, "state",
    "Partitions by station: waiting, running, aggregated (results are stored), merged (they count).",
    ("channel_version", "station"),
)  # fmt: skip
BATCHES = Metric("telemetry_merge_batches", GAUGE, "state", "Batches that are being merged.", _BY_VERSION)
DELTAS = Metric(
    "telemetry_state_deltas", GAUGE, "state", "Commits that are not compacted into the base yet.", _BY_VERSION
)
OLDEST_WAITING = Metric(
    "telemetry_oldest_waiting_seconds", GAUGE, "state", "How long the oldest waiting partition waits.", _BY_VERSION
)
OLDEST_UNPUBLISHED = Metric(
    "telemetry_oldest_unpublished_seconds", GAUGE, "state",
    "Age, since its upload, of the oldest registered file that readers do not see yet; 0 if they see all.",
    _BY_VERSION,
)  # fmt: skip
JOBS = Metric(
    "telemetry_reprocessing_partitions", GAUGE, "state", "Partitions of reprocessing jobs: done or left.",
    ("channel_version", "state"),
)  # fmt: skip
REDIS_USED = Metric("telemetry_redis_used_bytes", GAUGE, "state", "Memory that the state's Redis uses.")
REDIS_LIMIT = Metric("telemetry_redis_limit_bytes", GAUGE, "state", "Its maxmemory; 0 if there is no limit.")

PROCESSES = Metric(
    "telemetry_processes", GAUGE, "state", "Live processes, by kind: the queues of workers, and beat.", ("kind",)
)
FINDINGS = Metric(
    "telemetry_findings", GAUGE, "status",
    "What telemetry-tasks status finds, by code; accepted is yes or no. Read once a minute.",
    ("code", "accepted"),
)  # fmt: skip

QUEUE = Metric("telemetry_queue_messages", GAUGE, "broker", "Messages waiting in a queue of Celery.", ("queue",))
UNACKED = Metric(
    "telemetry_unacked_messages", GAUGE, "broker", "Messages that workers received and have not acknowledged."
)

MISSING = Metric("telemetry_missing_files", GAUGE, "published", "Files that could not be read.", _BY_VERSION)
PUBLISHED_FILES = Metric("telemetry_published_files", GAUGE, "published", "Files that count.", _BY_VERSION)
PINGS = Metric("telemetry_pings", GAUGE, "published", "Pings that count.", _BY_VERSION)
BYTES = Metric("telemetry_input_bytes", GAUGE, "published", "Compressed bytes of the files that count.", _BY_VERSION)
BAD_LINES = Metric(
    "telemetry_bad_lines", GAUGE, "published", "Lines that are not pings, by reason; limits count here.",
    ("channel_version", "reason"),
)  # fmt: skip
LEFT_OUT = Metric(
    "telemetry_left_out", GAUGE, "published", "Parts of pings that were left out, by reason; limits count here.",
    ("channel_version", "reason"),
)  # fmt: skip
SMALL_CELLS = Metric(
    "telemetry_small_cells", GAUGE, "published", "Published cells that collapsed into OTHER.", _BY_VERSION
)
COLLAPSED = Metric(
    "telemetry_collapsed", GAUGE, "published",
    "Options of a dimension, or populations, that are published as OTHER because of a limit, by reason.",
    ("channel_version", "reason", "dimension"),
)  # fmt: skip
COLLAPSED_PINGS = Metric(
    "telemetry_collapsed_pings", GAUGE, "published", "Pings of those.", ("channel_version", "reason", "dimension")
)
LAST_PUBLISH = Metric(
    "telemetry_last_publish_timestamp_seconds", GAUGE, "published", "When the snapshot that readers see was begun."
)
LAST_CHECKPOINT = Metric(
    "telemetry_last_checkpoint_timestamp_seconds", GAUGE, "published", "When the newest checkpoint was begun."
)

LAG = Metric(
    "telemetry_publication_lag_seconds", HISTOGRAM, "counted",
    "From a file's upload to its publication: the oldest file of each partition.", (), _LAGS,
)  # fmt: skip
PUBLISH_SECONDS = Metric(
    "telemetry_publish_duration_seconds", HISTOGRAM, "counted", "From the start of a snapshot to its publication.", (),
    _SECONDS,
)  # fmt: skip
CHECKPOINT_SECONDS = Metric(
    "telemetry_checkpoint_duration_seconds", HISTOGRAM, "counted", "From the start of a checkpoint until it is listed.",
    (), _SECONDS,
)  # fmt: skip
TASK_SECONDS = Metric(
    "telemetry_task_duration_seconds", HISTOGRAM, "counted",
    "Run time of Celery's tasks by outcome: succeeded, given_back (a service was unavailable), retried, failed.",
    ("task", "outcome"), _SECONDS,
)  # fmt: skip
QUEUE_DRAINED = Metric(
    "telemetry_intake_messages_total", COUNTER, "counted",
    "Messages of SQS queues: received, ended (their content is stored), sent (to dead letters).", ("queue", "action"),
)  # fmt: skip
FORMAT, UNKNOWN_TASK, MALFORMED, ARGUMENTS = "format", "unknown-task", "malformed", "arguments"
REFUSED = Metric(
    "telemetry_refused_messages_total", COUNTER, "counted",
    "Celery messages that workers refused: format (not msgpack), unknown-task, malformed (of no task), arguments (the "
    "task takes others).", ("reason",),
)  # fmt: skip

METRICS = (
    *(UP, SCRAPE_SECONDS, FILES, PARTITIONS, BATCHES, DELTAS, OLDEST_WAITING, OLDEST_UNPUBLISHED, JOBS),
    *(PROCESSES, FINDINGS, REDIS_USED, REDIS_LIMIT, QUEUE, UNACKED),
    *(MISSING, PUBLISHED_FILES, PINGS, BYTES, BAD_LINES, LEFT_OUT, SMALL_CELLS, COLLAPSED, COLLAPSED_PINGS),
    *(LAST_PUBLISH, LAST_CHECKPOINT),
    *(LAG, PUBLISH_SECONDS, CHECKPOINT_SECONDS, TASK_SECONDS, QUEUE_DRAINED, REFUSED),
)

INFINITY = "+Inf"
SUM = "sum"
SEPARATOR = "\t"


def counted(metric: Metric, amount: float, *labels: str) -> dict[str, float]:
    """What a counter's growth adds to the sums in Redis, by field."""
    return {_field(metric, labels, ""): amount}


def observed(metric: Metric, values: Iterable[float], *labels: str) -> dict[str, float]:
    """What a histogram's new values add to the sums in Redis, by field: one bucket each, and their sum."""
    sums: dict[str, float] = {}
    for value in values:
        bound = next((str(bound) for bound in metric.buckets if value <= bound), INFINITY)
        for part, amount in ((bound, 1.0), (SUM, value)):
            field = _field(metric, labels, part)
            sums[field] = sums.get(field, 0.0) + amount
    return sums


def sums_of(metric: Metric, fields: Mapping[str, float]) -> dict[tuple[str, ...], dict[str, float]]:
    """The sums of one metric: by labels, and of each by part (a bucket's bound, ``SUM``, or empty for a counter)."""
    out: dict[tuple[str, ...], dict[str, float]] = {}
    for field, value in fields.items():
        name, *labels, part = field.split(SEPARATOR)
        if name == metric.name and len(labels) == len(metric.labels):
            out.setdefault(tuple(labels), {})[part] = value
    return out


def _field(metric: Metric, labels: tuple[str, ...], part: str) -> str:
    if len(labels) != len(metric.labels):
        raise ValueError(f"{metric.name} has labels {metric.labels}, not {labels}")
    return SEPARATOR.join((metric.name, *labels, part))
