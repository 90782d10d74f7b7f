"""The folder in which `up` keeps everything: one user at a time, secrets readable by their owner only."""

import fcntl
import json
import os
import secrets
import shlex
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from telemetry_tasks.errors import OperatorError

PRIVATE = 0o600
GONE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Secrets:
    """Made once for a data folder, the same ever after."""

    access_key: str
    secret_key: str
    flower_password: str


@dataclass(frozen=True, slots=True)
class FolderLock:
    """Two locks: ``owner`` ends with this process, ``inherited`` when the last child that was given it is gone."""

    owner: int
    inherited: int

    @classmethod
    def take(cls, root: Path) -> "FolderLock":
        owner = _open(root / "lock")
        if not _try_lock(owner):
            process = os.pread(owner, 20, 0).decode("ascii", "replace").strip()
            os.close(owner)
            raise OperatorError(
                f"{root} is in use by another `telemetry-tasks up` (process {process}): "
                "stop that one first, or choose another folder with --data"
            )
        os.ftruncate(owner, 0)
        os.pwrite(owner, f"{os.getpid()}\n".encode(), 0)
        lock = cls(owner, _open(root / "servers.lock"))
        deadline = time.monotonic() + GONE_SECONDS
        while not _try_lock(lock.inherited):
            if time.monotonic() > deadline:
                lock.release()
                raise OperatorError(f"servers of an earlier `telemetry-tasks up` on {root} still run: stop them first")
            time.sleep(0.1)
        return lock

    def release(self) -> None:
        os.close(self.inherited)
        os.close(self.owner)


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The paths below ``root``."""

    root: Path

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def ports(self) -> Path:
        return self.root / "ports.json"

    @property
    def environment(self) -> Path:
        return self.root / "environment.sh"

    def lock(self) -> "FolderLock":
        """Takes the folder for this process.

        After a kill -9 of an earlier owner this waits until the last of its servers is gone. Raises
        ``OperatorError`` when another `up` runs on the folder, or it cannot be used.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            return FolderLock.take(self.root)
        except OSError as error:
            raise OperatorError(
                f"{self.root} cannot be used ({error.strerror}): choose another folder with --data"
            ) from error

    def secrets(self) -> Secrets:
        """The folder's secrets, made when there are none. ``OperatorError`` when the file is damaged."""
        path = self.root / "secrets.json"
        if not path.exists():
            made = Secrets(secrets.token_hex(10).upper(), secrets.token_urlsafe(30), secrets.token_urlsafe(12))
            write_private(path, json.dumps(asdict(made)) + "\n")
        try:
            return Secrets(**json.loads(path.read_text()))
        except (ValueError, TypeError) as error:
            raise OperatorError(
                f"{path} is not what `up` wrote ({error}): remove it to have new secrets made"
            ) from error

    def write_environment(self, variables: Mapping[str, str]) -> None:
        """A file for other shells: ``. data/environment.sh`` makes the commands meet these services."""
        lines = [f"export {name}={shlex.quote(value)}" for name, value in sorted(variables.items())]
        write_private(self.environment, "\n".join(lines) + "\n")


def write_private(path: Path, text: str) -> None:
    """Replaces the file in one step; only its owner may read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    new.replace(path)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
