"""Steps that beat starts seldom and that did not finish: the sweep starts them again.

The state holds a note per step. Otherwise a publish whose chord was lost, or a checkpoint during an outage of the
store, would wait for beat: an hour, or a week.
"""

from telemetry_tasks.pipeline.publish.snapshot import publishing
from telemetry_tasks.pipeline.services import Services

PUBLISH = "publish"
CHECKPOINT = "checkpoint"


def want_again(services: Services, step: str) -> None:
    """The step is to be started again, unless ``ended`` is called first."""
    services.state.set_note(_note(step), b"")


def ended(services: Services, step: str) -> None:
    """The step came to its end, or somebody starts it again now."""
    if _is_wanted(services, step):
        services.state.drop_note(_note(step))


def steps_to_start(services: Services) -> list[str]:
    """The steps that did not end and that nobody is at."""
    steps = [CHECKPOINT] if _is_wanted(services, CHECKPOINT) else []
    if _is_wanted(services, PUBLISH) and publishing(services) is None:
        steps.append(PUBLISH)
    return steps


def _is_wanted(services: Services, step: str) -> bool:
    return services.state.note(_note(step)) is not None


def _note(step: str) -> str:
    return f"again:{step}"
