"""What is wrong, where, and what repairs it; and the rules of the layout, checked on what is published."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from telemetry_tasks.errors import DamagedObject, DataError
from telemetry_tasks.formats.layouts.contract import Fetch, PublishedLayout
from telemetry_tasks.formats.layouts.v1.layout import LAYOUT_1
from telemetry_tasks.storage.objects import ObjectStore


@dataclass(frozen=True, slots=True)
class Finding:
    """A violated rule: where, what, and which command repairs it."""

    where: str
    what: str
    repair: str = ""


PUBLISH = "telemetry-tasks publish; if it stays: telemetry-tasks reprocess for the channel/version"
"""What repairs published documents."""


def repaired_by(repair: str, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings, with what repairs those that do not say."""
    return (replace(found, repair=found.repair or repair) for found in findings)


def check_published(fetch: Fetch, layout: PublishedLayout = LAYOUT_1) -> Iterator[Finding]:
    """All findings on what readers see. Raises nothing for bad data; ``fetch``'s errors pass."""
    return (Finding(fault.where, fault.what) for fault in layout.faults(fetch))


def fetcher(store: ObjectStore, layout: PublishedLayout = LAYOUT_1) -> Fetch:
    """Reads published objects of a store, for ``check_published``."""

    def fetch(path: str) -> bytes:
        try:
            found = store.get(path)
        except DamagedObject as error:
            raise DataError("damaged", str(error)) from error
        headers = found.headers
        if fault := layout.header_fault(path, headers.content_type, headers.content_encoding, headers.cache_control):
            raise DataError("bad-headers", fault)
        return found.body

    return fetch
