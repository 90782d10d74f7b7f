"""Takes the pictures of the page of a deployment.

Wants the address of a page with some weeks of simulated data, such as that of ``telemetry-tasks up``, and Chromium;
and a version with enough of them: ``python docs/images/page.py http://127.0.0.1:8080 nightly/196``.
"""

import base64
import os
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).parent
QUALITY = 80
COMPARED = "#measure=GC_PAUSE_MS&compare=OS&show=median,submissions"
PICTURES = {
    "explore-light": (COMPARED, "light"),
    "explore-dark": (COMPARED, "dark"),
    "health-light": ("#view=health", "light"),
}


def take(page: Page, address: str, name: str) -> None:
    page.goto(address)
    page.wait_for_selector("main[aria-busy=false]")
    if (plot := page.locator(".u-over").first).count():
        box = plot.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + 60)
    page.wait_for_timeout(500)
    session = page.context.new_cdp_session(page)
    picture = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    (FOLDER / f"{name}.webp").write_bytes(base64.b64decode(picture["data"]))
    print(name, (FOLDER / f"{name}.webp").stat().st_size, "bytes")


def main() -> None:
    address, version = sys.argv[1:]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
        )
        for name, (state, scheme) in PICTURES.items():
            page = browser.new_page(viewport={"width": 1280, "height": 1000}, color_scheme=scheme)  # type: ignore[arg-type]
            take(page, f"{address.rstrip('/')}/{state}&version={version}", name)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
