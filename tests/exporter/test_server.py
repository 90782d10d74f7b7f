"""What the exporter answers over HTTP beside the metrics themselves."""

import http.client
from collections.abc import Iterator

import pytest
from prometheus_client import CollectorRegistry, Gauge, make_wsgi_app, start_http_server

from telemetry_tasks.exporter.server import answering


@pytest.fixture
def server() -> Iterator[http.client.HTTPConnection]:
    """A connection to a server with one metric."""
    registry = CollectorRegistry()
    Gauge("telemetry_of_a_test", "A number.", registry=registry).set(7)
    httpd, thread = start_http_server(0, "127.0.0.1", registry)
    httpd.set_app(answering(make_wsgi_app(registry)))
    connection = http.client.HTTPConnection("127.0.0.1", httpd.server_port, timeout=20)
    yield connection
    connection.close()
    httpd.shutdown()
    httpd.server_close()
    thread.join()


def answer(server: http.client.HTTPConnection, method: str, path: str) -> tuple[int, bytes, str | None]:
    server.request(method, path)
    response = server.getresponse()
    return response.status, response.read(), response.getheader("Content-Length")


def test_head_is_answered_as_get_without_its_body(server: http.client.HTTPConnection) -> None:
    status, body, length = answer(server, "GET", "/metrics")
    assert (status, length) == (200, str(len(body)))
    assert b"telemetry_of_a_test 7.0" in body
    assert answer(server, "HEAD", "/metrics") == (200, b"", length)


def test_other_paths_are_not_found_and_other_methods_not_allowed(server: http.client.HTTPConnection) -> None:
    status, body, _ = answer(server, "GET", "/nothing")
    assert (status, body) == (404, b"The metrics are at /metrics.\n")
    assert answer(server, "HEAD", "/nothing")[:2] == (404, b"")
    assert answer(server, "POST", "/metrics")[0] == 405
