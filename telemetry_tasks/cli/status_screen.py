"""``status`` for a person: one screen."""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from telemetry_tasks.cli.console import duration, size
from telemetry_tasks.core.disclosure.file_limits import TOO_MANY_MEASURES
from telemetry_tasks.core.kinds_of_date import BY_BUILD
from telemetry_tasks.core.plausible import Outliers, Outside
from telemetry_tasks.pipeline.failures import together, told
from telemetry_tasks.pipeline.findings import Finding, count
from telemetry_tasks.pipeline.inspect.status_values import Status, VersionStatus

EXAMPLES = 20
"""Findings of one code that are shown; the JSON document has all."""


def screen(found: Status) -> Group:
    """What ``status`` shows."""
    return Group(*_parts(found))


def _parts(found: Status) -> Iterator[RenderableType]:
    yield Text("healthy", "bold green") if found.healthy else Text("not healthy", "bold red")
    yield from findings(found.findings, found.asked)
    yield Text(f"published    {_moment(found.published, found.published_age)}")
    yield Text(f"checkpoint   {_moment(found.checkpoint, found.checkpoint_age)}")
    most = f" of {size(found.redis_most)}" if found.redis_most else ", no limit set"
    yield Text(f"Redis        {size(found.redis_used)}{most}")
    if found.ignored:
        yield Text(f"ignored      {count(found.ignored, 'object')} of the input bucket: not keys of ping files")
    for failure in together(found.failures):
        if not any(told(failure) in finding.text for finding in found.findings):
            yield Text(f"failure      {_ago(failure.last, found.asked)}: {told(failure)}", "yellow")
    if found.refused:
        what = ", ".join(f"{reason} {number:,}" for reason, number in found.refused.items())
        yield Text(f"refused      foreign messages: {what}", "yellow")
    for line in _implausible(found.implausible):
        yield Text(f"implausible  {line}; kept, and not shown by default", "yellow")
    if found.queues:
        yield Text("queues       " + ", ".join(f"{name} {length:,}" for name, length in found.queues.items()))
    if found.processes:
        alive = ", ".join(f"{kind} {each.alive:,}" for kind, each in found.processes.items())
        yield Text(f"processes    {alive}")
    if found.versions:
        yield Text()
        yield _files(found.versions)
        yield Text()
        yield _partitions(found.versions)
    for name, id, done, all in ((v.name, *job) for v in found.versions for job in v.jobs):
        yield Text(f"reprocessing {name}: job {id}, {done} of {count(all, 'partition')}")
    for name, reason, dimension, number, pings in ((v.name, *each) for v in found.versions for each in v.collapsed):
        if reason == TOO_MANY_MEASURES:
            yield Text(f"collapsed    {name}: {number:,} measures ({pings:,} records) are not published, {reason}")
            continue
        what = f"options of {dimension}" if dimension else "populations"
        yield Text(f"collapsed    {name}: {number:,} {what} ({pings:,} pings) into OTHER, {reason}")


def findings(all: Sequence[Finding], now: float) -> Iterator[Text]:
    """What needs a person first, what was accepted after it; of one code and remedy the remedy is said once."""
    for accepted, style, word in ((False, "red", ""), (True, "dim", "accepted: ")):
        groups: dict[tuple[str, str], list[Finding]] = {}
        for finding in all:
            if finding.accepted == accepted:
                groups.setdefault((finding.code, finding.remedy), []).append(finding)
        for (code, remedy), group in groups.items():
            for finding in group[:EXAMPLES]:
                ago = "" if finding.since is None else f" ({_ago(finding.since, now)})"
                yield Text(f"  {word}{finding.text}{ago}", style)
            if len(group) > EXAMPLES:
                yield Text(f"  {word}… and {len(group) - EXAMPLES:,} more of {code}: see status --json", style)
            if not accepted:
                yield Text(f"    → {remedy}", "yellow")


def _implausible(odd: Outliers) -> Iterator[str]:
    for channel, outside in odd.versions.items():
        yield f"{channel}: {_pings_of(outside, 'version')} after {outside['last']}"
    for name, by_kind in odd.dates.items():
        for by, outside in by_kind.items():
            what = "build date" if by == BY_BUILD else "submission date"
            yield f"{name}: {_pings_of(outside, what)} outside {outside['first']} to {outside['last']}"


def _pings_of(outside: Outside, what: str) -> str:
    return f"{count(int(outside['pings']), 'ping')} of {count(int(outside['number']), what)}"


def _ago(since: float, now: float) -> str:
    return f"{duration(max(0.0, now - since))} ago"


def _moment(stamp: str | None, age: float | None) -> str:
    if stamp is None:
        return "never"
    return stamp if age is None else f"{stamp}, {duration(age)} ago"


def _files(versions: Iterable[VersionStatus]) -> Table:
    rows = (
        (v.name, v.counts.files, v.missing, "" if v.oldest_unpublished is None else duration(v.oldest_unpublished))
        for v in versions
    )
    return _table(("files", "registered", "missing", "oldest unpublished"), rows)


def _partitions(versions: Iterable[VersionStatus]) -> Table:
    rows = (
        (
            *(v.name, v.counts.waiting, v.counts.running, v.counts.aggregated, v.counts.merged),
            "" if v.oldest_waiting is None else duration(v.oldest_waiting),
        )
        for v in versions
    )
    return _table(("partitions", "waiting", "running", "aggregated", "merged", "oldest waiting"), rows)


def _table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for place, heading in enumerate(headings):
        table.add_column(heading, justify="right" if place else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row))
    return table
