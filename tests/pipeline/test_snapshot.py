"""A snapshot of layout 2 says of every measure what layout 1 publishes of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from telemetry_tasks import reader
from telemetry_tasks.core.disclosure.publish_limits import PublishLimits
from telemetry_tasks.core.histograms import SUMS
from telemetry_tasks.formats.layouts.v1.filter_tree import read_filter_tree
from telemetry_tasks.formats.layouts.v1.histograms import read_histograms
from telemetry_tasks.formats.layouts.v1.names import measure_file
from telemetry_tasks.formats.layouts.v1.rows_by_date import read_rows
from telemetry_tasks.formats.layouts.v2.names import LATEST, PACKS
from telemetry_tasks.pipeline.publish.current import load_current
from telemetry_tasks.pipeline.snapshot.snapshot import shown_now, write_snapshot
from telemetry_tasks.reader import ChannelVersion
from telemetry_tasks.storage.local.store import FolderObjectStore
from tests.pipeline.publishing import take_in
from tests.pipeline.test_same_bytes import all_files
from tests.support.deployment import run_all
from tests.support.pings import key, ping
from tests.support.stage import Stage

KINDS = {"by-build-date": "build", "by-submission-date": "submission"}
Rows = dict[tuple[str, str, str, tuple[str, ...]], list[int | float]]


@pytest.fixture
def counted(stage: Stage) -> Stage:
    """Everything of two channel/versions counts, and is published in layout 1."""
    for name, body in all_files().items():
        stage.upload(name, body=body)
    run_all(stage.services)
    return stage


def in_layout_1(stage: Stage) -> dict[str, Rows]:
    """By channel/version: (measure, kind of date, date, population) → buckets, sums, records."""
    out: dict[str, Rows] = {}
    for name, folder in load_current(stage.published).index.paths().items():
        tree = read_filter_tree(stage.published.get(f"{folder}/filter-tree.json").body)
        population = {leaf: options for options, leaf in tree.leaf_ids.items()}
        rows: Rows = {}
        for measure in read_histograms(stage.published.get(f"{folder}/histograms.json").body):
            for by, kind in KINDS.items():
                body = stage.published.get(f"{folder}/{measure_file(measure, by)}").body
                for date, found in read_rows(body).items():
                    for row in found:
                        rows[measure, kind, date, population[int(row[-1])]] = row[:-1]
        out[name] = rows
    return out


def in_layout_2(found: ChannelVersion) -> Rows:
    """The same by the reader, one population after the other."""
    rows: Rows = {}
    (table,) = found.manifest.populations.values()
    for measure in found.measures:
        for kind in KINDS.values():
            for population in table:
                where = {dimension: [option] for dimension, option in zip(found.options, population, strict=True)}
                for point in found.evolution(measure, by=kind, where=where).points:
                    buckets = [point.counts.get(i, 0) for i in range(int(point.shape.axis["size"]))]
                    sums = [-1 if point.sums[name] is None else point.sums[name] for name in SUMS]
                    rows[measure, kind, point.date, population] = [*buckets, *sums, point.records]  # type: ignore[list-item]
    return rows


def test_readers_find_the_numbers_of_layout_1(counted: Stage, tmp_path: Path) -> None:
    wanted = in_layout_1(counted)
    snapshot = write_snapshot(counted.services, FolderObjectStore(tmp_path))
    published = reader.open(str(tmp_path))
    assert published.stamp == snapshot.stamp
    assert published.channel_versions == sorted(wanted)
    for name, rows in wanted.items():
        assert rows
        assert in_layout_2(published.channel_version(name)) == rows


def test_totals_are_those_of_all_populations(counted: Stage, tmp_path: Path) -> None:
    write_snapshot(counted.services, FolderObjectStore(tmp_path))
    published = reader.open(str(tmp_path))
    for name, rows in in_layout_1(counted).items():
        found = published.channel_version(name)
        for measure in found.measures:
            for kind in KINDS.values():
                for point in found.evolution(measure, by=kind).points:
                    of_date = [
                        row for (m, k, date, _), row in rows.items() if (m, k, date) == (measure, kind, point.date)
                    ]
                    assert point.records == sum(row[-1] for row in of_date)
                    buckets = [point.counts.get(i, 0) for i in range(int(point.shape.axis["size"]))]
                    assert buckets == [sum(each) for each in zip(*(row[:-6] for row in of_date), strict=True)]


def test_the_counting_of_records_is_published_too(counted: Stage, tmp_path: Path) -> None:
    write_snapshot(counted.services, FolderObjectStore(tmp_path))
    for name in ("nightly/28", "aurora/28"):
        found = reader.open(str(tmp_path)).channel_version(name)
        assert sum(point.records for point in found.evolution("").points) == found.records > 0


def test_the_same_files_give_the_same_objects_and_nothing_is_written_twice(counted: Stage, tmp_path: Path) -> None:
    store = FolderObjectStore(tmp_path)
    first = write_snapshot(counted.services, store)
    keys = {info.key for info in store.list()}
    counted.clock.pass_(5)
    second = write_snapshot(counted.services, FolderObjectStore(tmp_path))
    assert second.stamp > first.stamp
    assert second.token == first.token + 1
    assert {name: each.manifest for name, each in second.versions.items()} == {
        name: each.manifest for name, each in first.versions.items()
    }
    assert second.documents == first.documents
    assert {info.key for info in store.list()} - keys == {f"current/{second.stamp}/snapshot.json"}
    assert (tmp_path / LATEST).read_bytes() == (tmp_path / "current" / second.stamp / "snapshot.json").read_bytes()


def test_a_snapshot_stays_readable_while_another_is_written(counted: Stage, tmp_path: Path) -> None:
    write_snapshot(counted.services, FolderObjectStore(tmp_path))
    before = reader.open(str(tmp_path)).channel_version("nightly/28")
    points = before.evolution("").points
    take_in(counted, key("later", day=3), pings=[ping()] * 3)
    write_snapshot(counted.services, FolderObjectStore(tmp_path))
    assert before.evolution("").points == points
    after = reader.open(str(tmp_path)).channel_version("nightly/28")
    assert after.records == before.records + 3


def test_the_lists_and_health_are_those_of_layout_1(counted: Stage, tmp_path: Path) -> None:
    write_snapshot(counted.services, FolderObjectStore(tmp_path))
    published = reader.open(str(tmp_path))
    current = f"current/{load_current(counted.published).stamp}"

    def shown(name: str) -> Any:
        return reader.published.unpacked(counted.published.get(f"{current}/{name}").body)

    for name in ("FILES_PROCESSED", "FILES_MISSING", "health.json"):
        assert published.document(name) == shown(name)
    assert json.loads(published.document("health.json"))["versions"].keys() >= {"nightly/28", "aurora/28"}


def test_small_cells_are_not_told(counted: Stage, tmp_path: Path) -> None:
    few = counted.with_options(publish_limits=PublishLimits(minimum_submissions=3))
    run_all(few.services)
    write_snapshot(few.services, FolderObjectStore(tmp_path))
    published = reader.open(str(tmp_path))
    for name, rows in in_layout_1(few).items():
        found = published.channel_version(name)
        assert in_layout_2(found) == rows
        assert all(point.records >= 3 for each in ("", *found.measures) for point in found.evolution(each).points)


def test_before_the_first_ping_there_is_nothing_to_read(stage: Stage, tmp_path: Path) -> None:
    assert shown_now(FolderObjectStore(tmp_path)).stamp == ""
    run_all(stage.services)
    write_snapshot(stage.services, FolderObjectStore(tmp_path))
    assert reader.open(str(tmp_path)).channel_versions == []
    assert not (tmp_path / PACKS).exists()
