"""What has to be published: the files one after another, on a state and stores that nothing happens to."""

from collections.abc import Mapping

from telemetry_tasks.pipeline.definition_sources import DefinitionSources
from telemetry_tasks.pipeline.options import Options
from tests.support.deployment import published_bytes, run_all, services_over
from tests.support.memory_state import MemoryServer, MemoryState

_known: dict[tuple[tuple[str, bytes], ...], dict[str, str]] = {}


def truth_of(bodies: Mapping[str, bytes], definitions: DefinitionSources) -> dict[str, str]:
    """SHA-256 by name of all that readers reach, when these files are all there ever were."""
    files = tuple(sorted(bodies.items()))
    if files not in _known:
        state = MemoryState(MemoryServer())
        services = services_over(state, Options(partition_files=1, transfers=1), definitions=definitions)
        for key, body in files:
            services.input.put(key, body)
        run_all(services)
        _known[files] = published_bytes(services.published)
    return _known[files]
