"""The ping files that a base holds, and the health that they give."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import structlog

from telemetry_tasks.core.disclosure.collapse import Collapsed
from telemetry_tasks.core.disclosure.health import health_of
from telemetry_tasks.core.disclosure.volume import Volume
from telemetry_tasks.formats.layouts.contract import FileList
from telemetry_tasks.pipeline.publish.populations import Populations
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.pipeline.state.compact import ledger_entries
from telemetry_tasks.storage.channel_state import ChannelState
from telemetry_tasks.storage.state_values import Base

log = structlog.get_logger()


def file_list_of(
    services: Services,
    state: ChannelState,
    base: Base,
    populations: Populations,
    collapsed: Sequence[Collapsed],
    volumes: Mapping[str, Volume],
) -> FileList:
    """The files of a base; ``volumes`` are those of the measures that are shown. Raises ``BaseMoved``."""
    for part in collapsed:
        log.info("published as OTHER", channel_version=state.name, **asdict(part))
    entries = ledger_entries(state, base)
    reports = [report for entry in entries for report in entry.reports]
    health = health_of(
        entries,
        [name for name, volume in volumes.items() if volume.unknown_definition],
        populations.builds,
        collapsed,
        populations.outside,
        services.options.plausibility,
        sum(volume.small_cells for volume in volumes.values()),
    )
    return FileList(
        sorted(report.key for report in reports if report.error is None),
        sorted((report.key, report.error) for report in reports if report.error is not None),
        health,
    )
