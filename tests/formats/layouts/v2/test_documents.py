"""Manifests and snapshots: every member comes back, damage is told; reading needs nothing but numpy."""

import json
import subprocess
import sys
from typing import Any

import pytest

from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.layouts.v2.manifest import Manifest, MeasureEntry, PackRef, manifest_value, read_manifest
from telemetry_tasks.formats.layouts.v2.names import block_of, blocks_for, name_of, table_id
from telemetry_tasks.formats.layouts.v2.shape import PublishedShape
from telemetry_tasks.formats.layouts.v2.snapshot import ShownVersion, Snapshot, read_snapshot, snapshot_value

SHAPES = [
    PublishedShape({"kind": "index", "size": 3}, (("sum",), ("log_sum", "log_sum_squares")), shares=True, registers=64),
    PublishedShape({"kind": "none"}),
]
MANIFEST = Manifest(
    "nightly/28",
    1 << 70,
    ["reason", "OS"],
    {"_id": 0, "name": "reason"},
    {"0123456789abcdef": [("saved_session", "Linux"), ("saved_session", "WINNT")]},
    4,
    {"GC_MS": MeasureEntry({"kind": "linear"}, SHAPES, {"build_id": "1", "revision": "r", "shape": 0}, {"dates": 3})},
    {"2026-11": {"3": PackRef("0" * 40, 100, 10, "input")}},
    {"2026-11": "1" * 40},
)
SNAPSHOT = Snapshot(
    "20261201143956",
    17,
    {
        "nightly/28": ShownVersion("2" * 40, "3" * 40, 5, {"2026-11": "20261201143956"}, {"base": "7"}, {"dates": 1}),
        "nightly/29": ShownVersion(None, "4" * 40, 0),
    },
    {"health.json": "5" * 40},
    "nightly/28",
    {"versions": {"nightly": {"28": 3}}},
)


def test_documents_come_back_whole() -> None:
    assert read_manifest(json.loads(json.dumps(manifest_value(MANIFEST)))) == MANIFEST
    assert read_snapshot(json.loads(json.dumps(snapshot_value(SNAPSHOT)))) == SNAPSHOT
    assert read_snapshot(snapshot_value(Snapshot("20261201143956"))) == Snapshot("20261201143956")


@pytest.mark.parametrize(
    "damage",
    [
        None,
        [],
        {},
        {"schema": 1},
        *({"schema": 2, name: 5} for name in ("versions", "measures", "documents", "ranges")),
    ],
)
def test_a_damaged_document_is_told(damage: Any) -> None:
    with pytest.raises(DataError):
        read_manifest(damage if not damage else manifest_value(MANIFEST) | damage | {"measures": 5})
    with pytest.raises(DataError):
        read_snapshot(damage if not damage else snapshot_value(SNAPSHOT) | damage | {"versions": 5})


def test_names_follow_from_content_alone() -> None:
    assert name_of(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4"
    assert table_id([("a", "ä")]) == table_id([["a", "ä"]]) != table_id([("a", "b")])
    assert [blocks_for(n) for n in (0, 96, 97, 192, 193, 384, 768, 1536, 1537, 100_000)] == [
        *(1, 1, 2, 2, 4, 4, 8, 16, 16, 16)
    ]
    assert block_of("", 16) == "records"
    assert block_of("GC_MS", 1) == "0"
    for blocks in (1, 2, 4, 8):
        assert int(block_of("GC_MS", blocks)) == int(block_of("GC_MS", 16)) % blocks


LOADED = """
import sys
from telemetry_tasks.formats.layouts.v2 import head, manifest, names, numbers, sections, shape, snapshot, varints
foreign = {name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names) - {"__main__", "numpy"}
print(sorted(name for name in foreign if not name.startswith(("_", "sitecustomize"))))
"""


def test_reading_needs_numpy_alone() -> None:
    ran = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.strip() == "['telemetry_tasks']"
