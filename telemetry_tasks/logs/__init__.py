"""Structured logging: human or JSON lines on standard error, with the ids of what is worked on in every line.

No line shows local variables or a secret (``secrets``), an exception takes few lines (``exceptions``), and what
repeats is said once in a while, with how often it happened (``repetition``).
"""

import logging
import sys
import threading
from collections.abc import Iterable
from types import TracebackType

import structlog

from telemetry_tasks.logs.exceptions import exception_text, short_texts
from telemetry_tasks.logs.repetition import OnceInAWhile, add_repetitions
from telemetry_tasks.logs.secrets import Hiding

LIBRARIES = ("botocore", "boto3", "urllib3", "s3transfer")
"""They log every request below WARNING."""


def configure_logging(form: str, level: str, secrets: Iterable[str] = ()) -> None:
    """Sends structlog's and the standard library's records the same way. ``form`` is human or json.

    ``secrets`` are the texts that no line may show. What nobody catches is logged, too.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=0)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(OnceInAWhile())
    hiding = Hiding(secrets)
    after: list[structlog.typing.Processor] = [
        add_repetitions,
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        exception_text,
        hiding.in_texts,
        short_texts,
        renderer,
        hiding,
    ]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=after))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for quiet in LIBRARIES:
        logging.getLogger(quiet).setLevel(logging.WARNING)
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_in_thread


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        logging.getLogger("telemetry_tasks").critical("the process ends by an error", exc_info=(kind, error, trace))


def _log_uncaught_in_thread(ended: threading.ExceptHookArgs) -> None:
    error = ended.exc_value or ended.exc_type()
    name = ended.thread.name if ended.thread else "?"
    log = logging.getLogger("telemetry_tasks")
    log.critical("the thread %s ends by an error", name, exc_info=(ended.exc_type, error, ended.exc_traceback))
