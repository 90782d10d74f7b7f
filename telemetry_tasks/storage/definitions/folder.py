"""Definition files in a local folder."""

from pathlib import Path

from telemetry_tasks.core.revisions import Revision
from telemetry_tasks.errors import DataError, InfrastructureError, NotFound, OperatorError
from telemetry_tasks.storage.definitions.contract import MAX_BYTES, names_for


class FolderDefinitions:
    """Reads ``<revision id>.Histograms.json`` or ``Histograms.json``; nothing below or above the folder."""

    worth_caching = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def name(self) -> str:
        return str(self._folder)

    def fetch(self, revision: Revision | None) -> bytes:
        if not self._folder.is_dir():
            raise OperatorError(f"{self._folder}: no such folder of definitions; correct TELEMETRY_DEFINITIONS")
        for name in names_for(revision):
            try:
                with (self._folder / name).open("rb") as file:
                    body = file.read(MAX_BYTES + 1)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise InfrastructureError(f"{self._folder / name}: {error.strerror}") from error
            if len(body) > MAX_BYTES:
                raise DataError("definitions-too-large", name)
            return body
        raise NotFound(f"{self._folder}: no definitions of {revision.id if revision else 'unnamed revisions'}")
