"""Readers that sleep between the index and the files: a page that was opened and left alone for a while."""

import time

from telemetry_tasks.errors import NotFound
from telemetry_tasks.pipeline.publish.current import load_current
from telemetry_tasks.pipeline.publish.folders import load_manifest
from telemetry_tasks.storage.objects import ObjectStore
from tests.faults.background import Background


class LateReader(Background):
    """``with LateReader(store, sleep, grace) as reader: …``; then look at ``missed``, ``read`` and ``gone``.

    It follows an index to all files that it names, ``sleep`` seconds after it read it. ``missed`` are files that were
    not there within ``grace`` seconds of that; after them any may be gone, and ``gone`` counts these. ``stale`` counts
    the indices that were not what readers saw any more when it woke up, ``read`` the files found.
    """

    def __init__(self, store: ObjectStore, sleep: float, grace: float) -> None:
        super().__init__(0.0)
        self.missed: list[str] = []
        self.read = self.gone = self.stale = 0
        self._store, self._sleep, self._grace = store, sleep, grace

    def look(self) -> None:
        began = time.monotonic()
        index = load_current(self._store).index
        if self.sleeps(self._sleep if index.stamp else 0.2) or not index.stamp:
            return
        self.stale += load_current(self._store).stamp != index.stamp
        for ref in index.versions.values():
            self._read(ref.files, began)
            manifest = load_manifest(self._store, ref.path)
            if manifest is None and ref.path is not None:
                self._missing(f"{ref.path}/manifest.json", began)
            for name in manifest.files if manifest else ():
                self._read(f"{ref.path}/{name}", began)

    def _read(self, key: str, began: float) -> None:
        try:
            self._store.get(key)
        except NotFound:
            self._missing(key, began)
        else:
            self.read += 1

    def _missing(self, key: str, began: float) -> None:
        age = time.monotonic() - began
        if age < self._grace:
            self.missed.append(f"{key}, {age:.1f} s after its index was read")
        else:
            self.gone += 1
