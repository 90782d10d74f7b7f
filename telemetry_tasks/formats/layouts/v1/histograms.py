"""``histograms.json``: the definition of each measure at its newest build.

``{MEASURE: {kind, description, low, high, n_buckets | n_values, original_kind?, labels?}}``. Numbers are integers,
never expressions.
"""

from collections.abc import Mapping
from typing import Any

from telemetry_tasks.core.definitions import Definition
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.documents import Document, json_document, read_json
from telemetry_tasks.formats.layouts.contract import MeasureFacts

HISTOGRAMS = "histograms.json"


def histograms_document(measures: Mapping[str, MeasureFacts]) -> Document:
    """The definitions of a channel/version's measures."""
    return json_document({measure: facts.definition for measure, facts in measures.items()})


def read_histograms(body: bytes) -> dict[str, Any]:
    """The entry of each measure, for ``read_definition``. Raises ``DataError`` ``bad-histograms``."""
    value = read_json(body)
    if not isinstance(value, dict):
        raise DataError("bad-histograms", "it is not an object")
    return value


def definition_entry(definition: Definition) -> dict[str, Any]:
    """A definition as it is published.

    ``original_kind`` and ``labels`` are present only if the definition has them.
    """
    entry: dict[str, Any] = {
        "kind": definition.kind,
        "description": definition.description,
        "low": definition.low,
        "high": definition.high,
    }
    if definition.n_values is not None:
        entry["n_values"] = definition.n_values
    else:
        entry["n_buckets"] = definition.n_buckets
    if definition.original_kind is not None:
        entry["original_kind"] = definition.original_kind
    if definition.labels:
        entry["labels"] = list(definition.labels)
    return entry


def read_definition(entry: Any) -> Definition:
    """A published definition. Raises ``DataError`` ``bad-definition``."""
    try:
        numbers = {name: entry[name] for name in ("low", "high", "n_buckets", "n_values") if name in entry}
        if any(type(number) is not int for number in numbers.values()):
            raise DataError("bad-definition", "a number is missing or invalid")
        if type(entry["description"]) is not str:
            raise DataError("bad-definition", "the description is not text")
        return Definition(
            entry["kind"],
            entry["description"],
            **numbers,
            original_kind=entry.get("original_kind"),
            labels=tuple(entry.get("labels", ())),
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise DataError("bad-definition", str(error)) from error
