"""``doctor``: what is wrong with settings and services, and how to fix each."""

from collections.abc import Iterator
from functools import partial
from typing import Annotated

import typer
from rich.text import Text

from telemetry_tasks.cli.checks.added_up import check_added_up
from telemetry_tasks.cli.checks.celery import check_celery
from telemetry_tasks.cli.checks.check import NOTE, OK, WRONG, Check, together
from telemetry_tasks.cli.checks.clocks import check_clocks
from telemetry_tasks.cli.checks.definitions import check_definitions
from telemetry_tasks.cli.checks.object_stores import check_stores
from telemetry_tasks.cli.checks.processes import check_processes
from telemetry_tasks.cli.checks.program import check_program
from telemetry_tasks.cli.checks.queues import check_queues
from telemetry_tasks.cli.checks.redis_servers import check_redis
from telemetry_tasks.cli.command_services import command_settings
from telemetry_tasks.cli.console import out, print_json
from telemetry_tasks.cli.examples import examples
from telemetry_tasks.cli.failure import FAILED
from telemetry_tasks.errors import OperatorError
from telemetry_tasks.settings import Settings

LOOKS = (
    check_program,
    check_celery,
    check_definitions,
    check_processes,
    check_redis,
    check_stores,
    check_queues,
    check_clocks,
    check_added_up,
)
app = typer.Typer(rich_markup_mode="rich")
SIGNS = {OK: ("ok   ", "green"), NOTE: ("note ", "yellow"), WRONG: ("wrong", "bold red")}


@app.command(
    "doctor",
    epilog=examples("telemetry-tasks doctor", "telemetry-tasks --data data doctor", "telemetry-tasks doctor --json"),
)
def doctor(
    json: Annotated[bool, typer.Option("--json", help="The checks as one JSON document.")] = False,
) -> None:
    """Checks settings and services, and says how to fix what is wrong.

    Looks at the settings; at both Redis servers (TELEMETRY_REDIS_URL, TELEMETRY_BROKER_URL): connection, version,
    eviction, durability; at the three places of objects (TELEMETRY_INPUT_URL, TELEMETRY_RESULTS_URL,
    TELEMETRY_PUBLISHED_URL): reading, writing, conditional writes; at the clocks; at variables that Celery and Flower
    would follow instead of the settings; at the definitions, file by file; at the kernel, the extras and the page of
    this installation; at the settings that the state was added up with. Leaves nothing behind. Whether the processes
    run is what status says. Exit code 1 if something is wrong; notes do not count.
    """
    checks = list(_checks())
    wrong = [check for check in checks if check.outcome == WRONG]
    if json:
        print_json({"healthy": not wrong, "checks": [_document(check) for check in checks]})
    else:
        for check in checks:
            _show(check)
    if wrong:
        raise typer.Exit(FAILED)


def _checks() -> Iterator[Check]:
    try:
        settings: Settings = command_settings()
    except OperatorError as error:
        yield Check("Settings", WRONG, str(error), "correct these variables, see docs/configuration.md")
        return
    yield from together(partial(look, settings) for look in LOOKS)


def _show(check: Check) -> None:
    sign, style = SIGNS[check.outcome]
    line = Text.assemble((sign, style), "  ", (check.subject, "bold"), ": ", check.detail)
    out().print(line, soft_wrap=True)
    if check.remedy:
        out().print(Text(f"       → {check.remedy}"), soft_wrap=True)


def _document(check: Check) -> dict[str, str]:
    return {"subject": check.subject, "outcome": check.outcome, "detail": check.detail, "remedy": check.remedy}
