"""What a look at one thing gave."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from telemetry_tasks.errors import TelemetryError
from telemetry_tasks.pipeline.parallel import in_parallel

OK, NOTE, WRONG = "ok", "note", "wrong"
MOST_TOGETHER = 8


@dataclass(frozen=True, slots=True)
class Check:
    """``outcome`` is ok, note (works, but could be better) or wrong; ``remedy`` says what to do, or is empty."""

    subject: str
    outcome: str
    detail: str
    remedy: str = ""


def guarded(subject: str, look: Callable[[], Iterator[Check]]) -> Iterator[Check]:
    """What ``look`` gives; an error that it raises on purpose becomes a check that is wrong."""
    try:
        yield from look()
    except TelemetryError as error:
        # messages are "what is wrong: what to do", or say it in their own words
        yield Check(subject, WRONG, str(error))


def together(looks: Iterable[Callable[[], Iterator[Check]]]) -> Iterator[Check]:
    """What all of them give, in their order, looked at side by side: what does not answer takes its time only once."""
    for checks in in_parallel(lambda look: list(look()), looks, MOST_TOGETHER):
        yield from checks
