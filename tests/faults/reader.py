"""A reader that never stops looking, and notes everything that is not as it should be (case F11)."""

import hashlib
import random
import time

from telemetry_tasks.errors import DataError, InfrastructureError, NotFound
from telemetry_tasks.formats.documents import read_lines
from telemetry_tasks.formats.layouts.contract import SnapshotIndex
from telemetry_tasks.formats.layouts.v1.names import snapshot_folder
from telemetry_tasks.pipeline.publish.current import load_current
from telemetry_tasks.pipeline.publish.folders import load_manifest
from telemetry_tasks.storage.objects import ObjectStore
from tests.faults.background import Background

RESTARTS = 3
FILES_A_READ = 6


class Reader(Background):
    """``with Reader(store, seed) as reader: …; reader.violations``.

    Each read follows the index to some files of one channel/version and checks their digests against the
    manifest. A read that meets a file that is gone starts over, at most three times.
    ``may_go`` are files that an operator takes out.
    """

    def __init__(self, store: ObjectStore, seed: int, pause: float = 0.15) -> None:
        super().__init__(pause)
        self.slowness = 0.0
        self._store, self._dice = store, random.Random(seed)
        self.reads = self.restarts = 0
        self.violations: list[str] = []
        self.may_go: set[str] = set()
        self._seen: set[str] = set()
        self._stamp = ""

    def look(self) -> None:
        try:
            self._read()
        except InfrastructureError:
            return  # the store is away: not what is looked for here

    def _read(self) -> None:
        for _ in range(RESTARTS):
            try:
                index = load_current(self._store).index
                if index.stamp:
                    self._follow(index)
                    self.reads += 1
                return
            except (NotFound, DataError) as error:
                self.restarts += 1
                problem = str(error)
                time.sleep(self._pause)
        self.violations.append(problem)

    def _follow(self, index: SnapshotIndex) -> None:
        if index.stamp < self._stamp:
            self.violations.append(f"went back from snapshot {self._stamp} to {index.stamp}")
        files = self._files(index)
        if lost := self._seen - files - self.may_go:
            self.violations.append(f"{index.stamp}: {len(lost)} files are not listed any more, as {min(lost)}")
        self._stamp, self._seen = max(self._stamp, index.stamp), files
        paths = sorted(path for path in index.paths().values())
        if paths:
            self._check_folder(self._dice.choice(paths))

    def _files(self, index: SnapshotIndex) -> set[str]:
        root = snapshot_folder(index.stamp)
        lists = [read_lines(self._store.get(f"{root}/{name}").body) for name in ("FILES_PROCESSED", "FILES_MISSING")]
        return {line.split("\t")[0] for lines in lists for line in lines}

    def _check_folder(self, path: str) -> None:
        manifest = load_manifest(self._store, path)
        self.sleeps(self.slowness)
        if manifest is None:
            raise DataError("no-manifest", f"{path} is named by the index and has no manifest")
        for name in self._dice.sample(sorted(manifest.files), min(FILES_A_READ, len(manifest.files))):
            body = self._store.get(f"{path}/{name}").body
            if (len(body), hashlib.sha256(body).hexdigest()) != manifest.files[name]:
                self.violations.append(f"{path}/{name} is not what its manifest says")
