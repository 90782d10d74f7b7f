"""The contract of a source of ``Histograms.json`` files by revision.

``folder`` and ``prefix`` look for ``<revision id>.Histograms.json``, then for ``Histograms.json``, which
serves every revision; ``http`` fetches what its template names.
"""

from collections.abc import Iterator
from typing import Protocol

from telemetry_tasks.core.revisions import Revision

MAX_BYTES = 16 * 1024 * 1024
"""The most bytes of a definition file. Real ones are much smaller: Firefox's grew to 1 MiB."""

EVERY_REVISION = "Histograms.json"


def file_name(revision: Revision) -> str:
    """The name of the file that holds one revision's definitions."""
    return f"{revision.id}.{EVERY_REVISION}"


def names_for(revision: Revision | None) -> tuple[str, ...]:
    """File names to try in order; a revision without a safe id has only the common one."""
    return (EVERY_REVISION,) if revision is None else (file_name(revision), EVERY_REVISION)


class DefinitionSource(Protocol):
    """See the module's docstring. Safe to use from several threads."""

    @property
    def name(self) -> str:
        """The location, for messages. Contains no secrets."""
        ...

    @property
    def worth_caching(self) -> bool:
        """Whether caching the files is worth it."""
        ...

    def names(self) -> Iterator[str]:
        """The names of its files, if it can list them; a web server cannot. Raises as ``fetch`` does."""
        ...

    def read(self, name: str) -> bytes:
        """The file of one of these names. Raises as ``fetch`` does."""
        ...

    def fetch(self, revision: Revision | None) -> bytes:
        """The file for a revision, at most ``MAX_BYTES``; None for a revision that cannot be looked up.

        Raises ``NotFound``, ``InfrastructureError`` if the source is unavailable, ``DataError`` if its answer
        is not such a file, ``OperatorError`` if its configuration is wrong.
        """
        ...
