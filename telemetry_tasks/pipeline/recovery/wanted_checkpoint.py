"""A checkpoint requested soon, because files were removed: one serves all requests made before it begins.

A reprocessing of many channel/versions switches each by itself, but a checkpoint holds all of them.
"""

from telemetry_tasks.pipeline.services import Services

WANTED = "checkpoint wanted"


def want_checkpoint(services: Services) -> bool:
    """Whether somebody has to send for one: nobody has, or what was sent did not come within ``merge_lease``."""
    if services.state.note(WANTED) is not None:
        return False
    services.state.set_note(WANTED, b"", services.options.merge_lease)
    return True


def note_beginning(services: Services) -> None:
    """Called when a checkpoint begins: later switches may not be in it."""
    services.state.drop_note(WANTED)
