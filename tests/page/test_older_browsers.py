"""The page and telemetry.js in the oldest browsers they are for: Chromium without the functions that those lack."""

import shutil
from pathlib import Path

from playwright.sync_api import expect

from tests.page.conftest import STATIC, Published, Tab
from tests.page.serving import Site, serving
from tests.page.test_search import searching

WITHOUT = """(() => {
  const gone = {
    Object: ["groupBy"], Map: ["groupBy"], Promise: ["withResolvers", "try"], Array: ["fromAsync"], RegExp: ["escape"],
    Math: ["f16round", "sumPrecise"], URL: ["parse", "canParse"], AbortSignal: ["any"], Response: ["json"],
    Uint8Array: ["fromBase64", "fromHex"], Error: ["isError"], Iterator: ["from", "concat", "zip"],
    "Array.prototype": ["findLast", "findLastIndex", "toReversed", "toSorted", "toSpliced", "with"],
    "Set.prototype": [
      "union", "intersection", "difference", "symmetricDifference", "isSubsetOf", "isSupersetOf", "isDisjointFrom",
    ],
    "Map.prototype": ["getOrInsert", "getOrInsertComputed"],
    "String.prototype": ["isWellFormed", "toWellFormed"],
    "ArrayBuffer.prototype": ["transfer", "transferToFixedLength", "resize"],
    "Element.prototype": ["setHTML", "setHTMLUnsafe", "checkVisibility", "moveBefore", "getHTML"],
    "HTMLElement.prototype": ["showPopover", "hidePopover", "togglePopover"],
    "Document.prototype": ["startViewTransition"], "HTMLDialogElement.prototype": ["requestClose"],
  };
  const iterators = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));
  const helpers = ["drop", "every", "filter", "find", "flatMap", "forEach", "map", "reduce", "some", "take", "toArray"];
  for (const name of helpers) delete iterators[name];
  for (const [place, names] of Object.entries(gone)) {
    const [constructor, below] = place.split(".");
    const object = below ? globalThis[constructor]?.prototype : globalThis[constructor];
    for (const name of names) if (object) delete object[name];
  }
  for (const name of [
    "requestIdleCallback", "scheduler", "navigation", "trustedTypes", "Temporal", "Iterator", "CloseWatcher",
  ]) delete globalThis[name];
})();"""


def older(tab: Tab) -> Tab:
    """The tab, in which what is newer is removed before any script of a page runs."""
    tab.page.add_init_script(WITHOUT)
    return tab


def test_the_functions_are_gone(tab: Tab) -> None:
    page = older(tab).open()
    assert (
        page.evaluate("[Object.groupBy, [].toSorted, [].findLast, new Set().union, globalThis.trustedTypes]")
        == [None] * 5
    )


def test_search_comparison_table_and_health_work(tab: Tab) -> None:
    page = older(tab).open("#measure=GC_MS&version=nightly/28,nightly/27")
    assert len(tab.readout()) >= 2
    searching(page, "cycle collector")
    page.keyboard.press("Enter")
    tab.settle()
    expect(page.locator(".measure-head h1")).to_contain_text("CYCLE_COLLECTOR")
    menu = tab.menu("Compare by")
    menu.locator(".menu-row", has_text="OS").first.click()
    tab.settle()
    assert len(tab.readout()) > 4
    page.get_by_role("button", name="Table").click()
    tab.settle()
    assert len(tab.table("Evolution, one row a date")[1]) > 3
    tab.menu("Version")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Health", exact=True).click()
    expect(page.locator(".health table").first).to_be_visible()
    page.go_back()
    expect(page.locator(".evolution .plot canvas").first).to_be_visible()


def test_files_are_saved_and_dates_chosen(tab: Tab) -> None:
    page = older(tab).open("#measure=GC_MS&version=nightly/28&show=median,p95&difference=1&compare=OS")
    assert "median" in tab.download(".evolution", "CSV")
    assert "<svg" in tab.download(".distribution", "SVG")
    page.get_by_role("button", name="Last 7 days of data").click()
    tab.settle()
    page.get_by_role("button", name="Share", exact=True).click()
    expect(page.get_by_label("Link")).to_be_visible()


def test_telemetry_js_works_as_a_script(tab: Tab, published: Published, tmp_path: Path) -> None:
    shutil.copy(STATIC / "telemetry.js", tmp_path)
    (tmp_path / "index.html").write_text('<link rel="icon" href="data:,"><script src="telemetry.js"></script>')
    with serving({"/data/": published.folder, "/": tmp_path}) as site:
        older(tab).site = site
        tab.page.goto(site.url)
        found = tab.page.evaluate("""async () => {
          await Telemetry.init({ base: location.origin + "/data" });
          const measures = await Telemetry.measures("nightly/28");
          const evolution = await Telemetry.evolution("nightly/28", "GC_MS", { filter: ({ OS }) => OS === "WINNT" });
          const median = evolution.range().median();
          return { versions: Telemetry.versions(), measures: Object.keys(measures).length, median };
        }""")
    assert "nightly/28" in found["versions"]
    assert found["measures"] > 10
    assert found["median"] > 0


def test_a_page_without_its_script_says_how_to_build_it(tab: Tab, tmp_path: Path) -> None:
    copy = tmp_path / "page"
    shutil.copytree(STATIC, copy, ignore=shutil.ignore_patterns("node_modules", "vendor", "coverage"))
    tab.expected = ("404",)
    with serving({"/": copy}) as site:
        tab.site = site
        tab.page.goto(site.url)
        expect(tab.page.locator("#main .failure")).to_contain_text("npm ci && npm run build")
        expect(tab.page.locator("#main")).not_to_contain_text("Loading")


def test_a_browser_that_is_too_old_for_the_page_is_told_which_are_not(tab: Tab, site: Site) -> None:
    tab.expected = ("is not a function",)
    tab.page.add_init_script("delete Element.prototype.replaceChildren; delete Element.prototype.append;")
    tab.page.goto(site.url)
    expect(tab.page.locator("#main .failure")).to_contain_text("Firefox 115")
