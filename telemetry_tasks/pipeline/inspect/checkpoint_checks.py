"""Checks of the newest checkpoint: complete, and the sum of the results that it names."""

from collections.abc import Iterator

from telemetry_tasks.core.addition import add_cells
from telemetry_tasks.core.blocks import is_ledger_block
from telemetry_tasks.errors import UNREADABLE
from telemetry_tasks.formats import cells as cells_format
from telemetry_tasks.formats.ledger import decode_entries
from telemetry_tasks.pipeline.inspect.published_rules import (
    Finding,
)
from telemetry_tasks.pipeline.inspect.state_checks import differences
from telemetry_tasks.pipeline.recovery.checkpoint import list_checkpoints
from telemetry_tasks.pipeline.recovery.saved import read_state
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.pipeline.state.rebuild import sum_of_results


def check_newest_checkpoint(services: Services) -> Iterator[Finding]:
    """Whether the newest checkpoint is complete, and its state is the sum of the results that it names."""
    try:
        names = list_checkpoints(services.published)
    except UNREADABLE as error:
        yield Finding("checkpoints", f"their list is damaged: {error}")
        return
    if not names:
        return
    try:
        versions = read_state(services.published, names[-1], services.options.transfers)
    except UNREADABLE as error:
        yield Finding(f"checkpoint {names[-1]}", str(error))
        return
    for version, saved in versions.items():
        where = f"checkpoint {names[-1]}: {version}"
        entries = [e for name, body in saved.blocks.items() if is_ledger_block(name) for e in decode_entries(body)]
        have = add_cells(
            [cells_format.decode(body) for name, body in saved.blocks.items() if not is_ledger_block(name)]
        )
        try:
            right = sum_of_results(services, version, entries)
        except UNREADABLE as error:
            yield Finding(where, f"a partial result that it names is gone or damaged: {error}")
            continue
        yield from (Finding(where, what) for what in differences(have, right))
