"""``revisions.json``: the newest build of each measure. ``{MEASURE: {revision, buildId, length}}``.

``length`` counts buckets, sums and submissions.
"""

from collections.abc import Mapping
from typing import NamedTuple

from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.documents import Document, json_document, read_json
from telemetry_tasks.formats.layouts.contract import MeasureFacts

REVISIONS = "revisions.json"


class ShownBuild(NamedTuple):
    """The build whose definition of a measure is shown; ``length`` as in the document."""

    revision: str
    build_id: str
    length: int


def revisions_document(measures: Mapping[str, MeasureFacts]) -> Document:
    """The newest builds of a channel/version's measures."""
    return json_document(
        {
            measure: {"revision": facts.revision, "buildId": facts.build_id, "length": facts.length + 1}
            for measure, facts in measures.items()
        }
    )


def read_revisions(body: bytes) -> dict[str, ShownBuild]:
    """The newest build of each measure. Raises ``DataError`` ``bad-revisions``."""
    try:
        entries = read_json(body).items()
        return {name: ShownBuild(each["revision"], each["buildId"], each["length"]) for name, each in entries}
    except (KeyError, TypeError, AttributeError) as error:
        raise DataError("bad-revisions", str(error)) from error
