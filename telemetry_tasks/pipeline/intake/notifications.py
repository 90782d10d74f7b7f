"""Intake without listing: files that S3 says were created are registered. Listing stays as the slow reconciliation."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.messages import created_objects
from telemetry_tasks.pipeline.epoch import current_epoch, ensure_epoch
from telemetry_tasks.pipeline.intake.discover import Discovery, register_files
from telemetry_tasks.pipeline.intake.queue_drain import received, set_aside
from telemetry_tasks.pipeline.parallel import in_parallel
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.storage.queues import Message, MessageQueue

ENOUGH = 5000
"""Messages after which a drain registers what it has; the next drain goes on."""

LONGEST = 60.0
"""Seconds after which it does so, too: long before a task is asked to stop, and its messages come again."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """The input bucket as notifications name it: its name, and the prefix that keys have in it."""

    name: str
    prefix: str = ""

    def relative(self, bucket: str, key: str) -> str | None:
        """The key below the prefix; None for objects outside of the input prefix."""
        root = f"{self.prefix.strip('/')}/" if self.prefix.strip("/") else ""
        if bucket != self.name or not key.startswith(root) or key == root:
            return None
        return key.removeprefix(root)


def drain_notifications(
    services: Services,
    queue: MessageQueue,
    bucket: Bucket,
    clock: Callable[[], datetime],
    dead_letters: MessageQueue | None = None,
    wait: float = 20.0,
) -> Discovery:
    """Registers the files of all notifications of ``partition_age`` seconds (60 at most), then ends the messages.

    A message whose file no longer exists is deleted too: there is nothing to count. Raises ``EmptyState`` or
    ``StaleEpoch`` if the state was lost; the messages are then delivered again.
    """
    epoch = current_epoch(services)
    kept: list[Message] = []
    keys: set[str] = set()
    seconds = min(services.options.partition_age, LONGEST)
    for messages in received(queue, seconds, ENOUGH, clock, wait):
        for message in messages:
            try:
                found = created_objects(message.body)
            except DataError as error:
                set_aside(queue, dead_letters, message, error)
                continue
            keys |= {key for o in found if (key := bucket.relative(o.bucket, o.key)) is not None}
            kept.append(message)
    infos = in_parallel(services.input.head, sorted(keys), services.options.transfers)
    files = [info for info in infos if info is not None]
    done = register_files(services, files, clock(), all_now=True)
    ensure_epoch(services, epoch, "notifications")
    queue.delete(kept)
    return done
