"""``export-parquet``: what is published as Parquet, for DuckDB, ClickHouse, pandas and what else reads it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from telemetry_tasks import reader
from telemetry_tasks.cli.console import print_json, say
from telemetry_tasks.cli.examples import examples
from telemetry_tasks.cli.progress_bar import Advance, progress
from telemetry_tasks.errors import InfrastructureError, OperatorError
from telemetry_tasks.reader import ChannelVersion, NotThere, ReaderError

app = typer.Typer(rich_markup_mode="rich")


@app.command(
    "export-parquet",
    epilog=examples(
        "telemetry-tasks export-parquet https://telemetry.example.org/data parquet/",
        "telemetry-tasks export-parquet s3://telemetry parquet/ nightly/28 nightly/29",
        "telemetry-tasks export-parquet published/ parquet/ nightly/28 --measure GC_MS --json",
    ),
)
def export_parquet(
    place: Annotated[str, typer.Argument(metavar="URL_OR_FOLDER", help="Where it is published.")],
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Where to write the files; made if it does not exist.")
    ],
    channel_versions: Annotated[
        list[str] | None, typer.Argument(metavar="CHANNEL/VERSION…", help="Only these; all if none is given.")
    ] = None,
    measures: Annotated[
        list[str] | None, typer.Option("--measure", metavar="MEASURE", help="Only this measure; repeatable.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Tell what was written as one JSON document.")] = False,
) -> None:
    """Writes what is published as Parquet files, a row a bucket.

    Each channel/version becomes a file with a row for each measure, key, kind of date, date, population and bucket
    (docs/parquet.md). One pack is read at a time. A file replaces an older one once it is whole. Needs pyarrow.
    """
    write = _writer()
    try:
        published = reader.open(place)
        names = list(dict.fromkeys(channel_versions or published.channel_versions))
        found = [published.channel_version(name) for name in names]
        size = sum(ref.size for each in found for ref in each.packs_of(measures))
        _make(folder)
        with progress("Writing Parquet", size) as advance:
            written = [write(each, folder, measures, advance) for each in found]
    except NotThere as error:
        raise OperatorError(str(error)) from error
    except ReaderError as error:
        raise InfrastructureError(str(error)) from error
    if json:
        print_json({"stamp": published.stamp, "files": written})
        return
    for each in written:
        say(f"Wrote {each['rows']:,} rows of {each['channel_version']} to {each['file']}")
    if not written:
        say("no channel/version has data: nothing was written")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OperatorError(f"{folder} cannot be written: {error.strerror}; choose another folder") from error


Write = Callable[[ChannelVersion, Path, Sequence[str] | None, Advance], dict[str, Any]]


def _writer() -> Write:
    """What writes a file of a channel/version. Raises ``OperatorError`` without pyarrow."""
    try:
        from telemetry_tasks.cli.parquet_file import ParquetFile
        from telemetry_tasks.cli.parquet_rows import rows, schema
    except ImportError as error:
        raise OperatorError("export-parquet needs pyarrow: pip install 'telemetry-tasks[parquet]'") from error

    def write(found: ChannelVersion, folder: Path, measures: Sequence[str] | None, advance: Advance) -> dict[str, Any]:
        path = folder / f"{quote(found.name, safe='')}.parquet"
        columns = schema(found.manifest.dimensions)
        with ParquetFile(path, columns) as file:
            for ref in found.packs_of(measures):
                for part in found.parts(ref, measures):
                    file.add(rows(found.name, part, columns))
                advance(ref.size)
        return {"channel_version": found.name, "file": str(path), "rows": file.rows}

    return write
