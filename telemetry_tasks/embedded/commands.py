"""The command lines of the process kinds, for `up` and for the entry points in ``workers/``."""

import sys
from pathlib import Path

CELERY = (sys.executable, "-m", "celery", "-A", "telemetry_tasks.app")
CLOCK = (*CELERY[:-1], "telemetry_tasks.beat")
MONITOR = (*CELERY[:-1], "telemetry_tasks.monitor")
# SIGTERM stops a worker as SIGQUIT does: it finishes what it can in `worker_soft_shutdown_timeout` and puts the rest
# back. Celery's own SIGTERM waits for every task, however long it takes, and is then killed with all it holds.
WORKER_ENVIRONMENT = {"REMAP_SIGTERM": "SIGQUIT"}
SCHEDULER = "telemetry_tasks.heartbeat.beat:Scheduler"


def worker_command(name: str, queues: tuple[str, ...], concurrency: int, *, log_level: str = "INFO") -> tuple[str, ...]:
    """A worker for the queues. ``name`` is its node's name, ``%h`` for the host.

    ``-E`` sends the events that Flower shows. Gossip and mingle only serve workers that talk to each other;
    these do not, and start quicker without.
    """
    # fmt: off
    return (
        *CELERY, "worker", "-P", "prefork", "-c", str(concurrency), "-Q", ",".join(queues), "-n", name,
        "--without-gossip", "--without-mingle", "-E", "-l", log_level,
    )
    # fmt: on


def beat_command(schedule: Path, *, log_level: str = "INFO") -> tuple[str, ...]:
    """The clock that sends the periodic tasks: run one only. ``schedule`` is its file."""
    return (*CLOCK, "beat", "-S", SCHEDULER, "-s", str(schedule), "--pidfile=", "-l", log_level)


TASK_COLUMNS = "name,state,args,kwargs,result,received,runtime,worker"
"""What Flower's table of tasks shows; its own choice leaves out arguments and progress."""

MOST_TASKS = 10_000
"""Tasks that Flower remembers of a fleet, 5 KB each: at its own 100,000 its memory grows for a day."""


def flower_command(
    address: str, port: int, database: Path | None = None, *, most_tasks: int = MOST_TASKS
) -> tuple[str, ...]:
    """Flower, which remembers the last ``most_tasks`` tasks.

    Its login goes into the environment (``flower_environment``), where `ps` does not show it.
    """
    kept = ("--persistent=True", f"--db={database}") if database else ()
    shown = (f"--tasks-columns={TASK_COLUMNS}", f"--max-tasks={most_tasks}", "--logging=none")
    return (*MONITOR, "flower", f"--address={address}", f"--port={port}", *shown, *kept)


FLOWER_ARGUMENTS: dict[str, str | None] = dict.fromkeys(
    f"FLOWER_{name}" for name in ("LOGGING", "ADDRESS", "PORT", "TASKS_COLUMNS", "MAX_TASKS", "PERSISTENT", "DB")
)
"""Flower reads these before its arguments, which say the same, and ends over one that it cannot read. Kubernetes sets
``FLOWER_PORT=tcp://…`` in every pod beside a Service ``flower``."""

FLOWER_ACCESS = (
    *("FLOWER_BASIC_AUTH", "FLOWER_AUTH", "FLOWER_AUTH_PROVIDER", "FLOWER_UNIX_SOCKET", "FLOWER_UNAUTHENTICATED_API"),
    *("FLOWER_OAUTH2_KEY", "FLOWER_OAUTH2_SECRET", "FLOWER_OAUTH2_REDIRECT_URI"),
)
"""Flower's own variables for its address and its logins, from the settings."""


def flower_environment(user_and_password: str) -> dict[str, str]:
    """``user:password``, several with commas between, as Flower reads them."""
    return {"FLOWER_BASIC_AUTH": user_and_password}


OAUTH_HANDLERS = {
    "google": "flower.views.auth.GoogleAuth2LoginHandler",
    "github": "flower.views.auth.GithubLoginHandler",
    "gitlab": "flower.views.auth.GitLabLoginHandler",
    "okta": "flower.views.auth.OktaLoginHandler",
}


def flower_oauth_environment(provider: str, key: str, secret: str, redirect: str, emails: str) -> dict[str, str]:
    """OAuth for Flower; ``emails`` says who may log in. In the environment, where `ps` does not show the secret."""
    return {
        "FLOWER_AUTH_PROVIDER": OAUTH_HANDLERS[provider],
        "FLOWER_AUTH": emails,
        "FLOWER_OAUTH2_KEY": key,
        "FLOWER_OAUTH2_SECRET": secret,
        "FLOWER_OAUTH2_REDIRECT_URI": redirect,
    }


def page_command(folder: Path | None, address: str, port: int) -> tuple[str, ...]:
    """The server of the page and of the published data."""
    server = (sys.executable, "-m", "telemetry_tasks.page_server")
    return (
        *server,
        "--address",
        address,
        "--port",
        str(port),
        *(("--folder", str(folder)) if folder else ()),
    )


def metrics_command() -> tuple[str, ...]:
    """The exporter of metrics. ``-P``: a folder ``workers`` in the working folder must not be imported."""
    return (sys.executable, "-P", "-m", "workers.metrics")


def simulate_command() -> tuple[str, ...]:
    """A client fleet that uploads new pings every minute until it is stopped."""
    return (sys.executable, "-m", "telemetry_tasks.cli.main", "simulate", "--ingest", "--follow", "--every", "60")
