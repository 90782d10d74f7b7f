"""Maps the keys of a folder store to files.

``<root>/a/b``                         the body of key ``a/b``
``<root>/.objects/bodies/<hash>``      a body whose key cannot be a path: with an empty part, ``.``, ``..``, a part
                                       that starts with a dot or is too long, or ``a`` beside ``a/b``
``<root>/.objects/sidecars/<hash>.<mtime>-<size>``   headers and metadata of the body with that time and size
``<root>/.objects/scratch``            files being written
``<root>/.objects/lock``               held by the one writer

``<hash>`` is the SHA-256 of the key. A sidecar is written before its body is renamed into place, and belongs to
that body alone: so body and headers change in one step. Files whose names start with a dot are not objects.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import takewhile
from pathlib import Path

from telemetry_tasks.errors import OperatorError
from telemetry_tasks.storage.local.files import rename_durably, write_durably
from telemetry_tasks.storage.local.sidecar import Sidecar, identity_of

_LONGEST_PART = 255  # bytes, of a file name


class FolderLayout:
    """Paths and files below ``root``. Raises ``OSError``; only ``replace`` and ``remove`` write."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._own = root / ".objects"
        self._bodies = self._own / "bodies"
        self._sidecars = self._own / "sidecars"

    def scratch(self) -> Path:
        return _made(self._own / "scratch")

    def lock_file(self) -> Path:
        return _made(self._own) / "lock"

    def path_of(self, key: str) -> Path | None:
        """The path of the body of ``key``; None if there is none."""
        other = self._bodies / _hash(key)
        if other.is_file():
            return other
        path = self._root / key
        return path if _can_be_path(key) and path.is_file() else None

    def sidecar(self, key: str, identity: str) -> Sidecar | None:
        """The sidecar of the body with this identity."""
        try:
            return Sidecar.decoded((self._sidecars / f"{_hash(key)}.{identity}").read_bytes())
        except FileNotFoundError:
            return None

    def replace(self, key: str, new: Path, sidecar: Sidecar) -> None:
        """Makes the file ``new`` the body of ``key``. Call it under the lock."""
        target = self.path_of(key) or self._new_path(key)
        while self.sidecar(key, identity_of(new.stat())):  # same size, and the clock of the disk has not advanced
            os.utime(new)
        identity = identity_of(new.stat())
        with write_durably(self.scratch(), sidecar.encoded()) as file:
            rename_durably(file, _made(self._sidecars) / f"{_hash(key)}.{identity}")
        old = identity_of(target.stat()) if target.exists() else None
        rename_durably(new, target)
        if old is not None:
            (self._sidecars / f"{_hash(key)}.{old}").unlink(missing_ok=True)

    def remove(self, key: str) -> None:
        """Removes the body of ``key``, if any, its sidecar, and folders left empty. Call it under the lock."""
        path = self.path_of(key)
        if path is None:
            return
        identity = identity_of(path.stat())
        path.unlink()
        (self._sidecars / f"{_hash(key)}.{identity}").unlink(missing_ok=True)
        with suppress(OSError):  # stops at the first folder that is not empty
            for folder in takewhile(lambda parent: parent != self._root, path.parents):
                folder.rmdir()

    def keys_in_order(self, prefix: str, start_after: str) -> Iterator[str]:
        """The keys that are paths, in the order of their bytes."""
        yield from self._walk(self._root, "", prefix, start_after)

    def other_keys(self, prefix: str, start_after: str) -> list[str]:
        """The keys that are not paths, in the order of their bytes."""
        if not self._bodies.is_dir():
            return []
        found = [self._key_of_body(path) for path in self._bodies.iterdir()]
        keys = [key for key in found if key and key.startswith(prefix) and key > start_after]
        return sorted(keys, key=str.encode)

    def _key_of_body(self, path: Path) -> str | None:
        try:
            identity = identity_of(path.stat())
            return Sidecar.decoded((self._sidecars / f"{path.name}.{identity}").read_bytes()).key
        except FileNotFoundError:  # replaced or removed just now
            return None

    def _walk(self, folder: Path, inside: str, prefix: str, start_after: str) -> Iterator[str]:
        try:
            entries = [entry for entry in os.scandir(folder) if not entry.name.startswith(".")]
        except FileNotFoundError:  # removed meanwhile
            return
        # a folder sorts as the prefix of its keys, "a/", which is after "a-b"
        named = [(inside + entry.name + "/" * entry.is_dir(), entry) for entry in entries]
        for key, entry in sorted(named, key=lambda pair: os.fsencode(pair[0])):
            if entry.is_dir():
                over = key.startswith(prefix) or prefix.startswith(key)
                if over and (key > start_after or start_after.startswith(key)):
                    yield from self._walk(Path(entry.path), key, prefix, start_after)
            elif key.startswith(prefix) and key > start_after and entry.is_file():
                yield _as_key(key, entry.path)

    def _new_path(self, key: str) -> Path:
        path = self._root / key
        if not _can_be_path(key) or path.is_dir():
            return _made(self._bodies) / _hash(key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):  # ``a`` is an object already
            return _made(self._bodies) / _hash(key)
        return path


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _can_be_path(key: str) -> bool:
    parts = key.split("/")
    return "\0" not in key and all(
        part and not part.startswith(".") and len(part.encode()) <= _LONGEST_PART for part in parts
    )


def _as_key(name: str, path: str) -> str:
    if any("\ud800" <= char <= "\udfff" for char in name):  # how Python represents bytes that are not UTF-8
        raise OperatorError(f"the name of the file {path!r} is not UTF-8 and cannot be a key: rename it")
    return name


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
