"""``simulate``: pings of a client fleet that never was, into a folder or the input bucket."""

import sys
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from telemetry_tasks.bootstrap import input_store, results_store
from telemetry_tasks.cli.command_services import command_settings
from telemetry_tasks.cli.console import print_json, remark, say, size
from telemetry_tasks.cli.examples import examples
from telemetry_tasks.cli.progress_bar import progress
from telemetry_tasks.cli.simulated_feed import Feed, Fleet, days_before, follow
from telemetry_tasks.errors import OperatorError
from telemetry_tasks.settings import Settings
from telemetry_tasks.simulation.files import Packing, SimulatedFile

app = typer.Typer(rich_markup_mode="rich")


class Format(StrEnum):
    """The names of ``COMPRESSIONS``."""

    LZMA = "lzma"
    XZ = "xz"
    GZ = "gz"
    ZST = "zst"
    NONE = "none"


class Tally:
    """Adds up what was made."""

    def __init__(self) -> None:
        self.files = self.bytes = self.good = self.bad = 0

    def add(self, file: SimulatedFile) -> None:
        self.files += 1
        self.bytes += len(file.body)
        self.good += file.good
        self.bad += file.bad

    def document(self) -> dict[str, int]:
        """For scripts."""
        return {"files": self.files, "bytes": self.bytes, "pings": self.good, "bad_lines": self.bad}

    def __str__(self) -> str:
        return f"{self.good:,} pings and {self.bad:,} bad lines in {self.files:,} files, {size(self.bytes)}"


@app.command(
    "simulate",
    epilog=examples(
        "telemetry-tasks simulate --out pings/ --days 30 --clients 1000 --format lzma",
        "telemetry-tasks --data data simulate --ingest --days 28",
        "telemetry-tasks --data data simulate --ingest --follow --every 5 --pings 50",
    ),
)
def simulate(
    out: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Write files below this folder.")] = None,
    ingest: Annotated[bool, typer.Option("--ingest", help="Upload to the input bucket.")] = False,
    days: Annotated[int, typer.Option(min=0, max=1000, help="Days of history, up to yesterday.")] = 14,
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="The day after the history; today if not given."),
    ] = None,
    clients: Annotated[
        int, typer.Option(min=1, max=1_000_000, help="Clients of the fleet; each sends 0.9 pings a day.")
    ] = 200,
    seed: Annotated[int, typer.Option(min=0, help="Another seed is another fleet.")] = 1,
    format: Annotated[Format, typer.Option(help="How files are packed.")] = Format.ZST,
    bad: Annotated[float, typer.Option(min=0, max=1, help="Share of bad lines.")] = 0.005,
    following: Annotated[bool, typer.Option("--follow", help="Then go on with pings of today, until stopped.")] = False,
    every: Annotated[float, typer.Option(min=1, max=3600, help="Seconds between pings of today.")] = 30.0,
    pings: Annotated[int, typer.Option(min=1, max=10_000, help="Pings each time.")] = 20,
    json: Annotated[bool, typer.Option("--json", help="Tell what was done as one JSON document.")] = False,
) -> None:
    """Makes pings of a client fleet that never was.

    The same options give the same files, byte by byte; see docs/simulation.md for what is in them. With --ingest they
    go to TELEMETRY_INPUT_URL; days that are there already are left out, TELEMETRY_RESULTS_URL keeps which those are.
    """
    if (out is None) is not ingest:
        raise typer.BadParameter("say where the pings go: either --out FOLDER or --ingest")
    if following and not ingest:
        raise typer.BadParameter("goes with --ingest", param_hint="--follow")
    fleet = Fleet(seed, clients, Packing(format.value, bad_share=bad))
    past = days_before(until.date() if until else datetime.now(UTC).date(), days)
    tally = Tally()
    if out is not None:
        _write(out, fleet, past, tally)
        _tell(tally, json)
        return
    settings = command_settings()
    feed = Feed(fleet, input_store(settings), results_store(settings), settings.s3_max_connections)
    there = len(past) - _send_history(feed, past, tally)
    _tell(tally, json, f"; {there} days were there already" if there else "")
    if following:
        _follow(feed, settings, pings, every)


def _write(out: Path, fleet: Fleet, days: list[date], tally: Tally) -> None:
    with progress("Simulating", len(days), unit="days") as advance:
        for day in days:
            for file in _of_day(fleet, day):
                path = out / file.key
                try:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(file.body)
                except OSError as error:
                    raise OperatorError(f"{path} cannot be written: {error.strerror}: choose another --out") from error
                tally.add(file)
            advance(1)


def _of_day(fleet: Fleet, day: date) -> list[SimulatedFile]:
    try:
        return list(fleet.day(day))
    except ValueError as error:
        raise OperatorError(f"{error}: choose fewer --days, or a later --until") from error


def _send_history(feed: Feed, days: list[date], tally: Tally) -> int:
    """How many days had to be uploaded."""
    missing = feed.missing_days(days)
    with progress("Uploading", len(missing), unit="days") as advance:
        for day in missing:
            try:
                feed.send_day(day, tally.add)
            except ValueError as error:
                raise OperatorError(f"{error}: choose fewer --days, or a later --until") from error
            advance(1)
    return len(missing)


def _follow(feed: Feed, settings: Settings, pings: int, every: float) -> None:
    remark(f"Sending {pings} pings of today to {settings.input_url} every {every:g} s; Ctrl-C ends it", style="")
    follow(feed, pings, every, lambda: datetime.now(UTC), lambda file: None, lambda why: remark(f"not sent: {why}"))


def _tell(tally: Tally, json: bool, more: str = "") -> None:
    if json:
        print_json(tally.document())
        sys.stdout.flush()
    else:
        say(f"Made {tally}{more}")
