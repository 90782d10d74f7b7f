"""``aggregate``: ping files to a result, on this machine alone."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from telemetry_tasks.cli.console import print_json, print_table, remark, say, size
from telemetry_tasks.cli.examples import examples
from telemetry_tasks.cli.failure import PARTLY
from telemetry_tasks.cli.local_files import Found, LocalFile, find_ping_files
from telemetry_tasks.cli.progress_bar import progress
from telemetry_tasks.cli.result_files import beside, told_settings, write_result
from telemetry_tasks.core.result import Result
from telemetry_tasks.errors import OperatorError
from telemetry_tasks.formats.pings.registry import ping_format
from telemetry_tasks.pipeline.aggregate.files import PingFile
from telemetry_tasks.pipeline.aggregate.files import aggregate as aggregate_files
from telemetry_tasks.pipeline.findings import count
from telemetry_tasks.settings import load_settings
from telemetry_tasks.settings.reading import reading

app = typer.Typer(rich_markup_mode="rich")
NAMED_AT_MOST = 10


@app.command(
    "aggregate",
    epilog=examples(
        "telemetry-tasks aggregate --root bucket/ bucket/ -o result.tt",
        "telemetry-tasks aggregate saved_session/Firefox/nightly/28.0a1/*.lzma -o nightly.tt --json",
        "telemetry-tasks export-result result.tt | grep GC_MS",
    ),
)
def aggregate(
    paths: Annotated[list[Path], typer.Argument(metavar="FILES_OR_FOLDERS…", help="Ping files, or folders of them.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="RESULT", help="The file to write.")],
    root: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="A file's key is its path below it; else the last parts of its path."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Tell what was done as one JSON document.")] = False,
) -> None:
    """Adds up ping files into a result.

    Needs no server. Files may be packed as lzma, xz, gzip or zstd, or plain. Which format the pings have, which
    dimensions count, how large the parts of a ping may be and how much memory the cells may take is in
    TELEMETRY_PING_FORMAT, TELEMETRY_DIMENSIONS, TELEMETRY_LIMIT_… and TELEMETRY_MEMORY_BUDGET. Exit code 3: the
    result is written, but some files could not be read to their end.
    """
    settings = load_settings()
    form = ping_format(settings.ping_format, settings.dimensions, settings.fallback_revision)
    found = find_ping_files(paths, root, form)
    _note_passed_over(found, form.key_pattern)
    with progress("Aggregating", sum(file.size for file in found.files)) as advance:
        files = (PingFile(file.key, _counted(file, advance), size=file.size) for file in found.files)
        result = aggregate_files(
            files,
            form,
            settings.limits,
            budget=settings.memory_budget,
            kernel=settings.kernel,
            settings=reading(settings, form),
        )
    written = write_result(output, result)
    broken = [report for report in result.files if report.error]
    with beside(output):
        if json:
            print_json(document(output, written, result))
        else:
            _print_summary(output, written, result)
    if not json:
        for report in broken[:NAMED_AT_MOST]:
            remark(f"{report.key}: {report.error}")
        if len(broken) > NAMED_AT_MOST:
            remark(f"… and {len(broken) - NAMED_AT_MOST} more; --json names all of them")
    if broken:
        raise typer.Exit(PARTLY)


def _note_passed_over(found: Found, key_pattern: str) -> None:
    if not found.files:
        why = f", only others like {found.passed_over[0]}" if found.passed_over else ""
        raise OperatorError(f"no ping files there{why}: a file's path below --root has to be {key_pattern}")
    if found.passed_over:
        remark(
            f"passed over: {count(len(found.passed_over), 'file')} with another path than that of a ping file, "
            f"like {found.passed_over[0]}"
        )


def _counted(file: LocalFile, advance: Callable[[float], None]) -> Callable[[], Iterator[bytes]]:
    """Reads the file and moves the bar; bytes that are read a second time, of a damaged file, count once."""
    seen = 0

    def chunks() -> Iterator[bytes]:
        nonlocal seen
        at = 0
        for chunk in file.chunks():
            at += len(chunk)
            advance(max(0, at - seen))
            seen = max(seen, at)
            yield chunk

    return chunks


def total(counts: Iterable[object]) -> dict[str, int]:
    """Counts by reason, added up, the most frequent first."""
    added: Counter[str] = Counter()
    for each in counts:
        added.update(each)  # type: ignore[call-overload]
    return dict(added.most_common())


def document(output: Path, written: int, result: Result) -> dict[str, object]:
    """What was done, for scripts."""
    return {
        "output": str(output),
        "bytes": written,
        "files": len(result.files),
        **told_settings(result),
        "pings": result.pings,
        "bad_lines": total(report.bad for report in result.files),
        "left_out": total(report.left_out for report in result.files),
        "broken": [{"key": report.key, "error": report.error} for report in result.files if report.error],
        "channel_versions": {
            name: {"rows": len(cells.rows), "measures": len({run.measure for run in cells.runs} - {""})}
            for name, cells in sorted(result.cells.items())
        },
    }


def _print_summary(output: Path, written: int, result: Result) -> None:
    facts = document(output, written, result)
    rows = [(name, *each.values()) for name, each in facts["channel_versions"].items()]  # type: ignore[attr-defined]
    if rows:
        print_table(("channel/version", "rows", "measures"), rows)
    for title, counts in (("bad lines", facts["bad_lines"]), ("parts of pings left out", facts["left_out"])):
        if counts:
            print_table((title, "number"), counts.items())  # type: ignore[attr-defined]
    broken = len(facts["broken"])  # type: ignore[arg-type]
    bad = sum(facts["bad_lines"].values())  # type: ignore[attr-defined]
    say(
        f"{result.pings:,} pings and {bad:,} bad lines in {len(result.files):,} files"
        f"{f', {broken:,} of them broken or missing' if broken else ''}; {size(written)} in {output}"
    )
