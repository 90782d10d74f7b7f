"""Definition files in a local folder."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from telemetry_tasks.core.revisions import Revision
from telemetry_tasks.errors import DataError, InfrastructureError, NotFound, OperatorError
from telemetry_tasks.storage.definitions.contract import EVERY_REVISION, MAX_BYTES, names_for


class FolderDefinitions:
    """Reads ``<revision id>.Histograms.json`` or ``Histograms.json``; nothing below or above the folder."""

    worth_caching = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def name(self) -> str:
        return str(self._folder)

    def names(self) -> Iterator[str]:
        self._check()
        yield from sorted(path.name for path in self._folder.glob(f"*{EVERY_REVISION}"))

    def read(self, name: str) -> bytes:
        try:
            with (self._folder / name).open("rb") as file:
                body = file.read(MAX_BYTES + 1)
        except FileNotFoundError as error:
            raise NotFound(f"{self._folder / name}: no such file") from error
        except OSError as error:
            raise InfrastructureError(f"{self._folder / name}: {error.strerror}") from error
        if len(body) > MAX_BYTES:
            raise DataError("definitions-too-large", name)
        return body

    def _check(self) -> None:
        if not self._folder.is_dir():
            raise OperatorError(f"{self._folder}: no such folder of definitions; correct TELEMETRY_DEFINITIONS")

    def fetch(self, revision: Revision | None) -> bytes:
        self._check()
        for name in names_for(revision):
            with suppress(NotFound):
                return self.read(name)
        raise NotFound(f"{self._folder}: no definitions of {revision.id if revision else 'unnamed revisions'}")
