"""What the pipeline works with. Built by ``bootstrap``; tests build their own."""

from dataclasses import dataclass

from telemetry_tasks.core.limits import Limits
from telemetry_tasks.formats.layouts.contract import PublishedLayout
from telemetry_tasks.formats.layouts.v1.layout import LAYOUT_1
from telemetry_tasks.formats.pings.contract import PingFormat
from telemetry_tasks.pipeline.definitions import DefinitionSources
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
    limits: Limits
    options: Options
    reading: str
    """The fingerprint of the settings that decide what a row means (``core.reading``)."""
    layout: PublishedLayout = LAYOUT_1
    """The documents in which snapshots are published."""

    @property
    def fingerprint(self) -> str:
        """Of all settings that change the result of a partition."""
        return f"{self.reading}\n{self.limits.fingerprint}"
