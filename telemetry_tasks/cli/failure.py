"""What a command that failed leaves behind: one line that says what to do, and an exit code."""

import sys
import traceback as traces

from rich.console import Console
from rich.text import Text

from telemetry_tasks.errors import InfrastructureError, TelemetryError

FAILED, PARTLY, UNAVAILABLE = 1, 3, 4


def exit_code_of(error: TelemetryError) -> int:
    """4 if trying again may help, else 1."""
    return UNAVAILABLE if isinstance(error, InfrastructureError) else FAILED


def show_error(error: TelemetryError, *, traceback: bool = False) -> None:
    """Writes the error to stderr, in one line whatever its text; red on a terminal."""
    if traceback:
        traces.print_exception(error, file=sys.stderr)
    message = " ".join(str(error).split()) or type(error).__name__
    line = Text.assemble(("telemetry-tasks: error: ", "bold red"), (message, "red"))
    Console(stderr=True, highlight=False).print(line, soft_wrap=True)
