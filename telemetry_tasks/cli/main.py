"""The console command ``telemetry-tasks``: its global options. The commands are in the other files of this folder."""

import os

# numpy's linear algebra is not used: its threads would only spin. Must be set before numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# pydantic would look through all installed packages for plugins: a tenth of the time of a short command.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

from pathlib import Path
from typing import Annotated

import typer

from telemetry_tasks import __version__
from telemetry_tasks.cli.catalogue import HELP_NAMES, CommandGroup
from telemetry_tasks.cli.encoding import spell_out_what_cannot_be_shown
from telemetry_tasks.cli.environment import load_environment
from telemetry_tasks.cli.examples import examples
from telemetry_tasks.embedded.data_folder import DataFolder

NAME = "telemetry-tasks"

app = typer.Typer(
    cls=CommandGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": HELP_NAMES},
    epilog=examples(
        "telemetry-tasks up",
        "telemetry-tasks aggregate pings/ -o result.tt",
        "telemetry-tasks --data data status",
        closing="Every setting is a variable TELEMETRY_…, see docs/configuration.md. Exit codes: 0 done, 1 failed, "
        "2 wrong usage, 3 done but for some of the input, 4 a service did not answer (try again), 130 interrupted.",
    ),
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"{NAME} {__version__}")
        raise typer.Exit()


@app.callback()
def main(
    data: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Meet the services of the `up` that runs on this data folder."),
    ] = None,
    environment: Annotated[
        Path | None,
        typer.Option(
            envvar="TELEMETRY_ENVIRONMENT",
            metavar="FILE",
            help="Take settings from a file of NAME=value lines; it wins over the variables of the shell.",
        ),
    ] = None,
    debug: Annotated[
        bool, typer.Option("--debug", envvar="TELEMETRY_DEBUG", help="Show where in the program an error occurred.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Client pings in, published distributions out: aggregation over Celery, Redis and S3."""
    for file in (environment, data and DataFolder(data).environment):
        if file is not None:
            load_environment(file)


def run() -> None:
    """The entry point; ends the process with the command's exit code."""
    spell_out_what_cannot_be_shown()
    app(prog_name=NAME)


if __name__ == "__main__":
    run()
