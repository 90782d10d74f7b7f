"""A snapshot of layout 2 says of every measure what layout 1 publishes of it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from telemetry_tasks import reader
from telemetry_tasks.core.disclosure.publish_limits import PublishLimits
from telemetry_tasks.core.histograms import SUMS
from telemetry_tasks.errors import InfrastructureError
from telemetry_tasks.formats.documents import read_json
from telemetry_tasks.formats.layouts.v1.filter_tree import read_filter_tree
from telemetry_tasks.formats.layouts.v1.histograms import read_histograms
from telemetry_tasks.formats.layouts.v1.names import measure_file
from telemetry_tasks.formats.layouts.v1.rows_by_date import read_rows
from telemetry_tasks.formats.layouts.v2.manifest import read_manifest
from telemetry_tasks.formats.layouts.v2.names import LATEST, PACKS
from telemetry_tasks.pipeline.publish.current import load_current
from telemetry_tasks.pipeline.publish.render import UsedDefinitions
from telemetry_tasks.pipeline.snapshot.snapshot import shown_now, write_snapshot
from telemetry_tasks.reader import ChannelVersion
from telemetry_tasks.storage.local.store import FolderObjectStore
from tests.pipeline.publishing import take_in
from tests.pipeline.test_same_bytes import all_files
from tests.support.deployment import run_all
from tests.support.pings import key, ping
from tests.support.stage import Stage
from tests.support.stores import WatchedStore

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
    snapshot, etag = shown_now(FolderObjectStore(tmp_path))
    assert (snapshot.stamp, etag) == ("", None)
    run_all(stage.services)
    write_snapshot(stage.services, FolderObjectStore(tmp_path))
    assert reader.open(str(tmp_path)).channel_versions == []
    assert not (tmp_path / PACKS).exists()


def named(store: WatchedStore) -> set[str]:
    """The objects that the shown snapshot names."""
    snapshot, _ = shown_now(store)
    found = {f"documents/{name}" for name in snapshot.documents.values()}
    for version in snapshot.versions.values():
        found.add(f"documents/{version.files}")
        if version.manifest is not None:
            found.add(f"manifests/{version.manifest}")
            manifest = read_manifest(read_json(store.get(f"manifests/{version.manifest}").body))
            found |= {f"packs/{ref.pack}" for packs in manifest.ranges.values() for ref in packs.values()}
    return found


def shown_as_of_a_fresh_one(stage: Stage, store: WatchedStore) -> None:
    """The objects that are shown are those of a snapshot that was written where nothing was before."""
    fresh = WatchedStore("fresh", stage.clock)
    write_snapshot(stage.services, fresh)
    assert named(store) == named(fresh)
    assert {key: store.get(key).body for key in named(store)} == {key: fresh.get(key).body for key in named(fresh)}


def test_what_did_not_change_is_not_written_again(counted: Stage) -> None:
    store = WatchedStore("exported", counted.clock)
    write_snapshot(counted.services, store)
    store.forget_requests()
    counted.clock.pass_(5)
    stamp = write_snapshot(counted.services, store).stamp
    assert store.written == [f"current/{stamp}/snapshot.json", LATEST]
    assert store.requests == {"get": 3, "put": 2}


def test_a_change_writes_its_packs_and_what_names_them(counted: Stage) -> None:
    store = WatchedStore("exported", counted.clock)
    first = write_snapshot(counted.services, store)
    take_in(counted, key("later", day=3), pings=[ping()] * 3)
    store.forget_requests()
    counted.clock.pass_(5)
    second = write_snapshot(counted.services, store)
    assert second.versions["aurora/28"] == first.versions["aurora/28"]
    assert second.versions["nightly/28"].manifest != first.versions["nightly/28"].manifest
    assert len(store.written) == len(set(store.written)) <= 10
    shown_as_of_a_fresh_one(counted, store)


def test_a_range_is_as_of_the_snapshot_that_showed_it_first(counted: Stage) -> None:
    store = WatchedStore("exported", counted.clock)
    first = write_snapshot(counted.services, store)
    take_in(counted, key("later", day=3), pings=[ping()] * 3)
    counted.clock.pass_(5)
    second = write_snapshot(counted.services, store)
    assert set(first.versions["nightly/28"].as_of.values()) == {first.stamp}
    assert second.stamp in second.versions["nightly/28"].as_of.values()
    assert set(second.versions["aurora/28"].as_of.values()) == {first.stamp}


def test_another_limit_changes_the_packs(counted: Stage) -> None:
    store = WatchedStore("exported", counted.clock)
    write_snapshot(counted.services, store)
    few = counted.with_options(publish_limits=PublishLimits(minimum_submissions=3))
    before = named(store)
    write_snapshot(few.services, store)
    assert named(store) != before
    shown_as_of_a_fresh_one(few, store)


def test_a_manifest_that_is_away_or_damaged_is_written_again(counted: Stage) -> None:
    store = WatchedStore("exported", counted.clock)
    version = write_snapshot(counted.services, store).versions["nightly/28"]
    path = f"manifests/{version.manifest}"
    for spoil in (lambda: store.delete([path]), lambda: store.put(path, b"{}")):
        spoil()
        store.forget_requests()
        write_snapshot(counted.services, store)
        assert path in store.written
        shown_as_of_a_fresh_one(counted, store)


def test_a_writer_that_dies_anywhere_leaves_what_is_shown_whole(counted: Stage) -> None:
    stores = [WatchedStore(f"exported-{number}", counted.clock) for number in range(12)]
    for store in stores:
        write_snapshot(counted.services, store)
        store.forget_requests()
    take_in(counted, key("later", day=3), pings=[ping()] * 3)
    counted.clock.pass_(5)
    died = 0
    for last, store in enumerate(stores):
        shown = shown_now(store)
        store.before = dies_at_put(store, last)
        try:
            write_snapshot(counted.services, store)
        except InfrastructureError:
            died += 1
            assert shown_now(store) == shown
            assert all(store.head(path) for path in named(store))
        store.before = lambda verb, path: None
        write_snapshot(counted.services, store)
        shown_as_of_a_fresh_one(counted, store)
    assert 6 <= died < len(stores)


def dies_at_put(store: WatchedStore, after: int) -> Callable[[str, str], None]:
    """Lets so many objects be written, and no more."""

    def die(verb: str, path: str) -> None:
        if verb == "put" and store.requests["put"] == after:
            raise InfrastructureError("died")

    return die


def test_a_late_writer_shows_what_counts_now(counted: Stage) -> None:
    store = WatchedStore("exported", counted.clock)
    write_snapshot(counted.services, store)
    faster: list[str] = []

    def another_is_first(verb: str, path: str) -> None:
        if (verb, path) == ("put", LATEST) and not faster:
            faster.append(path)
            take_in(counted, key("later", day=3), pings=[ping()] * 3)
            counted.clock.pass_(5)
            faster.append(write_snapshot(counted.services, store).stamp)

    store.before = another_is_first
    late = write_snapshot(counted.services, store)
    store.before = lambda verb, path: None
    assert late.stamp > faster[1]
    assert late.token == 3
    shown_as_of_a_fresh_one(counted, store)


def test_two_writers_in_one_second_show_two_snapshots(counted: Stage) -> None:
    store = WatchedStore("exported", counted.clock)
    shown: list[str] = []

    def another_is_first(verb: str, path: str) -> None:
        if (verb, path) == ("put", LATEST) and not shown:
            store.before = lambda verb, path: None
            shown.append(write_snapshot(counted.services, store).stamp)

    store.before = another_is_first
    shown.append(write_snapshot(counted.services, store).stamp)
    assert len({*shown}) == 2
    for stamp in shown:
        assert read_json(store.get(f"current/{stamp}/snapshot.json").body)["stamp"] == stamp
    assert store.get(f"current/{shown[1]}/snapshot.json").body == store.get(LATEST).body


def test_a_writer_that_is_always_late_gives_up(counted: Stage) -> None:
    store = WatchedStore("exported", counted.clock)

    def another_is_first(verb: str, path: str) -> None:
        if (verb, path) == ("put", LATEST):
            store.before = lambda verb, path: None
            write_snapshot(counted.services, store)
            store.before = another_is_first

    store.before = another_is_first
    with pytest.raises(InfrastructureError, match="other writers"):
        write_snapshot(counted.services, store)


def test_a_definition_that_is_away_stays_as_it_was(counted: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    store = WatchedStore("exported", counted.clock)
    before = write_snapshot(counted.services, store).versions
    monkeypatch.setattr(UsedDefinitions, "of", lambda self, name, newest: None)
    assert write_snapshot(counted.services, store).versions == before
