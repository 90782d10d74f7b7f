"""The processes of a deployment: logs, traces, workers, Flower, what is served, what ``up`` starts."""

from pathlib import Path

from pydantic import Field, SecretStr, model_validator

from telemetry_tasks.settings.section import Section

_FRAMING = r"('self'|https?://(\*\.)?[A-Za-z0-9.\-]+(:[0-9]+)?)"
FRAME_ANCESTORS = rf"^('none'|{_FRAMING}( {_FRAMING})*)$"
"""Nothing that would begin another directive of the policy, or another header."""


class Processes(Section):
    """How each process runs, and where it listens."""

    # Logging
    log_format: str = Field("human", pattern="^(human|json)$", description="How log lines look.")
    log_level: str = Field("INFO", description="Lowest level that is logged.")

    # Tracing
    traces_url: str | None = Field(
        None,
        pattern="^https?://",
        description="URL that OpenTelemetry spans are sent to (OTLP over HTTP): http://collector:4318/v1/traces; off "
        "when not set.",
    )

    # Processes of a fleet, see the Procfile
    worker_processes: int | None = Field(
        None, ge=1, description="Processes of each worker of the Procfile; the number of cores when not set."
    )
    heartbeat: Path | None = Field(
        None, description="File that a worker or beat touches while it lives, for `python -m workers.probe`."
    )
    flower_address: str = Field(
        "127.0.0.1", description="Address that Flower listens on; beyond loopback it needs a login."
    )
    flower_port: int = Field(5555, ge=1, le=65535, description="Port of Flower.")
    flower_login: SecretStr | None = Field(
        None, description="Logins for Flower, user:password, several with commas between."
    )
    flower_oauth_provider: str | None = Field(
        None,
        pattern="^(google|github|gitlab|okta)$",
        description="OAuth provider to use instead of logins: google, github, gitlab or okta.",
    )
    flower_oauth_key: str | None = Field(None, description="Client id that the provider gave Flower.")
    flower_oauth_secret: SecretStr | None = Field(None, description="Client secret that the provider gave Flower.")
    flower_oauth_redirect: str | None = Field(
        None, description="URL that the provider redirects people to: https://flower.example.com/login."
    )
    flower_oauth_emails: str | None = Field(
        None, description="Who may use Flower: emails with | between, or .*@example.com for a whole domain."
    )
    flower_database: Path | None = Field(None, description="File in which Flower keeps what it has seen.")
    beat_schedule: Path = Field(Path("celerybeat-schedule"), description="File in which beat keeps when it sent what.")
    metrics_address: str = Field("127.0.0.1", description="Address that the exporter of metrics listens on.")
    metrics_port: int = Field(9808, ge=1, le=65535, description="Port of the exporter of metrics.")
    page_address: str = Field("127.0.0.1", description="Address that the page's server listens on.")
    page_port: int = Field(8080, ge=1, le=65535, description="Port of the page's server.")
    page_folder: Path = Field(Path("static"), description="Folder of the page's files.")
    page_frame_ancestors: str = Field(
        "'none'",
        pattern=FRAME_ANCESTORS,
        description="Who may show the page in a frame, as `frame-ancestors` says it: `'none'`, or `'self'` and origins "
        "such as `https://wiki.example.com` with spaces between.",
    )

    # What `up` uses
    data_dir: Path = Field(Path("data"), description="Folder in which `up` keeps the data of the embedded servers.")
    data_dir_least_free: int = Field(
        2 << 30, ge=0, description="Bytes free on the disk of that folder below which `up` warns."
    )
    embedded_redis_bytes: int = Field(
        1 << 30, ge=1 << 20, description="Bytes of memory at which each embedded Redis refuses writes."
    )

    @model_validator(mode="after")
    def _oauth_is_whole(self) -> "Processes":
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
