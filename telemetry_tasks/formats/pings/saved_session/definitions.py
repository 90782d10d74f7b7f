"""``Histograms.json``, in which an application defines its histograms.

Files of 2013 (numbers as strings, expressions) and newer ones (kinds ``count`` and ``categorical``,
``bug_numbers``, ``alert_emails`` and more) are read alike; members that do not describe buckets are ignored.
"""

from collections.abc import Callable, Mapping

import orjson

from telemetry_tasks.core.definitions import Definition, enumerated, three_buckets
from telemetry_tasks.core.digests import digest_of
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.pings.contract import DefinitionFile
from telemetry_tasks.formats.pings.saved_session.expressions import CONSTANTS, number

MIN_CATEGORICAL_VALUES = 50
"""Clients give a categorical histogram at least this many values, so that new labels do not change its length."""

_Entry = Mapping[str, object]
_Reader = Callable[[_Entry, str, Mapping[str, int]], Definition]


def parse_definitions(body: bytes, constants: Mapping[str, int] = CONSTANTS) -> DefinitionFile:
    """Reads a ``Histograms.json``. ``constants`` are the values of names that expressions may use.

    An invalid definition is skipped; the others are used. Raises ``DataError`` if the file is not
    JSON or not an object.
    """
    try:
        entries = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        what = "it is an HTML or XML page" if body.lstrip()[:1] == b"<" else str(error)
        raise DataError("definitions-not-json", what) from error
    if not isinstance(entries, dict):
        raise DataError("definitions-not-an-object")
    definitions: dict[str, Definition] = {}
    left_out: dict[str, str] = {}
    for name, entry in entries.items():
        try:
            definitions[name] = _definition(entry, constants)
        except ValueError as error:
            left_out[name] = str(error)
    return DefinitionFile(definitions, left_out, digest_of(body))


def _definition(entry: object, constants: Mapping[str, int]) -> Definition:
    if not isinstance(entry, dict):
        raise ValueError("it is not an object")
    kind, description = entry.get("kind"), entry.get("description")
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        raise ValueError(f"kind {kind!r:.60} is not known")
    return reader(entry, description if isinstance(description, str) else "", constants)


def _boolean(_entry: _Entry, description: str, _constants: Mapping[str, int]) -> Definition:
    return three_buckets("boolean", description)


def _flag(_entry: _Entry, description: str, _constants: Mapping[str, int]) -> Definition:
    return three_buckets("flag", description)


def _enumerated(entry: _Entry, description: str, constants: Mapping[str, int]) -> Definition:
    n_values = _member(entry, "n_values", constants)
    if n_values < 1:
        raise ValueError(f"n_values is {n_values}")
    return enumerated(n_values, description)


def _categorical(entry: _Entry, description: str, constants: Mapping[str, int]) -> Definition:
    labels = entry.get("labels")
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise ValueError("labels is not a list of strings")
    n_values = max(len(labels), _member(entry, "n_values", constants, 0), MIN_CATEGORICAL_VALUES)
    return enumerated(n_values, description, original_kind="categorical", labels=tuple(labels))


def _count(_entry: _Entry, description: str, _constants: Mapping[str, int]) -> Definition:
    """Clients send a count as three linear buckets; the first holds the number."""
    return Definition("linear", description, 1, 2, n_buckets=3, original_kind="count")


def _linear(entry: _Entry, description: str, constants: Mapping[str, int]) -> Definition:
    return _ranged("linear", entry, description, constants)


def _exponential(entry: _Entry, description: str, constants: Mapping[str, int]) -> Definition:
    return _ranged("exponential", entry, description, constants)


def _ranged(kind: str, entry: _Entry, description: str, constants: Mapping[str, int]) -> Definition:
    # clients treat a low of 0 as 1: bucket 0 is the one below low
    low = max(1, _member(entry, "low", constants, 1))
    high = _member(entry, "high", constants)
    return Definition(kind, description, low, high, n_buckets=_member(entry, "n_buckets", constants))


def _member(entry: _Entry, name: str, constants: Mapping[str, int], default: int | None = None) -> int:
    value = entry.get(name, default)
    if value is None:
        raise ValueError(f"{name} is missing")
    try:
        return number(value, constants)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


_READERS: Mapping[str, _Reader] = {
    "boolean": _boolean,
    "flag": _flag,
    "enumerated": _enumerated,
    "categorical": _categorical,
    "count": _count,
    "linear": _linear,
    "exponential": _exponential,
}
