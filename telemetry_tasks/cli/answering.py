"""Asks the services that a command needs, before it begins: one that does not answer within seconds ends the command.

The work itself has the patience of workers, who wait minutes for a service that may come back. A person does not.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from telemetry_tasks.bootstrap import s3_options
from telemetry_tasks.errors import InfrastructureError, TelemetryError
from telemetry_tasks.settings import Settings
from telemetry_tasks.storage.open import open_object_store
from telemetry_tasks.storage.redis.client import short_timeout_client
from telemetry_tasks.storage.redis.errors import redacted, translated

SECONDS = 5.0
"""How long a service may take to answer; they are all asked at once."""

STATE, BROKER, INPUT, RESULTS, PUBLISHED = "state", "broker", "input", "results", "published"
STORES = (INPUT, RESULTS, PUBLISHED)


def require_answers(settings: Settings, *names: str) -> None:
    """Raises ``InfrastructureError``, which names each of these services that does not answer.

    What a service answers does not matter here: a refusal is met, and told, by the work itself.
    """
    silent = silent_services(settings, *names)
    if silent:
        raise InfrastructureError("; ".join(silent.values()))


def silent_services(settings: Settings, *names: str) -> dict[str, str]:
    """Those of these services that do not answer within ``SECONDS``, and what became of the question."""
    questions = {name: _questions(settings)[name] for name in names}
    outcomes: dict[str, str | None] = {}

    def ask(name: str) -> None:
        outcomes[name] = _outcome(questions[name])

    threads = [threading.Thread(target=ask, args=(name,), daemon=True) for name in names]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + SECONDS + 2.0  # clients give up by themselves, but for a name server that is silent
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    late = f"does not answer: nothing came within {SECONDS:g} s"
    found = {name: outcomes[name] if name in outcomes else f"{_place(settings, name)} {late}" for name in names}
    return {name: outcome for name, outcome in found.items() if outcome is not None}


def _outcome(question: Callable[[], object]) -> str | None:
    try:
        question()
    except InfrastructureError as error:
        return str(error)
    except TelemetryError:
        return None
    return None


def _questions(settings: Settings) -> Mapping[str, Callable[[], object]]:
    return {
        STATE: lambda: _ping(settings.state_address),
        BROKER: lambda: _ping(settings.broker_address),
        **{name: lambda name=name: _look(settings, _url(settings, name)) for name in STORES},  # type: ignore[misc]
    }


def _ping(url: str) -> None:
    with translated(redacted(url)), short_timeout_client(url, SECONDS) as client:
        client.ping()


def _look(settings: Settings, url: str) -> None:
    options = replace(s3_options(settings), max_attempts=1, connect_timeout=SECONDS, read_timeout=SECONDS)
    open_object_store(url, options).now()


def _url(settings: Settings, name: str) -> str:
    return str(getattr(settings, f"{name}_url"))


def _place(settings: Settings, name: str) -> str:
    if name in STORES:
        return f"{_url(settings, name)} at {settings.s3_endpoint_url or 'AWS'}"
    return f"Redis at {redacted(settings.state_address if name == STATE else settings.broker_address)}"
