"""How long files took from their upload to their publication: measured once for each partition, by its oldest file."""

from collections.abc import Mapping

import structlog

from telemetry_tasks.errors import InfrastructureError
from telemetry_tasks.formats.layouts.contract import VersionRef
from telemetry_tasks.metrics import LAG, observed
from telemetry_tasks.pipeline.epoch import channel_state
from telemetry_tasks.pipeline.publish.shown import shown_files
from telemetry_tasks.pipeline.services import Services

log = structlog.get_logger()


def note_publication(services: Services, shown: Mapping[str, VersionRef]) -> tuple[str, ...]:
    """Counts the lag of what readers see now and did not before; the ids of these partitions.

    The snapshot is shown already: what fails here costs numbers, and is made up for by the next publish.
    """
    partitions: list[str] = []
    try:
        for name, ref in sorted(shown.items()):
            partitions += _note(services, name, ref)
    except InfrastructureError as error:
        log.warning("lag not measured", reason=str(error))
    return tuple(partitions)


def _note(services: Services, name: str, ref: VersionRef) -> list[str]:
    state = channel_state(services, name)
    uploaded = state.unpublished()
    if not uploaded:
        return []
    known = shown_files(services, ref).known
    mine = state.note_published([key for key in uploaded if key in known])
    hidden = [key for key in uploaded if key not in known]
    there = state.registered(hidden)
    state.note_published([key for key in hidden if key not in there])  # taken out before anybody saw them
    now = services.published.now().timestamp()
    services.state.counters.add(observed(LAG, [max(0.0, now - uploaded[key]) for key in mine]))
    return sorted({partition for _, partition in state.registered(mine).values()})
