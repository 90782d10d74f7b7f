"""Files that exist completely or not at all, even after a power failure."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def write_durably(scratch: Path, body: bytes) -> Iterator[Path]:
    """A new file with ``body``, synced to disk, in the folder ``scratch``; removed at the end unless it was renamed."""
    descriptor, name = tempfile.mkstemp(dir=scratch)
    path = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(body)
            file.flush()
            os.fchmod(descriptor, 0o644)
            os.fsync(descriptor)
        yield path
    finally:
        path.unlink(missing_ok=True)


def rename_durably(source: Path, target: Path) -> None:
    """Replaces ``target`` by ``source`` in one step."""
    source.replace(target)
    descriptor = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
