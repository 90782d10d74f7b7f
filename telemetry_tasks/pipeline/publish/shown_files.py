"""The ping files of a channel/version in a snapshot: those that count, and those that are missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from telemetry_tasks.errors import DataError
from telemetry_tasks.formats.published import read_json
from telemetry_tasks.formats.snapshot import VersionRef
from telemetry_tasks.pipeline.services import Services


@dataclass(frozen=True, slots=True)
class ShownFiles:
    """Keys of files that count; (key, reason) of those that are missing; what the page of health tells of them."""

    processed: Sequence[str]
    missing: Sequence[tuple[str, str]]
    health: Mapping[str, Any]

    @property
    def known(self) -> set[str]:
        """All of them."""
        return {*self.processed, *(key for key, _ in self.missing)}


def shown_files(services: Services, ref: VersionRef) -> ShownFiles:
    """The list that ``ref`` names. Raises ``DataError`` if it is damaged."""
    body = services.published.get(ref.files).body
    try:
        value = read_json(body)
        return ShownFiles(
            list(value["processed"]), [(key, reason) for key, reason in value["missing"]], value["health"]
        )
    except (DataError, KeyError, TypeError, ValueError) as error:
        raise DataError("bad-document", f"{ref.files} is not a list of files: {error}") from error
