"""What only the folder store does: files that others wrote, processes that die, bad disks."""

import multiprocessing
import os
import shutil
from pathlib import Path

import pytest

from telemetry_tasks.errors import InfrastructureError, OperatorError, PreconditionFailed
from telemetry_tasks.storage.local.store import FolderObjectStore
from telemetry_tasks.storage.objects import Absent, Headers, Matches


def test_a_folder_that_something_else_filled_is_read_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "2013" / "10").mkdir(parents=True)
    (tmp_path / "2013" / "10" / "pings.gz").write_bytes(b"pings")
    (tmp_path / "top").write_bytes(b"")
    (tmp_path / ".hidden").write_bytes(b"no object")
    store = FolderObjectStore(tmp_path)
    assert [(info.key, info.size) for info in store.list()] == [("2013/10/pings.gz", 5), ("top", 0)]
    found = store.get("2013/10/pings.gz")
    assert (found.body, found.headers.content_encoding, found.headers.metadata) == (b"pings", None, {})
    assert store.head("2013/10/pings.gz").etag == found.etag  # type: ignore[union-attr]
    assert b"".join(store.stream("2013/10/pings.gz", if_match=found.etag)) == b"pings"
    assert not (tmp_path / ".objects").exists()


def test_a_file_changed_by_something_else_has_another_etag(tmp_path: Path) -> None:
    store = FolderObjectStore(tmp_path)
    old = store.put("a", b"one", headers=Headers(content_encoding="gzip"))
    (tmp_path / "a").write_bytes(b"other")
    info = store.head("a")
    assert info is not None
    assert info.etag != old
    assert store.get("a").headers.content_encoding is None
    with pytest.raises(PreconditionFailed):
        store.put("a", b"two", only_if=Matches(old))


@pytest.mark.parametrize("key", ["../out", "a/../../out", "/etc/out", "..", ".", "a/./b", "nul\0byte", ".objects/lock"])
def test_no_key_reaches_out_of_the_folder(tmp_path: Path, key: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    store = FolderObjectStore(root)
    store.put(key, b"x", headers=Headers(metadata={"n": "1"}))
    assert [path.name for path in tmp_path.iterdir()] == ["root"]
    assert [info.key for info in store.list()] == [key]
    assert store.get(key).headers.metadata == {"n": "1"}
    store.delete([key])
    assert store.head(key) is None


def test_headers_survive_a_copy_of_the_folder_that_keeps_times(tmp_path: Path) -> None:
    one = tmp_path / "one"
    one.mkdir()
    FolderObjectStore(one).put("a/b", b"x", headers=Headers(content_encoding="gzip"))
    shutil.copytree(one, tmp_path / "two")
    assert FolderObjectStore(tmp_path / "two").get("a/b").headers.content_encoding == "gzip"


def test_no_files_are_left_over(tmp_path: Path) -> None:
    store = FolderObjectStore(tmp_path)
    for number in range(5):
        store.put("a/b/c", b"%d" % number)
        store.put("..", b"%d" % number)
    store.delete(["a/b/c", ".."])
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == ["lock"]
    assert not (tmp_path / "a").exists()


def test_a_damaged_file_is_not_given_out(tmp_path: Path) -> None:
    store = FolderObjectStore(tmp_path)
    store.put("a", b"good")
    facts = (tmp_path / "a").stat()
    (tmp_path / "a").write_bytes(b"evil")
    os.utime(tmp_path / "a", ns=(facts.st_atime_ns, facts.st_mtime_ns))
    with pytest.raises(InfrastructureError, match=": a is damaged"):
        store.get("a")
    with pytest.raises(InfrastructureError, match=": a is damaged"):
        list(store.stream("a"))


def test_a_missing_folder_is_for_the_operator(tmp_path: Path) -> None:
    store = FolderObjectStore(tmp_path / "missing")
    for attempt in (lambda: list(store.list()), lambda: store.head("a"), lambda: store.put("a", b"")):
        with pytest.raises(OperatorError, match="no such folder"):
            attempt()


def _create(root: Path, numbers: range, wins: "multiprocessing.Queue[int]") -> None:
    store = FolderObjectStore(root)
    for number in numbers:
        try:
            store.put(f"key/{number}", str(os.getpid()).encode(), only_if=Absent())
        except PreconditionFailed:
            continue
        wins.put(number)


def test_of_several_processes_one_creates_each_object(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    wins: multiprocessing.Queue[int] = context.Queue()
    workers = [context.Process(target=_create, args=(tmp_path, range(40), wins)) for _ in range(4)]
    for worker in workers:
        worker.start()
    won = sorted(wins.get(timeout=60) for _ in range(40))
    for worker in workers:
        worker.join()
    assert won == list(range(40))
    assert wins.empty()
