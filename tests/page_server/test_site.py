"""What browsers and scripts get from the page's server, over real connections."""

import gzip
import http.client
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from telemetry_tasks.errors import InfrastructureError, OperatorError
from telemetry_tasks.page_server.__main__ import main
from telemetry_tasks.page_server.application import application
from telemetry_tasks.page_server.files import PageFiles
from telemetry_tasks.page_server.policy import page_headers
from telemetry_tasks.page_server.published import PIECE, PublishedFiles
from telemetry_tasks.storage.memory import MemoryObjectStore
from telemetry_tasks.storage.objects import Headers, ObjectInfo, OpenObject, Span
from telemetry_tasks.web.blocking import BlockingWork
from tests.servers.ports import HOST
from tests.web.running import running

DOCUMENT = b'{"nightly/28": "current/20131201120000/nightly/28"}'
PACKED = gzip.compress(DOCUMENT, mtime=0)
IMMUTABLE = "public, max-age=31536000, immutable"


@dataclass
class Got:
    status: int
    headers: dict[str, str]
    body: bytes


class AwayStore(MemoryObjectStore):
    """A store whose server is down for some keys, and forbids or never answers others; it counts its requests."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[tuple[str, str | None]] = []
        self.hangs = threading.Event()

    def open(
        self, key: str, *, span: Span | None = None, if_match: str | None = None, chunk_size: int = 1 << 20
    ) -> OpenObject:
        self._fail(key)
        self.opened.append((key, str(span) if span else None))
        return super().open(key, span=span, if_match=if_match, chunk_size=chunk_size)

    def head(self, key: str) -> ObjectInfo | None:
        self._fail(key)
        return super().head(key)

    def _fail(self, key: str) -> None:
        if key == "away.json":
            raise InfrastructureError("connection refused")
        if key == "private.json":
            raise OperatorError("access denied")
        if key == "hanging.json":
            self.hangs.wait()


PACK = random.Random(1).randbytes(3 * PIECE + 17)
LONG = b"[" + b"1234567890, " * (PIECE // 4) + b"0]"
SCRIPT = "export const numbers = [" + ", ".join(map(str, range(1000))) + "];\n"


@pytest.fixture
def store() -> AwayStore:
    store = AwayStore()
    store.put("versions.json", PACKED, headers=Headers("application/json", "gzip", "no-cache"))
    store.put("a/b.json", PACKED, headers=Headers("application/json", "gzip", IMMUTABLE))
    store.put("forgotten.json", PACKED)
    store.put("dump.gz", PACKED, headers=Headers("application/gzip"))
    store.put("plain.txt", b"hello", headers=Headers("text/plain"))
    store.put("packs/0a1b", PACK)
    store.put("packs/gzip-like", PACKED)
    store.put("long.json", gzip.compress(LONG, mtime=0), headers=Headers("application/json", "gzip"))
    store.put("damaged.json", PACKED[:-9], headers=Headers("application/json", "gzip"))
    return store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    page = tmp_path / "page"
    (page / "js").mkdir(parents=True)
    (page / "node_modules").mkdir()
    (page / "index.html").write_text("<!doctype html><title>Telemetry</title>")
    (page / "js" / "app.mjs").write_text("export {};")
    (page / "vendor").mkdir()
    (page / "vendor" / "page.js").write_text(SCRIPT)
    (page / "picture.webp").write_bytes(b"RIFF" + bytes(2000))
    (page / "node_modules" / "x.js").write_text("x")
    (page / ".secret").write_text("secret")
    (page / "out").symlink_to(tmp_path / "outside")
    (tmp_path / "outside").write_text("outside")
    return page


Connection = http.client.HTTPConnection


@pytest.fixture
def connection(store: AwayStore, folder: Path) -> Iterator[Connection]:
    work = BlockingWork(2, patience=0.3, seconds=1.0)
    page = PageFiles(folder, page_headers())
    with running(application(page, PublishedFiles(store, work), BlockingWork(2, 1.0, 5.0))) as port:
        connection = http.client.HTTPConnection(HOST, port, timeout=15)
        yield connection
        connection.close()
        store.hangs.set()


def ask(connection: http.client.HTTPConnection, target: str, method: str = "GET", **headers: str) -> Got:
    connection.putrequest(method, target, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    answer = connection.getresponse()
    return Got(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())


def test_published_json_goes_out_as_it_is_stored(connection: Connection) -> None:
    got = ask(connection, "/data/a/b.json", Accept_Encoding="gzip, deflate, br")
    assert got.status == 200
    assert got.body == PACKED
    assert got.headers["content-encoding"] == "gzip"
    assert got.headers["content-type"] == "application/json; charset=utf-8"
    assert got.headers["cache-control"] == IMMUTABLE
    assert got.headers["vary"] == "Accept-Encoding"
    assert got.headers["access-control-allow-origin"] == "*"
    assert got.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("accepted", [None, "", "identity", "br, deflate", "gzip;q=0", "gzip; q=0.000", "xgzip"])
def test_a_client_that_does_not_take_gzip_gets_plain_bytes(connection: Connection, accepted: str | None) -> None:
    headers = {} if accepted is None else {"Accept_Encoding": accepted}
    got = ask(connection, "/data/versions.json", **headers)
    assert got.body == DOCUMENT
    assert "content-encoding" not in got.headers
    assert got.headers["content-length"] == str(len(DOCUMENT))


@pytest.mark.parametrize("accepted", ["gzip", "GZIP", "br;q=1, gzip;q=0.5", "*", "gzip ; q=1"])
def test_a_client_that_takes_gzip_gets_gzip(connection: Connection, accepted: str) -> None:
    assert ask(connection, "/data/versions.json", Accept_Encoding=accepted).body == PACKED


def test_an_encoding_that_the_store_forgot_is_put_back(connection: Connection) -> None:
    got = ask(connection, "/data/forgotten.json", Accept_Encoding="gzip")
    assert got.headers["content-encoding"] == "gzip"
    assert got.headers["content-type"] == "application/json; charset=utf-8"
    assert ask(connection, "/data/forgotten.json").body == DOCUMENT


def test_a_gzip_file_stays_a_file(connection: Connection) -> None:
    got = ask(connection, "/data/dump.gz", Accept_Encoding="gzip")
    assert got.body == PACKED
    assert "content-encoding" not in got.headers


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
@pytest.mark.parametrize("target", ["/data/versions.json", "/data/plain.txt", "/", "/js/app.mjs"])
def test_a_client_that_holds_the_newest_is_told_so(connection: Connection, target: str, encoding: str) -> None:
    first = ask(connection, target, Accept_Encoding=encoding)
    again = ask(connection, target, Accept_Encoding=encoding, If_None_Match=f'"x", W/{first.headers["etag"]}')
    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert ask(connection, target, Accept_Encoding=encoding, If_None_Match='"other"').status == 200


def test_the_two_forms_of_a_body_have_tags_of_their_own(connection: Connection) -> None:
    packed = ask(connection, "/data/versions.json", Accept_Encoding="gzip").headers["etag"]
    plain = ask(connection, "/data/versions.json").headers["etag"]
    assert packed != plain
    got = ask(connection, "/data/versions.json", Accept_Encoding="gzip", If_None_Match=plain)
    assert (got.status, got.body) == (200, PACKED)


def test_head_gives_the_headers_of_get(connection: Connection) -> None:
    for target in ("/data/versions.json", "/index.html", "/nothing"):
        get, head = ask(connection, target), ask(connection, target, "HEAD")
        assert head.body == b""
        assert head.status == get.status
        assert {**head.headers, "date": ""} == {**get.headers, "date": ""}


def test_a_preflight_is_allowed(connection: Connection) -> None:
    got = ask(connection, "/data/versions.json", "OPTIONS", Origin="http://elsewhere.example")
    assert got.status == 204
    assert got.headers["access-control-allow-origin"] == "*"
    assert "GET" in got.headers["access-control-allow-methods"]


RANGES = [("bytes=0-0", 0, 1), ("bytes=5-9", 5, 10), ("bytes=%d-", -9, None), ("bytes=-7", -7, None)]
MORE_RANGES = [("bytes=3-", 3, None), ("bytes=9-99999999", 9, None), ("Bytes = 1 - 2", 1, 3)]


@pytest.mark.parametrize(("asked", "first", "end"), RANGES + MORE_RANGES)
def test_a_part_of_a_pack_is_one_request_for_that_part(
    connection: Connection, store: AwayStore, asked: str, first: int, end: int | None
) -> None:
    asked = asked.replace("%d", str(len(PACK) - 9))
    got = ask(connection, "/data/packs/0a1b", Range=asked, Accept_Encoding="gzip")
    part = PACK[first:end]
    start = len(PACK) + first if first < 0 else first
    assert (got.status, got.body) == (206, part)
    assert got.headers["content-range"] == f"bytes {start}-{start + len(part) - 1}/{len(PACK)}"
    assert got.headers["content-length"] == str(len(part))
    assert got.headers["cache-control"] == IMMUTABLE
    assert "content-encoding" not in got.headers
    assert store.opened == [("packs/0a1b", asked.replace(" ", "").lower())]


def test_a_part_that_is_not_there_is_refused_with_the_size(connection: Connection) -> None:
    got = ask(connection, "/data/packs/0a1b", Range=f"bytes={len(PACK)}-")
    assert (got.status, got.body, got.headers["content-range"]) == (416, b"", f"bytes */{len(PACK)}")
    assert ask(connection, "/vendor/page.js", Range="bytes=99999-").status == 416


WHOLE = ["bytes=5-2", "bytes=a-b", "bytes=-", "lines=0-3", "bytes=0-1,4-5", "bytes", f"bytes={'9' * 40}-", "bytes=--1"]


@pytest.mark.parametrize("asked", WHOLE)
def test_what_is_not_one_range_gets_the_whole(connection: Connection, asked: str) -> None:
    got = ask(connection, "/data/packs/0a1b", Range=asked)
    assert (got.status, got.body, got.headers["accept-ranges"]) == (200, PACK, "bytes")


def test_a_range_of_a_compressed_document_gets_the_whole(connection: Connection) -> None:
    got = ask(connection, "/data/versions.json", Range="bytes=0-3")
    assert (got.status, got.body, got.headers["accept-ranges"]) == (200, DOCUMENT, "none")
    got = ask(connection, "/data/forgotten.json", Range="bytes=0-3", Accept_Encoding="gzip")
    assert (got.status, got.body, got.headers["content-encoding"]) == (200, PACKED, "gzip")


@pytest.mark.parametrize(("target", "body"), [("/data/plain.txt", b"hello"), ("/vendor/page.js", SCRIPT.encode())])
def test_a_range_of_other_text_is_of_its_plain_form(connection: Connection, target: str, body: bytes) -> None:
    got = ask(connection, target, Range="bytes=1-3", Accept_Encoding="gzip")
    assert (got.status, got.body) == (206, body[1:4])
    assert "content-encoding" not in got.headers
    assert got.headers["etag"] == ask(connection, target).headers["etag"]


@pytest.mark.parametrize("target", ["/data/packs/0a1b", "/data/plain.txt", "/vendor/page.js"])
def test_a_range_for_another_body_gets_the_whole(connection: Connection, target: str) -> None:
    headers = ask(connection, target, "HEAD").headers
    for held, status in (
        (headers["etag"], 206),
        (headers["last-modified"], 206),
        (f"W/{headers['etag']}", 200),
        ('"other"', 200),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 200),
    ):
        assert ask(connection, target, Range="bytes=0-1", If_Range=held).status == status


def test_bytes_of_a_pack_are_never_taken_for_gzip(connection: Connection) -> None:
    got = ask(connection, "/data/packs/gzip-like")
    assert (got.body, got.headers.get("content-encoding")) == (PACKED, None)
    assert ask(connection, "/data/packs/gzip-like", Range="bytes=0-3").body == PACKED[:4]


@pytest.mark.parametrize("target", ["/data/versions.json", "/data/plain.txt", "/data/packs/0a1b", "/", "/js/app.mjs"])
def test_a_time_of_change_tells_whether_a_copy_is_the_newest(connection: Connection, target: str) -> None:
    modified = ask(connection, target).headers["last-modified"]
    got = ask(connection, target, If_Modified_Since=modified)
    assert (got.status, got.body, got.headers["last-modified"]) == (304, b"", modified)
    for older in ("Thu, 01 Jan 1970 00:00:00 GMT", "yesterday", "", "Thu, 99 Jan 1970 00:00:00 GMT"):
        assert ask(connection, target, If_Modified_Since=older).status == 200
    # a tag that does not fit outweighs the time
    assert ask(connection, target, If_Modified_Since=modified, If_None_Match='"x"').status == 200
    assert ask(connection, target, If_None_Match="*").status == 304


def test_the_page_in_one_file_is_compressed_for_who_takes_it(connection: Connection) -> None:
    packed = ask(connection, "/vendor/page.js", Accept_Encoding="gzip")
    plain = ask(connection, "/vendor/page.js")
    assert gzip.decompress(packed.body) == plain.body == SCRIPT.encode()
    assert packed.headers["content-encoding"] == "gzip"
    assert len(packed.body) * 2 < len(plain.body)
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert packed.headers["etag"] != plain.headers["etag"]
    assert packed.headers["content-length"] == str(len(packed.body))


@pytest.mark.parametrize(
    "target", ["/picture.webp", "/js/app.mjs", "/data/packs/0a1b", "/data/dump.gz", "/data/plain.txt"]
)
def test_what_compression_does_not_help_is_sent_as_it_is(connection: Connection, target: str) -> None:
    got = ask(connection, target, Accept_Encoding="gzip")
    assert (got.status, got.headers.get("content-encoding")) == (200, None)


def test_a_page_that_is_built_again_is_served_again(connection: Connection, folder: Path) -> None:
    before = ask(connection, "/vendor/page.js").headers["etag"]
    (folder / "vendor" / "page.js").write_text("export {};")
    got = ask(connection, "/vendor/page.js", If_None_Match=before)
    assert (got.status, got.body) == (200, b"export {};")


def test_a_long_document_is_unpacked_in_pieces(connection: Connection) -> None:
    assert ask(connection, "/data/long.json").body == LONG
    got = ask(connection, "/data/long.json", "HEAD")
    assert (got.status, got.body) == (200, b"")
    assert gzip.decompress(ask(connection, "/data/long.json", Accept_Encoding="gzip").body) == LONG


PATHS = [
    ("latest.json", "no-cache"),
    ("versions.json", "no-cache"),
    ("current/20131201120000/snapshot.json", IMMUTABLE),
]
MORE_PATHS = [("manifests/0a", IMMUTABLE), ("packs/0a", IMMUTABLE), ("else/0a", "no-cache"), ("currently", "no-cache")]


@pytest.mark.parametrize(("key", "kept"), PATHS + MORE_PATHS)
def test_the_path_says_how_long_an_object_may_be_kept(
    connection: Connection, store: AwayStore, key: str, kept: str
) -> None:
    store.put(key, b"{}")
    got = ask(connection, f"/data/{key}")
    assert got.headers["cache-control"] == kept
    again = ask(connection, f"/data/{key}", If_None_Match=got.headers["etag"])
    assert (again.status, again.headers["cache-control"]) == (304, kept)


NOT_KEYS = ["", "a/", "a", "a//b.json", "./versions.json", "a/../versions.json", "a/%2e%2e/versions.json"]
STRANGE_KEYS = ["nothing.json", "private.json", "..%2f..%2fetc/passwd", "%00", "%ff", "a%5cb.json"]


@pytest.mark.parametrize("key", NOT_KEYS + STRANGE_KEYS)
def test_keys_that_are_not_there_or_not_plain_do_not_exist(connection: Connection, key: str) -> None:
    got = ask(connection, f"/data/{key}")
    assert got.status == (400 if key == "%ff" else 404)


def test_a_store_that_is_away_is_an_error_that_passes(connection: Connection) -> None:
    for headers in ({}, {"If_None_Match": '"x"'}, {"Range": "bytes=0-1"}):
        got = ask(connection, "/data/away.json", **headers)
        assert (got.status, got.headers["retry-after"]) == (502, "2")
        assert got.body == b"The object store does not answer as it should; try again.\n"
        assert got.headers["access-control-allow-origin"] == "*"


def test_a_store_that_hangs_is_waited_for_a_short_time_by_few(connection: Connection, store: AwayStore) -> None:
    answers: list[Got] = []

    def other() -> None:
        mine = http.client.HTTPConnection(HOST, connection.port, timeout=15)
        answers.append(ask(mine, "/data/hanging.json"))
        mine.close()

    others = [threading.Thread(target=other) for _ in range(5)]
    for each in others:
        each.start()
    for each in others:
        each.join()
    # two have a thread and wait for the store, the others wait for a thread
    assert sorted(got.status for got in answers) == [503, 503, 503, 504, 504]
    assert all(got.headers["retry-after"] == "2" and got.body.endswith(b"try again.\n") for got in answers)
    assert ask(connection, "/").status == 200
    assert ask(connection, "/data/plain.txt").status == 503
    store.hangs.set()
    wait_until(lambda: ask(connection, "/data/plain.txt").status == 200)


def wait_until(holds: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_damaged_body_is_not_served_as_plain(connection: Connection) -> None:
    assert ask(connection, "/data/damaged.json").status == 502


class BreakingStore(MemoryObjectStore):
    """Every object turns out to be damaged at its end."""

    def open(
        self, key: str, *, span: Span | None = None, if_match: str | None = None, chunk_size: int = 1 << 20
    ) -> OpenObject:
        found = super().open(key, span=span, if_match=if_match, chunk_size=chunk_size)

        def pieces() -> Iterator[bytes]:
            yield from found.pieces
            raise InfrastructureError("damaged")

        return OpenObject(found.info, found.headers, found.start, found.end, pieces())  # type: ignore[arg-type]


def test_a_body_that_is_damaged_at_its_end_is_never_sent_whole() -> None:
    store = BreakingStore()
    store.put("packs/long", PACK)
    store.put("packs/short", b"short")
    with running(
        application(None, PublishedFiles(store, BlockingWork(2, 1.0, 5.0)), BlockingWork(2, 1.0, 5.0))
    ) as port:
        connection = http.client.HTTPConnection(HOST, port, timeout=15)
        with pytest.raises(http.client.IncompleteRead):
            ask(connection, "/data/packs/long")
        connection.close()
        assert ask(connection, "/data/packs/short").status == 502
        assert ask(connection, "/").status == 404
        connection.close()


def test_the_page_is_served_with_a_strict_policy(connection: Connection) -> None:
    got = ask(connection, "/")
    assert got.body.startswith(b"<!doctype html>")
    assert got.headers["content-type"] == "text/html; charset=utf-8"
    assert got.headers["cache-control"] == "no-cache"
    policy = got.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "connect-src 'self';" in policy
    assert got.headers["x-frame-options"] == "DENY"
    assert ask(connection, "/js/app.mjs").headers["content-type"] == "text/javascript; charset=utf-8"


HIDDEN = ["/js", "/js/", "/.secret", "/node_modules/x.js", "/js\\app.mjs"]
OUTSIDE = ["/out", "/../outside", "/..%2foutside", "/%2e%2e/outside", "/js/..%2f..%2foutside", "//outside"]


@pytest.mark.parametrize("target", HIDDEN + OUTSIDE)
def test_nothing_hidden_outside_or_listed_is_served(connection: Connection, target: str) -> None:
    got = ask(connection, target)
    assert got.status == 404
    assert b"secret" not in got.body


def test_a_query_is_ignored(connection: Connection) -> None:
    assert ask(connection, "/index.html?v=1").status == 200
    assert ask(connection, "/data/versions.json?x=../y").status == 200


def test_methods_that_change_things_are_refused(connection: Connection) -> None:
    for method in ("POST", "PUT", "DELETE"):
        got = ask(connection, "/data/versions.json", method)
        assert (got.status, got.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
        connection.close()


def test_a_connection_is_kept(connection: Connection) -> None:
    ask(connection, "/")
    first = connection.sock
    ask(connection, "/data/versions.json")
    ask(connection, "/nothing")
    assert connection.sock is first


def test_a_body_that_nobody_reads_is_not_taken_for_a_request(connection: Connection) -> None:
    connection.request("GET", "/data/versions.json", body=b"GET /index.html HTTP/1.1\r\n\r\n")
    answer = connection.getresponse()
    assert answer.status == 200
    assert answer.getheader("Connection") == "close"


@pytest.mark.parametrize(("files", "said"), [((), "has no index.html"), (("index.html",), "npm ci && npm run build")])
def test_the_page_is_not_served_where_it_is_not_built(
    files: tuple[str, ...], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in files:
        (tmp_path / name).touch()
    assert main(["--folder", str(tmp_path), "--port", "0"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
