"""When something in a deployment needs a person: the rules behind ``status``, and what each says to do."""

from collections.abc import Iterator

from telemetry_tasks.core.disclosure.file_limits import TOO_MANY_MEASURES, TOO_MANY_ROWS
from telemetry_tasks.core.living import BEAT, Kind
from telemetry_tasks.pipeline.failures import findings_of_tasks, together
from telemetry_tasks.pipeline.findings import Finding, count
from telemetry_tasks.pipeline.inspect.status_values import Status, Thresholds, VersionStatus
from telemetry_tasks.pipeline.other_settings import command_for, remedy
from telemetry_tasks.pipeline.reprocess.not_replaced import RESULT_GONE

FULL = 70.0
"""Per cent of its memory that Redis may take."""

FAILING = 60.0
"""Seconds after which a file that cannot be read needs a person: what is shorter passes by itself."""


def findings_of(found: Status, thresholds: Thresholds) -> Iterator[Finding]:
    """What needs a person; nothing for a deployment in which nothing happened yet."""
    yield from _of_services(found, thresholds)
    if found.empty:
        yield Finding(
            "state-empty",
            "the state is empty: the next discover restores it from the newest checkpoint, if there is one",
            "wait for it if beat and workers.control run, or run: telemetry-tasks discover",
        )
    yield from findings_of_tasks(found.failures)
    yield from _of_settings(found)
    yield from _of_replaced_files(found)
    for version in found.versions:
        yield from _of_version(version, thresholds, found.asked)
    for name, what in found.damaged.items():
        yield Finding(
            "published-damaged",
            f"{name}: published documents are gone or damaged: {what}",
            "write them again: telemetry-tasks publish; the periodic publish does so by itself",
            name,
            fingerprint=what,
        )
    for name, key, reason in found.missing:
        yield Finding(
            "file-missing",
            f"{name}: the file {key} does not count, or not all of it: {reason}",
            "fix the file, then telemetry-tasks retry-missing; or accept it: telemetry-tasks status --accept",
            key,
            fingerprint=reason,
        )


def _of_services(found: Status, thresholds: Thresholds) -> Iterator[Finding]:
    full = 100 * found.redis_used / found.redis_most if found.redis_most else 0.0
    if full > FULL:
        text = f"Redis is {full:.0f} % full"
        yield Finding(
            "redis-full",
            text if full < 100 else f"{text}: it takes no writes, so which processes live is not known",
            "raise maxmemory, or publish more often",
            fingerprint=f"{full // 10:.0f}",  # accepted until it is ten per cent fuller
        )
    if found.broker_away:
        yield Finding(
            "broker-away",
            f"the broker is away or full: {found.broker_away}",
            "start it, or raise its maxmemory; nothing is lost, but nothing is done",
        )
    elif full < 100:  # a full Redis takes no heartbeats
        for kind, processes in found.processes.items():
            yield from _of_processes(found, kind, processes)
    age = found.checkpoint_age if found.checkpoint else found.published_since
    if age is not None and age > thresholds.checkpoint:
        yield Finding(
            "no-checkpoint",
            f"no checkpoint for {_hours(age)}, which a lost Redis would need",
            "read the log of workers.publish, or write one: telemetry-tasks checkpoint",
            since=found.asked - age,
            fingerprint=found.checkpoint or "",
        )


def _of_processes(found: Status, kind: str, processes: Kind) -> Iterator[Finding]:
    """Whether any process of this kind does its work, while the broker answers."""
    if processes.alive > processes.waiting:
        return
    since = processes.seen
    if processes.alive:
        yield Finding(
            "no-broker-connection",
            f"{count(processes.alive, 'process', 'processes')} of the kind {kind} cannot reach the broker",
            "see that the broker takes writes and all have the same TELEMETRY_BROKER_URL, and read their logs",
            kind,
        )
    elif kind == BEAT:
        yield Finding(
            "no-beat",
            "no beat is alive: nothing is discovered, merged or published by itself",
            "start python -m workers.beat, and read its log if it ends",
            since=since,
            fingerprint=_fingerprint(since),
        )
    else:
        number = found.queues.get(kind, 0)
        waiting = f", and {count(number, 'message waits', 'messages wait')}" if number else ""
        yield Finding(
            "no-worker",
            f"no worker takes from the queue {kind}{waiting}",
            f"start python -m workers.{kind}, and read its log if it ends",
            kind,
            since,
            _fingerprint(since),
        )


def _of_settings(found: Status) -> Iterator[Finding]:
    for name, what in sorted(found.other_settings.items()):
        text = f"{name} was added up before settings changed, and is not published: {what}"
        yield Finding("other-settings", text, remedy(name), name, fingerprint=what)
    for name, what in sorted(found.other_limits.items()):
        yield Finding(
            "other-limits",
            f"{name}: some files were counted with other limits: {what}",
            f"count all of them alike: {command_for(name)}; or accept it: telemetry-tasks status --accept",
            name,
            fingerprint=what,
        )


def _of_replaced_files(found: Status) -> Iterator[Finding]:
    for each in together(found.not_replaced):
        number = sum((other.where, other.kind) == (each.where, each.kind) for other in found.not_replaced)
        gone = each.kind == RESULT_GONE
        what = count(number, "partition counts", "partitions count")
        yield Finding(
            "old-content-counts" if gone else "not-counted-again",
            f"{each.where}: {what} with the old content of replaced files: {each.reason}",
            f"count all files of the bucket again: {command_for(each.where)}"
            if gone
            else "read the log of workers.aggregate and fix what it names; it is tried again by itself",
            each.where,
            each.since,
            each.work,
        )


def _of_version(version: VersionStatus, thresholds: Thresholds, now: float) -> Iterator[Finding]:
    name, waiting, overdue, hidden = version.name, version.oldest_waiting, version.overdue, version.oldest_unpublished
    if waiting is not None and waiting > thresholds.partition:
        yield Finding(
            "partitions-wait",
            f"{name}: partitions wait for {_hours(waiting)}",
            "start more python -m workers.aggregate, or see why those that run take none",
            name,
            now - waiting,
            _fingerprint(now - waiting),
        )
    if overdue is not None and overdue > thresholds.partition:
        yield Finding(
            "partitions-overdue",
            f"{name}: partitions are overdue by {_hours(overdue)} and were not sent again",
            "see that beat, workers.control and enough workers.aggregate run",
            name,
            now - overdue,
            _fingerprint(now - overdue),
        )
    if hidden is not None and hidden > thresholds.publish:
        yield Finding(
            "files-unpublished",
            f"{name}: files uploaded {_hours(hidden)} ago are not published",
            "see that beat, workers.merge and workers.publish run, and read the log of workers.publish",
            name,
            now - hidden,
            _fingerprint(now - hidden),
        )
    if version.definitions is not None:
        code, reason = version.definitions
        yield Finding(
            code,
            f"{name}: definitions could not be used, the last good ones stay: {reason}",
            "correct TELEMETRY_DEFINITIONS or the file (telemetry-tasks doctor looks at each), then telemetry-tasks "
            "publish; the periodic publish does so by itself",
            name,
            fingerprint=reason,
        )
    yield from _failing(version, now)
    yield from _of_limits(version)


def _of_limits(version: VersionStatus) -> Iterator[Finding]:
    """What a channel/version has beyond the limits that keep it from holding up others."""
    name = version.name
    if version.base_bytes > version.most_state_bytes:
        waits = count(version.counts.aggregated, "partition waits", "partitions wait")
        yield Finding(
            "state-too-large",
            f"{name}: its sums take {version.base_bytes >> 20:,} MiB of Redis, {waits} and nothing is added to them",
            "find who sends so many measures or rows, delete these files (docs/security.md) and run "
            f"{command_for(name)}; or raise TELEMETRY_MOST_STATE_BYTES",
            name,
        )
    if version.too_slow is not None:
        yield Finding(
            "publish-too-slow",
            f"{name}: it could not be published within {version.too_slow:g} s; other channel/versions are published",
            "start more python -m workers.publish, or raise TELEMETRY_PUBLISH_SECONDS; it is tried again",
            name,
        )
    for reason, number in version.cut:
        yield Finding(
            reason,
            f"{name}: ping files have {_CUT[reason]} than a file may add; {number:,} {_OF[reason]}",
            "find who sends them (docs/security.md), or raise TELEMETRY_LIMIT_FILE_… and reprocess",
            name,
            fingerprint=str(number),
        )
    for reason, _, number, records in version.collapsed:
        if reason == TOO_MANY_MEASURES:
            yield Finding(
                "measures-not-published",
                f"{name}: {number:,} measures with {records:,} records are more than are published",
                "find who sends them (docs/security.md), or raise TELEMETRY_MOST_MEASURES",
                name,
                fingerprint=str(number),
            )


_CUT = {TOO_MANY_MEASURES: "more measures", TOO_MANY_ROWS: "more rows"}
_OF = {TOO_MANY_MEASURES: "records are left out", TOO_MANY_ROWS: "pings count under OTHER"}


def _failing(version: VersionStatus, now: float) -> Iterator[Finding]:
    for key, number, age, why in version.failing:
        if age > FAILING:
            others = "" if number == 1 else f" and {count(number - 1, 'file')} of its partition"
            yield Finding(
                "file-unreadable",
                f"{version.name}: {key}{others} cannot be read, for {_minutes(age)}: {why}",
                "fix what the reason names, or delete the object; it is tried again by itself, at growing intervals",
                key,
                now - age,
                why,
            )


def _fingerprint(since: float | None) -> str:
    """A fingerprint that ends an acceptance if another one is the oldest, or the same thing happens again."""
    return "" if since is None else f"{since:.0f}"


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds < 3600 else _hours(seconds)


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:.1f} h"
