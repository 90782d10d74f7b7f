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

from telemetry_tasks.cli.console import duration, out, print_json, size
from telemetry_tasks.cli.examples import examples
from telemetry_tasks.cli.failure import FAILED
from telemetry_tasks.cli.services import command_services
from telemetry_tasks.errors import InfrastructureError
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.pipeline.status import Status, VersionStatus
from telemetry_tasks.pipeline.status import status as look

app = typer.Typer(rich_markup_mode="rich")
COLUMNS = ("files", "waiting", "running", "unmerged", "counted", "missing", "oldest")


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

    Partitions are waiting for a worker, running, unmerged (aggregated, and not in the state yet) or counted. Exit
    code 1 where something needs a person; it says what.
    """
    services = command_services()
    if watch and json:
        raise typer.BadParameter("gives no single document: leave out --json or --watch", param_hint="--watch")
    if watch:
        _watch(services, every)
    found = look(services, services.published.now())
    if json:
        print_json(found.document())
    else:
        out().print(_screen(found))
    if not found.healthy:
        raise typer.Exit(FAILED)


def _watch(services: Services, every: float) -> None:
    with Live(console=out(), auto_refresh=False) as display:
        while True:
            display.update(_look_or_reason(services), refresh=True)
            time.sleep(every)


def _look_or_reason(services: Services) -> RenderableType:
    try:
        return _screen(look(services, services.published.now()))
    except InfrastructureError as error:  # may be back at the next look
        return Text(f"{datetime.now(UTC):%H:%M:%S} {error}", "red")


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
    if found.versions:
        yield Text()
        yield _table(found.versions)
    for name, id, done, all in ((v.name, *job) for v in found.versions for job in v.jobs):
        yield Text(f"reprocessing {name}: job {id}, {done} of {all} partitions")
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
        oldest = "" if v.oldest_waiting is None else duration(v.oldest_waiting)
        table.add_row(v.name, *(f"{number:,}" for number in numbers), oldest)
    return table
