"""One published bucket and one Chromium for all tests of the page; a fresh tab for each."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.page import made, planted
from tests.page.bucket import Cells, write_bucket
from tests.page.pipeline import publish_files
from tests.page.serving import Site, serving
from tests.servers.redis import RedisServer

STATIC = Path(__file__).resolve().parents[2] / "static"
CHROMIUM = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

expect.set_options(timeout=30_000)  # a busy machine draws late


@dataclass(frozen=True)
class Published:
    """A bucket on disk, and the cells that it must show: the oracle's, and those that were planted."""

    folder: Path
    cells: Cells
    lines: dict[str, dict[str, int]]


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory, redis_server: RedisServer) -> Published:
    folder = tmp_path_factory.mktemp("page")
    pings = folder / "pings"
    made.pings(pings, files=30, pings_a_file=6)
    planted.hostile_files(pings)
    planted.broken_file(pings)
    publish_files(redis_server.url, pings, folder / "definitions", folder / "bucket")
    said = made.oracle(pings)
    cells: Cells = {}
    planted.hostile_name(cells)
    planted.volumes(cells)
    write_bucket(folder / "bucket", cells, planted.DEFINITIONS, {}, planted.STAMP)
    return Published(folder / "bucket", said["cells"] | cells, said["lines"])


@pytest.fixture(scope="session")
def site(published: Published) -> Iterator[Site]:
    assert (STATIC / "vendor" / "uPlot.mjs").exists(), "run `npm ci && npm run build` in static/ first"
    with serving({"/data/": published.folder, "/": STATIC}) as found:
        yield found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield found
        found.close()


class Tab:
    """A tab on the page, that remembers what went wrong in it."""

    def __init__(self, page: Page, site: Site) -> None:
        self.page = page
        self.site = site
        self.problems: list[str] = []
        self.expected: tuple[str, ...] = ()
        page.on("pageerror", lambda error: self.problems.append(f"uncaught: {error}"))
        page.on("console", self.said)
        page.on("request", lambda request: self.foreign(request.url))

    def said(self, message: ConsoleMessage) -> None:
        """A bucket in layout 1 has no ``latest.json``: browsers report the answer 404."""
        if message.type in ("error", "warning") and not message.location["url"].endswith("/latest.json"):
            self.problems.append(message.text)

    def foreign(self, url: str) -> None:
        if not url.startswith((self.site.url, "blob:", "data:")):
            self.problems.append(f"asked {url}")

    def open(self, state: str = "", path: str = "/") -> Page:
        """Opens the page in a state ("#…" or "?…") and waits for its charts or tables."""
        self.page.goto("about:blank")
        self.page.goto(self.site.url + path + state)
        self.page.wait_for_selector(".plot canvas, .health table, .reason, .failure")
        self.page.wait_for_selector(".freshness a, .failure")
        return self.page

    def settle(self) -> None:
        """Waits until what was asked for last is drawn."""
        self.page.wait_for_selector("main[aria-busy=false]")

    def readout(self) -> dict[str, list[str]]:
        """The table under the lines: {line: [value, bucket, pings, samples, note]}."""
        self.settle()
        rows = self.page.locator(".readout tbody tr").all()
        return {row.locator("th").inner_text().strip(): row.locator("td").all_inner_texts() for row in rows}

    def table(self, caption: str) -> tuple[list[str], dict[str, list[str]]]:
        """A table by its caption: its heads, and {first cell: the others}."""
        self.settle()
        found = self.page.locator("table", has=self.page.locator("caption", has_text=caption)).first
        rows = found.locator("tbody tr").all()
        heads = [text.strip() for text in found.locator("thead th").all_inner_texts()]
        return heads, {row.locator("th").inner_text().strip(): row.locator("td").all_inner_texts() for row in rows}

    def menu(self, label: str) -> Any:
        """Opens a menu by its label; gives its element."""
        found = self.page.locator(".menu", has=self.page.locator(".menu-label", has_text=label)).first
        found.locator(".menu-button").click()
        return found

    def download(self, section: str, kind: str) -> str:
        """The text of a file saved from a section."""
        self.settle()
        with self.page.expect_download() as waiting:
            self.page.locator(section).get_by_role("button", name=f"Download as {kind}").first.click()
        return Path(waiting.value.path()).read_bytes().decode()


@pytest.fixture
def tab(browser: Browser, site: Site) -> Iterator[Tab]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB", accept_downloads=True)
    found = Tab(context.new_page(), site)
    found.page.set_default_timeout(60_000)
    yield found
    context.close()
    left = [problem for problem in found.problems if not any(text in problem for text in found.expected)]
    assert left == []
