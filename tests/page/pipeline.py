"""The bucket of the page's tests: ping files taken in, merged and published by the product, with a real Redis."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from telemetry_tasks.core.disclosure.publish_limits import PublishLimits
from telemetry_tasks.formats.pings.saved_session.definitions import parse_definitions
from telemetry_tasks.pipeline.definition_sources import DefinitionSources
from telemetry_tasks.pipeline.options import Options
from telemetry_tasks.storage.definitions.folder import FolderDefinitions
from telemetry_tasks.storage.memory import MemoryObjectStore
from tests.support.deployment import FALLBACK_REVISION, deployment, run_all, upload
from tests.support.shared import SHARED

PUBLISHED_AT = datetime(2013, 12, 1, 12, tzinfo=UTC)
DEFINITIONS = SHARED / "data" / "definitions"


def definitions_folder(folder: Path) -> Path:
    """The shared definitions, and the newest once more under the revision that nightlies of the made pings name."""
    folder.mkdir()
    for file in DEFINITIONS.glob("*.Histograms.json"):
        shutil.copy(file, folder)
    shutil.copy(
        DEFINITIONS / "ad0ae007aa9e.Histograms.json", folder / f"{FALLBACK_REVISION.rsplit('/', 1)[1]}.Histograms.json"
    )
    return folder


def publish_files(
    redis_url: str,
    pings: Path,
    work: Path,
    bucket: Path,
    limits: PublishLimits | None = None,
    more: Mapping[str, Any] | None = None,
) -> None:
    """Publishes the ping files below ``pings`` into the folder ``bucket``, at noon of 2013-12-01.

    ``more`` are definitions beside the shared ones, as in a ``Histograms.json``.
    """
    stores = {name: MemoryObjectStore(name, lambda: PUBLISHED_AT) for name in ("input", "results", "published")}
    services = deployment(redis_url, Options(transfers=2, publish_limits=limits or PublishLimits()), **stores)
    services.state.client.flushall()  # the server is shared with other tests
    services = replace(
        services, definitions=DefinitionSources([FolderDefinitions(definitions_folder(work))], parse_definitions)
    )
    if more:
        file = work / f"{FALLBACK_REVISION.rsplit('/', 1)[1]}.Histograms.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | more))
    upload(stores["input"], pings)
    run_all(services)
    for info in stores["published"].list():
        path = bucket / info.key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(stores["published"].get(info.key).body)
