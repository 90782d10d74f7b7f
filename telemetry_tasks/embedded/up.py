"""``telemetry-tasks up``: everything on this machine, under one process."""

import os
import time
from collections.abc import Callable

from rich.console import Console
from rich.markup import escape

from telemetry_tasks.embedded import stages
from telemetry_tasks.embedded.addresses import Addresses, as_json, print_table
from telemetry_tasks.embedded.data_folder import DataFolder
from telemetry_tasks.embedded.disk_space import DiskSpace
from telemetry_tasks.embedded.planning import UpOptions, make_plan
from telemetry_tasks.embedded.ports import LOOPBACK, choose_ports
from telemetry_tasks.embedded.stages import Plan
from telemetry_tasks.embedded.supervisor import Supervisor
from telemetry_tasks.errors import OperatorError
from telemetry_tasks.settings import Settings, load_settings, refuse_celery_variables
from telemetry_tasks.storage.redis.errors import redacted


def run_up(options: UpOptions) -> int:
    """Runs until Ctrl-C or SIGTERM; returns the exit code. ``OperatorError`` when it cannot start."""
    began = time.monotonic()
    if options.workers < 1:
        raise OperatorError("--workers has to be 1 or more")
    refuse_celery_variables(os.environ)
    settings = load_settings()
    folder = DataFolder((options.data or settings.data_dir).resolve())
    lock = folder.lock()
    console = Console(stderr=True, highlight=False)
    ports = choose_ports(folder.ports, options.port)
    plan, shared = make_plan(options, settings, folder, ports)
    folder.write_environment(shared)
    supervisor: Supervisor

    def some_worker_runs() -> bool:
        return any(name.startswith("worker-") for name in supervisor.running())

    def say(line: str) -> None:
        console.print(escape(line), style="yellow", soft_wrap=True)

    disk_space = DiskSpace(folder.root, settings.data_dir_least_free, say)
    change_log = stages.change_log(plan, say)

    def look() -> None:
        disk_space.look()
        if change_log is not None:
            change_log.look()

    supervisor = Supervisor(
        stages.stages(plan, some_worker_runs),
        folder.logs,
        say=say,
        echo=_echo(console) if options.verbose else None,
        keep_open=(lock.inherited,),
        look=look,
    )

    def tell() -> None:
        addresses = _addresses(plan, shared, settings, time.monotonic() - began)
        if options.json:
            print(as_json(addresses), flush=True)
        else:
            print_table(addresses, Console())

    try:
        supervisor.run(tell)
    finally:
        if change_log is not None:
            change_log.stop()
    if not options.json:
        console.print("Stopped.")
    return 0


def _echo(console: Console) -> Callable[[str, str], None]:
    return lambda name, line: console.print(f"[dim]{escape(name):>12} |[/dim] {escape(line)}", soft_wrap=True)


def _addresses(plan: Plan, shared: dict[str, str], settings: Settings, seconds: float) -> Addresses:
    page = f"http://{LOOPBACK}:{plan.ports.page}/" if plan.serve_page else None
    return Addresses(
        page=page if plan.page else None,
        data=page and f"{page}data/",
        flower=f"http://{LOOPBACK}:{plan.ports.flower}/" if plan.flower else None,
        flower_user=stages.FLOWER_USER if plan.flower else None,
        flower_password=plan.secrets.flower_password if plan.flower else None,
        metrics=f"http://{LOOPBACK}:{plan.ports.metrics}/metrics",
        s3=shared.get("TELEMETRY_S3_ENDPOINT_URL", settings.s3_endpoint_url or "AWS"),
        published=shared.get("TELEMETRY_PUBLISHED_URL", settings.published_url),
        redis_state=redacted(shared.get("TELEMETRY_REDIS_URL", settings.redis_url.get_secret_value())),
        redis_broker=redacted(plan.broker_url),
        data_dir=str(plan.folder.root),
        logs=str(plan.folder.logs),
        environment=str(plan.folder.environment),
        ready_seconds=round(seconds, 1),
    )
