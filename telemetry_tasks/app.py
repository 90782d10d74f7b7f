"""The Celery application: ``celery -A telemetry_tasks.app worker``. Importing it connects nothing."""

import os
import signal
import sys
import warnings

# numpy's linear algebra is not used: its threads would only spin. Must be set before numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import billiard.pool
from celery import Celery
from celery.exceptions import SecurityWarning
from celery.signals import setup_logging, worker_init, worker_process_init, worker_ready

from telemetry_tasks.celery_guards.forked_sockets import give_up_connections
from telemetry_tasks.celery_guards.redelivery import Renewal
from telemetry_tasks.celery_guards.shutdown import guard_signals
from telemetry_tasks.errors import TelemetryError
from telemetry_tasks.heartbeat.worker import Heartbeat
from telemetry_tasks.logs import configure_logging
from telemetry_tasks.settings import secret_values, settings

# A child that is asked to stop may wait 32 s for a message that does not come (billiard, 300 tries of 0.1 s).
billiard.pool.GUARANTEE_MESSAGE_CONSUMPTION_RETRY_LIMIT = 10

# Each worker would warn in seven lines that it runs as root, before any other line: `doctor` says it once.
warnings.filterwarnings("ignore", category=SecurityWarning)

_loaded_by = os.getpid()

app = Celery("telemetry_tasks")
app.config_from_object("celeryconfig")
app.steps["consumer"].add(Heartbeat)
app.steps["consumer"].add(Renewal)
app.conf.worker_consumer = "telemetry_tasks.celery_guards.messages:CountingConsumer"
# of a task whose child was killed; Celery's own three minutes are longer than every lease
app.Task.default_retry_delay = 1
app.Task.throws = (TelemetryError,)  # each says in one line what is wrong: a traceback would bury it


@setup_logging.connect
def _set_up_logging(**_: object) -> None:
    configure_logging(settings().log_format, settings().log_level, secret_values(settings()))


@worker_process_init.connect
def give_up(**_: object) -> None:
    """What a child inherits from a parent that is connected to the broker is not its own.

    A pool without children sends the signal in the worker's own process: its connections stay.
    """
    if os.getpid() != _loaded_by:
        give_up_connections()


@worker_init.connect
def _check_services(**_: object) -> None:
    """A worker that could not work says why and exits, before it takes a message.

    Celery logs what a handler raises and goes on; only ``SystemExit`` ends the worker.
    """
    from telemetry_tasks.preflight import wait_for_state_server

    try:
        wait_for_state_server(settings())
    except TelemetryError as error:
        sys.exit(str(error))


@worker_ready.connect
def _stop_between_messages(**_: object) -> None:
    """Celery's handlers are in place only now; SIGTERM is one of them if ``REMAP_SIGTERM`` makes it cold."""
    guard_signals(signal.SIGQUIT, signal.SIGTERM)
