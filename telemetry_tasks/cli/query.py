"""``query``: what is published, read as anybody's program reads it (``telemetry_tasks.reader``)."""

import csv
import io
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from telemetry_tasks import reader
from telemetry_tasks.cli.console import print_json, print_table, remark, say
from telemetry_tasks.cli.examples import examples
from telemetry_tasks.errors import InfrastructureError, OperatorError
from telemetry_tasks.formats.layouts.v2.head import KINDS
from telemetry_tasks.reader import ChannelVersion, Evolution, NotThere, Point, Published, ReaderError

app = typer.Typer(rich_markup_mode="rich")

PERCENTILES = "50,95"


@app.command(
    "query",
    epilog=examples(
        "telemetry-tasks query https://telemetry.example.org/data",
        "telemetry-tasks query s3://telemetry nightly/28",
        "telemetry-tasks query s3://telemetry nightly/28 GC_MS --by submission --where OS=Linux,Darwin",
        "telemetry-tasks query published/ nightly/28 GC_MS --from 20131101 --csv > gc.csv",
    ),
)
def query(
    place: Annotated[str, typer.Argument(metavar="URL_OR_FOLDER", help="Where it is published.")],
    channel_version: Annotated[str | None, typer.Argument(metavar="CHANNEL/VERSION", help="As nightly/28.")] = None,
    measure: Annotated[str | None, typer.Argument(metavar="MEASURE", help="As GC_MS.")] = None,
    by: Annotated[str, typer.Option(metavar="KIND", help=f"The kind of date: {', '.join(KINDS)}.")] = KINDS[0],
    where: Annotated[
        list[str] | None,
        typer.Option(metavar="DIMENSION=OPTION,…", help="Only populations with one of these options; repeatable."),
    ] = None,
    key: Annotated[str, typer.Option(metavar="KEY", help="The key of a measure that is split further.")] = "",
    start: Annotated[str, typer.Option("--from", metavar="DATE", help="The first date, YYYYMMDD.")] = "",
    end: Annotated[str, typer.Option("--to", metavar="DATE", help="The last date.")] = "",
    percentiles: Annotated[str, typer.Option(metavar="P,…", help="Which percentiles to show.")] = PERCENTILES,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print comma-separated values.")] = False,
) -> None:
    """Reads what is published: channel/versions, measures, or one measure by date.

    Integers are exact. Percentiles are estimates: samples are taken to be spread evenly over their bucket.
    """
    if json and as_csv:
        raise OperatorError("--json and --csv exclude each other")
    wanted = _percentiles(percentiles)
    try:
        published = reader.open(place)
        if channel_version is None:
            _show(_of_all(published), json, as_csv)
            return
        found = published.channel_version(channel_version)
        if measure is None:
            _show(_of_measures(found), json, as_csv)
            return
        evolution = found.evolution(measure, by=by, where=_where(where or []), key=key, start=start, end=end)
    except NotThere as error:
        raise OperatorError(str(error)) from error
    except ReaderError as error:
        raise InfrastructureError(str(error)) from error
    if json:
        print_json(document_of(evolution, wanted))
    else:
        _show(_of_dates(evolution, wanted), False, as_csv)
    if left_out := sum(point.left_out for point in evolution.points):
        remark(f"{left_out:,} records had another shape on their date, and are left out")


Rows = tuple[Sequence[str], Sequence[Sequence[Any]]]


def _show(table: Rows, json: bool, as_csv: bool) -> None:
    headings, rows = table
    if json:
        print_json([dict(zip(headings, row, strict=True)) for row in rows])
    elif as_csv:
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(headings)
        writer.writerows(rows)
        sys.stdout.write(out.getvalue())
        sys.stdout.flush()
    elif rows:
        print_table(headings, rows)
    else:
        say("nothing was found")


def _of_all(published: Published) -> Rows:
    versions = published.snapshot.versions
    rows = [(name, versions[name].records, published.stamp) for name in published.channel_versions]
    return ("channel/version", "records", "snapshot"), rows


def _of_measures(found: ChannelVersion) -> Rows:
    rows = [
        (name, entry.definition.get("kind", ""), entry.definition.get("unit", ""), entry.volume.get("submissions", 0))
        for name, entry in sorted(found.measures.items())
    ]
    return ("measure", "kind", "unit", "records"), rows


def _of_dates(evolution: Evolution, percentiles: Sequence[float]) -> Rows:
    names = list(dict.fromkeys(name for point in evolution.points for name in point.sums))
    headings = ("date", "records", "samples", *names, *(f"p{p:g}" for p in percentiles))
    rows = [
        (
            *(point.date, point.records, point.samples),
            *(_shown(point.sums.get(name)) for name in names),
            *(f"{evolution.percentile(point, p):.6g}" for p in percentiles),
        )
        for point in evolution.points
    ]
    return headings, rows


def _shown(number: float | None) -> object:
    return "" if number is None else number


def document_of(evolution: Evolution, percentiles: Sequence[float]) -> dict[str, Any]:
    """A measure by date as JSON. ``counts`` are those of ``bounds``, the lower bounds of all positions that occur."""
    shapes = {point.shape.text: point.shape for point in evolution.points}
    meanings = {text: evolution.meaning(_first(evolution, text)) for text in shapes}
    order = {text: meaning.positions for text, meaning in meanings.items()}
    shape = max(shapes, key=lambda text: sum(p.records for p in evolution.points if p.shape.text == text), default="")
    return {
        "measure": evolution.measure,
        "key": evolution.key,
        "by": evolution.by,
        "unit": evolution.definition.get("unit", ""),
        "shape": shapes[shape].value() if shape else None,
        "bounds": [meanings[shape].edges[place][0] for place in order[shape]] if shape else [],
        "dates": [_date(evolution, point, order[point.shape.text], shape, percentiles) for point in evolution.points],
    }


def _first(evolution: Evolution, text: str) -> Point:
    return next(point for point in evolution.points if point.shape.text == text)


def _date(
    evolution: Evolution, point: Point, places: Sequence[int], usual: str, percentiles: Sequence[float]
) -> dict[str, Any]:
    return {
        "date": point.date,
        "records": point.records,
        "samples": point.samples,
        "sums": dict(point.sums),
        "counts": [point.counts.get(place, 0) for place in places],
        "percentiles": {f"{p:g}": _number(evolution.percentile(point, p)) for p in percentiles},
        **({} if point.shape.text == usual else {"shape": point.shape.value()}),
        **({"left_out": point.left_out} if point.left_out else {}),
    }


def _number(value: float) -> float | None:
    return None if value != value else value  # NaN has no JSON


def _percentiles(text: str) -> list[float]:
    try:
        found = [float(part) for part in text.split(",") if part.strip()]
    except ValueError as error:
        raise OperatorError(f"--percentiles {text}: give numbers, as {PERCENTILES}") from error
    if not all(0 <= p <= 100 for p in found):
        raise OperatorError(f"--percentiles {text}: percentiles are from 0 to 100")
    return found


def _where(texts: Sequence[str]) -> dict[str, list[str]]:
    where: dict[str, list[str]] = {}
    for text in texts:
        dimension, equals, options = text.partition("=")
        if not equals:
            raise OperatorError(f"--where {text}: give a dimension and its options, as OS=Linux,Darwin")
        where.setdefault(dimension, []).extend(options.split(","))
    return where
