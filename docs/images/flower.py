"""Takes the pictures of Flower: ``python docs/images/flower.py http://127.0.0.1:5555 user:password``.

Wants a fleet at work, such as a running ``telemetry-tasks up``, and Chromium; waits until a task says how far it is.
"""

import base64
import json
import sys
import time
import urllib.request

from picture import chromium, save
from playwright.sync_api import Page

SIZE = {"width": 1200, "height": 620}


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
    save(page, name)


def main() -> None:
    address, login = sys.argv[1:]
    user, _, password = login.partition(":")
    with chromium() as browser:
        page = browser.new_page(viewport=SIZE, http_credentials={"username": user, "password": password})
        take(page, f"{address}/task/{wait_for_progress(address, login)}", "flower-task")
        take(page, f"{address}/tasks", "flower-tasks")
        take(page, f"{address}/workers", "flower-workers")


if __name__ == "__main__":
    main()
