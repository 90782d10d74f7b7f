"""What the Celery tasks do (``telemetry_tasks/tasks``), with a broker in memory in the place of Celery's."""

from collections import Counter
from contextlib import suppress

from telemetry_tasks.errors import InfrastructureError, OperatorError
from telemetry_tasks.formats import publish_messages
from telemetry_tasks.pipeline.aggregate.partition import aggregate_partition
from telemetry_tasks.pipeline.intake.discover import discover
from telemetry_tasks.pipeline.intake.dispatch import claim_partitions
from telemetry_tasks.pipeline.publish import snapshot as publishing
from telemetry_tasks.pipeline.publish import under_way
from telemetry_tasks.pipeline.publish.parts import Part
from telemetry_tasks.pipeline.recovery.checkpoint import checkpoint
from telemetry_tasks.pipeline.recovery.garbage import collect_garbage
from telemetry_tasks.pipeline.recovery.restore import ensure_state
from telemetry_tasks.pipeline.reprocess.attempts import recompute
from telemetry_tasks.pipeline.reprocess.changed_files import plan_changed
from telemetry_tasks.pipeline.reprocess.jobs import overdue_jobs, start_job, work_due, work_left
from telemetry_tasks.pipeline.reprocess.plan import plan_jobs
from telemetry_tasks.pipeline.reprocess.selection import Selection
from telemetry_tasks.pipeline.reprocess.switch import switch_job
from telemetry_tasks.pipeline.reprocess.taken_out import plan_taken_out, take_out
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.pipeline.state.merge import merge_slice, plan_merges, reduce_batch
from telemetry_tasks.pipeline.state.owed_checkpoint import (
    must_request_checkpoint,
    no_checkpoint_at_work,
    writing_checkpoint,
)
from tests.faults.simulation.broker import Broker, Message

BEAT = {"discover": 4, "sweep": 3, "merge_round": 3, "publish": 4, "checkpoint": 2, "collect_garbage": 1}
"""Those that beat sends, and how often each."""


class Tasks:
    """Every method is a task of that name."""

    def __init__(self, services: Services, broker: Broker) -> None:
        self._services, self._broker = services, broker
        self.done: Counter[str] = Counter()

    def run(self, message: Message) -> None:
        """Delivers a message."""
        self._broker.answered(message, getattr(self, message.task)(*message.arguments))

    def _ensure_state(self) -> None:
        stamp = ensure_state(self._services)
        if stamp is not None:
            self.done["restored" if stamp else "began again"] += 1

    def discover(self) -> None:
        self._ensure_state()
        found = discover(self._services, self._services.input.now())
        self._send_jobs()
        changed = plan_changed(self._services, found.changed)
        for plan in changed.plans:
            try:
                new = start_job(self._services, plan)
            except OperatorError:
                continue
            if new:
                self._send_job(plan.channel_version, plan.id)

    def sweep(self) -> None:
        self._ensure_state()
        self._send_jobs(overdue=99)
        self.merge_round()
        for name, job in overdue_jobs(self._services):
            self._send_job(name, job)
        self._send_owed_checkpoint()

    def _send_jobs(self, *, overdue: int = 0, most: int | None = None) -> None:
        for job in claim_partitions(self._services, overdue=overdue, most=most):
            self._broker.send("aggregate_partition", job.channel_version, job.partition)

    def aggregate_partition(self, name: str, partition: str) -> None:
        self.done[aggregate_partition(self._services, name, partition)] += 1
        self._send_jobs(most=1)

    def merge_round(self) -> None:
        for job in plan_merges(self._services):
            headers = [("download_and_merge", (job.channel_version, slice_)) for slice_ in job.slices]
            self._broker.send_chord(headers, "reduce_into_state", job.channel_version, job.batch)

    def download_and_merge(self, name: str, partitions: tuple[str, ...]) -> list[str]:
        try:
            return [merge_slice(self._services, name, partitions)]
        except InfrastructureError:
            return []

    def reduce_into_state(self, name: str, batch: str, slices: list[list[str]]) -> None:
        self.done[reduce_batch(self._services, name, batch, [key for each in slices for key in each])] += 1

    def publish(self) -> None:
        if under_way.publishing(self._services) is not None:
            return
        plan = publishing.plan_publish(self._services, publishing.refused_by_settings(self._services))
        if plan is None:
            return
        headers = [("publish_channel_version", (plan.stamp, name)) for name in plan.changed]
        self._broker.send_chord(headers, "finish_publish", plan.stamp)

    def publish_part(self, stamp: str, name: str, number: int, of: int) -> dict[str, object]:
        with suppress(InfrastructureError):  # who completes it makes it good
            publishing.publish_part(self._services, stamp, name, Part(number, of))
        return publish_messages.refs_message(name, None, of)

    def complete_parts(self, stamp: str, refs: list[dict[str, object]]) -> None:
        left = publish_messages.in_parts(refs)
        headers = [("publish_channel_version", (stamp, name, of)) for name, of in left.items()]
        self._broker.send_chord(headers, "finish_publish", stamp)

    def publish_channel_version(self, stamp: str, name: str, parts: int = 1) -> dict[str, object]:
        try:
            if parts > 1:
                return publish_messages.refs_message(
                    name, publishing.publish_channel_version(self._services, stamp, name, parts)
                )
            return publish_messages.refs_message(name, *publishing.begin_channel_version(self._services, stamp, name))
        except InfrastructureError:
            return publish_messages.refs_message(name, None)

    def finish_publish(self, stamp: str, refs: list[dict[str, object]]) -> None:
        left = publish_messages.in_parts(refs)
        later = publishing.begin_parts(self._services, stamp) if left else ""
        done = publishing.finish_publish(self._services, stamp, publish_messages.refs_of(refs))
        self.done[done.outcome] += 1
        headers = [("publish_part", (later, name, number, of)) for name, of in left.items() for number in range(of)]
        if headers:
            self._broker.send_chord(headers, "complete_parts", later)

    def checkpoint(self) -> None:
        with writing_checkpoint(self._services):
            checkpoint(self._services)
        no_checkpoint_at_work(self._services)
        self.done["checkpoint"] += 1
        self._send_owed_checkpoint()

    def collect_garbage(self) -> None:
        found = collect_garbage(self._services, self._services.published.now())
        self.done["objects collected"] += found.snapshots + found.checkpoints + found.merged_slices

    def reprocess(self, selection: Selection) -> None:
        """What the command of that name does."""
        out = plan_taken_out(self._services, selection)
        take_out(self._services, out)
        self.done["taken out"] += sum(map(len, out.values()))
        for plan in plan_jobs(self._services, selection):
            try:
                new = start_job(self._services, plan)
            except OperatorError:
                continue
            if new:
                self._send_job(plan.channel_version, plan.id)

    def _send_job(self, name: str, job: str) -> None:
        left = work_left(self._services, name, job)
        due = work_due(self._services, name, job, left)
        if due:
            headers = [("reprocess_partition", (name, job, id)) for id in due]
            self._broker.send_chord(headers, "switch_reprocessed", name, job)  # type: ignore[arg-type]
        elif not left:
            self._broker.send("switch_reprocessed", name, job, [])

    def reprocess_partition(self, name: str, job: str, partition: str) -> bool:
        try:
            return recompute(self._services, name, job, partition)
        except InfrastructureError:
            return False

    def switch_reprocessed(self, name: str, job: str, _: list[bool]) -> None:
        outcome = switch_job(self._services, name, job).outcome
        self.done[f"reprocessing {outcome}"] += 1
        self._send_owed_checkpoint()

    def _send_owed_checkpoint(self) -> None:
        if must_request_checkpoint(self._services):
            self._broker.send("checkpoint")
