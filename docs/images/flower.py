"""Takes the pictures of Flower: ``python docs/images/flower.py http://127.0.0.1:5555 user:password``.

Wants a fleet at work, such as a running ``telemetry-tasks up``, and Chromium; waits until a task says how far it is.
"""

import base64
import json
import os
import sys
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

SIZE = {"width": 1200, "height": 620}
QUALITY = 80
FOLDER = Path(__file__).parent


def tasks(address: str, login: str) -> dict[str, dict[str, object]]:
    request = urllib.request.Request(f"{address}/api/tasks?limit=300")
    request.add_header("Authorization", "Basic " + base64.b64encode(login.encode()).decode())
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def wait_for_progress(address: str, login: str) -> str:
    """The id of a task that says how far it is."""
    while True:
        found = [id for id, task in tasks(address, login).items() if task["state"] == "PROGRESS"]
        if found:
            return found[0]
        time.sleep(0.5)


def take(page: Page, url: str, name: str) -> None:
    page.goto(url)
    page.wait_for_timeout(1500)
    session = page.context.new_cdp_session(page)
    picture = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    (FOLDER / f"{name}.webp").write_bytes(base64.b64decode(picture["data"]))
    print(name, (FOLDER / f"{name}.webp").stat().st_size, "bytes")


def main() -> None:
    address, login = sys.argv[1:]
    user, _, password = login.partition(":")
    chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE, http_credentials={"username": user, "password": password})
        take(page, f"{address}/task/{wait_for_progress(address, login)}", "flower-task")
        take(page, f"{address}/tasks", "flower-tasks")
        take(page, f"{address}/workers", "flower-workers")
        browser.close()


if __name__ == "__main__":
    main()
