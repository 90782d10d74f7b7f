"""Names from pings are text, whatever they look like."""

from playwright.sync_api import expect

from tests.page.bucket import DIMENSIONS
from tests.page.conftest import Tab
from tests.page.planted import FLAG, HOSTILE


def unharmed(tab: Tab) -> None:
    assert tab.page.evaluate("() => window.pwned") is None
    assert tab.page.locator("img").count() == 0


def test_markup_in_every_dimension_is_shown_as_text(tab: Tab) -> None:
    page = tab.open(f"#measure={FLAG}&version=nightly/31")
    for label in ("Reason", "Application", "OS", "OS version", "Architecture"):
        menu = tab.menu(label)
        expect(menu.locator(".menu-name", has_text=HOSTILE).first).to_be_visible()
        page.keyboard.press("Escape")
    unharmed(tab)


def test_markup_compared_filtered_and_saved_does_nothing(tab: Tab) -> None:
    for dimension in DIMENSIONS:
        page = tab.open(f"#measure={FLAG}&version=nightly/31&compare={dimension}&table=1")
        expect(page.locator(".readout").get_by_text(HOSTILE).first).to_be_visible()
        assert "<img" not in tab.download(".evolution", "SVG")
        unharmed(tab)
    page = tab.page
    menu = tab.menu("Architecture")
    menu.locator("input").last.check()
    unharmed(tab)


def test_a_measure_whose_name_and_description_are_markup(tab: Tab) -> None:
    page = tab.open("#version=aurora/31")
    page.keyboard.press("/")
    page.keyboard.type("img src")
    expect(page.locator(".found-name").first).to_have_text(HOSTILE)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(HOSTILE)
    unharmed(tab)


def test_markup_in_the_address_does_nothing(tab: Tab) -> None:
    page = tab.open(
        '#measure=<img src=x onerror="window.pwned=1">&version=nightly/28&OS=<script>window.pwned=1</script>'
    )
    expect(page.locator(".reason").first).to_contain_text("<img src=x")
    unharmed(tab)


def test_inline_scripts_and_html_from_scripts_are_forbidden(tab: Tab) -> None:
    tab.expected = ("Content Security Policy", "violates", "TrustedHTML", "TrustedScript")
    page = tab.open("#measure=GC_MS&version=nightly/28")
    policy = page.locator('meta[http-equiv="Content-Security-Policy"]').get_attribute("content")
    assert policy
    assert "unsafe" not in policy
    refused = page.evaluate("() => { try { document.body.innerHTML = '<p>'; return false } catch { return true } }")
    assert refused


def test_a_csv_cell_that_a_spreadsheet_would_run_is_disarmed(tab: Tab) -> None:
    page = tab.open("#measure=GC_MS&version=nightly/28")
    said = page.evaluate(
        "async () => (await import('./js/models/export.js')).toCsv({columns: ['a'], rows: [['=1+1'], ['x,\"y'], [-1]]})"
    )
    assert said == 'a\r\n\'=1+1\r\n"x,""y"\r\n-1\r\n'
