"""Notes for ``status`` what tasks met, and that it is over; what they tell has no secrets in it."""

import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from contextvars import ContextVar

import redis
import structlog
from billiard.exceptions import SoftTimeLimitExceeded, TimeLimitExceeded, WorkerLostError
from kombu.exceptions import OperationalError

from telemetry_tasks.bootstrap import redis_state, services
from telemetry_tasks.errors import InfrastructureError, StaleEpoch, TelemetryError
from telemetry_tasks.formats.recent_failure import EXCEPTION, FAILED, GIVEN_BACK, TIME_LIMIT, RecentFailure
from telemetry_tasks.pipeline.epoch import EmptyState
from telemetry_tasks.pipeline.failures import board, note_failure, note_success
from telemetry_tasks.settings import hidden, settings

LONGEST = 300
"""Characters of a reason that are kept."""
WORK = ("partition", "batch", "job")
"""The names of what a task works on that have ids; the first one is the smallest."""

PASSING = (WorkerLostError, OperationalError, redis.ConnectionError, redis.TimeoutError, redis.ReadOnlyError)
"""What Celery raises if the broker is unreachable or a child is lost: it retries by itself."""

met: ContextVar[bool] = ContextVar("met", default=False)
"""Whether the running task noted a failure: then its success does not end it."""


def remember(task: str, error: BaseException | str, names: Mapping[str, str] | None = None) -> None:
    """Records a failure of a task. ``names`` says what it works on; by default those of its log lines.

    An empty or lost state is not recorded: the next ``discover`` restores it, or says why it cannot.
    """
    met.set(True)
    if isinstance(error, EmptyState | StaleEpoch):
        return
    failure = failure_of(task, error, structlog.contextvars.get_contextvars() if names is None else names)
    with suppress(TelemetryError):  # if the state itself is unreachable, status says so anyway
        note_failure(board(services(settings()).state), failure)


def remember_from_parent(task: str, error: BaseException, names: Mapping[str, str]) -> None:
    """The same in a worker's parent process, whose loop must not wait, and whose children inherit no connection."""
    failure = failure_of(task, error, names)

    def note() -> None:
        state = redis_state(settings())
        with suppress(TelemetryError):
            note_failure(board(state), failure)
        state.client.close()

    threading.Thread(target=note, name="failure", daemon=True).start()


def went_well(task: str, names: Mapping[str, str]) -> None:
    """Ends the failure with what the task worked on."""
    with suppress(TelemetryError):
        note_success(board(services(settings()).state), task, *_places(names))


def failure_of(task: str, error: BaseException | str, names: Mapping[str, str]) -> RecentFailure:
    """What is noted."""
    now = time.time()
    where, work = _places(names)
    return RecentFailure(task, where, work, kind_of(error), reason_of(error), now, now)


def kind_of(error: BaseException | str) -> str:
    """Of which kind of failure."""
    if isinstance(error, (str, InfrastructureError, *PASSING)):
        return GIVEN_BACK
    if isinstance(error, TelemetryError):
        return FAILED
    return TIME_LIMIT if isinstance(error, SoftTimeLimitExceeded | TimeLimitExceeded) else EXCEPTION


def reason_of(error: BaseException | str) -> str:
    """One short line without secrets; the type says what an exception is that nobody raises on purpose."""
    if isinstance(error, SoftTimeLimitExceeded):
        return f"it exceeded TELEMETRY_SOFT_TIME_LIMIT ({settings().soft_time_limit:g} s) and was stopped"
    if isinstance(error, TimeLimitExceeded):
        return f"it exceeded TELEMETRY_TIME_LIMIT ({settings().time_limit:g} s) and was killed"
    text = " ".join(str(error).split())
    if not isinstance(error, str | TelemetryError):
        text = f"{type(error).__name__}: {text}" if text else type(error).__name__
    text = hidden(text)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _places(names: Mapping[str, str]) -> tuple[str, str]:
    """The channel/version, and the id of the smallest work that is named."""
    work = [names[name] for name in WORK if names.get(name)]
    return names.get("channel_version", ""), work[0] if work else ""
