"""What browsers and scripts get from the page's server, over real connections."""

import gzip
import http.client
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from telemetry_tasks.embedded.page_files import PageFiles
from telemetry_tasks.embedded.published_files import PublishedFiles
from telemetry_tasks.embedded.static_server import Site, SiteServer, main
from telemetry_tasks.errors import InfrastructureError, OperatorError
from telemetry_tasks.storage.memory import MemoryObjectStore
from telemetry_tasks.storage.objects import Headers, ObjectInfo, StoredObject

DOCUMENT = b'{"nightly/28": "current/20131201120000/nightly/28"}'
PACKED = gzip.compress(DOCUMENT, mtime=0)
IMMUTABLE = "public, max-age=31536000, immutable"


@dataclass
class Got:
    status: int
    headers: dict[str, str]
    body: bytes


class AwayStore(MemoryObjectStore):
    """A store whose server is down for some keys, and forbids others."""

    def get(self, key: str, *, if_match: str | None = None) -> StoredObject:
        if key == "away.json":
            raise InfrastructureError("connection refused")
        if key == "private.json":
            raise OperatorError("access denied")
        return super().get(key, if_match=if_match)

    def head(self, key: str) -> ObjectInfo | None:
        if key == "away.json":
            raise InfrastructureError("connection refused")
        return super().head(key)


@pytest.fixture
def store() -> AwayStore:
    store = AwayStore()
    store.put("versions.json", PACKED, headers=Headers("application/json", "gzip", "no-cache"))
    store.put("a/b.json", PACKED, headers=Headers("application/json", "gzip", IMMUTABLE))
    store.put("forgotten.json", PACKED)
    store.put("dump.gz", PACKED, headers=Headers("application/gzip"))
    store.put("plain.txt", b"hello", headers=Headers("text/plain"))
    store.put("damaged.json", PACKED[:-9], headers=Headers("application/json", "gzip"))
    return store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    page = tmp_path / "page"
    (page / "js").mkdir(parents=True)
    (page / "node_modules").mkdir()
    (page / "index.html").write_text("<!doctype html><title>Telemetry</title>")
    (page / "js" / "app.mjs").write_text("export {};")
    (page / "node_modules" / "x.js").write_text("x")
    (page / ".secret").write_text("secret")
    (page / "out").symlink_to(tmp_path / "outside")
    (tmp_path / "outside").write_text("outside")
    return page


@pytest.fixture
def connection(store: AwayStore, folder: Path) -> Iterator[http.client.HTTPConnection]:
    server = SiteServer(("127.0.0.1", 0), Site(PageFiles(folder), PublishedFiles(store)))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=5)
    yield connection
    connection.close()
    server.shutdown()
    thread.join()
    server.server_close()


def ask(connection: http.client.HTTPConnection, target: str, method: str = "GET", **headers: str) -> Got:
    connection.putrequest(method, target, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    answer = connection.getresponse()
    return Got(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())


Connection = http.client.HTTPConnection


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


def test_ranges_are_not_offered_and_not_honoured(connection: Connection) -> None:
    got = ask(connection, "/data/versions.json", Range="bytes=0-3")
    assert (got.status, got.body, got.headers["accept-ranges"]) == (200, DOCUMENT, "none")


NOT_KEYS = ["", "a/", "a", "a//b.json", "./versions.json", "a/../versions.json", "a/%2e%2e/versions.json"]
STRANGE_KEYS = ["nothing.json", "private.json", "..%2f..%2fetc/passwd", "%00", "%ff", "a%5cb.json"]


@pytest.mark.parametrize("key", NOT_KEYS + STRANGE_KEYS)
def test_keys_that_are_not_there_or_not_plain_do_not_exist(connection: Connection, key: str) -> None:
    got = ask(connection, f"/data/{key}")
    assert got.status == (400 if key == "%ff" else 404)


def test_a_store_that_is_away_is_an_error_that_passes(connection: Connection) -> None:
    for headers in ({}, {"If_None_Match": '"x"'}):
        got = ask(connection, "/data/away.json", **headers)
        assert (got.status, got.headers["retry-after"]) == (503, "2")
        assert b"refused" not in got.body


def test_a_damaged_body_is_not_served_as_plain(connection: Connection) -> None:
    assert ask(connection, "/data/damaged.json").status == 503


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
