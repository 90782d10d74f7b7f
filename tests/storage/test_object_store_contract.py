"""One suite for every object store: what the rest of the product relies on."""

import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from telemetry_tasks.errors import NotFound, PreconditionFailed
from telemetry_tasks.storage.objects import Absent, Condition, Headers, Matches, ObjectStore, Span, StoredObject

RACERS = 16
ODD_KEYS = [
    "plain",
    "with space",
    "plus+plus",
    "per%cent%20",
    "ünïcödé/Schlüssel",
    "snow☃man/𝄞",
    "tilde~!*'()",
    "amp&equal=question?hash#",
    "colon:comma,semi;at@",
    'quote"',
    "<xml>&amp;",
    "dot.in/.hidden",
]


def _md5(body: bytes) -> str:
    return hashlib.md5(body).hexdigest()


def _keys(store: ObjectStore, prefix: str = "", start_after: str = "") -> list[str]:
    return [info.key for info in store.list(prefix, start_after=start_after)]


def _race(attempt: Callable[[int], str]) -> list[int]:
    """The numbers of those of 16 simultaneous attempts that did not lose."""
    start = threading.Barrier(RACERS)

    def run(number: int) -> int | None:
        start.wait()
        try:
            attempt(number)
        except PreconditionFailed:
            return None
        return number

    with ThreadPoolExecutor(RACERS) as pool:
        return [number for number in pool.map(run, range(RACERS)) if number is not None]


def _put_body(store: ObjectStore, key: str, bodies: list[bytes], number: int, only_if: Condition) -> str:
    return store.put(key, bodies[number], only_if=only_if)


def test_what_was_put_is_got_with_its_headers_and_metadata(store: ObjectStore) -> None:
    headers = Headers("application/json", "gzip", "max-age=60", {"made-by": "a test", "n": "1"})
    etag = store.put("a/b.json", b"\x1f\x8bbody", headers=headers)
    assert store.get("a/b.json") == StoredObject("a/b.json", b"\x1f\x8bbody", etag, headers)


def test_an_object_without_headers_has_the_defaults(store: ObjectStore) -> None:
    store.put("a", b"x")
    found = store.get("a")
    assert found.headers.content_type == "application/octet-stream"
    assert found.headers.content_encoding is None
    assert found.headers.cache_control is None
    assert found.headers.metadata == {}


@pytest.mark.parametrize("size", [0, 1, 100_000, 9_000_000])
def test_the_etag_is_the_md5_of_bodies_of_any_size(store: ObjectStore, size: int) -> None:
    body = b"\x00\xff7" * (size // 3) + b"x" * (size % 3)
    assert store.put("a", body) == _md5(body)
    assert store.get("a").body == body


def test_head_tells_size_etag_and_time_by_the_store_clock(store: ObjectStore) -> None:
    before = store.now()
    etag = store.put("a", b"123")
    info = store.head("a")
    assert info is not None
    assert (info.key, info.size, info.etag) == ("a", 3, etag)
    assert before - timedelta(seconds=1) <= info.modified <= store.now() + timedelta(seconds=1)
    assert info.modified.utcoffset() == timedelta(0)


def test_the_store_clock_is_in_utc_and_about_right(store: ObjectStore) -> None:
    assert store.now().utcoffset() == timedelta(0)
    assert abs(store.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_what_does_not_exist_is_not_found(store: ObjectStore) -> None:
    assert store.head("missing") is None
    with pytest.raises(NotFound, match="missing"):
        store.get("missing")
    with pytest.raises(NotFound):
        next(store.stream("missing"))
    with pytest.raises(NotFound):
        store.copy("missing", "elsewhere")


def test_a_second_put_replaces_body_and_headers(store: ObjectStore) -> None:
    store.put("a", b"one", headers=Headers("text/plain", metadata={"n": "1"}))
    store.put("a", b"two")
    found = store.get("a")
    assert (found.body, found.headers.content_type, found.headers.metadata) == (b"two", "application/octet-stream", {})


def test_the_same_body_again_with_other_headers_has_those(store: ObjectStore) -> None:
    store.put("a", b"one", headers=Headers("text/plain"))
    store.put("a", b"one", headers=Headers("text/html"))
    assert store.get("a").headers.content_type == "text/html"


@pytest.mark.parametrize("key", ODD_KEYS)
def test_any_key_can_be_put_listed_streamed_copied_and_deleted(store: ObjectStore, key: str) -> None:
    store.put(key, key.encode(), headers=Headers(metadata={"n": "1"}))
    assert store.get(key).body == key.encode()
    assert b"".join(store.stream(key)) == key.encode()
    assert _keys(store) == [key]
    store.copy(key, f"{key} copy")
    assert store.get(f"{key} copy").body == key.encode()
    store.delete([key, f"{key} copy"])
    assert _keys(store) == []


@pytest.mark.parametrize(
    "key", ["double//slash", "back\\slash", "/first", "last/", "//", ".hidden", "a/.b", "c" * 1000]
)
def test_keys_that_are_no_paths_are_keys_too(exact_store: ObjectStore, key: str) -> None:
    exact_store.put(key, key.encode())
    exact_store.put(f"{key}-copy", b"other")
    assert exact_store.get(key).body == key.encode()
    assert _keys(exact_store) == [key, f"{key}-copy"]
    assert _keys(exact_store, key[:1]) == [key, f"{key}-copy"]
    exact_store.delete([key])
    assert _keys(exact_store) == [f"{key}-copy"]


def test_a_key_may_be_the_start_of_another(store: ObjectStore) -> None:
    store.put("a/b/c", b"3")
    store.put("a", b"1")
    store.put("a/b", b"2")
    assert _keys(store) == ["a", "a/b", "a/b/c"]
    assert [store.get(key).body for key in ("a", "a/b", "a/b/c")] == [b"1", b"2", b"3"]
    store.delete(["a/b"])
    assert _keys(store) == ["a", "a/b/c"]


@pytest.mark.parametrize("key", ["", "x" * 1025, "ü" * 513])
def test_an_impossible_key_is_a_bug_of_the_caller(store: ObjectStore, key: str) -> None:
    with pytest.raises(ValueError, match="not a key"):
        store.put(key, b"")


@pytest.mark.parametrize("metadata", [{"Upper": "x"}, {"a": "ü"}, {"a": "line\nbreak"}, {"": "x"}])
def test_impossible_metadata_are_a_bug_of_the_caller(store: ObjectStore, metadata: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="not metadata"):
        store.put("a", b"", headers=Headers(metadata=metadata))


KEYS = ["a/1", "a/10", "a/2", "a/b/1", "a/c-d", "a0", "b", "B", "z", "é", "\U00010000", "\uffff"]


def test_a_listing_is_by_prefix_and_ordered(store: ObjectStore) -> None:
    _expect_order(store, KEYS)


def test_a_listing_is_in_the_order_of_bytes(exact_store: ObjectStore) -> None:
    _expect_order(exact_store, [*KEYS, "a-b/1", "a/b-c", "a.b", "a b", "a//1", "//"])


def _expect_order(store: ObjectStore, keys: list[str]) -> None:
    for key in keys:
        store.put(key, b"")
    ordered = sorted(keys, key=str.encode)
    assert _keys(store) == ordered
    assert _keys(store, "a/") == [key for key in ordered if key.startswith("a/")]
    assert _keys(store, "a/1") == ["a/1", "a/10"]
    assert _keys(store, "a") == [key for key in ordered if key.startswith("a")]
    assert _keys(store, "nothing") == []


def test_a_listing_starts_after_any_of_its_keys(store: ObjectStore) -> None:
    keys = ["a/1", "a/10", "a/2", "a0", "b"]
    _expect_starts(store, keys, keys)


def test_a_listing_starts_after_any_name(exact_store: ObjectStore) -> None:
    keys = ["a-b/1", "a/1", "a/10", "a/2", "a0", "b"]
    _expect_starts(exact_store, keys, [*keys, "a", "a/", "a/11", "a/1/x", "c", "0"])


def _expect_starts(store: ObjectStore, keys: list[str], starts: list[str]) -> None:
    for key in keys:
        store.put(key, b"")
    for start in starts:
        assert _keys(store, start_after=start) == [key for key in keys if key > start], start
    assert _keys(store, "a/", start_after="a/1") == ["a/10", "a/2"]


def test_a_listing_of_many_pages_is_complete(store: ObjectStore) -> None:
    keys = [f"page/{number:04}" for number in range(60)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: store.put(key, key.encode()), keys))
    found = list(store.list("page/"))
    assert [info.key for info in found] == keys
    assert {info.size for info in found} == {9}
    assert [info.etag for info in found] == [_md5(key.encode()) for key in keys]


def test_a_stream_gives_pieces_of_the_asked_size(store: ObjectStore) -> None:
    body = bytes(range(256)) * 100
    etag = store.put("a", body)
    pieces = list(store.stream("a", chunk_size=10_000))
    assert [len(piece) for piece in pieces] == [10_000, 10_000, 5_600]
    assert b"".join(pieces) == body
    assert b"".join(store.stream("a", if_match=etag)) == body


SPANS = [(0, 0), (0, 3), (4, 8), (7, None), (0, None), (5, 99), (None, 4), (None, 99)]


@pytest.mark.parametrize(("first", "last"), SPANS)
def test_a_span_is_read_alone(store: ObjectStore, first: int | None, last: int | None) -> None:
    body = b"0123456789"
    store.put("a", body, headers=Headers("text/plain", cache_control="no-cache"))
    opened = store.open("a", span=Span(first, last), chunk_size=3)
    pieces = list(opened.pieces)
    wanted = body[first : None if last is None else last + 1] if first is not None else body[-(last or 0) :]
    assert b"".join(pieces) == wanted == body[opened.start : opened.end]
    assert max(map(len, pieces)) <= 3
    assert opened.info == store.head("a")
    assert (opened.headers.content_type, opened.headers.cache_control) == ("text/plain", "no-cache")


@pytest.mark.parametrize(("body", "span"), [(b"123", Span(3, None)), (b"123", Span(9, 12)), (b"", Span(0, 1))])
def test_a_span_behind_the_end_is_empty(store: ObjectStore, body: bytes, span: Span) -> None:
    store.put("a", body)
    opened = store.open("a", span=span)
    assert (opened.start, opened.end, opened.info.size) == (len(body), len(body), len(body))
    assert list(opened.pieces) == []
    with pytest.raises(NotFound):
        store.open("missing", span=span)


def test_a_span_of_another_object_is_refused(store: ObjectStore) -> None:
    etag = store.put("a", b"123")
    assert b"".join(store.open("a", span=Span(1, 1), if_match=etag).pieces) == b"2"
    with pytest.raises(PreconditionFailed):
        store.open("a", span=Span(1, 1), if_match=_md5(b"other"))


@pytest.mark.parametrize(("first", "last"), [(None, None), (3, 2), (-1, None), (None, -1)])
def test_what_is_not_a_span_is_refused(first: int | None, last: int | None) -> None:
    with pytest.raises(ValueError):
        Span(first, last)


def test_an_empty_object_streams_nothing(store: ObjectStore) -> None:
    store.put("a", b"")
    assert b"".join(store.stream("a")) == b""


def test_reads_can_demand_an_etag(store: ObjectStore) -> None:
    etag = store.put("a", b"old")
    assert store.get("a", if_match=etag).body == b"old"
    store.put("a", b"new")
    with pytest.raises(PreconditionFailed):
        store.get("a", if_match=etag)
    with pytest.raises(PreconditionFailed):
        next(store.stream("a", if_match=etag))


def test_if_none_match_writes_only_where_nothing_is(store: ObjectStore) -> None:
    store.put("a", b"first", only_if=Absent())
    with pytest.raises(PreconditionFailed):
        store.put("a", b"second", only_if=Absent())
    assert store.get("a").body == b"first"
    store.delete(["a"])
    store.put("a", b"third", only_if=Absent())


def test_if_match_writes_only_over_that_object(store: ObjectStore) -> None:
    old = store.put("a", b"old")
    new = store.put("a", b"new", only_if=Matches(old))
    with pytest.raises(PreconditionFailed):
        store.put("a", b"late", only_if=Matches(old))
    assert store.get("a").etag == new


def test_if_match_on_a_missing_object_fails(store: ObjectStore) -> None:
    with pytest.raises(PreconditionFailed):
        store.put("missing", b"x", only_if=Matches(_md5(b"any")))
    assert store.head("missing") is None


def test_of_sixteen_that_create_one_wins(store: ObjectStore) -> None:
    for round_number in range(3):
        key = f"race/{round_number}"
        bodies = [b"by %d" % number for number in range(RACERS)]
        winners = _race(partial(_put_body, store, key, bodies, only_if=Absent()))
        assert len(winners) == 1
        assert store.get(key).body == bodies[winners[0]]


def test_of_sixteen_that_replace_one_wins(store: ObjectStore) -> None:
    etag = store.put("race", b"start")
    for round_number in range(3):
        bodies = [b"%d by %d" % (round_number, number) for number in range(RACERS)]
        winners = _race(partial(_put_body, store, "race", bodies, only_if=Matches(etag)))
        assert len(winners) == 1
        found = store.get("race")
        assert found.body == bodies[winners[0]]
        etag = found.etag


def test_readers_beside_writers_see_whole_objects_with_their_own_headers(store: ObjectStore) -> None:
    store.put("a", b"0" * 5000, headers=Headers(metadata={"n": "0"}))
    done = threading.Event()

    def write() -> None:
        for number in range(1, 30):
            store.put("a", b"%d" % (number % 10) * 5000, headers=Headers(metadata={"n": str(number % 10)}))
        done.set()

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        while not done.is_set() and not writing.done():
            found = store.get("a")
            assert found.body == found.headers.metadata["n"].encode() * 5000
            assert [info.key for info in store.list()] == ["a"]
        writing.result()


def test_copies_keep_headers_and_metadata(store: ObjectStore) -> None:
    store.put("a", b"x", headers=Headers("text/css", "gzip", "no-cache", {"n": "1"}))
    store.put("b", b"other")
    store.copy("a", "b")
    one, two = store.get("a"), store.get("b")
    assert two == replace(one, key="b")
    store.copy("a", "a")
    assert store.get("a") == one


def test_deleting_what_does_not_exist_is_no_error(store: ObjectStore) -> None:
    store.put("a", b"x")
    store.delete(["missing", "a", "missing/too"])
    store.delete(["missing"])
    store.delete([])
    assert _keys(store) == []


def test_keys_are_deleted_lazily_and_in_any_number(store: ObjectStore) -> None:
    for number in range(20):
        store.put(f"{number}", b"")
    store.delete(str(number) for number in range(1500))
    assert _keys(store) == []


def test_a_body_that_does_not_fit_its_sha256_is_not_given_out(store: ObjectStore) -> None:
    store.put("good", b"x", headers=Headers(metadata={"sha256": hashlib.sha256(b"x").hexdigest()}))
    assert store.get("good").body == b"x"
    assert b"".join(store.stream("good")) == b"x"
