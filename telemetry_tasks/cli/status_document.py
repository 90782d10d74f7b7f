"""``status`` as one JSON document. Its keys are stable; docs/operations.md lists them."""

import time
from typing import Any

from telemetry_tasks.errors import TelemetryError
from telemetry_tasks.pipeline.failures import together
from telemetry_tasks.pipeline.findings import Finding, iso
from telemetry_tasks.pipeline.inspect.status_values import Status, VersionStatus


def document(found: Status) -> dict[str, Any]:
    """The whole status. Ages in seconds, sizes in bytes, times in ISO 8601; null if there is nothing yet."""
    return {
        "time": iso(found.asked),
        "healthy": found.healthy,
        "findings": [finding.document() for finding in found.findings],
        "versions": [_version(version) for version in found.versions],
        "missing": [{"channel_version": name, "file": key, "reason": reason} for name, key, reason in found.missing],
        "ignored": found.ignored,
        "published": {"stamp": found.published, "age": found.published_age},
        "checkpoint": {"stamp": found.checkpoint, "age": found.checkpoint_age},
        "redis": {"used": found.redis_used, "limit": found.redis_most or None},
        "queues": dict(found.queues),
        "processes": {
            kind: {"alive": each.alive, "without_broker": each.waiting, "last_seen": iso(each.seen)}
            for kind, each in found.processes.items()
        },
        "refused": dict(found.refused),
        "failures": [
            {
                "task": each.task,
                "channel_version": each.where or None,
                "kind": each.kind,
                "reason": each.reason,
                "since": iso(each.since),
                "last": iso(each.last),
                "times": each.times,
            }
            for each in together(found.failures)
        ],
        "implausible": found.implausible._asdict() if any(found.implausible) else {},
    }


def document_of_none(error: TelemetryError) -> dict[str, Any]:
    """What is told if a service did not answer: nothing else is known."""
    away = Finding("service-away", str(error), "start it, or correct the settings: telemetry-tasks doctor tries each")
    return {"time": iso(time.time()), "healthy": False, "findings": [away.document()]}


def _version(version: VersionStatus) -> dict[str, Any]:
    counts = version.counts
    return {
        "name": version.name,
        "files": {
            "registered": counts.files,
            "missing": version.missing,
            "oldest_unpublished": version.oldest_unpublished,
        },
        "partitions": {
            "waiting": counts.waiting,
            "running": counts.running,
            "aggregated": counts.aggregated,
            "merged": counts.merged,
            "oldest_waiting": version.oldest_waiting,
            "overdue": version.overdue,
        },
        "batches": counts.batches,
        "commits": counts.deltas,
        "jobs": [{"id": id, "done": done, "partitions": number} for id, done, number in version.jobs],
        "failing": [
            {"file": key, "files": number, "age": age, "reason": why} for key, number, age, why in version.failing
        ],
        "collapsed": [
            {"reason": reason, "dimension": dimension, "number": number, "pings": pings}
            for reason, dimension, number, pings in version.collapsed
        ],
        "cut": dict(version.cut),
        "publish_seconds_too_few": version.too_slow,
    }
