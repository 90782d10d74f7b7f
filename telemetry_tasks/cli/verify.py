"""``verify``: recomputes, and compares with all that is stored and published."""

from collections.abc import Sequence
from typing import Annotated

import typer

from telemetry_tasks.cli.answering import PUBLISHED
from telemetry_tasks.cli.command_services import command_services
from telemetry_tasks.cli.console import print_json, say
from telemetry_tasks.cli.examples import examples
from telemetry_tasks.cli.failure import FAILED
from telemetry_tasks.cli.progress_bar import spinner
from telemetry_tasks.errors import TelemetryError
from telemetry_tasks.pipeline.findings import count
from telemetry_tasks.pipeline.inspect.published_rules import PUBLISH, Finding, check_published, fetcher, repaired_by
from telemetry_tasks.pipeline.inspect.verify import verify as verify_all

app = typer.Typer(rich_markup_mode="rich")


@app.command(
    "verify",
    epilog=examples(
        "telemetry-tasks verify",
        "telemetry-tasks verify --sample 0.05 --seed 7 --json",
        "telemetry-tasks verify --published-only",
    ),
)
def verify(
    sample: Annotated[
        float, typer.Option(min=0, max=1, help="Share of the partitions that is recomputed from its ping files.")
    ] = 1.0,
    seed: Annotated[int, typer.Option(help="Another seed is another sample.")] = 0,
    published_only: Annotated[
        bool, typer.Option("--published-only", help="Only check the rules of what is published; needs no Redis.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="The findings as one JSON document.")] = False,
) -> None:
    """Recomputes from the ping files, and reports what differs.

    Compares the ping files, the partial results, the state in Redis, the newest snapshot and the newest checkpoint with
    each other, and checks every rule of docs/formats.md on the published documents. Changes nothing, except that the
    next publish rewrites missing or damaged documents. Intake may continue. Each finding says which command repairs it.
    Exit code 1 if something differs.
    """
    services = command_services(PUBLISHED) if published_only else command_services()
    found: list[Finding] = []
    try:
        with spinner("Verifying") as tell:
            fetch = fetcher(services.published)
            found.extend(
                repaired_by(PUBLISH, check_published(fetch))
                if published_only
                else verify_all(services, sample, seed, tell)
            )
    except TelemetryError:
        if found:  # hours may be in them
            _tell(found, json, complete=False)
        raise
    _tell(found, json, complete=True)
    if found:
        raise typer.Exit(FAILED)


def _tell(found: Sequence[Finding], json: bool, *, complete: bool) -> None:
    if json:
        findings = [{"where": each.where, "what": each.what, "repair": each.repair} for each in found]
        print_json({"agrees": not found, "complete": complete, "findings": findings})
        return
    repair = ""
    for finding in found:
        say(f"{finding.where}: {finding.what}", "red")
        if finding.repair != repair:
            repair = finding.repair
            say(f"  → {repair}", "yellow")
    so_far = "" if complete else ", and the rest was not checked"
    say(f"{count(len(found), 'finding')}{so_far}" if found else "All agrees")
