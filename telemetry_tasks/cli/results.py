"""``merge``, ``export-result``, ``import-result``: files of results."""

import gzip
from dataclasses import replace
from pathlib import Path
from typing import IO, Annotated, cast

import typer

from telemetry_tasks.cli.console import print_json, say, size
from telemetry_tasks.cli.examples import examples
from telemetry_tasks.cli.progress_bar import progress
from telemetry_tasks.cli.result_files import beside, read_result, told_settings, write_result, written
from telemetry_tasks.core.result import Result, merge_results
from telemetry_tasks.errors import DataError, OperatorError

app = typer.Typer(rich_markup_mode="rich")

Output = Annotated[Path, typer.Option("--output", "-o", metavar="RESULT", help="The file to write.")]
Json = Annotated[bool, typer.Option("--json", help="Tell what was done as one JSON document.")]


@app.command(
    "merge",
    epilog=examples(
        "telemetry-tasks merge monday.tt tuesday.tt -o both.tt",
        "telemetry-tasks merge results/*.tt -o all.tt --json",
    ),
)
def merge(
    results: Annotated[list[Path], typer.Argument(metavar="RESULTS…", help="Files that `aggregate` wrote.")],
    output: Output,
    json: Json = False,
) -> None:
    """Adds up results over different ping files.

    In any order and grouping the outcome is the same bytes. Results that have a ping file in common are refused:
    its pings would count twice.
    """
    parts = []
    with progress("Reading", len(results), unit="results") as advance:
        for path in results:
            parts.append(read_result(path))
            advance(1)
    try:
        merged = merge_results(parts)
    except DataError as error:
        raise OperatorError(f"the results were made with other settings, and cannot be added up: {error}") from error
    except ValueError as error:
        raise OperatorError(f"{error}: leave one of them out") from error
    _tell(output, write_result(output, merged), merged, json)


@app.command(
    "export-result",
    epilog=examples(
        "telemetry-tasks export-result result.tt | head",
        "telemetry-tasks export-result result.tt -o result.txt.gz",
    ),
)
def export_result(
    result: Annotated[Path, typer.Argument(metavar="RESULT", help="A file that `aggregate` or `merge` wrote.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="TEXT", help="The text; compressed if its name ends in .gz.")
    ] = Path("-"),
) -> None:
    """Writes a result as text, one line a measure and kind of date.

    The lines are those of the aggregator of 2013, see docs/formats.md.
    """
    from telemetry_tasks.formats.result_text import export_lines  # here, so that merge loads no tables

    found = read_result(result)
    with written(output) as file:
        target = cast(IO[bytes], gzip.GzipFile("", "wb", 6, file, mtime=0)) if output.suffix == ".gz" else file
        for line in export_lines(found):
            target.write(line.encode())
        if target is not file:
            target.close()


@app.command(
    "import-result",
    epilog=examples(
        "telemetry-tasks import-result result.txt.gz -o result.tt",
        "telemetry-tasks import-result - -o old.tt < old.txt.xz",
    ),
)
def import_result(
    text: Annotated[Path, typer.Argument(metavar="TEXT", help="The text, packed or not; - is standard input.")],
    output: Output,
    json: Json = False,
) -> None:
    """Reads a result back from its text.

    The text may be packed as gzip, xz, zstd or lzma, whatever its name; a line that cannot be read is named.
    How many dimensions a population has is in TELEMETRY_DIMENSIONS. Do not merge the result with one over the same
    pings: the text does not say which files they came from, so that `merge` cannot notice and counts them twice.
    """
    # here, so that merge and export-result load no decoders and no settings
    from telemetry_tasks.cli.text_files import opened_text
    from telemetry_tasks.formats.pings.registry import ping_format
    from telemetry_tasks.formats.result_text import import_lines
    from telemetry_tasks.settings import load_settings
    from telemetry_tasks.settings.reading import reading

    settings = load_settings()
    form = ping_format(settings.ping_format, settings.dimensions, settings.fallback_revision)
    with opened_text(text) as lines:
        found = import_lines(lines, len(form.dimensions), str(text))
    result = replace(found, reading=reading(settings, form))
    _tell(output, write_result(output, result), result, json)


def _tell(output: Path, written: int, result: Result, json: bool) -> None:
    with beside(output):
        if json:
            names = sorted(result.cells)
            facts = {"files": len(result.files), **told_settings(result), "pings": result.pings}
            print_json({"output": str(output), "bytes": written, **facts, "channel_versions": names})
        else:
            say(f"{len(result.cells)} channel/versions from {len(result.files):,} files; {size(written)} in {output}")
