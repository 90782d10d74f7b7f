"""Whether the state was added up with the settings of pings that this process has."""

from collections.abc import Iterator

from telemetry_tasks.cli.checks.check import OK, WRONG, Check, guarded
from telemetry_tasks.cli.command_services import short_timeout_services
from telemetry_tasks.errors import InfrastructureError
from telemetry_tasks.pipeline.epoch import channel_states
from telemetry_tasks.pipeline.other_settings import other_settings, remedy
from telemetry_tasks.settings import Settings


def check_added_up(settings: Settings) -> Iterator[Check]:
    """One line for each channel/version that other dimensions, formats or fallback revisions were counted with."""

    def look() -> Iterator[Check]:
        services = short_timeout_services(settings)
        try:
            states = channel_states(services)
            changed = {each.name: what for each in states if (what := other_settings(services, each)) is not None}
        except InfrastructureError:  # a Redis that is away or empty: the checks of Redis say so
            return
        for name, what in changed.items():
            yield Check("State", WRONG, f"{name} was added up before settings changed: {what}", remedy(name))
        if not changed:
            yield Check("State", OK, "added up with these dimensions, ping format and fallback revision")

    yield from guarded("State", look)
