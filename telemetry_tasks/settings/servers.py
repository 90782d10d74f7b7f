"""The servers that a deployment uses: Redis, object stores, queues of other systems."""

from pydantic import Field, FilePath, SecretStr

from telemetry_tasks.settings.redis_addresses import key_prefix, with_tls
from telemetry_tasks.settings.section import Section


class Servers(Section):
    """The locations of the state, the messages and the files, and how they are reached."""

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
        pattern=r"^[^\s*?\\\[\]{}]+$",  # channels are subscribed to by patterns, and {…} is a slot of a cluster
        description="First part of every key of this deployment: state, queues, results, remote control. Deployments "
        "that share a Redis must each have their own.",
    )

    # Object stores: s3://bucket/prefix, folder:///path
    input_url: str = Field("s3://telemetry-pings", description="URL of the ping files.")
    results_url: str = Field("s3://telemetry-work", description="URL of the partial results and merged slices.")
    published_url: str = Field("s3://telemetry", description="URL of the published snapshots and checkpoints.")
    s3_endpoint_url: str | None = Field(None, description="S3 endpoint; AWS when not set.")
    s3_region: str | None = Field(None, description="Region of the buckets.")
    s3_addressing_style: str = Field(
        "auto", pattern="^(auto|path|virtual)$", description="How bucket names are put in URLs."
    )
    s3_checksums: str = Field(
        "when_required",
        pattern="^(when_required|when_supported)$",
        description="When boto3 adds and checks its own checksums; servers other than AWS often do not support them.",
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
        None,
        description="SQS queue for messages that cannot be read; without it, the queue's own redrive policy decides.",
    )
    analysis_url: str = Field("s3://telemetry-analysis", description="URL of the results of finished tasks.")
    sqs_endpoint_url: str | None = Field(None, description="SQS endpoint; AWS when not set.")
    queue_interval: float = Field(20.0, gt=0, description="Seconds between drains of those queues.")

    @property
    def state_address(self) -> str:
        """``redis_url`` with the password, for connecting: over TLS if it is a ``rediss://`` URL."""
        return with_tls(self.redis_url.get_secret_value(), self.redis_ca_file)

    @property
    def broker_address(self) -> str:
        """The same of ``broker_url``."""
        return with_tls(self.broker_url.get_secret_value(), self.redis_ca_file)

    @property
    def broker_prefix(self) -> str:
        """First part of every key and channel of Celery's."""
        return key_prefix(self.redis_prefix)

    @property
    def result_address(self) -> str:
        """The same for ``result_backend``; the broker if it is not set."""
        return with_tls((self.result_backend or self.broker_url).get_secret_value(), self.redis_ca_file)
