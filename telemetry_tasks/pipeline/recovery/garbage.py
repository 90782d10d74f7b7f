"""Removes what is no longer needed: old snapshots and checkpoints, slices of batches that were merged or lost.

Never removes objects that are not below a stamp, that an index names, that are younger than the grace time by the
store's clock, or that belong to the newest two snapshots. Keeps what is later than the published snapshot or the newest
listed checkpoint: a slow writer may still publish it, but nothing older (see ``publish.finish_publish`` and
``checkpoint._list``). Keeps partial results, which make reprocessing cheap; a lifecycle rule of the bucket may remove
them.
"""

import contextlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from telemetry_tasks.errors import DataError, NotFound, PreconditionFailed
from telemetry_tasks.failpoints import failpoint
from telemetry_tasks.formats.checkpoints import CHECKPOINT_LIST, CHECKPOINTS, list_document, read_list
from telemetry_tasks.formats.layouts.contract import SnapshotIndex
from telemetry_tasks.formats.layouts.v1.index import INDEX, read_index
from telemetry_tasks.formats.layouts.v1.latest import LATEST
from telemetry_tasks.formats.layouts.v1.manifest import MANIFEST
from telemetry_tasks.formats.layouts.v1.names import CURRENT, snapshot_folder, stamp_of
from telemetry_tasks.formats.layouts.v1.versions import VERSIONS, read_paths
from telemetry_tasks.formats.stamps import is_stamp
from telemetry_tasks.pipeline.publish.current import load_current
from telemetry_tasks.pipeline.publish.folders import put_document
from telemetry_tasks.pipeline.recovery.checkpoint import list_checkpoints
from telemetry_tasks.pipeline.results import MERGED_SLICES
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.storage.objects import Matches, ObjectInfo

KEPT_SNAPSHOTS = 2


@dataclass(frozen=True, slots=True)
class Collected:
    """How many objects of what were removed."""

    snapshots: int
    checkpoints: int
    merged_slices: int


def collect_garbage(services: Services, now: datetime) -> Collected:
    """Removes garbage. ``now`` is by the clock of the published store."""
    failpoint("garbage.before")
    old = now - timedelta(seconds=services.options.grace_time)
    checkpoints = _checkpoints(services, old)
    return Collected(_snapshots(services, old), checkpoints, _merged_slices(services, old))


def _merged_slices(services: Services, old: datetime) -> int:
    keys = [info.key for info in services.results.list(f"{MERGED_SLICES}/") if info.modified < old]
    services.results.delete(keys)
    return len(keys)


def _snapshots(services: Services, old: datetime) -> int:
    shown = load_current(services.published).index
    by_stamp: dict[str, list[ObjectInfo]] = defaultdict(list)
    for info in services.published.list(f"{CURRENT}/"):
        stamp = stamp_of(info.key)
        if is_stamp(stamp) and stamp < shown.stamp:
            by_stamp[stamp].append(info)
    indices = {stamp: index for stamp in by_stamp if (index := _index(services, stamp)) is not None}
    switched = services.published.head(LATEST)
    superseded = _superseded(by_stamp, old, shown.stamp, switched is not None and switched.modified < old)
    abandoned = {stamp for stamp in by_stamp if stamp not in indices and _all_before(by_stamp[stamp], old)}
    needed = _needed(services, shown, indices, superseded)
    doomed = [
        info.key for stamp in superseded | abandoned for info in by_stamp[stamp] if not _is_needed(info.key, needed)
    ]
    _delete(services, doomed)
    return len(doomed)


def _all_before(infos: Iterable[ObjectInfo], moment: datetime) -> bool:
    return all(info.modified < moment for info in infos)


def _needed(
    services: Services, shown: SnapshotIndex, indices: Mapping[str, SnapshotIndex], superseded: set[str]
) -> set[str]:
    """Prefixes that are named by what readers may hold: the index shown, the snapshots before it, recent ones."""
    newest = sorted(indices)[-(KEPT_SNAPSHOTS - 1) :]
    keep = {stamp for stamp in indices if stamp not in superseded} | set(newest)
    needed: set[str] = set()
    for stamp in keep:
        needed |= {f"{snapshot_folder(stamp)}/"} | _named(indices.get(stamp, SnapshotIndex(stamp)))
    with contextlib.suppress(NotFound):
        needed |= {f"{path}/" for path in read_paths(services.published.get(VERSIONS).body).values()}
    return needed | _named(shown)


def _superseded(by_stamp: dict[str, list[ObjectInfo]], old: datetime, shown: str, shown_long: bool) -> set[str]:
    """Snapshots in whose place a newer one has been for longer than the grace time.

    ``shown_long`` says whether the one shown, which is later than them all, was switched to before that.
    """
    written = {
        stamp: next((info.modified for info in infos if info.key.endswith(f"/{stamp}/{INDEX}")), None)
        for stamp, infos in by_stamp.items()
    }
    replaced = {stamp for stamp, moment in written.items() if moment is not None and moment < old}
    newest = max(replaced | ({shown} if shown_long else set()), default="")
    return {stamp for stamp, infos in by_stamp.items() if stamp < newest and _all_before(infos, old)}


def _named(index: SnapshotIndex) -> set[str]:
    out = set()
    for ref in index.versions.values():
        out.add(ref.files)
        if ref.path is not None:
            out.add(f"{ref.path}/")
    return out


def _index(services: Services, stamp: str) -> SnapshotIndex | None:
    try:
        return read_index(services.published.get(f"{snapshot_folder(stamp)}/{INDEX}").body)
    except (NotFound, DataError):
        return None


def _is_needed(key: str, needed: Iterable[str]) -> bool:
    return any(key == prefix or (prefix.endswith("/") and key.startswith(prefix)) for prefix in needed)


def _delete(services: Services, keys: list[str]) -> None:
    """Manifests and indices first, so that what is half deleted does not look whole."""
    heads = [key for key in keys if key.endswith((f"/{MANIFEST}", f"/{INDEX}"))]
    failpoint("garbage.before-heads")
    services.published.delete(heads)
    failpoint("garbage.after-heads")
    services.published.delete(sorted(set(keys) - set(heads)))
    failpoint("garbage.after-delete")


def _checkpoints(services: Services, old: datetime) -> int:
    """Unlists all but the newest ones, then removes what is not listed and old."""
    names = list_checkpoints(services.published)
    keep = set(names[-services.options.keep_checkpoints :])
    if len(names) > len(keep):
        found = services.published.get(CHECKPOINT_LIST)
        left = set(read_list(found.body)) - (set(names) - keep)
        try:
            put_document(services.published, CHECKPOINT_LIST, list_document(left), only_if=Matches(found.etag))
        except PreconditionFailed:
            return 0
    failpoint("garbage.after-unlist")
    listed = list_checkpoints(services.published)
    by_stamp: dict[str, list[ObjectInfo]] = defaultdict(list)
    for info in services.published.list(f"{CHECKPOINTS}/"):
        by_stamp[stamp_of(info.key)].append(info)
    unlisted = {
        stamp for stamp in by_stamp if is_stamp(stamp) and stamp not in listed and stamp < max(listed, default="")
    }
    doomed = [info.key for stamp in unlisted if _all_before(by_stamp[stamp], old) for info in by_stamp[stamp]]
    _delete(services, doomed)
    return len(doomed)
