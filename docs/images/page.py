"""Takes the pictures of the page of a deployment.

Wants the address of a page with some weeks of simulated data, such as that of ``telemetry-tasks up``, and Chromium;
and a version with enough of them: ``python docs/images/page.py http://127.0.0.1:8080 nightly/196``.
"""

import sys

from picture import chromium, save
from playwright.sync_api import Page

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
    save(page, name)


def main() -> None:
    address, version = sys.argv[1:]
    with chromium() as browser:
        for name, (state, scheme) in PICTURES.items():
            page = browser.new_page(viewport={"width": 1280, "height": 1000}, color_scheme=scheme)  # type: ignore[arg-type]
            take(page, f"{address.rstrip('/')}/{state}&version={version}", name)
            page.close()


if __name__ == "__main__":
    main()
