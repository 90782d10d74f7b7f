"""From the options of `up` and the settings to the plan of what runs."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from telemetry_tasks.embedded import stages
from telemetry_tasks.embedded.data_folder import DataFolder
from telemetry_tasks.embedded.ports import Ports
from telemetry_tasks.embedded.stages import Plan
from telemetry_tasks.errors import OperatorError
from telemetry_tasks.page_server.built import check_built
from telemetry_tasks.settings import Settings
from telemetry_tasks.storage.redis.client import short_timeout_client


@dataclass(frozen=True, slots=True, kw_only=True)
class UpOptions:
    """The options of the command.

    ``data`` None: the setting's. ``port`` None: free ones, the same every time. ``redis`` and ``s3`` are URLs
    of servers to use instead of embedded ones. ``page_folder`` None: ``static/`` of the clone or the working
    folder.
    """

    data: Path | None = None
    port: int | None = None
    workers: int = 1
    redis: str | None = None
    s3: str | None = None
    simulate: bool = True
    flower: bool = True
    page: bool = True
    page_folder: Path | None = None
    verbose: bool = False
    json: bool = False


def make_plan(options: UpOptions, settings: Settings, folder: DataFolder, ports: Ports) -> tuple[Plan, dict[str, str]]:
    """What is to run, and the variables that other shells need to meet it.

    A Redis or S3 that the options or the environment name is used instead of an embedded one, unless it is
    the one that would be embedded: the shell may have read ``environment.sh`` of an earlier run. Raises
    ``OperatorError`` for an option that can come to nothing.
    """
    _check(options)
    secrets = folder.secrets()
    own_redis = stages.embedded_redis_environment(ports)
    own_s3 = stages.embedded_s3_environment(ports, secrets)
    redis = options.redis is None and not _elsewhere(settings, own_redis)
    s3 = options.s3 is None and not _elsewhere(settings, own_s3)
    shared = {name: value for name, value in stages.QUICK.items() if not _is_given(settings, name)}
    if redis:
        shared |= own_redis
    elif options.redis:
        shared |= {"TELEMETRY_BROKER_URL": options.redis, "TELEMETRY_REDIS_URL": options.redis}
    if s3:
        shared |= own_s3
    elif options.s3:
        shared |= {"TELEMETRY_S3_ENDPOINT_URL": options.s3}
    # invented pings must never get into a bucket that may hold real ones
    simulate = options.simulate and s3
    if simulate and not settings.definitions:
        shared |= stages.simulation_environment()
    # a session token of the shell's own AWS login would spoil the embedded server's keys
    cleared = {"AWS_SESSION_TOKEN": None, "AWS_PROFILE": None} if s3 else {}
    plan = Plan(
        folder=folder,
        ports=ports,
        secrets=secrets,
        environment={**cleared, **shared},
        broker_url=shared.get("TELEMETRY_BROKER_URL", settings.broker_address),
        broker_prefix=settings.broker_prefix,
        redis=redis,
        s3=s3,
        workers=options.workers,
        simulate=simulate,
        flower=options.flower,
        serve_page=options.page,
        page=options.page_folder or _page_folder(),
        redis_max_bytes=settings.embedded_redis_bytes,
    )
    return plan, shared


def _check(options: UpOptions) -> None:
    if options.redis is not None:
        short_timeout_client(options.redis, 1.0)  # refuses an invalid address; it does not connect
    if options.s3 is not None and options.s3.partition("://")[0] not in ("http", "https"):
        raise OperatorError(f"--s3 {options.s3} is not an S3 endpoint: use http://host:port or https://host")
    folder = options.page_folder or _page_folder()
    if options.page and folder is not None:
        check_built(folder)


def _is_given(settings: Settings, variable: str) -> bool:
    return variable.removeprefix("TELEMETRY_").lower() in settings.model_fields_set


def _elsewhere(settings: Settings, own: dict[str, str]) -> bool:
    """Whether the environment names another server or bucket than the embedded one."""
    names = [name for name in own if name.endswith("_URL") and _is_given(settings, name)]
    return any(_plain(getattr(settings, name.removeprefix("TELEMETRY_").lower())) != own[name] for name in names)


def _plain(value: object) -> str:
    reveal: Callable[[], str] | None = getattr(value, "get_secret_value", None)
    return reveal() if reveal else str(value)


def _page_folder() -> Path | None:
    """``static/`` of the clone that this package is in, else of the working folder."""
    clone = Path(__file__).resolve().parents[2]
    return next(
        (folder for folder in (clone / "static", Path("static").resolve()) if (folder / "index.html").is_file()),
        None,
    )
