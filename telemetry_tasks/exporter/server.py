"""Serves ``/metrics``: ``python -m workers.metrics``. Clients here give up soon, unlike those of the workers."""

import threading
import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from prometheus_client import CollectorRegistry, make_wsgi_app, start_http_server

from telemetry_tasks.bootstrap import s3_options, services, thresholds
from telemetry_tasks.errors import OperatorError
from telemetry_tasks.exporter.collector import Scraper
from telemetry_tasks.exporter.samples import FindingsSource, PublishedSource, broker_samples, state_samples
from telemetry_tasks.logs import configure_logging
from telemetry_tasks.settings import Settings, secret_values
from telemetry_tasks.storage.open import open_object_store
from telemetry_tasks.storage.redis.client import short_timeout_client
from telemetry_tasks.storage.redis.errors import redacted
from telemetry_tasks.storage.redis.state import RedisState

PATIENCE = 2.0
"""Seconds that one request to a service may take."""

PATHS = ("/metrics", "/favicon.ico")


def scraper(settings: Settings) -> Scraper:
    """The collector over a deployment's services. Raises ``OperatorError`` for an invalid URL."""
    state_url, broker_url = settings.state_address, settings.broker_address
    state = RedisState(short_timeout_client(state_url, PATIENCE), state_url, settings.redis_prefix)
    broker = short_timeout_client(broker_url, PATIENCE)
    options = replace(s3_options(settings), max_attempts=1, read_timeout=PATIENCE)
    results, published = (open_object_store(url, options) for url in (settings.results_url, settings.published_url))
    watched = replace(services(settings), state=state, results=results, published=published)
    sources = {
        "state": lambda: state_samples(state, time.time()),
        "broker": lambda: broker_samples(broker, redacted(broker_url), settings.broker_prefix),
        "published": PublishedSource(published).samples,
        "status": FindingsSource(watched, thresholds(settings)).samples,
    }
    return Scraper(sources, state.counters.read)


def answering(metrics: WSGIApplication) -> WSGIApplication:
    """The application with what that of prometheus_client lacks: HEAD, and 404 for other paths than its own."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] not in PATHS:
            start_response("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
            return [b"" if environ["REQUEST_METHOD"] == "HEAD" else b"The metrics are at /metrics.\n"]
        if environ["REQUEST_METHOD"] != "HEAD":
            return metrics(environ, start_response)
        told: list[Any] = []

        def keep(*answered: Any) -> Any:
            told.extend(answered)

        body = metrics({**environ, "REQUEST_METHOD": "GET"}, keep)
        status, headers = told[:2]
        start_response(status, [*headers, ("Content-Length", str(sum(map(len, body))))])
        return []

    return answer


def serve(settings: Settings) -> None:
    """Serves until the process is stopped. Raises ``OperatorError`` if the port is taken."""
    configure_logging(settings.log_format, settings.log_level, secret_values(settings))
    registry = CollectorRegistry(auto_describe=False)
    registry.register(scraper(settings))
    try:
        server, _ = start_http_server(settings.metrics_port, settings.metrics_address, registry)
    except OSError as error:
        raise OperatorError(
            f"{settings.metrics_address}:{settings.metrics_port} cannot be listened on ({error}): "
            "set TELEMETRY_METRICS_ADDRESS and TELEMETRY_METRICS_PORT"
        ) from error
    server.set_app(answering(make_wsgi_app(registry)))
    threading.Event().wait()
