"""What the scripts of this folder share: Chromium, and a page's picture beside them."""

import base64
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).parent
QUALITY = 80


@contextmanager
def chromium() -> Iterator[Browser]:
    """That of the variable CHROMIUM, or the system's."""
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def save(page: Page, name: str) -> None:
    """Writes what the page shows now to NAME.webp."""
    session = page.context.new_cdp_session(page)
    picture = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    (FOLDER / f"{name}.webp").write_bytes(base64.b64decode(picture["data"]))
    print(name, (FOLDER / f"{name}.webp").stat().st_size, "bytes")
