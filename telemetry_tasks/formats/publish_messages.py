"""What the tasks of the publish chord return: ``{name, ref, parts}``, a channel/version and where it was written."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from telemetry_tasks.formats.layouts.contract import VersionRef


def refs_message(name: str, ref: VersionRef | None, parts: int = 1) -> dict[str, Any]:
    """What a task returns; ``parts`` if the channel/version is to be rendered in parts."""
    return {"name": name, "ref": None if ref is None else asdict(ref), "parts": parts}


def refs_of(messages: Sequence[dict[str, Any]]) -> dict[str, VersionRef]:
    """The references that the tasks of a chord returned."""
    return {m["name"]: VersionRef(**m["ref"]) for m in messages if m["ref"] is not None}


def in_parts(messages: Sequence[dict[str, Any]]) -> dict[str, int]:
    """The channel/versions that are rendered in parts, of those that the tasks of a chord returned; how many parts."""
    return {m["name"]: m["parts"] for m in messages if m.get("parts", 1) > 1}
