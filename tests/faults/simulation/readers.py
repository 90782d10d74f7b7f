"""What readers may count on at every moment: the snapshot shown is whole, and never lacks a file for no reason."""

from collections.abc import Set as AbstractSet

from telemetry_tasks.errors import NotFound
from telemetry_tasks.formats.documents import read_lines
from telemetry_tasks.formats.layouts.v1.latest import LATEST
from telemetry_tasks.formats.layouts.v1.names import snapshot_folder
from telemetry_tasks.formats.layouts.v1.versions import VERSIONS
from telemetry_tasks.pipeline.inspect.published_rules import check_published
from telemetry_tasks.pipeline.publish.current import load_current
from telemetry_tasks.storage.memory import MemoryObjectStore


class Reader:
    """Looks at a store, past all weather."""

    def __init__(self, store: MemoryObjectStore) -> None:
        self._store = store
        self._seen = self._stamp = ""
        self.shown: set[str] = set()
        self.looks = 0

    def look(self, removed: AbstractSet[str], *, again: bool) -> None:
        """Raises ``AssertionError``. ``removed`` files may be missed; ``again`` looks though nothing new is shown."""
        latest = self._store.head(LATEST)
        if latest is None or self._store.head(VERSIONS) is None or (latest.etag == self._seen and not again):
            return
        self._seen = latest.etag
        self.looks += 1
        # versions.json follows a moment later, the first one too
        findings = [each for each in check_published(lambda path: self._store.get(path).body) if each.where != VERSIONS]
        assert findings == [], findings
        stamp = load_current(self._store).stamp
        assert stamp >= self._stamp, f"readers go back from {self._stamp} to {stamp}"
        self._stamp = stamp
        shown = self._files()
        lost = self.shown - shown - removed
        assert not lost, f"readers do not see any more: {sorted(lost)}"
        self.shown = shown

    def _files(self) -> set[str]:
        root = snapshot_folder(load_current(self._store).stamp)
        try:
            processed = read_lines(self._store.get(f"{root}/FILES_PROCESSED").body)
            missing = read_lines(self._store.get(f"{root}/FILES_MISSING").body)
        except NotFound as error:
            raise AssertionError(f"what is shown is not there: {error}") from error
        return {*processed, *(line.split("\t")[0] for line in missing)}
