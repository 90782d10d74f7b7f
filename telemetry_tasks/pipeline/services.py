"""What the pipeline works with. Built by ``bootstrap``; tests build their own."""

from dataclasses import dataclass

from telemetry_tasks.core.limits import Limits
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.layouts.contract import PublishedLayout
from telemetry_tasks.formats.layouts.v1.layout import LAYOUT_1
from telemetry_tasks.formats.pings.contract import FileKey, PingFormat
from telemetry_tasks.pipeline.definition_sources import DefinitionSources
from telemetry_tasks.pipeline.options import Options
from telemetry_tasks.storage.objects import ObjectStore
from telemetry_tasks.storage.state import State


@dataclass(frozen=True)
class Services:
    """The stores, the state and the rules of one deployment, for one process."""

    input: ObjectStore
    results: ObjectStore
    published: ObjectStore
    state: State
    definitions: DefinitionSources
    ping_format: PingFormat
    """The only one so far: ask ``file_key`` and ``format_of``, so that a deployment may have several later."""
    limits: Limits
    options: Options
    reading: str
    """The fingerprint of the settings that decide what a row means (``core.reading``)."""
    layout: PublishedLayout = LAYOUT_1
    """The documents in which snapshots are published."""

    def file_key(self, key: str) -> FileKey:
        """What a ping file's key says, by the format that the file has. Raises ``DataError`` if it cannot be used."""
        return self.ping_format.key(key)

    def day_of(self, key: str) -> str:
        """The day of submission that a file's key names; empty if it names none."""
        try:
            return self.file_key(key).day
        except DataError:
            return ""

    def format_of(self, channel_version: str) -> PingFormat:
        """The format of the pings of a channel/version."""
        return self.ping_format

    @property
    def fingerprint(self) -> str:
        """Of all settings that change the result of a partition."""
        return f"{self.reading}\n{self.limits.fingerprint}"
