"""``publish``, ``checkpoint``, ``restore``, ``collect-garbage``: the published bucket, from this process."""

import time
from typing import Annotated

import typer

from telemetry_tasks.cli.answering import PUBLISHED
from telemetry_tasks.cli.command_services import command_services
from telemetry_tasks.cli.console import print_json, say
from telemetry_tasks.cli.examples import examples
from telemetry_tasks.cli.failure import PARTLY
from telemetry_tasks.cli.progress_bar import spinner
from telemetry_tasks.cli.waiting import wait_until_counted
from telemetry_tasks.errors import InfrastructureError, OperatorError
from telemetry_tasks.pipeline.publish.snapshot import Published
from telemetry_tasks.pipeline.publish.snapshot import publish as publish_state
from telemetry_tasks.pipeline.recovery.checkpoint import checkpoint as write_checkpoint
from telemetry_tasks.pipeline.recovery.checkpoint import list_checkpoints
from telemetry_tasks.pipeline.recovery.garbage import collect_garbage as collect
from telemetry_tasks.pipeline.recovery.restore import restore as restore_state
from telemetry_tasks.pipeline.services import Services

app = typer.Typer(rich_markup_mode="rich")
TRIES = 5

Json = Annotated[bool, typer.Option("--json", help="Tell what was done as one JSON document.")]


@app.command(
    "publish",
    epilog=examples(
        "telemetry-tasks publish", "telemetry-tasks discover --now --dispatch && telemetry-tasks publish --wait"
    ),
)
def publish(
    wait: Annotated[
        bool, typer.Option("--wait", help="First wait until everything that is registered was added up.")
    ] = False,
    timeout: Annotated[float, typer.Option(metavar="SECONDS", min=0, help="Longest wait.")] = 600.0,
    json: Json = False,
) -> None:
    """Publishes what changed, and writes published documents again that are gone.

    Writes a new snapshot to the published bucket (TELEMETRY_PUBLISHED_URL) and shows it to readers in one step; done in
    this process, whether workers run or not. Beat has the workers do the same every TELEMETRY_PUBLISH_INTERVAL seconds;
    two publishers at once do no harm. Exit code 3: published, except channel/versions whose state is damaged, that took
    too long, or that were added up before settings of pings changed; it says what to do for each.
    """
    services = command_services()
    if wait:
        wait_until_counted(services, timeout)
    began = time.monotonic()
    with spinner("Publishing"):
        done = _publish(services)
    if json:
        print_json(
            {
                "outcome": done.outcome,
                "stamp": done.stamp or None,
                "channel_versions": list(done.versions),
                "held_back": dict(done.held_back),
                "failed": dict(done.failed),
                "refused": dict(done.refused),
            }
        )
    elif done.outcome == "published":
        say(f"Published snapshot {done.stamp}: {', '.join(done.versions)} ({time.monotonic() - began:.1f} s)")
        for name, file in sorted(done.held_back.items()):
            say(f"Held back {name}: {_behind(file)}")
        for line in _not_published(done):
            say(f"Not published: {line}")
    else:
        say("Nothing to publish: readers see all that is added up")
    if done.failed or done.refused:
        raise typer.Exit(PARTLY)


def _not_published(done: Published) -> list[str]:
    failed = [f"{name}: {why}; run telemetry-tasks verify" for name, why in sorted(done.failed.items())]
    return [*failed, *(f"{name} {why}" for name, why in sorted(done.refused.items()))]


def _behind(file: str) -> str:
    return (
        f"the state lacks files that readers see now, such as {file}. It was restored from an older checkpoint, and "
        "workers are catching up: try again later, see telemetry-tasks status. If the file was removed "
        f"from the bucket, run: telemetry-tasks reprocess --files {file}"
    )


def _publish(services: Services) -> Published:
    """Publishes; again if another publisher was first, since it may not have included everything."""
    for _ in range(TRIES):
        done = publish_state(services, look=True)
        if done.outcome == "behind":
            raise InfrastructureError(f"not published: {_behind(min(done.held_back.values()))}")
        if done.outcome == "late":
            raise InfrastructureError("not published: writing took longer than TELEMETRY_GRACE_TIME: raise it")
        if done.outcome == "nothing" and (lines := _not_published(done)):
            raise OperatorError(f"not published: {'; '.join(lines)}")
        if done.outcome != "lost":
            return done
    raise InfrastructureError("other publishers were quicker each time: leave it to them")


@app.command("checkpoint", epilog=examples("telemetry-tasks checkpoint", "telemetry-tasks checkpoint --json"))
def checkpoint(json: Json = False) -> None:
    """Saves the whole state to the published bucket.

    It is read back before it is listed. An empty Redis is restored from the newest one. Beat has the workers do the
    same every TELEMETRY_CHECKPOINT_INTERVAL seconds.
    """
    services = command_services()
    with spinner("Writing a checkpoint"):
        done = write_checkpoint(services)
    if json:
        print_json({"stamp": done.stamp, "channel_versions": done.versions, "blocks": done.blocks})
    else:
        say(f"Checkpoint {done.stamp}: {done.versions} channel/versions in {done.blocks:,} blocks, verified")


@app.command(
    "restore",
    epilog=examples(
        "telemetry-tasks restore --list", "telemetry-tasks restore", "telemetry-tasks restore 20261001120000"
    ),
)
def restore(
    stamp: Annotated[
        str | None, typer.Argument(metavar="[STAMP]", help="The checkpoint; by default the newest intact one.")
    ] = None,
    only_list: Annotated[bool, typer.Option("--list", help="Only list the checkpoints, oldest first.")] = False,
    json: Json = False,
) -> None:
    """Puts the state of a checkpoint into Redis.

    The state in Redis is replaced, and work that still runs on it is refused. Files that came after the checkpoint are
    discovered and added up again. An empty Redis is restored automatically; use this to go back.
    """
    services = command_services(*((PUBLISHED,) if only_list else ()))
    known = list_checkpoints(services.published)
    if only_list:
        if json:
            print_json(known)
        for name in () if json else known:
            say(name)
        return
    if not known:
        raise OperatorError(
            f"there are no checkpoints in {services.published.url}: run telemetry-tasks checkpoint to make one"
        )
    if stamp is not None and stamp not in known:
        raise OperatorError(f"there is no checkpoint {stamp}; those there are: {', '.join(known)}")
    with spinner("Restoring"):
        used = restore_state(services, stamp)
    if not used:
        raise OperatorError("every checkpoint is damaged: see the lines above; nothing was restored")
    if json:
        print_json({"stamp": used})
    else:
        say(f"Restored checkpoint {used}; the next discover finds what came after it")


@app.command(
    "collect-garbage", epilog=examples("telemetry-tasks collect-garbage", "telemetry-tasks collect-garbage --json")
)
def collect_garbage(json: Json = False) -> None:
    """Removes old snapshots and checkpoints, and leftovers of lost work.

    A replaced snapshot is kept for TELEMETRY_GRACE_TIME seconds, because readers may still use it. The newest
    TELEMETRY_KEEP_CHECKPOINTS checkpoints are kept. Beat has the workers do the same every TELEMETRY_GARBAGE_INTERVAL
    seconds.
    """
    services = command_services()
    with spinner("Collecting garbage"):
        done = collect(services, services.published.now())
    if json:
        print_json({"snapshots": done.snapshots, "checkpoints": done.checkpoints, "merged_slices": done.merged_slices})
    else:
        say(
            f"Removed {done.snapshots:,} objects of snapshots, {done.checkpoints:,} of checkpoints, "
            f"{done.merged_slices:,} merged slices"
        )
