"""Stamps: names of snapshots and checkpoints, from the store's clock, each claimed by one writer."""

import secrets
from collections.abc import Callable
from datetime import timedelta

from telemetry_tasks.errors import DataError, PreconditionFailed
from telemetry_tasks.formats.published import parse_stamp, stamp
from telemetry_tasks.storage.objects import ObjectStore

TRIES = 100


def claim(store: ObjectStore, folder: str) -> bool:
    """Claims the folder for the caller. False if another writer has it, which may be running or dead.

    No two claims have the same bytes, so that the bytes tell whose write won.
    """
    body = secrets.token_hex(16).encode()
    try:
        store.put(f"{folder}/_claim", body, content_type="text/plain", if_none_match=True)
    except PreconditionFailed:
        return False
    return True


def stamp_of(key: str) -> str:
    """The stamp of the snapshot or checkpoint that a key is in: ``current/<stamp>/…``, ``check-points/<stamp>/…``."""
    return key.split("/")[1]


def claim_stamp(store: ObjectStore, folder_of: Callable[[str], str], after: str) -> str:
    """A stamp later than ``after`` ("" for none) whose folder nobody else has. Raises ``DataError``."""
    moment = store.now()
    if after:
        moment = max(moment, parse_stamp(after) + timedelta(seconds=1))
    for _ in range(TRIES):
        if claim(store, folder_of(stamp(moment))):
            return stamp(moment)
        moment += timedelta(seconds=1)
    raise DataError("no-stamp", f"{TRIES} stamps from {stamp(moment)} back are taken: is a clock wrong?")
