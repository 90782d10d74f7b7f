"""``snapshot.json``: which manifest each channel/version of a snapshot has. ``latest.json`` has the same bytes.

``{schema, stamp, token, versions: {channel/version: {manifest, files, records, as_of, inputs}}, usual?, implausible?,
documents: {name: digest}}``. Readers import this module: the standard library is all it needs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from telemetry_tasks.errors import DataError

SCHEMA = 2


@dataclass(frozen=True, slots=True)
class ShownVersion:
    """A channel/version of a snapshot.

    ``manifest`` is the name of its manifest, None if it has no data; ``files`` that of its file list. ``as_of`` has, by
    range of dates, the stamp of the first snapshot that showed the range as it is. ``inputs`` are for publishers: what
    it was made of.
    """

    manifest: str | None
    files: str
    records: int
    as_of: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    implausible: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What readers see at a time. ``token`` grows with each switch; ``documents`` are names of objects by file name."""

    stamp: str
    token: int = 0
    versions: Mapping[str, ShownVersion] = field(default_factory=dict)
    documents: Mapping[str, str] = field(default_factory=dict)
    usual: str | None = None
    implausible: Mapping[str, Any] = field(default_factory=dict)


def snapshot_value(snapshot: Snapshot) -> dict[str, Any]:
    """The snapshot as JSON."""
    return {
        "schema": SCHEMA,
        "stamp": snapshot.stamp,
        "token": snapshot.token,
        "versions": {name: _version_value(version) for name, version in snapshot.versions.items()},
        "documents": dict(snapshot.documents),
        **({"usual": snapshot.usual} if snapshot.usual else {}),
        **({"implausible": dict(snapshot.implausible)} if snapshot.implausible else {}),
    }


def _version_value(version: ShownVersion) -> dict[str, Any]:
    return {
        "manifest": version.manifest,
        "files": version.files,
        "records": version.records,
        "as_of": dict(version.as_of),
        "inputs": dict(version.inputs),
        **({"implausible": dict(version.implausible)} if version.implausible else {}),
    }


def read_snapshot(value: Any) -> Snapshot:
    """The snapshot of its JSON. Raises ``DataError`` ``bad-snapshot``."""
    try:
        if value["schema"] != SCHEMA:
            raise DataError("bad-snapshot", f"schema {value['schema']!r} is not known")
        versions = {
            name: ShownVersion(
                each["manifest"],
                each["files"],
                int(each["records"]),
                each["as_of"],
                each["inputs"],
                each.get("implausible", {}),
            )
            for name, each in value["versions"].items()
        }
        return Snapshot(
            str(value["stamp"]),
            int(value["token"]),
            versions,
            dict(value["documents"]),
            value.get("usual"),
            value.get("implausible", {}),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError("bad-snapshot", str(error)) from error
