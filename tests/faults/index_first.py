"""The application with a publisher that shows a snapshot before its files are there, for F31.

``celery -A tests.faults.index_first worker``: the order of two writes is turned round, nothing else.
"""

from collections.abc import Callable

from telemetry_tasks.app import app
from telemetry_tasks.formats.layouts.contract import SnapshotIndex
from telemetry_tasks.pipeline.publish import current
from telemetry_tasks.pipeline.publish import snapshot as publish
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.storage.objects import ObjectStore

__all__ = ["app"]

_write = publish.write_snapshot
_update = current.update_versions_json
_put_off: list[Callable[[], None]] = []


def _later(services: Services, index: SnapshotIndex, root: str) -> None:
    _put_off.append(lambda: _write(services, index, root))


def _written_at_last(store: ObjectStore, index: SnapshotIndex) -> None:
    """Called after the switch."""
    while _put_off:
        _put_off.pop()()
    _update(store, index)


publish.write_snapshot = _later
current.update_versions_json = _written_at_last
