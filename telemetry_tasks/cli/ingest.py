"""``ingest``: ping files of this machine into the input bucket."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from telemetry_tasks.bootstrap import input_store
from telemetry_tasks.cli.answering import INPUT, require_answers
from telemetry_tasks.cli.command_services import command_settings
from telemetry_tasks.cli.console import print_json, remark, say, size
from telemetry_tasks.cli.examples import examples
from telemetry_tasks.cli.local_files import LocalFile, find_ping_files
from telemetry_tasks.cli.progress_bar import progress
from telemetry_tasks.cli.upload import NEW, REPLACED, SAME, Uploaded, refuse_bad_keys, upload
from telemetry_tasks.errors import DataError, OperatorError
from telemetry_tasks.formats.pings.contract import PingFormat
from telemetry_tasks.formats.pings.registry import ping_format
from telemetry_tasks.pipeline.findings import count
from telemetry_tasks.pipeline.parallel import in_parallel

app = typer.Typer(rich_markup_mode="rich")


@app.command(
    "ingest",
    epilog=examples(
        "telemetry-tasks ingest --root pings/ pings/",
        "telemetry-tasks --data data ingest saved_session/Firefox/nightly/28.0a1/*.lzma",
        "telemetry-tasks ingest --root nightly/ --prefix saved_session/Firefox/nightly nightly/28.0a1/",
    ),
)
def ingest(
    paths: Annotated[list[Path], typer.Argument(metavar="FILES_OR_FOLDERS…", help="Ping files, or folders of them.")],
    root: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="A file's key is its path below it; else the last parts of its path."),
    ] = None,
    prefix: Annotated[str, typer.Option(metavar="KEY", help="Put before the path below --root.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Tell what was done as one JSON document.")] = False,
) -> None:
    """Uploads ping files to the input bucket, under their keys.

    The bucket is TELEMETRY_INPUT_URL. A file that is in the bucket with the same bytes is not sent again. One with
    other bytes is replaced, and `discover` has its pings recomputed. If any key is not a ping file key, nothing is
    uploaded.
    """
    if prefix and root is None:
        raise typer.BadParameter("is put before paths below a root: say --root too", param_hint="--prefix")
    settings = command_settings()
    form = ping_format(settings.ping_format, settings.dimensions, settings.fallback_revision)
    lead = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
    found = find_ping_files(paths, root, form, lead)
    if not found.files:
        raise OperatorError(
            f"no ping files there{f', only others like {found.passed_over[0]}' if found.passed_over else ''}: the path "
            f"below --root is the key, {form.key_pattern}; say with --root "
            "where the keys begin, or copy the files to such paths"
        )
    if found.passed_over:
        remark(
            f"passed over: {count(len(found.passed_over), 'file')} with another path than that of a ping file, "
            f"like {found.passed_over[0]}"
        )
    refuse_bad_keys(_faults(form, lead, found.files), len(found.files))
    require_answers(settings, INPUT)
    store = input_store(settings)
    store.now()  # no such bucket, no permission: said before anything is sent, for some servers make a bucket of a typo
    with progress("Uploading", sum(file.size for file in found.files)) as advance:

        def send(file: LocalFile) -> Uploaded:
            try:
                body = b"".join(file.chunks())
            except DataError as error:
                raise OperatorError(f"{error}. What was uploaded before stays; run this again") from error
            done = upload(store, lead + file.key, body)
            advance(done.size)
            return done

        uploaded = list(in_parallel(send, found.files, settings.s3_max_connections))
    _tell(store.url, uploaded, json)


def _faults(form: PingFormat, lead: str, files: Iterable[LocalFile]) -> list[DataError]:
    faults = []
    for file in files:
        try:
            form.key(lead + file.key)
        except DataError as error:
            faults.append(error)
    return faults


def _tell(url: str, uploaded: list[Uploaded], json: bool) -> None:
    counts = Counter(each.outcome for each in uploaded)
    sent = sum(each.size for each in uploaded if each.outcome != SAME)
    if json:
        print_json({"bucket": url, **{name: counts[name] for name in (NEW, SAME, REPLACED)}, "bytes_sent": sent})
    else:
        say(
            f"{count(counts[NEW], 'new file')} in {url}; {counts[SAME]:,} there already; {counts[REPLACED]:,} replaced"
            f"; {size(sent)} sent"
        )
