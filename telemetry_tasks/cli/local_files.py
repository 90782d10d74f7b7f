"""Ping files on this machine, and the keys that they have by their place."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from telemetry_tasks.errors import DataError, OperatorError
from telemetry_tasks.formats.pings.contract import PingFormat

PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A ping file; ``size`` in bytes, 0 if it cannot be read."""

    key: str
    path: Path
    size: int

    def chunks(self) -> Iterator[bytes]:
        """Its bytes, piece by piece. Raises ``DataError`` if it cannot be read."""
        try:
            with self.path.open("rb") as file:
                while piece := file.read(PIECE):
                    yield piece
        except FileNotFoundError as error:
            raise DataError("not-found", f"{self.path}: there is no such file") from error
        except OSError as error:
            raise DataError("unreadable", f"{self.path}: {error.strerror}") from error


@dataclass(frozen=True, slots=True)
class Found:
    """Files by key, sorted; ``passed_over`` are files in folders whose path is not a ping file key."""

    files: tuple[LocalFile, ...]
    passed_over: tuple[str, ...]


def find_ping_files(paths: Iterable[Path], root: Path | None, form: PingFormat, lead: str = "") -> Found:
    """The files named, and those in the folders named.

    Files in folders are passed over unless ``lead`` and the path below the root are a key of the format. Raises
    ``OperatorError`` if a file is not below the root, if two have the same key, or if a named file does not exist and
    its path is not a ping file key either.
    """
    files: dict[str, LocalFile] = {}
    passed_over: list[str] = []
    for path, named in _walk(paths):
        file = LocalFile(key_of(path, root, form), path, path.stat().st_size if path.is_file() else 0)
        if named and not path.exists() and not _is_key(lead + file.key, form):
            raise OperatorError(f"{path}: there is no such file or folder")
        if named and not _is_text(file.key):
            raise OperatorError(f"{_shown(path)}: the name is not UTF-8, so that no object can have it")
        if not named and not _is_key(lead + file.key, form):
            passed_over.append(_shown(path))
            continue
        other = files.setdefault(file.key, file)
        if other.path.absolute() != path.absolute():
            raise OperatorError(f"{other.path} and {path} have the same key, {file.key}: say the root with --root")
    return Found(tuple(files[key] for key in sorted(files)), tuple(passed_over))


def key_of(path: Path, root: Path | None, form: PingFormat) -> str:
    """The path below the root; without a root, as many of its last parts as keys of the format have.

    Raises ``OperatorError`` if it is not below the root.
    """
    absolute = Path(os.path.abspath(path))
    if root is None:
        return "/".join(absolute.parts[1:][-len(form.key_pattern.split("/")) :])
    try:
        return absolute.relative_to(os.path.abspath(root)).as_posix()
    except ValueError as error:
        raise OperatorError(f"{path} is not below --root {root}") from error


def _walk(paths: Iterable[Path]) -> Iterator[tuple[Path, bool]]:
    """(file, whether it was named itself); skips hidden files in folders."""
    for path in paths:
        if not path.is_dir():
            yield path, True
            continue
        for folder, folders, names in os.walk(path, onerror=_refuse):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            yield from ((Path(folder, name), False) for name in sorted(names) if not name.startswith("."))


def _refuse(error: OSError) -> None:
    raise OperatorError(f"{error.filename} cannot be read: {error.strerror}")


def _is_key(key: str, form: PingFormat) -> bool:
    try:
        form.key(key)
    except DataError:
        return False
    return _is_text(key)


def _is_text(key: str) -> bool:
    """File names are bytes; invalid UTF-8 becomes surrogates, which nothing else accepts."""
    return key.encode("utf-8", "replace").decode() == key


def _shown(path: Path) -> str:
    return str(path).encode("utf-8", "backslashreplace").decode()
