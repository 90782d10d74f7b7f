"""The publish chord, check-points, garbage."""

from typing import Any

from celery import chord, group

from telemetry_tasks.app import app
from telemetry_tasks.errors import DataError, InfrastructureError, OperatorError
from telemetry_tasks.formats.published import parse_stamp
from telemetry_tasks.pipeline.checkpoint import checkpoint as write_checkpoint
from telemetry_tasks.pipeline.garbage import collect_garbage as collect
from telemetry_tasks.pipeline.publish import finish_publish as finish
from telemetry_tasks.pipeline.publish import plan_publish, publishing, refs_message, refs_of
from telemetry_tasks.pipeline.publish import publish_channel_version as publish_one
from telemetry_tasks.tasks.context import give_back, log, working
from telemetry_tasks.tasks.tracing import note_span


@app.task(name="publish")
def publish() -> None:
    """Starts a chord over the channel/versions that changed, unless one is under way."""
    with working() as services:
        try:
            plan = plan_publish(services) if publishing(services) is None else None
        except InfrastructureError as error:
            give_back("not published", error)
            return
        if plan is not None:
            header = group(
                app.signature("publish_channel_version", (plan.stamp, name), immutable=True) for name in plan.changed
            )
            chord(header)(
                app.signature(
                    "finish_publish",
                    kwargs={"stamp": plan.stamp},
                    argsrepr=f"({len(plan.changed)} channel/versions)",  # Flower shows it
                )
            )


@app.task(name="publish_channel_version", ignore_result=False, max_retries=3)
def publish_channel_version(stamp: str, channel_version: str) -> dict[str, Any]:
    """Writes one channel/version of a snapshot; says where it is."""
    with working(channel_version=channel_version, stamp=stamp) as services:
        try:
            return refs_message(channel_version, publish_one(services, stamp, channel_version))
        except (InfrastructureError, OperatorError) as error:
            give_back("not published", error)
            return refs_message(channel_version, None)
        except DataError as error:  # the others are published; a header that raises would lose the whole chord
            log.error("not published: run telemetry-tasks verify", reason=str(error))
            return refs_message(channel_version, None)


@app.task(name="finish_publish", max_retries=3)
def finish_publish(refs: list[dict[str, Any]], stamp: str) -> None:
    """Completes the snapshot and shows it to readers."""
    with working(stamp=stamp) as services:
        try:
            done = finish(services, stamp, refs_of(refs))
        except InfrastructureError as error:
            give_back("not published", error)
            return
        note_span("publish", done.partitions, parse_stamp(stamp).timestamp(), stamp=stamp)
        log.info("published", outcome=done.outcome, versions=len(done.versions))


@app.task(name="checkpoint")
def checkpoint() -> None:
    """Writes a check-point."""
    with working() as services:
        try:
            done = write_checkpoint(services)
        except InfrastructureError as error:
            give_back("no check-point", error)
            return
        log.info("check-point written", stamp=done.stamp, versions=done.versions)


@app.task(name="collect_garbage")
def collect_garbage() -> None:
    """Removes old snapshots and what was left lying."""
    with working() as services:
        done = collect(services, services.published.now())
        log.info("garbage collected", snapshots=done.snapshots, check_points=done.check_points, folds=done.folds)
