"""Files that were removed from the bucket but are still published.

If the state is lost before a checkpoint records the removal, such a file looks like one that counts but was not found
again yet. Publishing is then held back until an operator says which of the two it is.
"""

from collections.abc import Mapping, Sequence

from telemetry_tasks.core.cells import Cells
from telemetry_tasks.errors import InfrastructureError
from telemetry_tasks.formats import delta as delta_format
from telemetry_tasks.formats.delta import Delta
from telemetry_tasks.pipeline.epoch import channel_state
from telemetry_tasks.pipeline.parallel import in_parallel
from telemetry_tasks.pipeline.publish.current import load_current
from telemetry_tasks.pipeline.publish.shown import shown_files
from telemetry_tasks.pipeline.reprocess.selection import Selection
from telemetry_tasks.pipeline.services import Services


def plan_taken_out(services: Services, selection: Selection) -> dict[str, list[str]]:
    """The files concerned that readers see, that are not in the bucket, and of which the state knows nothing.

    By channel/version. None unless the selection names files: without their names it could not be meant.
    """
    out: dict[str, list[str]] = {}
    if not selection.files or selection.measures or selection.missing:
        return out
    for name, ref in load_current(services.published).index.versions.items():
        if not selection.takes_channel_version(name):
            continue
        keys = sorted(key for key in shown_files(services, ref).known if selection.takes_key(key, services.file_key))
        state = channel_state(services, name)
        known = state.registered(keys).keys() | state.forgotten()
        unknown = [key for key in keys if key not in known]
        found = in_parallel(services.input.head, unknown, services.options.transfers)
        gone = [key for key, info in zip(unknown, found, strict=True) if info is None]
        if gone:
            out[name] = gone
    return out


def take_out(services: Services, files: Mapping[str, Sequence[str]]) -> None:
    """Lets the next snapshot lack these files. Harmless for a file that was registered again.

    Raises ``InfrastructureError`` if the state was lost or restored during the call.
    """
    for name, keys in files.items():
        state = channel_state(services, name)
        if name not in services.state.channel_versions():
            state.begin()
            services.state.add_channel_version(name)
        if state.base().version is None and not state.delta_count():  # nothing of it counts: there is that to show
            answer = state.commit(delta_format.encode(Delta(Cells(), ())), {})
            if not answer.ok:
                raise InfrastructureError(f"{name}: the state was lost or restored in between ({answer.code})")
        state.load((), keys)  # last: who is killed before has it all to do again, after it nobody would
