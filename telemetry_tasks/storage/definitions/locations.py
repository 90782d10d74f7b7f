"""Definition sources from the values of the settings."""

from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from telemetry_tasks.errors import OperatorError
from telemetry_tasks.storage.definitions.contract import DefinitionSource
from telemetry_tasks.storage.definitions.folder import FolderDefinitions
from telemetry_tasks.storage.definitions.http import HttpDefinitions
from telemetry_tasks.storage.definitions.prefix import PrefixDefinitions
from telemetry_tasks.storage.objects import ObjectStore


def definition_sources(
    locations: Iterable[str], open_store: Callable[[str], ObjectStore]
) -> tuple[DefinitionSource, ...]:
    """The sources for ``Settings.definitions``, in order: a folder or ``folder://``, ``s3://``, ``http(s)://``.

    ``open_store`` makes an object store from its URL. Raises ``OperatorError`` for unknown ones.
    """
    return tuple(_source(location.strip(), open_store) for location in locations if location.strip())


def _source(location: str, open_store: Callable[[str], ObjectStore]) -> DefinitionSource:
    scheme, separator, _ = location.partition("://")
    if not separator:
        return FolderDefinitions(Path(location).expanduser())
    if scheme in ("folder", "file"):
        return FolderDefinitions(Path(unquote(urlsplit(location).path)))
    if scheme in ("http", "https"):
        return HttpDefinitions(location)
    if scheme == "s3":
        return PrefixDefinitions(open_store(location))
    raise OperatorError(
        f"definitions: {location!r} is not a folder, s3://bucket/prefix or http(s):// template; "
        "correct TELEMETRY_DEFINITIONS"
    )
