"""For everyone: axe, keyboard, screens from 360 px to 4K, light and dark, print."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.page.conftest import STATIC, Tab
from tests.page.serving import Site

AXE = STATIC / "node_modules" / "axe-core" / "axe.min.js"
VIEWS = {
    "explore": "#measure=GC_MS&version=nightly/28",
    "compared": "#measure=GC_MS&version=nightly/28,nightly/27&compare=OS&OS=WINNT,Linux&table=1&difference=1",
    "shares": "#measure=SHUTDOWN_OK&version=nightly/28",
    "few pings": "#measure=PLANTED&version=aurora/29,aurora/30",
    "empty": "#measure=NOPE&version=nightly/28&bad=1",
    "health": "#view=health",
    "many figures": "#measure=GC_MS&version=nightly/28&show=p1,p5,p25,median,p75,p95,p99,mean",
}
SIZES = {"phone": (360, 740), "desktop": (1280, 900)}


def violations(
    browser: Browser, site: Site, state: str, scheme: str, size: tuple[int, int], opened: str | None
) -> list[str]:
    # axe is injected as a script, which the page's own policy forbids to everyone else
    width, height = size
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": height}, bypass_csp=True)  # type: ignore[arg-type]
    tab = Tab(context.new_page(), site)
    page = tab.open(state)
    if opened == "search":
        page.keyboard.press("/")
    elif opened:
        tab.menu(opened)
    page.add_script_tag(content=Path(AXE).read_text())
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = page.evaluate("tags => axe.run(document, {runOnly: tags})", tags)
    context.close()
    return [f"{one['id']}: {node['html'][:200]}" for one in found["violations"] for node in one["nodes"]]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing(browser: Browser, site: Site, view: str, scheme: str, size: str) -> None:
    assert violations(browser, site, VIEWS[view], scheme, SIZES[size], None) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("opened", ["search", "OS version", "Show"])
def test_axe_finds_nothing_in_what_opens(browser: Browser, site: Site, opened: str, scheme: str) -> None:
    assert violations(browser, site, VIEWS["explore"], scheme, SIZES["desktop"], opened) == []


@pytest.mark.parametrize("view", ["explore", "compared", "many figures", "health", "empty"])
def test_nothing_sticks_out_sideways(tab: Tab, view: str) -> None:
    page = tab.open(VIEWS[view])
    for width in (3840, 1920, 1280, 768, 414, 360):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_function("width => document.documentElement.scrollWidth <= width", arg=width)


def test_a_menu_stays_on_a_small_screen(tab: Tab) -> None:
    tab.page.set_viewport_size({"width": 360, "height": 740})
    tab.open(VIEWS["explore"])
    box = tab.menu("Architecture").locator(".menu-panel").bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    assert box["y"] + box["height"] <= 740


def test_charts_follow_the_width_of_the_window(tab: Tab) -> None:
    page = tab.open(VIEWS["explore"])
    page.set_viewport_size({"width": 700, "height": 900})
    page.wait_for_function("() => [...document.querySelectorAll('.uplot')].every(plot => plot.offsetWidth <= 700)")


def test_the_theme_is_a_choice_that_stays(tab: Tab) -> None:
    page = tab.open(VIEWS["explore"])
    page.get_by_role("button", name="Theme: auto").click()
    page.get_by_role("button", name="Theme: light").click()
    dark = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    tab.open(VIEWS["explore"])
    assert page.evaluate("() => getComputedStyle(document.body).backgroundColor") == dark
    assert page.evaluate("() => document.documentElement.dataset.theme") == "dark"


def test_menus_open_move_and_close_by_keys(tab: Tab) -> None:
    page = tab.open(VIEWS["explore"])
    page.locator(".menu-button", has_text="Reason").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".menu-panel:visible")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.wait_for_url("**reason=**")
    expect(page.locator(".menu-panel:visible input:focus")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(".menu-panel:visible")).to_have_count(0)
    expect(page.locator(".menu-button", has_text="Reason")).to_be_focused()


def test_the_skip_link_leads_to_the_charts_and_keeps_the_address(tab: Tab) -> None:
    page = tab.open(VIEWS["explore"])
    before = page.url
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    assert page.url == before


def test_controls_are_not_printed(tab: Tab) -> None:
    page = tab.open(VIEWS["explore"])
    page.emulate_media(media="print")
    expect(page.locator(".controls")).to_be_hidden()
    expect(page.locator(".evolution .plot").first).to_be_visible()
