"""What `up` runs: which services are embedded, and the stages in which their processes start."""

import http.client
import json
import signal
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from telemetry_tasks.embedded import commands
from telemetry_tasks.embedded.celery_probe import restore_unacknowledged, worker_answers
from telemetry_tasks.embedded.change_log import ChangeLog
from telemetry_tasks.embedded.child import ChildSpec
from telemetry_tasks.embedded.data_folder import DataFolder, Secrets
from telemetry_tasks.embedded.ports import LOOPBACK, Ports
from telemetry_tasks.embedded.redis_server import redis_spec, redis_url
from telemetry_tasks.embedded.s3_server import REGION, s3_endpoint, s3_service_ports, s3_spec, weed_binary
from telemetry_tasks.embedded.supervisor import Stage
from telemetry_tasks.errors import InfrastructureError
from telemetry_tasks.simulation.measures import definitions_folder
from telemetry_tasks.storage.redis.broker import QUEUES

PRIVATE_BUCKETS = ("telemetry-work", "telemetry-pings")
PUBLIC_BUCKET = "telemetry"
FLOWER_USER = "telemetry"
FLOWER_TASKS = 2_000
"""Some 25 minutes of the periodic tasks of `up`."""

PROCESSES_A_WORKER = 2
HTTP_SECONDS = 2.0

# One person looks at one machine: what takes minutes in a fleet should be seen at once.
QUICK = {
    "TELEMETRY_DISCOVER_INTERVAL": "2",
    "TELEMETRY_PARTITION_AGE": "2",
    "TELEMETRY_MERGE_INTERVAL": "2",
    "TELEMETRY_PUBLISH_INTERVAL": "5",
    "TELEMETRY_SWEEP_INTERVAL": "15",
    "TELEMETRY_SOFT_SHUTDOWN": "5",
    # a publish a minute: what is replaced may not stay for a day, as in a fleet
    "TELEMETRY_GRACE_TIME": "1800",
    "TELEMETRY_GARBAGE_INTERVAL": "300",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What runs.

    ``redis`` and ``s3`` say whether they are embedded; ``workers`` counts worker nodes; ``environment`` is
    what all but the servers get, None for what they must not see. Without a ``page`` folder the page's server
    serves the published data only.
    """

    folder: DataFolder
    ports: Ports
    secrets: Secrets
    environment: Mapping[str, str | None]
    broker_url: str
    broker_prefix: str
    redis: bool
    s3: bool
    workers: int
    simulate: bool
    flower: bool
    serve_page: bool
    page: Path | None
    redis_max_bytes: int


def embedded_redis_environment(ports: Ports) -> dict[str, str]:
    return {
        "TELEMETRY_BROKER_URL": redis_url(ports.redis_broker),
        "TELEMETRY_REDIS_URL": redis_url(ports.redis_state),
    }


def embedded_s3_environment(ports: Ports, secrets: Secrets) -> dict[str, str]:
    return {
        "TELEMETRY_S3_ENDPOINT_URL": s3_endpoint(ports.s3),
        "TELEMETRY_S3_ADDRESSING_STYLE": "path",
        "TELEMETRY_S3_REGION": REGION,
        "TELEMETRY_INPUT_URL": f"s3://{PRIVATE_BUCKETS[1]}",
        "TELEMETRY_RESULTS_URL": f"s3://{PRIVATE_BUCKETS[0]}",
        "TELEMETRY_PUBLISHED_URL": f"s3://{PUBLIC_BUCKET}",
        "AWS_ACCESS_KEY_ID": secrets.access_key,
        "AWS_SECRET_ACCESS_KEY": secrets.secret_key,
    }


def simulation_environment() -> dict[str, str]:
    """The location of the simulated clients' histogram definitions."""
    return {"TELEMETRY_DEFINITIONS": json.dumps([str(definitions_folder())])}


def stages(plan: Plan, some_worker_runs: Callable[[], bool]) -> list[Stage]:
    """The processes in the order of their start. ``some_worker_runs`` is asked before a worker starts."""
    workers = (_worker(plan, number, some_worker_runs) for number in range(1, plan.workers + 1))
    groups = (tuple(_servers(plan)), tuple(workers), tuple(_others(plan)))
    return [Stage(group) for group in groups if group]


def change_log(plan: Plan, say: Callable[[str], None]) -> ChangeLog | None:
    """Keeps the embedded object store's change log short; None if that store is not embedded."""
    if not plan.s3:
        return None
    master, _, filer = s3_service_ports(plan.ports.s3)
    return ChangeLog(weed_binary(), master, filer, plan.folder.logs / "s3-change-log.log", say)


def _servers(plan: Plan) -> Iterator[ChildSpec]:
    root, ports, limit = plan.folder.root, plan.ports, plan.redis_max_bytes
    if plan.redis:
        yield redis_spec("redis-broker", ports.redis_broker, root / "redis-broker", max_bytes=limit)
        yield redis_spec("redis-state", ports.redis_state, root / "redis-state", max_bytes=limit)
    if plan.s3:
        yield s3_spec("s3", ports.s3, root / "s3", plan.secrets, private=PRIVATE_BUCKETS, public=PUBLIC_BUCKET)


def _worker(plan: Plan, number: int, some_worker_runs: Callable[[], bool]) -> ChildSpec:
    name = f"worker-{number}"
    node = f"{name}@{LOOPBACK}"

    def take_back() -> None:
        if plan.redis and not some_worker_runs():
            restore_unacknowledged(plan.broker_url, plan.broker_prefix)

    return ChildSpec(
        name=name,
        command=(
            *commands.worker_command(node, QUEUES, PROCESSES_A_WORKER),
            *("-I", "telemetry_tasks.embedded.prefork_children"),
        ),
        environment={**plan.environment, **commands.WORKER_ENVIRONMENT},
        ready=lambda: worker_answers(plan.broker_url, plan.broker_prefix, node),
        ready_seconds=60.0,
        # the soft shutdown and some; what is cut off all the same is taken back at the next start
        stop_seconds=20.0,
        # SIGTERM would let it finish its tasks against servers that are going away
        death_signal=signal.SIGKILL,
        before_start=take_back,
    )


def _others(plan: Plan) -> Iterator[ChildSpec]:
    environment, ports = plan.environment, plan.ports
    yield ChildSpec(
        name="beat",
        command=commands.beat_command(plan.folder.root / "beat-schedule"),
        environment=environment,
    )
    if plan.flower:
        login = commands.flower_environment(f"{FLOWER_USER}:{plan.secrets.flower_password}")
        yield ChildSpec(
            name="flower",
            command=commands.flower_command(LOOPBACK, ports.flower, most_tasks=FLOWER_TASKS),
            environment={**environment, **commands.FLOWER_ARGUMENTS, **login},
            ready=lambda: http_answers(f"http://{LOOPBACK}:{ports.flower}/healthcheck"),
        )
    if plan.serve_page:
        yield ChildSpec(
            name="page",
            command=commands.page_command(plan.page, LOOPBACK, ports.page),
            environment=environment,
            ready=lambda: http_answers(f"http://{LOOPBACK}:{ports.page}/"),
        )
    yield ChildSpec(
        name="metrics",
        command=commands.metrics_command(),
        environment={
            **environment,
            "TELEMETRY_METRICS_ADDRESS": LOOPBACK,
            "TELEMETRY_METRICS_PORT": str(ports.metrics),
        },
        ready=lambda: http_answers(f"http://{LOOPBACK}:{ports.metrics}/metrics"),
    )
    if plan.simulate:
        yield ChildSpec(name="simulate", command=commands.simulate_command(), environment=environment, may_finish=True)


def http_answers(url: str) -> bool:
    """Whether a web server answers, if only that there is nothing. Else ``InfrastructureError``."""
    try:
        with urllib.request.urlopen(url, timeout=HTTP_SECONDS):
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except (OSError, http.client.HTTPException) as error:
        raise InfrastructureError(f"{url}: {error}") from error
