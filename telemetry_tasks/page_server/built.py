"""Whether a folder is the page, and the page is built."""

import shlex
from pathlib import Path

from telemetry_tasks.errors import OperatorError

INDEX = "index.html"
BUNDLE = "vendor/page.js"


def check_built(folder: Path) -> None:
    """Raises ``OperatorError``, with a remedy, if ``folder`` is not the page, or the page was not built."""
    if not (folder / INDEX).is_file():
        raise OperatorError(
            f"{folder} has no {INDEX}: set TELEMETRY_PAGE_FOLDER to static/ of a clone in which the page is built, or "
            "to a copy of it"
        )
    if not (folder / BUNDLE).is_file():
        raise OperatorError(
            f"the page is not built: {folder / BUNDLE} is not there. Build it with Node.js 20 or newer: "
            f"(cd {shlex.quote(str(folder))} && npm ci && npm run build)"
        )
