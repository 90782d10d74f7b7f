"""How fast the page is on a large version: 1500 measures, 60 dates, 100 populations.

    python benchmarks/page.py [--runs 5] [--json]

Publishes such a version into a temporary folder (the index lists all measures; data files are written for the
measures that are opened), serves it and the page from one thread of this process, and opens it in Chromium with an
empty cache. Prints the median and the worst of: milliseconds from navigation to the first chart, bytes transferred
before it, milliseconds from a click on a filter's option to the redrawn charts, and the longest task of the page's
thread. Needs `npm ci && npm run build` in static/ and Chromium.
"""

import argparse
import json
import random
import statistics
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from playwright.sync_api import Browser, Locator, Page, sync_playwright

from tests.page.bucket import Writer, health_of, sums_of, tree_of
from tests.page.conftest import ARGUMENTS, CHROMIUM, STATIC
from tests.page.serving import Site, serving

MEASURES, DATES, BUCKETS = 1500, 60, 50
OPENED = ["GC_MS", "MEASURE_0001_MS"]
STAMP = "20131201120000"
VERSION = "nightly/28"
DESCRIPTION = (
    "Time from the start of one thing to the end of another, of the kind that descriptions of measures have (ms)"
)
PAUSE = 300
"""Milliseconds between two choices of a reader."""

LIMITS = {"first chart, ms": 1000, "transferred before it, KB": 300, "filter change, ms": 50, "longest task, ms": 200}

WATCH = """
window.figures = {longest: 0, first: null, drawn: null};
new PerformanceObserver(list => {
  for (const task of list.getEntries()) figures.longest = Math.max(figures.longest, task.duration);
}).observe({type: "longtask", buffered: true});
// the figures beside the bars are the last that a change draws; what is left of its task is waited for
new MutationObserver(changes => {
  for (const {addedNodes} of changes) for (const node of addedNodes) {
    if (node.querySelector?.("canvas") || node.classList?.contains("uplot")) figures.first ??= performance.now();
    if (node.closest?.(".side")) setTimeout(() => figures.drawn = performance.now());
  }
}).observe(document, {childList: true, subtree: true});
addEventListener("change", () => { figures.clicked = performance.now(); figures.drawn = null; }, true);
"""
TRANSFERRED = """() => performance.getEntriesByType("resource").filter(entry => entry.responseEnd <= figures.first)
  .reduce((sum, entry) => sum + entry.transferSize, performance.getEntriesByType("navigation")[0].transferSize)"""


def populations() -> set[str]:
    """100 populations: 2 reasons × 10 systems × 5 architectures."""
    systems = [("WINNT", v) for v in ("5.1", "6.0", "6.1", "6.2", "6.3")] + [("Darwin", v) for v in ("12", "13")]
    systems += [("Linux", "3.1"), ("Linux", "3.8"), ("Android", "16")]
    return {
        f"{reason}/Firefox/{os_}/{version}/arch{arch}"
        for reason in ("saved_session", "idle_daily")
        for os_, version in systems
        for arch in range(5)
    }


def rows(rnd: random.Random, ids: dict[str, int]) -> list[list[float]]:
    made = []
    for id_ in sorted(ids.values()):
        peak = rnd.uniform(15, 30)
        counts = [max(0, round(rnd.gauss(60 - 4 * abs(i - peak), 12))) for i in range(BUCKETS)]
        total = sum(counts)
        made.append(
            [*counts, total * 120, round(total * 4.2, 6), round(total * 19.1, 6), -1, -1, rnd.randint(20, 90), id_]
        )
    return made


def write_measure(writer: Writer, name: str, entry: dict[str, Any], ids: dict[str, int]) -> None:
    rnd = random.Random(name)
    days = [(date(2013, 9, 25) + timedelta(days=i)).strftime("%Y%m%d") for i in range(DATES)]
    full = {day: rows(rnd, ids) for day in days}
    place = f"current/{STAMP}/{VERSION}"
    summary: dict[str, Any] = {"schema": 1, "definition": entry, "populations": {}}
    for by in ("by-build-date", "by-submission-date"):
        writer.put(f"{place}/{name}-{by}.json", full)
        summary[by] = {day: sums_of([row[:-1] for row in found]) for day, found in full.items()}
        summary["populations"][by] = {str(id_): 60 * DATES for id_ in ids.values()}
    writer.put(f"{place}/{name}-summary.json", summary)


def publish(folder: Path) -> dict[str, int]:
    """Writes the version; gives the sizes of its larger files in bytes."""
    writer = Writer(folder)
    place = f"current/{STAMP}/{VERSION}"
    tree, ids = tree_of(populations())
    names = ["GC_MS", *(f"MEASURE_{i:04}_{'MS' if i % 3 else 'COUNT'}" for i in range(1, MEASURES))]
    entries = {
        n: {"kind": "exponential", "description": f"{DESCRIPTION} {n}", "low": 1, "high": 10000, "n_buckets": BUCKETS}
        for n in names
    }
    lines = {
        n: {
            "kind": e["kind"],
            "description": e["description"],
            "submissions": 330000 - i,
            "dates": DATES,
            "first": "20130925",
            "last": "20131123",
        }
        for i, (n, e) in enumerate(entries.items())
    }
    writer.put(f"{place}/histograms.json", entries)
    writer.put(f"{place}/measures.json", {"schema": 1, "channel_version": VERSION, "pings": 400000, "measures": lines})
    writer.put(f"{place}/filter-tree.json", tree)
    writer.put(f"current/{STAMP}/health.json", {"schema": 1, "versions": {VERSION: health_of(VERSION, {}, 400000, {})}})
    writer.put("versions.json", {VERSION: place})
    writer.put("latest-current.json", {"current": STAMP, "versions": [VERSION]})
    for name in OPENED:
        write_measure(writer, name, entries[name], ids)
    files = ["measures.json", "histograms.json", "filter-tree.json", "GC_MS-summary.json", "GC_MS-by-build-date.json"]
    return {name: (folder / place / name).stat().st_size for name in files}


def thread_time(trace: bytes) -> float:
    """CPU milliseconds of the page's thread for a choice: other programs on the machine do not count."""
    events = json.loads(trace)["traceEvents"]
    changes = [
        e for e in events if e.get("name") == "EventDispatch" and e["args"].get("data", {}).get("type") == "change"
    ]
    return sum(event.get("tdur", 0) for event in changes) / 1000


def changed(page: Page, option: Locator) -> float:
    """Milliseconds from a click on an option to the redrawn charts, and a pause like a reader's."""
    option.click()
    page.wait_for_function("() => figures.drawn !== null")
    taken: float = page.evaluate("() => figures.drawn - figures.clicked")
    page.wait_for_timeout(PAUSE)
    return taken


def run(browser: Browser, site: Site) -> dict[str, float]:
    """One visit with an empty cache: first chart, a filter, another measure."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(site.url)
    page.wait_for_function("() => figures.first !== null")
    first, transferred = page.evaluate("() => figures.first"), page.evaluate(TRANSFERRED)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(PAUSE)
    page.locator(".menu-button", has_text="OS").first.click()
    options = page.locator(".menu-panel:visible .menu-row input")
    changes = []
    for option in range(4):
        changes.append(changed(page, options.nth(option)))
    worked = []
    for option in range(4):  # separately, since tracing slows down the page
        browser.start_tracing(page=page, categories=["devtools.timeline"])
        changed(page, options.nth(option))
        worked.append(thread_time(browser.stop_tracing()))
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("measure 0001")
    page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")
    longest = page.evaluate("() => figures.longest")
    context.close()
    return dict(zip(LIMITS, [first, transferred / 1024, max(changes), longest], strict=True)) | {
        "filter change, thread ms": max(worked)
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sizes = publish(Path(folder))
        with serving({"/data/": Path(folder), "/": STATIC}) as site, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            run(browser, site)  # warms the disk and code caches of this machine, not the caches of the visits
            visits = [run(browser, site) for _ in range(arguments.runs)]
            browser.close()
    found = {
        name: {"median": statistics.median(v[name] for v in visits), "worst": max(v[name] for v in visits)}
        for name in visits[0]
    }
    if arguments.json:
        print(json.dumps({"figures": found, "limits": LIMITS, "sizes": sizes}, indent=1))
        return
    for name, figure in found.items():
        print(
            f"{name:28} median {figure['median']:7.0f}   worst {figure['worst']:7.0f}   limit {LIMITS.get(name, '-')}"
        )
    for name, size in sizes.items():
        print(f"{name:28} {size / 1024:7.1f} KB gzip")


if __name__ == "__main__":
    main()
