"""Guards of the product that can be taken away, to see that the simulation notices: names, and how."""

from collections.abc import Callable, Mapping
from typing import Any

from telemetry_tasks.pipeline.publish import current
from telemetry_tasks.pipeline.publish import snapshot as publish
from tests.support.memory_state.intake import Intake
from tests.support.memory_state.jobs import Jobs
from tests.support.memory_state.ledger import Ledger
from tests.support.memory_state.server import Part
from tests.support.memory_state.sums import Sums


def no_ledger() -> None:
    """A commit counts what counts already."""
    commit = Ledger.commit

    def blindly(self: Ledger, delta: bytes, add: Mapping[str, str], **others: Any) -> Any:
        for id in add:
            self._here.merged.pop(id, None)
        return commit(self, delta, add, **others)

    Ledger.commit = blindly  # type: ignore[method-assign]


def no_epoch() -> None:
    """A process that slept through a restore writes on."""
    Part._is_stale = lambda self: False  # type: ignore[method-assign]


def no_compaction_check() -> None:
    """A compaction does not look whether another one was quicker."""
    compact = Sums.compact

    def blindly(self: Sums, base: Any, deltas: Any, *others: Any) -> str:
        self._here.base_version = base.version
        return compact(self, base, {id: deltas[id] for id in deltas if id in self._here.deltas}, *others)

    Sums.compact = blindly  # type: ignore[method-assign]


def no_sweep() -> None:
    """What was lost is not sent again."""
    claim = Intake.claim
    Intake.claim = lambda self, limit, lease, **_: claim(self, limit, lease)  # type: ignore[method-assign]
    Ledger.overdue_batches = lambda self, lease, limit: []  # type: ignore[method-assign]
    Jobs.overdue_jobs = lambda self: []  # type: ignore[method-assign]


def no_superset() -> None:
    """A state that was rolled back is published all the same."""
    publish._lost_files = lambda *_: set()


def no_conditional_switch() -> None:
    """The index is switched over whatever is there by now."""
    put = current.put_document

    def blindly(store: Any, key: str, document: Any, **_: Any) -> str:
        return put(store, key, document)

    current.put_document = blindly


def no_replacement_check() -> None:
    """A reprocessing takes out what was taken out before."""
    commit = Ledger.commit

    def blindly(self: Ledger, delta: bytes, add: Mapping[str, str], **others: Any) -> Any:
        self._here.merged.update(others.get("remove") or {})
        return commit(self, delta, add, **others)

    Ledger.commit = blindly  # type: ignore[method-assign]


GUARDS: dict[str, Callable[[], None]] = {
    guard.__name__.replace("_", "-"): guard
    for guard in (
        *(no_ledger, no_epoch, no_compaction_check, no_sweep, no_superset, no_conditional_switch, no_replacement_check),
    )
}
