"""The publish chord, checkpoints, garbage."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any

from celery import chord, current_task, group

from telemetry_tasks.app import app
from telemetry_tasks.errors import InfrastructureError, OperatorError
from telemetry_tasks.formats.publish_messages import in_parts, refs_message, refs_of
from telemetry_tasks.formats.stamps import parse_stamp
from telemetry_tasks.pipeline.publish import snapshot
from telemetry_tasks.pipeline.publish.parts import Part
from telemetry_tasks.pipeline.publish.under_way import (
    CHECKPOINT,
    PUBLISH,
    at_work,
    ended,
    no_longer_under_way,
    publishing,
    want_again,
)
from telemetry_tasks.pipeline.recovery import checkpoint as checkpoints
from telemetry_tasks.pipeline.recovery import garbage
from telemetry_tasks.pipeline.state.owed_checkpoint import (
    must_request_checkpoint,
    no_checkpoint_at_work,
    writing_checkpoint,
)
from telemetry_tasks.tasks.context import failed, give_back, log, working
from telemetry_tasks.tasks.failures import remember
from telemetry_tasks.tasks.tracing import note_span

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
            refused = snapshot.refused_by_settings(services)
            plan = snapshot.plan_publish(services, refused)
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


def _send(plan: snapshot.PublishPlan) -> None:
    """One chord a snapshot."""
    header = group(app.signature("publish_channel_version", (plan.stamp, n), immutable=True) for n in plan.changed)
    chord(header)(_body("finish_publish", plan.stamp, plan.changed))


def _send_parts(stamp: str, left: Mapping[str, int], *, again: bool) -> None:
    """One chord for all parts of the channel/versions that are rendered in parts."""
    header = group(
        app.signature("publish_part", (stamp, name, number, parts), immutable=True)
        for name, parts in left.items()
        for number in range(parts)
    )
    chord(header)(_body("complete_parts", stamp, left, again=again))


def _body(task: str, stamp: str, names: Collection[str], *, again: bool = False) -> Any:
    """What is done after a chord's header; ``again`` if something else of this publish is tried again soon."""
    told = f"({len(names)} channel/versions)"  # Flower shows it
    return app.signature(task, kwargs={"stamp": stamp} | ({AGAIN: True} if again else {}), argsrepr=told)


@app.task(name="publish_part", ignore_result=False, max_retries=3)
def publish_part(stamp: str, channel_version: str, part: int, of: int) -> dict[str, Any]:
    """Renders a part of a large channel/version. What a part that fails leaves is written when it is completed."""
    with working(channel_version=channel_version, stamp=stamp, part=f"{part + 1} of {of}") as services:
        try:
            with at_work(services, stamp):
                snapshot.publish_part(services, stamp, channel_version, Part(part, of))
        except Exception as error:  # noqa: BLE001 - a header that raised would lose the whole chord
            failed("part not rendered", error)
        return refs_message(channel_version, None, of)


@app.task(name="complete_parts", max_retries=3)
def complete_parts(refs: list[dict[str, Any]], stamp: str, again: bool = False) -> None:
    """Starts a chord over the channel/versions whose parts are rendered: each is completed in a task of its own."""
    left = in_parts(refs)
    with working(stamp=stamp):
        header = group(
            app.signature("publish_channel_version", (stamp, name, parts), immutable=True)
            for name, parts in left.items()
        )
        chord(header)(_body("finish_publish", stamp, left, again=again))


@app.task(name="publish_channel_version", ignore_result=False, max_retries=3)
def publish_channel_version(stamp: str, channel_version: str, parts: int = 1) -> dict[str, Any]:
    """Writes one channel/version of a snapshot, or what its ``parts`` left of it; returns its path.

    Tells instead in how many parts a large one is to be rendered. A failure does not delay the others: a header that
    raised would lose the whole chord.
    """
    with working(channel_version=channel_version, stamp=stamp) as services:
        try:
            with at_work(services, stamp):
                if parts > 1:
                    ref, parts = snapshot.publish_channel_version(services, stamp, channel_version, parts), 1
                else:
                    ref, parts = snapshot.begin_channel_version(services, stamp, channel_version)
            return refs_message(channel_version, ref, parts) | {AGAIN: _comes_again()}
        except Exception as error:  # noqa: BLE001 - it must not hold up the others
            failed("not published", error)
            return refs_message(channel_version, None) | {AGAIN: isinstance(error, InfrastructureError | OperatorError)}


def _comes_again() -> bool:
    """Whether the running task was that of a worker that was lost: nobody completes what that one began to write."""
    return bool(current_task and (current_task.request.delivery_info or {}).get("redelivered"))


@app.task(name="finish_publish", max_retries=3)
def finish_publish(refs: list[dict[str, Any]], stamp: str, again: bool = False) -> None:
    """Completes the snapshot and shows it to readers; then starts another one for what is rendered in parts."""
    with working(stamp=stamp) as services:
        left = in_parts(refs)
        again = again or any(message["ref"] is None and message.get(AGAIN) for message in refs)
        try:
            # first: or another publish could begin in between
            later = snapshot.begin_parts(services, stamp) if left else None
            with at_work(services, stamp):
                done = snapshot.finish_publish(services, stamp, refs_of(refs))
            no_longer_under_way(services, stamp)  # it may have been renewed just before
            if later is not None:
                _send_parts(later, left, again=again)
            elif not again:
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
            ended(services, CHECKPOINT)
            with writing_checkpoint(services):
                done = checkpoints.checkpoint(services)
            no_checkpoint_at_work(services)
        except InfrastructureError as error:
            give_back("no checkpoint", error)
            with suppress(InfrastructureError):
                want_again(services, CHECKPOINT)
            return
        log.info("checkpoint written", stamp=done.stamp, versions=done.versions)
        if must_request_checkpoint(services):  # a switch came during this one
            app.send_task("checkpoint")


@app.task(name="collect_garbage")
def collect_garbage() -> None:
    """Removes old snapshots and what was left lying."""
    with working() as services:
        done = garbage.collect_garbage(services, services.published.now())
        log.info(
            "garbage collected",
            snapshots=done.snapshots,
            checkpoints=done.checkpoints,
            merged_slices=done.merged_slices,
        )
