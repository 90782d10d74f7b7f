"""``discover``: new ping files become partitions, without waiting for beat."""

from typing import Annotated

import typer

from telemetry_tasks.cli.answering import BROKER, INPUT, PUBLISHED, STATE
from telemetry_tasks.cli.command_services import answering_services, command_settings
from telemetry_tasks.cli.console import print_json, say
from telemetry_tasks.cli.examples import examples
from telemetry_tasks.cli.progress_bar import spinner
from telemetry_tasks.pipeline.findings import count
from telemetry_tasks.pipeline.intake.discover import Discovery
from telemetry_tasks.pipeline.intake.discover import discover as discover_files
from telemetry_tasks.pipeline.recovery.restore import ensure_state

app = typer.Typer(rich_markup_mode="rich")


@app.command(
    "discover",
    epilog=examples(
        "telemetry-tasks discover",
        "telemetry-tasks discover --now --dispatch",
        "telemetry-tasks discover --prefix saved_session/Firefox/nightly/ --json",
    ),
)
def discover(
    now: Annotated[
        bool, typer.Option("--now", help="Close every partition, however small and young its files are.")
    ] = False,
    dispatch: Annotated[
        bool, typer.Option("--dispatch", help="Send what waits to the workers, not leaving it to beat.")
    ] = False,
    prefix: Annotated[str, typer.Option(metavar="KEY", help="Look at files only whose key starts so.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Tell what was found as one JSON document.")] = False,
) -> None:
    """Looks for new ping files and registers them.

    Lists the input bucket (TELEMETRY_INPUT_URL) and puts new files into partitions, which are closed at
    TELEMETRY_PARTITION_BYTES, TELEMETRY_PARTITION_FILES or TELEMETRY_PARTITION_AGE. An empty Redis is restored first,
    from the newest checkpoint. Beat has the workers do the same every TELEMETRY_DISCOVER_INTERVAL seconds.
    """
    settings = command_settings()
    services = answering_services(settings, STATE, INPUT, PUBLISHED, *((BROKER,) if dispatch else ()))
    with spinner("Looking for ping files"):
        restored = ensure_state(services)
        found = discover_files(services, services.input.now(), prefix, all_now=now)
    if dispatch:
        from telemetry_tasks.cli.sending import dispatch as send  # brings Celery, which connects to the broker

        send(services, settings)
    _tell(found, restored, dispatch, json)


def _tell(found: Discovery, restored: str | None, dispatched: bool, json: bool) -> None:
    if json:
        print_json(
            {
                "seen": found.seen,
                "new": found.new,
                "left": found.left,
                "changed": list(found.changed),
                "partitions": [{"channel_version": p.channel_version, "id": p.id} for p in found.partitions],
                "restored": restored or None,
                "dispatched": dispatched,
            }
        )
        return
    if restored:
        say(f"Redis was empty: restored checkpoint {restored}")
    say(f"{count(found.seen, 'file')} seen; {found.new:,} new in {count(len(found.partitions), 'partition')}")
    if found.left:
        say(f"{found.left:,} young files wait for a fuller partition; --now takes them")
    if found.changed:
        say(f"{len(found.changed):,} files have changed, like {found.changed[0]}; the workers reprocess them")
