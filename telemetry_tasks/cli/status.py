"""``status``: one look at a deployment."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.live import Live
from rich.text import Text

from telemetry_tasks.bootstrap import thresholds
from telemetry_tasks.cli.checks.redis_servers import connect
from telemetry_tasks.cli.command_services import command_settings, short_timeout_services
from telemetry_tasks.cli.console import out, print_json
from telemetry_tasks.cli.examples import examples
from telemetry_tasks.cli.failure import FAILED, UNAVAILABLE, exit_code_of
from telemetry_tasks.cli.status_document import document, document_of_none
from telemetry_tasks.cli.status_screen import screen
from telemetry_tasks.errors import InfrastructureError, OperatorError, TelemetryError
from telemetry_tasks.pipeline.inspect.accepted import change_accepted
from telemetry_tasks.pipeline.inspect.status import status as status_of
from telemetry_tasks.pipeline.inspect.status_values import Status
from telemetry_tasks.settings import Settings
from telemetry_tasks.storage.redis.broker import check_room, queue_lengths
from telemetry_tasks.storage.redis.errors import redacted

app = typer.Typer(rich_markup_mode="rich")


@app.command(
    "status",
    epilog=examples(
        "telemetry-tasks --data data status",
        "telemetry-tasks status --watch --every 5",
        "telemetry-tasks status --json | jq .findings",
        "telemetry-tasks status --accept file-missing",
    ),
)
def status(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FINDING]...",
            help="With --accept or --unaccept: files or codes of findings; all if none is given.",
        ),
    ] = None,
    accept: Annotated[
        bool, typer.Option("--accept", help="Accept the findings that there are now: they need nobody any more.")
    ] = False,
    unaccept: Annotated[bool, typer.Option("--unaccept", help="Take acceptances back.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Show it again and again, until stopped.")] = False,
    every: Annotated[float, typer.Option(metavar="SECONDS", min=0.5, help="How often, with --watch.")] = 2.0,
    json: Annotated[bool, typer.Option("--json", help="As one JSON document.")] = False,
) -> None:
    """Shows what waits, what is late, what failed, and when was published last.

    Files are registered once they are discovered; "oldest unpublished" is the age of the first file that readers do
    not see. Partitions (some files each) are waiting for a worker, running, aggregated (their results are stored) or
    merged (they count). What is late is set by TELEMETRY_LATE_PARTITION, TELEMETRY_LATE_PUBLISH and
    TELEMETRY_LATE_CHECKPOINT.

    Each finding is something that needs a person, with what to do. One that you have seen and can live with, such as
    a file that is truncated for good, is accepted by --accept; a new one of the same kind is a finding again.

    Exit code 0 if it is healthy, 1 if there are findings that are not accepted, 4 if a service did not answer within
    seconds (it says which), or if the state is empty and not restored yet. With --watch, Ctrl-C ends it with the exit
    code of the last look.
    """
    settings = command_settings()
    _check_options(names or (), accept=accept, unaccept=unaccept, watch=watch, json=json)
    if watch:
        raise typer.Exit(_watch(settings, every))
    try:
        found = _look(settings)
    except InfrastructureError as error:
        if json:
            print_json(document_of_none(error))
        raise
    if accept or unaccept:
        _accept(settings, found, names or (), withdraw=unaccept)
        found = _look(settings)
    if json:
        print_json(document(found))
    else:
        out().print(screen(found))
    if code := _code(found):
        raise typer.Exit(code)


def _code(found: Status) -> int:
    if found.empty:
        return UNAVAILABLE
    return 0 if found.healthy else FAILED


def _check_options(names: Sequence[str], *, accept: bool, unaccept: bool, watch: bool, json: bool) -> None:
    if watch and json:
        raise typer.BadParameter("gives no single document: leave out --json or --watch", param_hint="--watch")
    if accept and unaccept:
        raise typer.BadParameter("cannot be given with --unaccept", param_hint="--accept")
    if watch and (accept or unaccept):
        raise typer.BadParameter("cannot be given with --accept or --unaccept", param_hint="--watch")
    if names and not (accept or unaccept):
        raise typer.BadParameter("says which findings are meant: give --accept or --unaccept", param_hint="FINDING")


def _accept(settings: Settings, found: Status, names: Sequence[str], *, withdraw: bool) -> None:
    """Accepts the findings that are named, or takes that back. Raises ``OperatorError`` for a name of none."""
    for name in names:
        if not any(finding.is_named(name) for finding in found.findings):
            known = ", ".join(sorted({finding.code for finding in found.findings})) or "there are no findings"
            raise OperatorError(f"{name!r} is not the file or code of a finding: {known}")
    meant = [f for f in found.findings if not names or any(f.is_named(name) for name in names)]
    if not withdraw:
        fingerprints = {finding.name: finding.fingerprint for finding in meant}
        change_accepted(short_timeout_services(settings), lambda accepted: {**accepted, **fingerprints})
        return
    gone = {finding.name for finding in meant}
    change_accepted(
        short_timeout_services(settings),
        lambda accepted: {name: fingerprint for name, fingerprint in accepted.items() if names and name not in gone},
    )


def _look(settings: Settings) -> Status:
    services, url = short_timeout_services(settings), settings.broker_address
    queues, away = None, None
    try:
        client = connect(url)
        queues = queue_lengths(client, redacted(url), settings.broker_prefix).waiting
        check_room(client, redacted(url))
    except TelemetryError as error:  # the rest can be told all the same
        away = str(error)
    return status_of(services, services.published.now(), thresholds(settings), queues, away)


def _watch(settings: Settings, every: float) -> int:
    """Looks until it is interrupted; the exit code of the last look."""
    code = 0
    with Live(console=out(), auto_refresh=False) as display:
        try:
            while True:
                shown_now, code = _look_or_reason(settings)
                display.update(shown_now, refresh=True)
                time.sleep(every)
        except KeyboardInterrupt:
            return code


def _look_or_reason(settings: Settings) -> tuple[RenderableType, int]:
    try:
        found = _look(settings)
    except InfrastructureError as error:  # may be back at the next look
        return Text(f"{datetime.now(UTC):%H:%M:%S} {error}", "red"), exit_code_of(error)
    return screen(found), _code(found)
