"""OpenTelemetry spans of partitions, from discovery to publication: off unless ``TELEMETRY_TRACES_URL`` is set.

A partition's id has 128 bits and is its trace's id, and the id of the root span is a digest of it. So spans of one
trace meet without anything in the messages, and a trace is found by the partition's id that log lines name.
"""

import hashlib
import os
import sys
import time
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from celery.signals import worker_init, worker_process_shutdown, worker_shutdown

from telemetry_tasks.errors import OperatorError
from telemetry_tasks.settings import settings

if TYPE_CHECKING:
    from opentelemetry.trace import SpanContext

ROOT = "discover"
"""The step whose span is the root of its trace; the spans of all others are its children."""

SERVICE = "telemetry-tasks"
SECONDS = 5.0
"""How long an export may take: a collector that is away must not hold up a worker that stops."""


def is_on() -> bool:
    """Whether spans are wanted."""
    return settings().traces_url is not None


def note_span(step: str, partitions: Iterable[str], began: float, **attributes: str | int) -> None:
    """One span, from ``began`` (seconds since 1970) to now, in the trace of each of these partitions."""
    url = settings().traces_url
    if url is not None:
        _tracer(os.getpid(), url).note(step, partitions, began, attributes)


class Tracer:
    """Sends spans in the background. Raises ``OperatorError`` if OpenTelemetry is not installed."""

    def __init__(self, url: str) -> None:
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
        except ImportError as error:
            raise OperatorError(
                f"TELEMETRY_TRACES_URL needs OpenTelemetry ({error}): pip install 'telemetry-tasks[tracing]'"
            ) from error
        self._resource = Resource.create({"service.name": SERVICE})
        self._processor = BatchSpanProcessor(OTLPSpanExporter(endpoint=url, timeout=SECONDS))

    def note(self, step: str, partitions: Iterable[str], began: float, attributes: dict[str, str | int]) -> None:
        """See ``note_span``."""
        from opentelemetry.sdk.trace import ReadableSpan
        from opentelemetry.trace import SpanKind

        ended = time.time_ns()
        for partition in partitions:
            root = _context(partition, _digest(partition))
            is_root = step == ROOT
            self._processor.on_end(
                ReadableSpan(
                    name=step,
                    context=root if is_root else _context(partition, int.from_bytes(os.urandom(8)) or 1),
                    parent=None if is_root else root,
                    resource=self._resource,
                    attributes={"partition": partition, **attributes},
                    kind=SpanKind.INTERNAL,
                    start_time=min(ended, int(began * 1e9)),
                    end_time=ended,
                )
            )

    def stop(self) -> None:
        """Sends what is left."""
        self._processor.shutdown()


@lru_cache(maxsize=1)
def _tracer(pid: int, url: str) -> Tracer:
    """Again in every process: threads do not outlive a fork."""
    return Tracer(url)


def _context(partition: str, span: int) -> "SpanContext":
    from opentelemetry.trace import SpanContext, TraceFlags

    return SpanContext(int(partition, 16), span, is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED))


def _digest(partition: str) -> int:
    return int.from_bytes(hashlib.sha256(partition.encode()).digest()[:8]) or 1


@worker_init.connect
def _check(**_: Any) -> None:
    """A worker that could not trace says why and exits; Celery logs what a handler raises and goes on."""
    if is_on():
        try:
            note_span(ROOT, (), 0.0)
        except OperatorError as error:
            sys.exit(str(error))


@worker_process_shutdown.connect
@worker_shutdown.connect
def _stop(**_: Any) -> None:
    url = settings().traces_url
    if url is not None:
        _tracer(os.getpid(), url).stop()
