"""The errors of this package, sorted by who has to act.

``DataError``            the data is bad: count it by its reason and go on.
``InfrastructureError``  a service is unavailable or slow: retry.
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
    """A service failed or did not answer; a retry may help."""


class DamagedObject(InfrastructureError):
    """A stored object was read whole but fails its checksum: damaged in transit, or in the store.

    A caller that can make the object again, or do without it, should do so.
    """


class StaleEpoch(InfrastructureError):
    """The request is from an epoch that is over, or for a state that is lost: retry in the new epoch."""


class NotFound(TelemetryError):
    """The named object does not exist."""


class PreconditionFailed(TelemetryError):
    """A conditional write lost: the object exists already, or is not the expected one."""


class OperatorError(TelemetryError):
    """Only a person can fix this; the message says what to do."""


UNREADABLE = (NotFound, DataError, DamagedObject)
"""The errors of a stored object that is gone, invalid or damaged."""
