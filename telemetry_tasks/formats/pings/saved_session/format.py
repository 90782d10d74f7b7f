"""The saved-session ping of 2013: ``{info: {…}, histograms: {NAME: […]}, simpleMeasurements: {…}}``.

Source of the rules: docs/semantics.md.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from telemetry_tasks.core.rows import Row
from telemetry_tasks.errors import DataError, OperatorError
from telemetry_tasks.formats.pings.arrays.format import ArrayPings
from telemetry_tasks.formats.pings.contract import DefinitionFile
from telemetry_tasks.formats.pings.names import option
from telemetry_tasks.formats.pings.saved_session.definitions import parse_definitions
from telemetry_tasks.formats.pings.saved_session.keys import KEY_PATTERN, PingKey, parse_key

Info = Mapping[str, object]
LINUX_VERSION_LENGTH = 3
"""``3.11.0-12-generic`` → ``3.1``, as the published data always had."""

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def _text(info: Info, field: str) -> str:
    value = info.get(field)
    if not isinstance(value, str):
        raise DataError(f"{field}-no-string")
    return value


def _number_text(value: object) -> str | None:
    if type(value) is int:
        return repr(value)
    if type(value) is float:
        return f"{value:.9f}".rstrip("0").rstrip(".")
    return value if isinstance(value, str) else None


def _os_version(info: Info) -> str:
    version = _number_text(info.get("version"))
    if version is None:
        raise DataError("version-no-string-or-number")
    return version[:LINUX_VERSION_LENGTH] if info.get("OS") == "Linux" else version


DIMENSIONS: dict[str, Callable[[PingKey, Info], str]] = {
    "reason": lambda key, info: key.reason,
    "appName": lambda key, info: key.application,
    "OS": lambda key, info: _text(info, "OS"),
    "osVersion": lambda key, info: _os_version(info),
    "arch": lambda key, info: _text(info, "arch"),
}
"""The known dimensions. ``NAME=info.FIELD`` in the settings adds one from any member of ``info``."""


def _further(spec: str) -> tuple[str, Callable[[PingKey, Info], str]]:
    name, _, source = spec.partition("=")
    if not name or not source.startswith("info.") or len(source) == len("info."):
        known = ", ".join(DIMENSIONS)
        raise OperatorError(f"dimension {spec!r} is not known; use one of {known}, or NAME=info.FIELD")
    field = source.removeprefix("info.")
    return name, lambda key, info: _number_text(info.get(field)) or "(none)"


class SavedSession(ArrayPings):
    """Reads saved-session pings. ``dimensions`` gives the names in the order of the filter tree."""

    name = "saved-session"
    version = 1
    key_pattern = KEY_PATTERN
    info = "info"
    histograms = "histograms"
    measurements = "simpleMeasurements"

    def __init__(self, dimensions: Sequence[str], fallback_revision: str) -> None:
        pairs = [(d, DIMENSIONS[d]) if d in DIMENSIONS else _further(d) for d in dimensions]
        self.dimensions = tuple(name for name, _ in pairs)
        self._of = tuple(of for _, of in pairs)
        further = [d.partition("=")[2].removeprefix("info.") for d in dimensions if d not in DIMENSIONS]
        self.info_fields = tuple(dict.fromkeys(("OS", "arch", "version", "revision", *further)))
        self._fallback_revision = fallback_revision
        if not pairs or len(set(self.dimensions)) != len(pairs):
            raise OperatorError("dimensions must be named, each once")

    def key(self, key: str) -> PingKey:
        """See ``PingFormat``."""
        return parse_key(key)

    def definitions(self, body: bytes, constants: Mapping[str, int]) -> DefinitionFile:
        """See ``PingFormat``: a ``Histograms.json``."""
        return parse_definitions(body, constants)

    def row(self, key: PingKey, info: Info) -> Row:
        """See ``ArrayPings``. A line whose ``info`` lacks OS, arch or version is bad, whatever the dimensions."""
        _text(info, "OS"), _text(info, "arch"), _os_version(info)
        revision = info.get("revision", self._fallback_revision)
        if not isinstance(revision, str):
            raise DataError("revision-no-string")
        return Row(
            build_date=key.build_date,
            submission_date=key.submission_date,
            build_id=key.build_id,
            revision=_UNPRINTABLE.sub("", revision),
            dimensions=tuple(option(of(key, info)) for of in self._of),
        )
