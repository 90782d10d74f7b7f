"""What the folder and the object store have in common, and how settings name sources."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from telemetry_tasks.core.revisions import Revision
from telemetry_tasks.errors import DataError, NotFound, OperatorError
from telemetry_tasks.storage.definitions import folder, prefix
from telemetry_tasks.storage.definitions.contract import DefinitionSource
from telemetry_tasks.storage.definitions.folder import FolderDefinitions
from telemetry_tasks.storage.definitions.http import HttpDefinitions
from telemetry_tasks.storage.definitions.locations import definition_sources
from telemetry_tasks.storage.definitions.prefix import PrefixDefinitions
from telemetry_tasks.storage.memory import MemoryObjectStore
from telemetry_tasks.storage.objects import Headers

REVISION = Revision("518f", "central")
Holding = Callable[[dict[str, bytes]], DefinitionSource]


@pytest.fixture(params=["folder", "prefix"])
def holding(request, tmp_path) -> Holding:
    def in_folder(files: dict[str, bytes]) -> DefinitionSource:
        for name, body in files.items():
            (tmp_path / name).write_bytes(body)
        return FolderDefinitions(tmp_path)

    def in_store(files: dict[str, bytes]) -> DefinitionSource:
        store = MemoryObjectStore()
        for name, body in files.items():
            store.put(name, body)
        return PrefixDefinitions(store)

    return in_folder if request.param == "folder" else in_store


def test_a_revisions_own_file_comes_before_the_one_for_all(holding) -> None:
    source = holding({"518f.Histograms.json": b"own", "Histograms.json": b"all"})
    assert source.fetch(REVISION) == b"own"
    assert source.fetch(Revision("other")) == b"all"
    assert source.fetch(None) == b"all"


@pytest.mark.parametrize("revision", [REVISION, None])
def test_what_is_not_there_is_not_found(holding, revision) -> None:
    with pytest.raises(NotFound):
        holding({"other.Histograms.json": b"x"}).fetch(revision)


def test_a_file_that_is_too_large_is_refused(holding, monkeypatch) -> None:
    monkeypatch.setattr(folder, "MAX_BYTES", 10)
    monkeypatch.setattr(prefix, "MAX_BYTES", 10)
    with pytest.raises(DataError, match="definitions-too-large"):
        holding({"Histograms.json": b"x" * 11}).fetch(REVISION)


def test_an_object_may_be_stored_packed(monkeypatch) -> None:
    store = MemoryObjectStore()
    store.put("Histograms.json", gzip.compress(b"{}"), headers=Headers(content_encoding="gzip"))
    assert PrefixDefinitions(store).fetch(REVISION) == b"{}"
    monkeypatch.setattr(prefix, "MAX_BYTES", 1000)
    for body in (b"no gzip", gzip.compress(b" " * 1001)):
        store.put("Histograms.json", body, headers=Headers(content_encoding="gzip"))
        with pytest.raises(DataError, match=r"definitions-not-gzip|definitions-too-large"):
            PrefixDefinitions(store).fetch(REVISION)


def test_a_missing_folder_is_for_a_person_to_correct(tmp_path) -> None:
    with pytest.raises(OperatorError, match="no such folder"):
        FolderDefinitions(tmp_path / "none").fetch(REVISION)


def test_settings_name_sources_in_their_order(tmp_path) -> None:
    opened: list[str] = []

    def open_store(url: str) -> MemoryObjectStore:
        opened.append(url)
        return MemoryObjectStore()

    words = (
        str(tmp_path),
        tmp_path.as_uri(),
        "folder:///a%20b",
        "s3://bucket/defs",
        " ",
        "https://h/{revision_id}",
    )
    sources = definition_sources(words, open_store)
    assert [type(source) for source in sources] == [
        FolderDefinitions,
        FolderDefinitions,
        FolderDefinitions,
        PrefixDefinitions,
        HttpDefinitions,
    ]
    assert [source.name for source in sources[:3]] == [str(tmp_path), str(tmp_path), str(Path("/a b"))]
    assert opened == ["s3://bucket/defs"]


def test_words_that_mean_nothing_are_refused() -> None:
    with pytest.raises(OperatorError, match="gopher"):
        definition_sources(["gopher://x/{revision_id}"], lambda _: MemoryObjectStore())
