"""How much is done at a time, how long it may take, what is published of it, and when it is late."""

from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from telemetry_tasks.core.disclosure.publish_limits import USUAL, AllowedOptions
from telemetry_tasks.core.plausible import USUAL as PLAUSIBLE
from telemetry_tasks.settings.section import Section


def _lists(value: object) -> object:
    """Pairs, sorted, of an object whose values are lists (settings have to be hashable). Raises ``ValueError``."""
    if isinstance(value, tuple):
        return value
    if not isinstance(value, dict):
        raise ValueError('must be an object of lists, as in {"OS": ["WINNT", "Darwin"]}')
    for name, options in value.items():
        if not isinstance(options, list) or not options:
            raise ValueError(f"{name!r} must have a list of options: leave it out if all are allowed")
    return tuple((name, tuple(options)) for name, options in sorted(value.items()))


Lists = Annotated[AllowedOptions, BeforeValidator(_lists)]


class Tuning(Section):
    """Sizes in bytes and times in seconds that the pipeline uses."""

    # Sizes and times
    partition_bytes: int = Field(64 * 1024 * 1024, ge=1, description="Compressed bytes at which a partition is closed.")
    partition_files: int = Field(1000, ge=1, description="Files at which a partition is closed.")
    partition_age: float = Field(60.0, ge=0, description="Seconds after which a smaller partition is closed.")
    memory_budget: int = Field(
        200 * 1024 * 1024,
        ge=1 << 20,
        description="Bytes of cells an aggregation keeps before it spills them.",
    )
    kernel: str = Field(
        "auto",
        pattern="^(auto|native|simd)$",
        description="What reads the lines of ping files and writes published rows: the parts in C (native), pysimdjson "
        "and numpy (simd), or the first of them that is available (auto).",
    )
    batch_partitions: int = Field(50, ge=1, description="Partial results that one chord merges at most.")
    slice_partitions: int = Field(10, ge=1, description="Partial results that one task of a merge chord adds up.")
    most_state_bytes: int = Field(
        1 << 30,
        ge=1,
        description="Bytes of Redis that the sums of a channel/version may take. Beyond it no more files are added to "
        "it: they wait until it takes less or this is raised. Others go on.",
    )
    window: int = Field(100, ge=1, description="Most partitions that are running: back-pressure.")
    max_attempts: int = Field(
        4,
        ge=2,
        description="Attempts at a file before it is given up; files that share a partition have half of them "
        "together, then each is tried alone.",
    )
    retry_delay: float = Field(
        60.0,
        ge=0,
        description="Seconds between the first attempt at a partition that failed unexpectedly and the second; twice "
        "as many before each further one, so that a bug can be rolled back before files are given up.",
    )
    partition_seconds: float | None = Field(
        None,
        gt=0,
        description="Seconds of processor time that several files together may take to be read; then each is tried "
        "alone. Half of TELEMETRY_SOFT_TIME_LIMIT when not set.",
    )
    file_seconds: float | None = Field(
        None,
        gt=0,
        description="Seconds of processor time that a file alone may take to be read; one that takes longer twice is "
        "given up until `telemetry-tasks retry-missing`. Seven eighths of TELEMETRY_SOFT_TIME_LIMIT when not set.",
    )
    lease: float = Field(
        60.0,
        gt=0,
        description="Seconds after which a running partition is sent again; a worker renews them while it works.",
    )
    merge_lease: float = Field(
        60.0,
        gt=0,
        description="Seconds after which a batch that is not merged is sent again, and a partition of a reprocessing; "
        "a worker renews them while it works.",
    )
    soft_time_limit: float = Field(480.0, gt=0, description="Seconds after which a task is asked to stop.")
    time_limit: float = Field(600.0, gt=0, description="Seconds after which a task is killed.")
    visibility_timeout: int = Field(
        60,
        gt=0,
        description="Seconds after which the broker gives the messages of a lost worker to another one; "
        "a worker renews them while it lives.",
    )
    soft_shutdown: float = Field(30.0, ge=0, description="Seconds that a stopping worker finishes its tasks.")
    discover_interval: float = Field(60.0, gt=0, description="Seconds between searches for new ping files.")
    merge_interval: float = Field(30.0, gt=0, description="Seconds between merge rounds.")
    sweep_interval: float = Field(60.0, gt=0, description="Seconds between sweeps for lost work.")
    publish_interval: float = Field(3600.0, gt=0, description="Seconds between checks for something to publish.")
    checkpoint_interval: float = Field(7 * 86400.0, gt=0, description="Seconds between checkpoints.")
    garbage_interval: float = Field(86400.0, gt=0, description="Seconds between collections of garbage.")
    publish_lease: float = Field(
        60.0,
        gt=0,
        description="Seconds after which a publish that did not finish is given up and another one started; a worker "
        "renews them while it works.",
    )
    publish_seconds: float | None = Field(
        None,
        gt=0,
        description="Seconds that a task may write one channel/version, or a part of it. One that needs longer is left "
        "out of the snapshot, so that others are not held up; it is tried again with twice the time, after a pause if "
        "others have to be published. A "
        "quarter of TELEMETRY_SOFT_TIME_LIMIT when not set.",
    )
    publish_part_bytes: int = Field(
        16 << 20,
        gt=0,
        description="Packed bytes of changed cells that one task publishes; a channel/version with more is rendered in "
        "parts by several tasks.",
    )
    restore_lease: float = Field(
        30.0, gt=0, description="Seconds after which another process restarts a restore whose process was lost."
    )
    grace_time: float = Field(86400.0, ge=0, description="Seconds that a replaced snapshot stays readable.")
    minimum_submissions: int = Field(
        USUAL.minimum_submissions,
        ge=1,
        description="Fewest submissions of a published cell; smaller ones are collapsed into OTHER.",
    )
    most_options: int = Field(
        USUAL.most_options,
        ge=2,
        description="Most options of a dimension that are published; smaller ones are collapsed into OTHER.",
    )
    allowed_options: Lists = Field(
        USUAL.allowed_options,
        description="Options of dimensions that are published, exact or with * for anything; others are collapsed "
        'into OTHER: {"OS": ["WINNT", "Darwin", "Linux"], "osVersion": ["5.*", "6.*"]}. Dimensions without a list are '
        "free.",
    )
    most_cells: int = Field(
        USUAL.most_cells,
        ge=1,
        description="Most cells of a channel/version that are published, counted as dates of both kinds times "
        "populations; the smallest populations are collapsed into OTHER.",
    )
    implausible_pings: int = Field(
        PLAUSIBLE.pings,
        ge=0,
        description="Versions and dates that lie far from all others and have fewer pings are implausible: they are "
        "kept, but not shown by default. With 0 only TELEMETRY_IMPLAUSIBLE_SHARE counts.",
    )
    implausible_share: float = Field(
        PLAUSIBLE.share,
        ge=0,
        lt=1,
        description="The same for those with a smaller share of all pings of the channel, or of the channel/version.",
    )
    implausible_versions: int = Field(
        PLAUSIBLE.versions, ge=1, description="A version is far from the others if its number is this much higher."
    )
    implausible_days: int = Field(
        PLAUSIBLE.days, ge=1, description="A date is far from the others if it is this many days earlier or later."
    )
    most_measures: int = Field(
        USUAL.most_measures,
        ge=1,
        description="Most measures of a channel/version that are published: those with the most records. Others are "
        "counted (`too-many-measures`).",
    )
    keep_checkpoints: int = Field(3, ge=1, description="Newest checkpoints that are kept.")

    # When `status` says that something is late
    late_partition: float = Field(
        3600.0, gt=0, description="Seconds that a partition may wait, or run beyond its lease, before it is late."
    )
    late_publish: float | None = Field(
        None,
        gt=0,
        description="Seconds from a file's upload after which it is late if it is not published; when not set, "
        "three times TELEMETRY_PUBLISH_INTERVAL, and an hour at least.",
    )
    late_checkpoint: float | None = Field(
        None,
        gt=0,
        description="Age in seconds at which the newest checkpoint is late; when not set, twice "
        "TELEMETRY_CHECKPOINT_INTERVAL, and an hour at least.",
    )

    @model_validator(mode="after")
    def _time_limits_in_order(self) -> "Tuning":
        if not self.soft_time_limit < self.time_limit:
            raise ValueError(
                "TELEMETRY_SOFT_TIME_LIMIT < TELEMETRY_TIME_LIMIT must hold, or tasks are killed before they are asked "
                "to stop"
            )
        for name in ("partition_seconds", "file_seconds", "publish_seconds"):
            if (getattr(self, name) or 0) >= self.soft_time_limit:
                raise ValueError(f"TELEMETRY_{name.upper()} must be less than TELEMETRY_SOFT_TIME_LIMIT")
        return self
