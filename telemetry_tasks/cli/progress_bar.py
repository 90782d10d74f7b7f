"""Progress on a terminal; nothing if stderr is not a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from telemetry_tasks.cli.console import err

Advance = Callable[[float], None]


@contextmanager
def progress(title: str, total: float, *, unit: str = "bytes") -> Iterator[Advance]:
    """A bar with an estimate of the time left; gives what moves it on. ``unit`` is bytes or what is counted."""
    console = err()
    if not console.is_terminal:
        yield lambda step: None
        return
    from rich import progress as bars  # 40 ms, for terminals only

    amount = (
        (bars.DownloadColumn(), bars.TransferSpeedColumn())
        if unit == "bytes"
        else (bars.MofNCompleteColumn(), bars.TextColumn(unit))
    )
    columns = (bars.TextColumn("{task.description}"), bars.BarColumn(), *amount, bars.TimeRemainingColumn())
    with bars.Progress(*columns, console=console, transient=True) as display:
        task = display.add_task(title, total=total)
        yield lambda step: display.advance(task, step)


@contextmanager
def spinner(title: str) -> Iterator[Callable[[str], None]]:
    """A line that tells what is done now; gives what changes it."""
    console = err()
    if not console.is_terminal:
        yield lambda what: None
        return
    with console.status(title) as display:
        yield lambda what: display.update(f"{title}: {what}")
