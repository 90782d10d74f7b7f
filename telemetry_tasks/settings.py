"""Every setting, read once at the edge into one frozen object. The only reader of the environment.

Each field is an environment variable ``TELEMETRY_<NAME>`` in upper case; ``docs/configuration.md`` is
generated from here. AWS credentials come from the usual places of boto3 (``AWS_ACCESS_KEY_ID``,
profiles, instance roles).
"""

import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    FilePath,
    SecretStr,
    ValidationError,
    model_validator,
)

from telemetry_tasks.core.limits import NAME_ALPHABET, Limits, characters, parse_day
from telemetry_tasks.core.publish_limits import AllowedOptions
from telemetry_tasks.errors import OperatorError
from telemetry_tasks.storage.redis_tls import with_tls


def _alphabet(text: str) -> str:
    """The same where it is an alphabet of names. Raises ``ValueError``."""
    characters(text)
    return text


def _day(text: str) -> str:
    """The same where it is a date. Raises ``ValueError``."""
    parse_day(text)
    return text


def _lists(value: object) -> object:
    """Pairs, sorted, of an object whose values are lists (settings have to be hashable). Raises ``ValueError``."""
    if isinstance(value, tuple):
        return value
    if not isinstance(value, dict):
        raise ValueError('must be an object of lists, as in {"OS": ["WINNT", "Darwin"]}')
    for name, options in value.items():
        if not isinstance(options, list) or not options:
            raise ValueError(f"{name!r} must have a list of options: leave it out where all are allowed")
    return tuple((name, tuple(options)) for name, options in sorted(value.items()))


Lists = Annotated[AllowedOptions, BeforeValidator(_lists)]
Alphabet = Annotated[str, AfterValidator(_alphabet)]
Day = Annotated[str, AfterValidator(_day)]


class Settings(BaseModel):
    """The settings of one deployment. Invalid ones raise ``OperatorError`` when they are loaded."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    # Redis
    redis_url: SecretStr = Field(
        SecretStr("redis://127.0.0.1:6379/1"),
        description="Redis that holds the state and the ledger of what counted.",
    )
    broker_url: SecretStr = Field(
        SecretStr("redis://127.0.0.1:6379/0"),
        description="Redis that carries Celery's messages; better an instance of its own.",
    )
    result_backend: SecretStr | None = Field(None, description="Redis for Celery's results; the broker's when not set.")
    redis_ca_file: FilePath | None = Field(
        None,
        description="Certificates (PEM) that sign those of the Redis servers of rediss:// URLs; the system's when not "
        "set.",
    )
    require_durable_redis: bool = Field(
        True, description="Whether workers refuse a Redis for the state that keeps no append-only file."
    )
    redis_prefix: str = Field(
        "tt",
        description="First part of every key of the state, so that several deployments can share a Redis.",
    )

    # Object stores: s3://bucket/prefix, folder:///path
    input_url: str = Field("s3://telemetry-pings", description="Where ping files are found.")
    results_url: str = Field("s3://telemetry-work", description="Where partial results and folds are kept.")
    published_url: str = Field("s3://telemetry", description="Where snapshots and check-points are published.")
    s3_endpoint_url: str | None = Field(None, description="S3 endpoint; AWS when not set.")
    s3_region: str | None = Field(None, description="Region of the buckets.")
    s3_addressing_style: str = Field(
        "auto", pattern="^(auto|path|virtual)$", description="How bucket names are put in URLs."
    )
    s3_checksums: str = Field(
        "when_required",
        pattern="^(when_required|when_supported)$",
        description="When boto3 adds and checks its own checksums; other servers than AWS often know none.",
    )
    s3_max_connections: int = Field(16, ge=1, description="Connections a process keeps to the object store.")

    # Queues of other systems (SQS)
    notifications_queue_url: str | None = Field(
        None, description="SQS queue of S3 event notifications (ObjectCreated) of the input bucket."
    )
    finished_tasks_queue_url: str | None = Field(
        None, description="SQS queue of task-finished messages, whose results other programs computed."
    )
    dead_letter_queue_url: str | None = Field(
        None, description="SQS queue for messages that cannot be read; else the queue's own redrive policy has them."
    )
    analysis_url: str = Field("s3://telemetry-analysis", description="Where the results of finished tasks are.")
    sqs_endpoint_url: str | None = Field(None, description="SQS endpoint; AWS when not set.")
    queue_interval: float = Field(20.0, gt=0, description="Seconds between drains of those queues.")

    # Pings
    ping_format: str = Field(
        "saved-session", description="The ping format: its name, or MODULE:CLASS of your own; see docs/ping-formats.md."
    )
    dimensions: tuple[str, ...] = Field(
        ("reason", "appName", "OS", "osVersion", "arch"),
        description="Dimensions of the ping format, in the order of the filter tree.",
    )
    fallback_revision: str = Field(
        "http://hg.mozilla.org/mozilla-central/rev/518f5bff0ae4",
        description="Revision of pings that name none.",
    )
    definitions: tuple[str, ...] = Field(
        (),
        description="Sources of histogram definitions, tried in order: a folder, s3://bucket/prefix, or an HTTP URL "
        "template with {revision} or {revision_id}.",
    )

    # How large the parts of a ping may be: part of what a partition is, so that no two settings mix in one
    limit_file_bytes: int = Field(
        8 << 30, ge=1 << 20, description="Most decompressed bytes of a ping file; it is read up to there."
    )
    limit_line_bytes: int = Field(
        16 << 20, ge=1 << 10, le=1 << 30, description="Most bytes of a line; a longer one is a bad line."
    )
    limit_json_depth: int = Field(
        512, ge=100, le=512, description="Deepest nesting in a ping; a line with a deeper one is a bad line."
    )
    limit_histograms: int = Field(
        10_000, ge=1, le=1_000_000, description="Most histograms of a ping; a line with more is a bad line."
    )
    limit_buckets: int = Field(
        10_000,
        ge=6,
        le=1_000_000,
        description="Most numbers of a histogram, its 5 statistics among them; a longer one is left out of its ping.",
    )
    limit_name_length: int = Field(
        200, ge=1, le=1000, description="Most characters of a measure's name; one with a longer name is left out."
    )
    limit_name_alphabet: Alphabet = Field(
        NAME_ALPHABET,
        description="Characters of measures' names, some of the usual ones, as in A-Z0-9_; a measure whose name has "
        "another is left out.",
    )
    limit_option_length: int | None = Field(
        None,
        ge=1,
        le=500,
        description="Most characters of a dimension's value as published; a line with a longer one is bad. When not "
        "set, 500 of it as submitted.",
    )
    limit_earliest_date: Day | None = Field(
        None,
        description="First plausible submission date (YYYYMMDD); lines of files before it are bad. Any date when not "
        "set, as with the next three.",
    )
    limit_latest_date: Day | None = Field(
        None, description="Last plausible submission date (YYYYMMDD); lines of files after it are bad."
    )
    limit_build_age: int | None = Field(
        None, ge=0, description="Most days from a build's date to the submission; lines of older builds are bad."
    )
    limit_build_ahead: int | None = Field(
        None, ge=0, description="Most days that a build's date may be after the submission; else its lines are bad."
    )

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
        description="What reads the lines of ping files: the part in C (native), pysimdjson and numpy (simd), "
        "or the first of them that is there (auto).",
    )
    batch_partitions: int = Field(50, ge=1, description="Partial results that one chord merges at most.")
    slice_partitions: int = Field(10, ge=1, description="Partial results that one task of a merge chord folds.")
    window: int = Field(100, ge=1, description="Partitions dispatched and not finished at most: back-pressure.")
    max_attempts: int = Field(4, ge=1, description="Attempts before a partition is split, and then a file is given up.")
    retry_delay: float = Field(
        60.0,
        ge=0,
        description="Seconds between the first attempt at a partition that failed unexpectedly and the second; twice "
        "as many before each further one, so that a bug can be taken back before files are given up.",
    )
    lease: float = Field(
        1200.0, gt=0, description="Seconds after which a dispatched partition that did not finish is sent again."
    )
    merge_lease: float = Field(300.0, gt=0, description="Seconds after which a batch that is not merged is sent again.")
    soft_time_limit: float = Field(480.0, gt=0, description="Seconds after which a task is asked to stop.")
    time_limit: float = Field(600.0, gt=0, description="Seconds after which a task is killed.")
    visibility_timeout: int = Field(
        900,
        gt=0,
        description="Seconds after which the broker gives an unacknowledged message to another worker; "
        "longer than time_limit.",
    )
    soft_shutdown: float = Field(30.0, ge=0, description="Seconds that a stopping worker finishes its tasks.")
    discover_interval: float = Field(60.0, gt=0, description="Seconds between looks for new ping files.")
    merge_interval: float = Field(30.0, gt=0, description="Seconds between merge rounds.")
    sweep_interval: float = Field(60.0, gt=0, description="Seconds between sweeps for what was lost.")
    publish_interval: float = Field(3600.0, gt=0, description="Seconds between looks for something to publish.")
    checkpoint_interval: float = Field(7 * 86400.0, gt=0, description="Seconds between check-points.")
    garbage_interval: float = Field(86400.0, gt=0, description="Seconds between collections of garbage.")
    publish_lease: float = Field(
        300.0,
        gt=0,
        description="Seconds after which a publish that did not finish is given up and another one started.",
    )
    publish_part_bytes: int = Field(
        16 << 20,
        gt=0,
        description="Packed bytes of changed cells that one task publishes; a channel/version with more is rendered in "
        "parts by several tasks.",
    )
    restore_lease: float = Field(
        30.0, gt=0, description="Seconds after which a restore whose process was lost is begun again by another one."
    )
    grace_time: float = Field(86400.0, ge=0, description="Seconds that a replaced snapshot stays readable.")
    minimum_submissions: int = Field(
        1, ge=1, description="Fewest submissions of a published cell; smaller ones are folded into OTHER."
    )
    most_options: int = Field(
        1000, ge=2, description="Most options of a dimension that are published; smaller ones are folded into OTHER."
    )
    allowed_options: Lists = Field(
        (),
        description="Options of dimensions that are published, exact or with * for anything; others are folded into "
        'OTHER: {"OS": ["WINNT", "Darwin", "Linux"], "osVersion": ["5.*", "6.*"]}. Dimensions without a list are '
        "free.",
    )
    most_cells: int = Field(
        1_000_000,
        ge=1,
        description="Most cells of a channel/version that are published, counted as dates of both kinds times "
        "populations; the smallest populations are folded into OTHER.",
    )
    keep_checkpoints: int = Field(3, ge=1, description="Newest check-points that are kept.")

    # When `status` says that something is late
    late_partition: float = Field(
        3600.0, gt=0, description="Seconds that a partition may wait, or run beyond its lease, before it is late."
    )
    late_publish: float | None = Field(
        None,
        gt=0,
        description="Seconds from a file's upload after which it is late where readers do not see it; when not set, "
        "three times TELEMETRY_PUBLISH_INTERVAL, and an hour at least.",
    )
    late_checkpoint: float | None = Field(
        None,
        gt=0,
        description="Age in seconds at which the newest check-point is late; when not set, twice "
        "TELEMETRY_CHECKPOINT_INTERVAL, and an hour at least.",
    )

    # Logging
    log_format: str = Field("human", pattern="^(human|json)$", description="How log lines look.")
    log_level: str = Field("INFO", description="Lowest level that is logged.")

    # Tracing
    traces_url: str | None = Field(
        None,
        pattern="^https?://",
        description="Where OpenTelemetry spans are sent (OTLP over HTTP): http://collector:4318/v1/traces; off when "
        "not set.",
    )

    # Processes of a fleet, see the Procfile
    worker_processes: int | None = Field(
        None, ge=1, description="Processes of each worker of the Procfile; the number of cores when not set."
    )
    heartbeat: Path | None = Field(
        None, description="File that a worker or beat touches while it lives, for `python -m workers.probe`."
    )
    flower_address: str = Field("127.0.0.1", description="Where Flower listens; beyond loopback it needs a login.")
    flower_port: int = Field(5555, ge=1, le=65535, description="Port of Flower.")
    flower_login: SecretStr | None = Field(
        None, description="Logins for Flower, user:password, several with commas between."
    )
    flower_oauth_provider: str | None = Field(
        None,
        pattern="^(google|github|gitlab|okta)$",
        description="Who says who somebody is, instead of logins: google, github, gitlab or okta.",
    )
    flower_oauth_key: str | None = Field(None, description="Client id that the provider gave Flower.")
    flower_oauth_secret: SecretStr | None = Field(None, description="Client secret that the provider gave Flower.")
    flower_oauth_redirect: str | None = Field(
        None, description="Where the provider sends people back to: https://flower.example.com/login."
    )
    flower_oauth_emails: str | None = Field(
        None, description="Who may use Flower: emails with | between, or .*@example.com for a whole domain."
    )
    flower_database: Path | None = Field(None, description="File in which Flower keeps what it has seen.")
    beat_schedule: Path = Field(Path("celerybeat-schedule"), description="File in which beat keeps when it sent what.")
    metrics_address: str = Field("127.0.0.1", description="Where the exporter of metrics listens.")
    metrics_port: int = Field(9808, ge=1, le=65535, description="Port of the exporter of metrics.")
    page_address: str = Field("127.0.0.1", description="Where the page's server listens.")
    page_port: int = Field(8080, ge=1, le=65535, description="Port of the page's server.")
    page_folder: Path = Field(Path("static"), description="Folder of the page's files.")

    # What `up` uses
    data_dir: Path = Field(Path("data"), description="Folder in which `up` keeps the data of the embedded servers.")
    embedded_redis_bytes: int = Field(
        1 << 30, ge=1 << 20, description="Bytes of memory at which each embedded Redis refuses writes."
    )

    @property
    def limits(self) -> Limits:
        """How large the parts of a ping may be, and which dates are plausible."""
        return Limits(
            line_bytes=self.limit_line_bytes,
            array_length=self.limit_buckets,
            name_length=self.limit_name_length,
            histograms=self.limit_histograms,
            file_bytes=self.limit_file_bytes,
            depth=self.limit_json_depth,
            name_alphabet=self.limit_name_alphabet,
            option_length=self.limit_option_length,
            earliest_date=self.limit_earliest_date or "",
            latest_date=self.limit_latest_date or "",
            build_age=self.limit_build_age,
            build_ahead=self.limit_build_ahead,
        )

    @property
    def state_address(self) -> str:
        """``redis_url`` with the password, for connecting: over TLS where it is a ``rediss://`` URL."""
        return with_tls(self.redis_url.get_secret_value(), self.redis_ca_file)

    @property
    def broker_address(self) -> str:
        """The same of ``broker_url``."""
        return with_tls(self.broker_url.get_secret_value(), self.redis_ca_file)

    @property
    def result_address(self) -> str:
        """The same of ``result_backend``, which is the broker where it is not set."""
        return with_tls((self.result_backend or self.broker_url).get_secret_value(), self.redis_ca_file)

    @model_validator(mode="after")
    def _oauth_is_whole(self) -> "Settings":
        parts = ("key", "secret", "redirect", "emails")
        missing = [part for part in parts if getattr(self, f"flower_oauth_{part}") is None]
        if self.flower_oauth_provider and missing:
            raise ValueError(
                "TELEMETRY_FLOWER_OAUTH_PROVIDER needs "
                + ", ".join(f"TELEMETRY_FLOWER_OAUTH_{part.upper()}" for part in missing)
            )
        if self.flower_oauth_provider and self.flower_login:
            raise ValueError("TELEMETRY_FLOWER_LOGIN and TELEMETRY_FLOWER_OAUTH_PROVIDER exclude each other")
        return self

    @model_validator(mode="after")
    def _time_limits_in_order(self) -> "Settings":
        if not self.soft_time_limit < self.time_limit < self.visibility_timeout <= self.lease:
            raise ValueError(
                "TELEMETRY_SOFT_TIME_LIMIT < TELEMETRY_TIME_LIMIT < TELEMETRY_VISIBILITY_TIMEOUT <= TELEMETRY_LEASE "
                "must hold, or running tasks would be started again"
            )
        return self


SECRETS = frozenset(name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation))
"""Settings whose value may also be in a file, named by the variable with ``_FILE`` behind."""


def load_settings(**overrides: object) -> Settings:
    """The settings of this process's environment. Raises ``OperatorError`` naming each bad variable."""
    try:
        return Settings(**{**_environment(), **overrides})  # type: ignore[arg-type]
    except ValidationError as error:
        problems = "; ".join(
            f"TELEMETRY_{str(e['loc'][0]).upper()}: {e['msg']}" if e["loc"] else e["msg"] for e in error.errors()
        )
        raise OperatorError(f"settings are not valid: {problems}") from error


def _environment() -> dict[str, object]:
    """The settings that are in the environment. Read by hand, since pydantic-settings doubles the time to start."""
    found: dict[str, object] = {}
    for name, field in Settings.model_fields.items():
        variable = f"TELEMETRY_{name.upper()}"
        text = os.environ.get(variable)
        if name in SECRETS:
            text = _secret(variable, text)
        if text is not None:
            found[name] = _list(variable, text) if isinstance(field.default, tuple) else text
    return found


def _secret(variable: str, text: str | None) -> str | None:
    """The secret, from the variable or from the file that ``…_FILE`` names. Raises ``OperatorError``, never with it."""
    file = os.environ.get(f"{variable}_FILE")
    if file is None:
        return text
    if text is not None:
        raise OperatorError(f"settings are not valid: {variable} and {variable}_FILE are both set: unset one of them")
    secret = _read(f"{variable}_FILE", file).rstrip("\r\n")
    if not secret:
        raise OperatorError(f"settings are not valid: {variable}_FILE: {file} is empty")
    return secret


def _list(variable: str, text: str) -> object:
    """The value of JSON text, or of the file that it names behind an ``@``. Raises ``OperatorError``."""
    where = ""
    if text.startswith("@"):
        where, text = f" in {text[1:]}", _read(variable, text[1:])
    try:
        return json.loads(text)
    except ValueError as error:
        example = '{"one": ["two"]}' if variable == "TELEMETRY_ALLOWED_OPTIONS" else '["one", "two"]'
        raise OperatorError(f"settings are not valid: {variable}: must be JSON{where}, as in {example}") from error


def _read(variable: str, file: str) -> str:
    try:
        return Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise OperatorError(f"settings are not valid: {variable}: {file} cannot be read: {reason}") from None


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once."""
    return load_settings()
