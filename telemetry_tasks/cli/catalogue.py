"""The commands by name. The module of a command is imported when the command runs, so that each starts quickly."""

import errno
import importlib
import os
import re
import sys
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from telemetry_tasks.cli.failure import exit_code_of, show_error
from telemetry_tasks.errors import OperatorError, TelemetryError

START, FILES, BUCKET, CARE = "Start", "Without a server", "The pipeline", "Care"

COMMANDS: dict[str, tuple[str, str, str]] = {
    "up": (START, "up", "Runs everything on this machine: Redis, S3, workers, beat, Flower, metrics, the page."),
    "simulate": (START, "simulate", "Makes pings of a client fleet that never was."),
    "doctor": (START, "doctor", "Checks settings and services, and says how to fix what is wrong."),
    "aggregate": (FILES, "aggregate", "Adds up ping files into a result."),
    "merge": (FILES, "results", "Adds up results over different ping files."),
    "export-result": (FILES, "results", "Writes a result as text, one line a measure and kind of date."),
    "import-result": (FILES, "results", "Reads a result back from its text."),
    "query": (FILES, "query", "Reads what is published: channel/versions, measures, or one measure by date."),
    "export-parquet": (FILES, "export_parquet", "Writes what is published as Parquet files, a row a bucket."),
    "ingest": (BUCKET, "ingest", "Uploads ping files to the input bucket, under their keys."),
    "discover": (BUCKET, "discover", "Looks for new ping files and registers them."),
    "publish": (BUCKET, "publishing", "Publishes what changed, and writes published documents again that are gone."),
    "export": (
        BUCKET,
        "export",
        "Writes what counts now as a snapshot that `query` and programs read.",
    ),
    "checkpoint": (BUCKET, "publishing", "Saves the whole state to the published bucket."),
    "restore": (BUCKET, "publishing", "Puts the state of a checkpoint into Redis."),
    "collect-garbage": (BUCKET, "publishing", "Removes old snapshots and checkpoints, and leftovers of lost work."),
    "status": (CARE, "status", "Shows what waits, what is late, what failed, and when was published last."),
    "reprocess": (CARE, "reprocess", "Recomputes partitions from their ping files."),
    "retry-missing": (CARE, "reprocess", "Tries the files again that are on the list of missing files."),
    "verify": (CARE, "verify", "Recomputes from the ping files, and reports what differs."),
}
"""Name: panel of the help, module in this folder, first line of its help."""


HELP_NAMES = ["-h", "--help"]
FULL = (errno.ENOSPC, errno.EDQUOT)


class LazyCommand(TyperCommand):
    """Stands in the list of commands for one whose module is not imported yet."""

    def __init__(self, name: str, panel: str, module: str, summary: str) -> None:
        super().__init__(name=name, callback=None, help=summary, short_help=summary, rich_help_panel=panel)
        self._module = module

    def load(self) -> Any:
        """The command itself."""
        module = importlib.import_module(f"telemetry_tasks.cli.{self._module}")
        command = get_group(module.app).commands[self.name or ""]
        command.help = re.sub(r"(?<!\n)\n(?!\n)", " ", command.help or "")  # the terminal's width breaks lines
        _show_flags_without_values(command.get_params(typer.Context(command, help_option_names=HELP_NAMES)))
        return command

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        command = self.load()
        if parent is not None:
            _refuse_misplaced(command, args, parent)
        return command.make_context(info_name, args, parent=parent, **extra)


def _show_flags_without_values(parameters: list[Any]) -> None:
    """Some versions of typer write ``<bool>`` beside a flag in the help, as if it took a value."""
    for parameter in parameters:
        if getattr(parameter, "is_flag", False):
            parameter.metavar = ""


def _refuse_misplaced(command: Any, args: list[str], group: Any) -> None:
    """Says where to put a global option that was given after the command."""
    own = {name for option in command.params for name in option.opts}
    ours = {name for option in group.command.params for name in option.opts} - own
    for name in (argument.partition("=")[0] for argument in args):
        if name in ours:
            raise typer.BadParameter(
                f"it stands before the command: telemetry-tasks {name} … {command.name}", ctx=group, param_hint=name
            )


class CommandGroup(TyperGroup):
    """All commands; what a command raises on purpose becomes one line and an exit code."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, (panel, module, summary) in COMMANDS.items():
            self.add_command(LazyCommand(name, panel, module, summary))

    def get_params(self, ctx: Any) -> Any:
        parameters = super().get_params(ctx)
        _show_flags_without_values(parameters)
        return parameters

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except TelemetryError as error:
            raise self._told(ctx, error) from error
        except OSError as error:
            if error.errno not in FULL:
                raise
            _give_up_stdout()
            raise self._told(
                ctx, OperatorError(f"the output cannot be written: {error.strerror}: make room")
            ) from error

    @staticmethod
    def _told(ctx: Any, error: TelemetryError) -> typer.Exit:
        show_error(error, traceback=bool(ctx.params.get("debug")))
        return typer.Exit(exit_code_of(error))


def _give_up_stdout() -> None:
    """If stdout is closed, discards its buffer: otherwise Python would fail on it once more at exit."""
    try:
        sys.stdout.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
