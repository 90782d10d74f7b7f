"""The state in a checkpoint: blocks and a manifest below ``state/``, in the folder of the checkpoint."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from telemetry_tasks.core.digests import digest_of
from telemetry_tasks.errors import DamagedObject, DataError, NotFound
from telemetry_tasks.formats.checkpoints import CHECKPOINTS
from telemetry_tasks.formats.documents import json_document, read_json
from telemetry_tasks.pipeline.parallel import in_parallel
from telemetry_tasks.pipeline.progress import counted
from telemetry_tasks.pipeline.publish.folders import put_document
from telemetry_tasks.storage.objects import ObjectStore
from telemetry_tasks.storage.state_values import Base, BuiltWith

SCHEMA = 1
MANIFEST = "state/manifest.json"


@dataclass(frozen=True, slots=True)
class SavedState:
    """The state of one channel/version.

    ``blocks`` are those of the base, ``measures`` the digests of its measures, ``built_with`` the settings with which
    it was read. ``forgotten`` are files that an operator removed before the checkpoint.
    """

    blocks: Mapping[str, bytes]
    measures: Mapping[str, str]
    built_with: BuiltWith
    forgotten: tuple[str, ...]


def folder(stamp: str) -> str:
    """The folder of a checkpoint, below the published prefix."""
    return f"{CHECKPOINTS}/{stamp}"


def block_key(stamp: str, channel_version: str, block: str) -> str:
    """The key of a block in a checkpoint."""
    return f"{folder(stamp)}/state/{channel_version}/{block}"


def manifest_entry(base: Base, built_with: BuiltWith, forgotten: Collection[str]) -> dict[str, Any]:
    """What the manifest says of one channel/version. Block and measure names have their digests."""
    return {
        "blocks": dict(base.blocks),
        "measures": dict(base.measures),
        "built_with": {"reading": built_with.reading, "limits": sorted(built_with.limits)},
        "forgotten": sorted(forgotten),
    }


def write_manifest(store: ObjectStore, stamp: str, versions: Mapping[str, Mapping[str, Any]]) -> None:
    """Writes the manifest, which makes the checkpoint complete. ``versions`` are entries by channel/version."""
    manifest = {"schema": SCHEMA, "versions": versions}
    put_document(store, f"{folder(stamp)}/{MANIFEST}", json_document(manifest))


def read_state(store: ObjectStore, stamp: str, transfers: int) -> dict[str, SavedState]:
    """The state in a checkpoint, by channel/version.

    Raises ``DataError`` ``bad-checkpoint`` if the manifest or a block is missing or damaged.
    """
    versions = _manifest(store, stamp)
    out = {}
    for name, entry in counted(versions.items(), len(versions), "channel/versions read back"):
        try:
            digests, measures, reading = entry["blocks"], entry["measures"], entry["built_with"]
            built_with = BuiltWith(reading["reading"], frozenset(reading["limits"]))
            names, forgotten = sorted(digests), tuple(entry["forgotten"])
        except (KeyError, TypeError) as error:
            raise DataError("bad-checkpoint", f"checkpoint {stamp}: malformed manifest of {name}") from error

        def load(block: str, name: str = name, digests: Mapping[str, str] = digests) -> bytes:
            return _block(store, stamp, name, block, digests[block])

        blocks = dict(zip(names, in_parallel(load, names, transfers), strict=True))
        out[name] = SavedState(blocks, measures, built_with, forgotten)
    return out


def _manifest(store: ObjectStore, stamp: str) -> dict[str, Any]:
    """The entries of the manifest, by channel/version. Raises ``DataError`` if it is missing or damaged."""
    try:
        manifest = read_json(store.get(f"{folder(stamp)}/{MANIFEST}").body)
    except NotFound as error:
        raise DataError("bad-checkpoint", f"checkpoint {stamp} has no manifest") from error
    except DamagedObject as error:
        raise DataError("bad-checkpoint", f"checkpoint {stamp}: {error}") from error
    schema = manifest.get("schema") if isinstance(manifest, dict) else None
    if schema != SCHEMA:
        raise DataError("bad-checkpoint", f"checkpoint {stamp}: unknown schema {schema!r}")
    versions = manifest.get("versions")
    if not isinstance(versions, dict):
        raise DataError("bad-checkpoint", f"checkpoint {stamp}: malformed manifest")
    return versions


def _block(store: ObjectStore, stamp: str, channel_version: str, block: str, digest: str) -> bytes:
    try:
        body = store.get(block_key(stamp, channel_version, block)).body
    except NotFound as error:
        raise DataError("bad-checkpoint", f"checkpoint {stamp}: {channel_version}/{block} is missing") from error
    except DamagedObject as error:
        raise DataError("bad-checkpoint", f"checkpoint {stamp}: {error}") from error
    if digest_of(body) != digest:
        raise DataError("bad-checkpoint", f"checkpoint {stamp}: {channel_version}/{block} is damaged")
    return body
