"""``up``: everything on this machine."""

from pathlib import Path
from typing import Annotated

import typer

from telemetry_tasks.cli.examples import examples
from telemetry_tasks.embedded.planning import UpOptions
from telemetry_tasks.embedded.up import run_up

app = typer.Typer(rich_markup_mode="rich")


@app.command(
    "up",
    epilog=examples(
        "telemetry-tasks up",
        "telemetry-tasks up --data /var/lib/telemetry --port 8000 --workers 4 --no-simulate",
        "telemetry-tasks up --s3 https://s3.eu-central-1.amazonaws.com --redis redis://cache:6379/0",
        "telemetry-tasks --data data status",
    ),
)
def up(
    data: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="The folder for all data; TELEMETRY_DATA_DIR if not given."),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=65500,
            metavar="N",
            help="Port of the page; N to N+9 are taken, and N+10004 to N+10008 by the object store (gRPC). "
            "Without it: free ones, kept for the folder.",
        ),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Workers, of two processes each.")] = 1,
    redis: Annotated[str | None, typer.Option(metavar="URL", help="Use this Redis instead of an embedded one.")] = None,
    s3: Annotated[
        str | None, typer.Option(metavar="URL", help="Use this S3 endpoint instead of an embedded one.")
    ] = None,
    simulate: Annotated[
        bool, typer.Option("--simulate/--no-simulate", help="Feed it pings of a simulated fleet.")
    ] = True,
    flower: Annotated[bool, typer.Option("--flower/--no-flower", help="Run Flower, the view of the workers.")] = True,
    page: Annotated[bool, typer.Option("--page/--no-page", help="Serve the page and the published data.")] = True,
    page_folder: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="The page's files; static/ of the clone if not given.")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show the log lines of all processes.")] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print the addresses as one JSON document when all is ready.")
    ] = False,
) -> None:
    """Runs everything on this machine: Redis, S3, workers, beat, Flower, metrics, the page.

    Prints the addresses when all is ready; Ctrl-C stops everything, and the data stay. The other commands meet it with
    `telemetry-tasks --data FOLDER`. Simulated pings go into the embedded S3 only, never into a bucket that may hold
    real ones.
    """
    options = UpOptions(
        data=data,
        port=port,
        workers=workers,
        redis=redis,
        s3=s3,
        simulate=simulate,
        flower=flower,
        page=page,
        page_folder=page_folder,
        verbose=verbose,
        json=json,
    )
    raise typer.Exit(run_up(options))
