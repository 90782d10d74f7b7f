"""``reprocess`` and ``retry-missing``: recompute partitions and replace the old ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import typer

from telemetry_tasks.cli.answering import BROKER, require_answers
from telemetry_tasks.cli.command_services import command_services, command_settings
from telemetry_tasks.cli.console import print_json, print_table, say
from telemetry_tasks.cli.examples import examples
from telemetry_tasks.cli.jobs import Done, done_here, is_begun, is_registered, refuse_unswitched, watched
from telemetry_tasks.cli.option_groups import grouped
from telemetry_tasks.cli.progress_bar import spinner
from telemetry_tasks.errors import DamagedObject, NotFound, OperatorError
from telemetry_tasks.formats.job import JobPlan
from telemetry_tasks.pipeline.epoch import channel_states
from telemetry_tasks.pipeline.reprocess.jobs import cancel_job, refuse_overlap, start_job
from telemetry_tasks.pipeline.reprocess.plan import plan_jobs
from telemetry_tasks.pipeline.reprocess.selection import Selection
from telemetry_tasks.pipeline.reprocess.taken_out import plan_taken_out, take_out
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.pipeline.state.rebuild import rebuild

app = typer.Typer(rich_markup_mode="rich")
NAMED = 10
"""Files named at most."""

Names = list[str] | None


def day_option(help: str) -> Any:
    """A day, as in keys or as on calendars."""
    return typer.Option(formats=["%Y%m%d", "%Y-%m-%d"], metavar="YYYYMMDD", help=help)


@dataclass(frozen=True)
class Where:
    """Channel/versions."""

    channel: Annotated[Names, typer.Option(metavar="NAME", help="Of this channel; repeatable.")] = None
    version: Annotated[Names, typer.Option(metavar="MAJOR", help="Of this version; repeatable.")] = None


@dataclass(frozen=True)
class Conditions(Where):
    """Which partitions are meant."""

    measure: Annotated[Names, typer.Option(metavar="NAME", help="Whose results hold this measure; repeatable.")] = None
    build_from: Annotated[datetime | None, day_option("First build date.")] = None
    build_to: Annotated[datetime | None, day_option("Last build date.")] = None
    submitted_from: Annotated[datetime | None, day_option("First submission date.")] = None
    submitted_to: Annotated[datetime | None, day_option("Last submission date.")] = None
    files: Annotated[Names, typer.Option(metavar="KEY", help="With this file, or shell pattern; repeatable.")] = None

    def selection(self) -> Selection:
        """The partitions that meet all conditions."""
        return Selection(
            channels=tuple(self.channel or ()),
            versions=tuple(self.version or ()),
            measures=tuple(self.measure or ()),
            build_from=_day(self.build_from),
            build_to=_day(self.build_to),
            submitted_from=_day(self.submitted_from),
            submitted_to=_day(self.submitted_to),
            files=tuple(self.files or ()),
        )


@dataclass(frozen=True)
class How:
    """How a command runs, and how it tells what it did."""

    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False
    here: Annotated[bool, typer.Option("--here", help="Do it in this process, not by the workers.")] = False
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until the workers are done.")] = True
    json: Annotated[bool, typer.Option("--json", help="Tell what was done as one JSON document.")] = False


@app.command(
    "reprocess",
    epilog=examples(
        "telemetry-tasks reprocess --channel nightly --version 28 --dry-run",
        "telemetry-tasks reprocess --build-from 20131001 --build-to 20131031",
        "telemetry-tasks reprocess --files 'saved_session/Firefox/nightly/*/20131029*'",
        "telemetry-tasks reprocess --channel nightly --from-results",
        "telemetry-tasks reprocess --cancel 0123456789abcdef",
    ),
)
@grouped
def reprocess(
    *,
    conditions: Conditions,
    from_results: Annotated[
        bool, typer.Option("--from-results", help="Add up the stored partial results again; read no ping files.")
    ] = False,
    cancel: Annotated[str | None, typer.Option(metavar="JOB", help="Cancel a job; the old numbers stay.")] = None,
    how: How,
) -> None:
    """Recomputes partitions from their ping files.

    Selects the partitions that meet all conditions; without conditions, all partitions. Each channel/version is one
    job: readers see the old numbers until all the new ones are ready. A ping file that was removed from the bucket is
    removed from the numbers. If --files names it, this includes a file that is still published but was lost from the
    state. Stopping this command does not stop the workers; run it again to continue watching.
    """
    services = command_services()
    if cancel is not None:
        there = cancel in _jobs(services) if how.dry_run else cancel_job(services, cancel)
        if not there:
            raise OperatorError(f"there is no job {cancel}; telemetry-tasks status lists the running ones")
        _tell_cancelled(cancel, how)
        return
    selection = conditions.selection()
    _refuse_unknown(services, selection)
    if from_results:
        _rebuild(services, selection, how)
    else:
        _run(services, selection, how)


@app.command(
    "retry-missing",
    epilog=examples("telemetry-tasks retry-missing --dry-run", "telemetry-tasks retry-missing --channel nightly"),
)
@grouped
def retry_missing(where: Where, how: How) -> None:
    """Tries the files again that are on the list of missing files.

    Which those are, and why, is in FILES_MISSING beside what is published, and in `telemetry-tasks status`. The
    partitions that they are in are reprocessed; a file that is still bad stays on the list, one that has gone from the
    bucket is taken off it.
    """
    services = command_services()
    selection = Selection(channels=tuple(where.channel or ()), versions=tuple(where.version or ()), missing=True)
    _refuse_unknown(services, selection)
    _run(services, selection, how)


def _jobs(services: Services) -> set[str]:
    return {job for state in channel_states(services) for job in state.jobs()}


def _tell_cancelled(job: str, how: How) -> None:
    if how.json:
        print_json({"dry_run": how.dry_run, "cancelled": job})
    else:
        say(f"Job {job} {'would be' if how.dry_run else 'is'} cancelled")


def _day(day: datetime | None) -> str:
    return f"{day:%Y%m%d}" if day else ""


def _refuse_unknown(services: Services, selection: Selection) -> None:
    """Raises ``OperatorError`` if a named channel or version does not exist."""
    names = [state.name for state in channel_states(services)]
    if (selection.channels or selection.versions) and not any(map(selection.takes_channel_version, names)):
        asked = "/".join((",".join(selection.channels) or "*", ",".join(selection.versions) or "*"))
        raise OperatorError(f"there is no channel/version {asked}; known are: {', '.join(names) or 'none yet'}")


def _rebuild(services: Services, selection: Selection, how: How) -> None:
    states = [state for state in channel_states(services) if selection.takes_channel_version(state.name)]
    if selection != Selection(channels=selection.channels, versions=selection.versions):
        raise typer.BadParameter(
            "takes whole channel/versions: --channel and --version only", param_hint="--from-results"
        )
    done = []
    with spinner("Adding up") as tell:
        for state in () if how.dry_run else states:
            tell(state.name)
            try:
                made = rebuild(services, state)
            except (NotFound, DamagedObject) as error:
                raise OperatorError(
                    f"{state.name}: a partial result is gone or damaged: run telemetry-tasks reprocess without "
                    f"--from-results, which makes it from its ping files ({error})"
                ) from error
            done.append({"channel_version": state.name, "partitions": made.partitions, "changed": made.changed})
    if how.json:
        print_json({"dry_run": how.dry_run, "channel_versions": done or [{"channel_version": s.name} for s in states]})
    elif how.dry_run:
        say(f"Would add up {', '.join(state.name for state in states) or 'nothing'} again")
    else:
        print_table(("channel/version", "partitions", "changed"), [tuple(each.values()) for each in done])


def _run(services: Services, selection: Selection, how: How) -> None:
    with spinner("Selecting partitions"):
        plans, out = plan_jobs(services, selection), plan_taken_out(services, selection)
    if not how.dry_run:
        for plan in plans:  # before anything starts: if one is refused, the others are not started either
            refuse_overlap(services, plan)
        take_out(services, out)
    taken_out = sorted(key for keys in out.values() for key in keys)
    if how.dry_run or not plans:
        _tell([Done(plan, "planned") for plan in plans], taken_out, how)
        return
    done = done_here(services, plans) if how.here else _by_workers(services, plans, how.wait)
    _tell(done, taken_out, how)
    if how.here or how.wait:
        refuse_unswitched(done)


def _by_workers(services: Services, plans: Sequence[JobPlan], wait: bool) -> list[Done]:
    from telemetry_tasks.cli.sending import send_reprocessing  # brings Celery, which connects to the broker

    settings = command_settings()
    require_answers(settings, BROKER)
    for plan in plans:
        if not is_registered(services, plan):
            start_job(services, plan)
        elif is_begun(services, plan):
            continue
        send_reprocessing(services, settings, plan)  # again, too: who registered it may have been stopped before
    return watched(services, plans) if wait else [Done(plan, "sent") for plan in plans]


def _tell(done: Sequence[Done], taken_out: Sequence[str], how: How) -> None:
    rows = [
        {
            "channel_version": each.plan.channel_version,
            "job": each.plan.id,
            "partitions": len(each.plan.replacements),
            "files": sum(len(partition.files) for partition in each.plan.partitions.values()),
            "outcome": each.outcome,
        }
        for each in done
    ]
    if how.json:
        print_json({"dry_run": how.dry_run, "jobs": rows, "taken_out": taken_out})
        return
    if taken_out:
        rest = f" and {len(taken_out) - NAMED} more" if len(taken_out) > NAMED else ""
        without = "would be" if how.dry_run else "is"
        say(
            f"The next snapshot {without} without {', '.join(taken_out[:NAMED])}{rest}: readers see them, and they are "
            "neither in the bucket nor in the state"
        )
    if rows:
        print_table(("channel/version", "job", "partitions", "files", "outcome"), [tuple(row.values()) for row in rows])
    elif not taken_out:
        say("Nothing matches")
