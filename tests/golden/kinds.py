"""The golden texts: for each kind of stored or published bytes what the fleet of ``fleet.py`` gives.

``python -m tests.golden.kinds`` writes them again. Read the difference before you commit it.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from telemetry_tasks.formats import partial
from telemetry_tasks.formats.checkpoints import CHECKPOINTS
from telemetry_tasks.formats.result_text import export_lines
from telemetry_tasks.pipeline.services import Services
from telemetry_tasks.storage.objects import ObjectStore
from tests.golden.fleet import counted
from tests.golden.readable import readable

EXPECTED = Path(__file__).parent / "expected"
CLAIM = "/_claim"
"""Ends the names of objects whose content is drawn at random."""

COMPRESSED = re.compile(r'(?:\d+, )?"[0-9a-f]{64}"')
"""Size and digest of compressed bytes: they differ between versions of zlib and zstd, the content does not."""


def texts(services: Services) -> dict[str, str]:
    """The text of each kind, by the name of its file."""
    published = services.published
    state = f"{CHECKPOINTS}/"
    return {
        "published.txt": "".join(_objects(published, lambda key: not key.startswith(state) or "/" not in key)),
        "checkpoint.txt": "".join(_objects(published, lambda key: key.startswith(state) and "/state/" in key)),
        "work.txt": "".join(_objects(services.results, lambda key: True)),
        "results.txt": "".join(_results(services.results)),
    }


def _objects(store: ObjectStore, wanted: Callable[[str], bool]) -> Iterator[str]:
    for info in store.list():
        if wanted(info.key) and not info.key.endswith(CLAIM):
            stored = store.get(info.key)
            headers = " ".join(part for part in (stored.headers.content_type, stored.headers.content_encoding) if part)
            yield f"== {info.key} ({headers})\n{_steady(readable(stored.body))}\n\n"


def _steady(text: str) -> str:
    return COMPRESSED.sub('"compressed"', text)


def _results(store: ObjectStore) -> Iterator[str]:
    """The partial results in the text form of ``export-result``."""
    for info in store.list("results/"):
        yield f"== {info.key}\n"
        yield from (f"{line}\n" for line in export_lines(partial.decode(store.get(info.key).body)))
        yield "\n"


if __name__ == "__main__":
    for name, text in texts(counted()).items():
        (EXPECTED / name).write_text(text, "utf-8")
