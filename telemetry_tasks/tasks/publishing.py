"""The publish chord, checkpoints, garbage."""

from contextlib import suppress
from typing import Any

import structlog
from celery import chord, current_task, group

from telemetry_tasks.app import app
from telemetry_tasks.errors import InfrastructureError, OperatorError
from telemetry_tasks.formats.publish_messages import in_parts, refs_message, refs_of
from telemetry_tasks.formats.stamps import parse_stamp
from telemetry_tasks.pipeline.publish.parts import Part
from telemetry_tasks.pipeline.publish.snapshot import PublishPlan, plan_publish, refused_by_settings
from telemetry_tasks.pipeline.publish.snapshot import finish_publish as finish
from telemetry_tasks.pipeline.publish.snapshot import publish_channel_version as publish_one
from telemetry_tasks.pipeline.publish.snapshot import publish_part as write_one_part
from telemetry_tasks.pipeline.publish.under_way import (
    CHECKPOINT,
    PUBLISH,
    at_work,
    ended,
    no_longer_under_way,
    publishing,
    want_again,
)
from telemetry_tasks.pipeline.recovery.checkpoint import checkpoint as write_checkpoint
from telemetry_tasks.pipeline.recovery.garbage import collect_garbage as collect
from telemetry_tasks.pipeline.recovery.wanted_checkpoint import note_beginning
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.tasks.context import failed, give_back, log, working
from telemetry_tasks.tasks.tracing import note_span
from telemetry_tasks.tasks.troubles import remember

AGAIN = "again"
"""In what a task of the publish chord returns: whether a channel/version without a reference is tried again soon."""


@app.task(name="publish")
def publish() -> None:
    """Starts a chord over the channel/versions that changed, unless one is under way."""
    with working() as services:
        try:
            if publishing(services) is not None:
                return
            want_again(services, PUBLISH)
            refused = refused_by_settings(services)
            plan = plan_publish(services, refused)
            for name, why in sorted(refused.items()):
                log.warning("not published", channel_version=name, reason=why)  # status sees it in the state
            if plan is None:
                ended(services, PUBLISH)
                return
        except InfrastructureError as error:
            give_back("not published", error)
            return
        try:
            _send(plan)
        except BaseException:  # a broker that is away: what was not sent must not be waited for
            with suppress(InfrastructureError):
                no_longer_under_way(services, plan.stamp)
            raise


def _send(plan: PublishPlan) -> None:
    """One chord a snapshot."""
    header = group(
        signature for name, parts in plan.changed.items() for signature in _signatures(plan.stamp, name, parts)
    )
    chord(header)(
        app.signature(
            "finish_publish",
            kwargs={"stamp": plan.stamp},
            argsrepr=f"({len(plan.changed)} channel/versions)",  # Flower shows it
        )
    )


def _signatures(stamp: str, name: str, parts: int) -> list[Any]:
    """The tasks that write a channel/version, or the parts of it that the body of the chord completes."""
    if parts == 1:
        return [app.signature("publish_channel_version", (stamp, name), immutable=True)]
    return [app.signature("publish_part", (stamp, name, number, parts), immutable=True) for number in range(parts)]


@app.task(name="publish_part", ignore_result=False, max_retries=3)
def publish_part(stamp: str, channel_version: str, part: int, of: int) -> dict[str, Any]:
    """Renders a part of a large channel/version. One that fails is made good by who completes it."""
    with working(channel_version=channel_version, stamp=stamp, part=f"{part + 1} of {of}") as services:
        try:
            with at_work(services, stamp):
                write_one_part(services, stamp, channel_version, Part(part, of))
        except Exception as error:  # noqa: BLE001 - a header that raised would lose the whole chord
            failed("part not rendered", error)
        return refs_message(channel_version, None, of)


@app.task(name="publish_channel_version", ignore_result=False, max_retries=3)
def publish_channel_version(stamp: str, channel_version: str) -> dict[str, Any]:
    """Writes one channel/version of a snapshot; returns its path."""
    with working(stamp=stamp) as services:
        return _written(services, stamp, channel_version)


def _written(services: Services, stamp: str, name: str, parts: int = 1, most: float | None = None) -> dict[str, Any]:
    """Writes what the parts of a channel/version left (all of it without parts), in ``most`` seconds.

    A failure does not delay the others: a header that raised would lose the whole chord.
    """
    with structlog.contextvars.bound_contextvars(channel_version=name):
        try:
            with at_work(services, stamp):
                return refs_message(name, publish_one(services, stamp, name, parts, most)) | {AGAIN: _comes_again()}
        except Exception as error:  # noqa: BLE001 - it must not hold up the others
            failed("not published", error)
            return refs_message(name, None) | {AGAIN: isinstance(error, InfrastructureError | OperatorError)}


def _comes_again() -> bool:
    """Whether the running task was that of a worker that was lost: nobody completes what that one began to write."""
    return bool(current_task and (current_task.request.delivery_info or {}).get("redelivered"))


@app.task(name="finish_publish", max_retries=3)
def finish_publish(refs: list[dict[str, Any]], stamp: str) -> None:
    """Completes the snapshot and shows it to readers."""
    with working(stamp=stamp) as services:
        try:
            left = in_parts(refs)
            share = services.options.most_publish_seconds / max(1, len(left))  # they are written one after the other
            with at_work(services, stamp):
                whole = [_written(services, stamp, name, parts, share) for name, parts in left.items()]
                done = finish(services, stamp, {**refs_of(refs), **refs_of(whole)})
            no_longer_under_way(services, stamp)  # it may have been renewed just before
            if not any(message["ref"] is None and message.get(AGAIN) for message in (*refs, *whole)):
                ended(services, PUBLISH)
        except InfrastructureError as error:
            give_back("not published", error)
            with suppress(InfrastructureError):
                no_longer_under_way(services, stamp)
            return
        for name, file in sorted(done.held_back.items()):  # passes by itself while a restored state catches up
            reason = f"{name} is behind what is shown: readers would lose {file}"
            remember("finish_publish", reason, {"channel_version": name})
        note_span("publish", done.partitions, parse_stamp(stamp).timestamp(), stamp=stamp)
        log.info("published", outcome=done.outcome, versions=len(done.versions))


@app.task(name="checkpoint")
def checkpoint() -> None:
    """Writes a checkpoint."""
    with working() as services:
        try:
            note_beginning(services)
            ended(services, CHECKPOINT)
            done = write_checkpoint(services)
        except InfrastructureError as error:
            give_back("no checkpoint", error)
            with suppress(InfrastructureError):
                want_again(services, CHECKPOINT)
            return
        log.info("checkpoint written", stamp=done.stamp, versions=done.versions)


@app.task(name="collect_garbage")
def collect_garbage() -> None:
    """Removes old snapshots and what was left lying."""
    with working() as services:
        done = collect(services, services.published.now())
        log.info(
            "garbage collected",
            snapshots=done.snapshots,
            checkpoints=done.checkpoints,
            merged_slices=done.merged_slices,
        )
