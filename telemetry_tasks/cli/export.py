"""``export``: what counts now, as a snapshot of layout 2 that ``query`` and ``telemetry_tasks.reader`` read."""

import time
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from telemetry_tasks.bootstrap import object_store
from telemetry_tasks.cli.answering import STATE
from telemetry_tasks.cli.command_services import answering_services, command_settings
from telemetry_tasks.cli.console import print_json, say
from telemetry_tasks.cli.examples import examples
from telemetry_tasks.cli.progress_bar import spinner
from telemetry_tasks.errors import OperatorError
from telemetry_tasks.pipeline.snapshot.snapshot import write_snapshot

app = typer.Typer(rich_markup_mode="rich")


@app.command(
    "export",
    epilog=examples(
        "telemetry-tasks export snapshot/",
        "telemetry-tasks export s3://analysis/telemetry --json",
        "telemetry-tasks query snapshot/ nightly/28 GC_MS",
    ),
)
def export(
    place: Annotated[str, typer.Argument(metavar="FOLDER_OR_URL", help="Where to write it: a folder, or s3://….")],
    json: Annotated[bool, typer.Option("--json", help="Tell what was written as one JSON document.")] = False,
) -> None:
    """Writes what counts now as a snapshot that `query` and programs read.

    The snapshot is of layout 2 (docs/layout-2.md). Limits of publishing and small populations are treated as `publish`
    does. What the snapshot that is shown there names already is not written again; readers see the new snapshot once it
    is whole. Several may write into one place at once if its store has conditional writes. Nothing is removed there.
    """
    settings = command_settings()
    services = answering_services(settings, STATE)
    target = object_store(place if "://" in place else _folder(Path(place).absolute()), settings)
    began = time.monotonic()
    with spinner("Writing a snapshot"):
        snapshot = write_snapshot(services, target)
    shown = [name for name, version in sorted(snapshot.versions.items()) if version.manifest is not None]
    if json:
        print_json({"stamp": snapshot.stamp, "channel_versions": shown})
    else:
        said = ", ".join(shown) or "no channel/version has data"
        say(f"Wrote snapshot {snapshot.stamp} to {place}: {said} ({time.monotonic() - began:.1f} s)")


def _folder(path: Path) -> str:
    """The URL of a folder, which is made if it does not exist."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OperatorError(f"{path} cannot be made: {error.strerror}; choose another place") from error
    return f"folder://{quote(str(path))}"
