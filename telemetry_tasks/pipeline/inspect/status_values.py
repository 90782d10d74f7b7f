"""What ``status`` finds out, and the ages at which it raises an alert: values, without the rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from telemetry_tasks.core.living import Kind
from telemetry_tasks.core.plausible import NO_OUTLIERS, Outliers
from telemetry_tasks.formats.recent_failure import RecentFailure
from telemetry_tasks.pipeline.findings import Finding
from telemetry_tasks.storage.state_values import Counts


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Seconds after which something is late.

    ``partition``: a partition that waits, or whose lease has ended and that was not sent again. ``publish``: a
    registered file that readers do not see yet, since its upload. ``checkpoint``: the newest checkpoint.
    """

    partition: float = 3600.0
    publish: float = 3 * 3600.0
    checkpoint: float = 14 * 86400.0


DEFAULT_THRESHOLDS = Thresholds()
"""For a deployment with the settings' defaults."""


@dataclass(frozen=True, slots=True)
class VersionStatus:
    """One channel/version; jobs as (id, partitions done, partitions).

    In seconds: ``oldest_waiting``; ``overdue``, since the end of the earliest lease that was not renewed;
    ``oldest_unpublished``, since the upload of the oldest registered file that readers do not see. ``failing`` are
    partitions whose last attempt failed and that will be tried again: (key of a file, number of files, seconds since
    the first attempt that failed, why). ``collapsed`` is what is collapsed into ``OTHER``: (reason, dimension or empty,
    options or populations, pings). ``cut`` is what files had beyond the limits of a file: (reason, records or pings).
    ``too_slow`` is the time limit in seconds that publishing it exceeded, None if it did not. ``definitions`` is why
    definitions could not be used when it was published: (code of the finding, reason). ``base_bytes`` of Redis are
    taken by its sums, deltas apart; with ``most_state_bytes`` nothing more is added.
    """

    name: str
    counts: Counts
    oldest_waiting: float | None
    overdue: float | None
    oldest_unpublished: float | None
    missing: int
    jobs: tuple[tuple[str, int, int], ...]
    failing: tuple[tuple[str, int, float, str], ...] = ()
    collapsed: tuple[tuple[str, str, int, int], ...] = ()
    cut: tuple[tuple[str, int], ...] = ()
    too_slow: float | None = None
    definitions: tuple[str, str] | None = None
    base_bytes: int = 0
    most_state_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Status:
    """The status of the deployment. Ages are in seconds, None if there is nothing yet; ``asked`` in seconds since 1970.

    ``findings`` is what needs a person, or did until it was accepted. ``missing`` has (channel/version, key, reason).
    ``published_since`` is the age of the oldest folder that readers see: the deployment is at least that old.
    ``implausible`` is what readers are not shown by default, as in ``latest-current.json``. ``queues`` are waiting
    messages; ``broker_away`` says why they are unknown. ``failures`` are failures of tasks that did not succeed since.
    ``refused`` counts messages that workers discarded, by reason, since the state's Redis was empty. ``ignored`` counts
    objects of the input bucket whose keys are not ping file keys: neither failed nor missing. ``processes`` says how
    many of each kind are alive. ``empty`` is a state that is not restored yet. ``damaged`` names the published
    documents, by channel/version, that are missing or damaged. ``other_settings`` says of channel/versions what changed
    since they were added up, ``other_limits`` which limits some of their files were read with. ``not_replaced`` are
    partitions that count with the old content of replaced files.
    """

    versions: tuple[VersionStatus, ...]
    missing: tuple[tuple[str, str, str], ...]
    ignored: int
    published: str | None
    published_age: float | None
    checkpoint: str | None
    checkpoint_age: float | None
    redis_used: int
    redis_most: int
    published_since: float | None = None
    queues: Mapping[str, int] = field(default_factory=dict)
    broker_away: str | None = None
    failures: tuple[RecentFailure, ...] = ()
    refused: Mapping[str, int] = field(default_factory=dict)
    processes: Mapping[str, Kind] = field(default_factory=dict)
    implausible: Outliers = NO_OUTLIERS
    damaged: Mapping[str, str] = field(default_factory=dict)
    empty: bool = False
    other_settings: Mapping[str, str] = field(default_factory=dict)
    other_limits: Mapping[str, str] = field(default_factory=dict)
    not_replaced: tuple[RecentFailure, ...] = ()
    asked: float = 0.0
    findings: tuple[Finding, ...] = ()

    @property
    def open(self) -> list[Finding]:
        """What needs a person."""
        return [finding for finding in self.findings if not finding.accepted]

    @property
    def healthy(self) -> bool:
        """Whether nothing needs a person."""
        return not self.open
