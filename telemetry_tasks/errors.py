"""The errors of this package, sorted by who has to act.

``DataError``            the data is bad: count it by its reason and go on.
``InfrastructureError``  a service is away or slow: retry.
``OperatorError``        a person has to change something: say what, stop.

Anything else that is raised is a bug and should crash. Adapters translate the
exceptions of their libraries into these, with ``from``.
"""


class TelemetryError(Exception):
    """Base of all errors raised on purpose. ``str(error)`` is one clear line."""


class DataError(TelemetryError):
    """Input that cannot be used. ``reason`` is a short slug under which it is counted."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class InfrastructureError(TelemetryError):
    """A service did not answer as it should; trying again later may help."""


class DamagedObject(InfrastructureError):
    """A stored object was read whole and is not what the store says of it: on the way, or for good where it lies.

    Whoever can make the object anew, or do without it, should.
    """


class StaleEpoch(InfrastructureError):
    """Whoever asks acts in an epoch that is over, or in a state that is gone: to be tried again in the new one."""


class NotFound(TelemetryError):
    """The named object does not exist."""


class PreconditionFailed(TelemetryError):
    """A conditional write lost: the object exists already, or is not the expected one."""


class OperatorError(TelemetryError):
    """Only a person can mend this; the message says what to do."""


UNSOUND = (NotFound, DataError, DamagedObject)
"""What is met where something stored is gone, not what it must be, or not what its store says of it."""
