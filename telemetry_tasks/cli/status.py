"""``status``: one look at a deployment."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from telemetry_tasks.bootstrap import services as services_of
from telemetry_tasks.cli.checks.redis_servers import connect
from telemetry_tasks.cli.console import duration, out, print_json, size
from telemetry_tasks.cli.examples import examples
from telemetry_tasks.cli.failure import FAILED, exit_code_of
from telemetry_tasks.cli.services import command_settings
from telemetry_tasks.errors import InfrastructureError, TelemetryError
from telemetry_tasks.pipeline.lateness import Late
from telemetry_tasks.pipeline.status import Status, VersionStatus
from telemetry_tasks.pipeline.status import status as status_of
from telemetry_tasks.settings import Settings
from telemetry_tasks.storage.broker import check_room, queue_lengths
from telemetry_tasks.storage.redis_errors import shown

app = typer.Typer(rich_markup_mode="rich")
LEAST_LATE = 3600.0
COLUMNS = ("files", "waiting", "running", "unmerged", "counted", "missing", "oldest", "unpublished")


@app.command(
    "status",
    epilog=examples(
        "telemetry-tasks --data data status",
        "telemetry-tasks status --watch --every 5",
        "telemetry-tasks status --json | jq .problems",
    ),
)
def status(
    watch: Annotated[bool, typer.Option("--watch", help="Show it again and again, until stopped.")] = False,
    every: Annotated[float, typer.Option(metavar="SECONDS", min=0.5, help="How often, with --watch.")] = 2.0,
    json: Annotated[bool, typer.Option("--json", help="As one JSON document.")] = False,
) -> None:
    """Shows what waits, what is late, what failed, and when was published last.

    Partitions are waiting for a worker, running, unmerged (aggregated, and not in the state yet) or counted; oldest
    is the age of the first that waits, unpublished that of the first file that readers do not see. What is late is
    set by TELEMETRY_LATE_PARTITION, TELEMETRY_LATE_PUBLISH and TELEMETRY_LATE_CHECKPOINT. Exit code 1 where something
    needs a person; it says what. With --watch, Ctrl-C ends it with the exit code of the last look.
    """
    settings = command_settings()
    if watch and json:
        raise typer.BadParameter("gives no single document: leave out --json or --watch", param_hint="--watch")
    if watch:
        raise typer.Exit(_watch(settings, every))
    found = _look(settings)
    if json:
        print_json(found.document())
    else:
        out().print(_screen(found))
    if not found.healthy:
        raise typer.Exit(FAILED)


def _look(settings: Settings) -> Status:
    services, url = services_of(settings), settings.broker_address
    queues, away = None, None
    try:
        client = connect(url)
        queues = queue_lengths(client, shown(url)).waiting
        check_room(client, shown(url))
    except TelemetryError as error:  # the rest can be told all the same
        away = str(error)
    return status_of(services, services.published.now(), _late(settings), queues, away)


def _late(settings: Settings) -> Late:
    return Late(
        settings.late_partition,
        settings.late_publish or max(LEAST_LATE, 3 * settings.publish_interval),
        settings.late_checkpoint or max(LEAST_LATE, 2 * settings.checkpoint_interval),
    )


def _watch(settings: Settings, every: float) -> int:
    """Looks until it is interrupted; the exit code of the last look."""
    code = 0
    with Live(console=out(), auto_refresh=False) as display:
        try:
            while True:
                screen, code = _look_or_reason(settings)
                display.update(screen, refresh=True)
                time.sleep(every)
        except KeyboardInterrupt:
            return code


def _look_or_reason(settings: Settings) -> tuple[RenderableType, int]:
    try:
        found = _look(settings)
    except InfrastructureError as error:  # may be back at the next look
        return Text(f"{datetime.now(UTC):%H:%M:%S} {error}", "red"), exit_code_of(error)
    return _screen(found), 0 if found.healthy else FAILED


def _screen(found: Status) -> Group:
    return Group(*_parts(found))


def _parts(found: Status) -> Iterator[RenderableType]:
    yield Text("healthy", "bold green") if found.healthy else Text("not healthy", "bold red")
    for problem in found.problems:
        yield Text(f"  {problem}", "red")
    yield Text(f"published    {_moment(found.published, found.published_age)}")
    yield Text(f"check-point  {_moment(found.check_point, found.check_point_age)}")
    most = f" of {size(found.redis_most)}" if found.redis_most else ", no limit set"
    yield Text(f"Redis        {size(found.redis_used)}{most}")
    if found.ignored:
        yield Text(f"ignored      {found.ignored:,} objects of the input bucket: their keys are none of ping files")
    if found.trouble and not any(found.trouble.reason in problem for problem in found.problems):
        yield Text(f"trouble      {found.trouble.task}: {found.trouble.reason}", "yellow")
    if found.refused:
        what = ", ".join(f"{reason} {number:,}" for reason, number in found.refused.items())
        yield Text(f"refused      messages that are none of ours: {what}", "yellow")
    if found.queues:
        yield Text("queues       " + ", ".join(f"{name} {length:,}" for name, length in found.queues.items()))
    if found.versions:
        yield Text()
        yield _table(found.versions)
    for name, id, done, all in ((v.name, *job) for v in found.versions for job in v.jobs):
        yield Text(f"reprocessing {name}: job {id}, {done} of {all} partitions")
    for name, reason, dimension, number, pings in ((v.name, *fold) for v in found.versions for fold in v.folded):
        what = f"options of {dimension}" if dimension else "populations"
        yield Text(f"folded       {name}: {number:,} {what} ({pings:,} pings) into OTHER, {reason}")
    if found.missing:
        yield Text()
        yield Text("missing files, and why", "bold")
        for key, reason in found.missing:
            yield Text(f"  {key}: {reason}")


def _moment(stamp: str | None, age: float | None) -> str:
    if stamp is None:
        return "never"
    return stamp if age is None else f"{stamp}, {duration(age)} ago"


def _table(versions: tuple[VersionStatus, ...]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("channel/version", no_wrap=True)
    for column in COLUMNS:
        table.add_column(column, justify="right")
    for v in versions:
        numbers = (v.files, v.waiting, v.dispatched, v.finished, v.counted, v.missing)
        ages = ("" if age is None else duration(age) for age in (v.oldest_waiting, v.oldest_unpublished))
        table.add_row(v.name, *(f"{number:,}" for number in numbers), *ages)
    return table
