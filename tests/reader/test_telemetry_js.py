"""telemetry.js answers every call equally, whether it reads layout 1 or layout 2 of the same numbers."""

import json
import subprocess
from pathlib import Path

from telemetry_tasks.pipeline.snapshot.snapshot import write_snapshot
from telemetry_tasks.storage.local.store import FolderObjectStore
from telemetry_tasks.storage.objects import ObjectStore
from tests.pipeline.test_same_bytes import all_files
from tests.support.deployment import run_all
from tests.support.stage import Stage

COMPARED = Path(__file__).with_name("both_layouts.mjs")


def copied(store: ObjectStore, folder: Path) -> None:
    """All objects of a store as files."""
    for info in store.list():
        path = folder / info.key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(store.get(info.key).body)


def test_telemetry_js_answers_equally_over_both_layouts(stage: Stage, tmp_path: Path) -> None:
    for name, body in all_files().items():
        stage.upload(name, body=body)
    run_all(stage.services)
    first, second = tmp_path / "layout1", tmp_path / "layout2"
    copied(stage.published, first)
    second.mkdir()
    write_snapshot(stage.services, FolderObjectStore(second))
    done = subprocess.run(["node", COMPARED, first, second], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    counted = json.loads(done.stdout)
    assert counted["evolutions"] > 100
    assert counted["histograms"] > counted["filtered"] > 100
    assert counted["documents"] > 20
