"""Sizes and times that the pipeline goes by. Bytes and seconds. The settings say what each means."""

from dataclasses import dataclass, field

from telemetry_tasks.core.disclosure.publish_limits import PublishLimits
from telemetry_tasks.core.plausible import Plausibility


@dataclass(frozen=True, slots=True)
class Options:
    """See ``settings``, whose fields of the same names these are."""

    partition_bytes: int = 64 << 20
    partition_files: int = 1000
    partition_age: float = 60.0
    memory_budget: int = 200 << 20
    kernel: str = "auto"
    batch_partitions: int = 50
    slice_partitions: int = 10
    window: int = 100
    max_attempts: int = 4
    retry_delay: float = 60.0
    partition_seconds: float = 240.0
    file_seconds: float = 420.0
    most_state_bytes: int = 1 << 30
    discover_seconds: float = 120.0
    publish_seconds: float = 120.0
    most_publish_seconds: float = 420.0
    lease: float = 60.0
    merge_lease: float = 60.0
    publish_lease: float = 60.0
    publish_part_bytes: int = 16 << 20
    restore_lease: float = 30.0
    grace_time: float = 86400.0
    keep_checkpoints: int = 3
    transfers: int = 16
    publish_limits: PublishLimits = field(default_factory=PublishLimits)
    plausibility: Plausibility = field(default_factory=Plausibility)
