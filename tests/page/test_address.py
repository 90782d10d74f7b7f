"""The state in the address: readable, robust, with history; sharing and embedding."""

import json
from pathlib import Path

from playwright.sync_api import expect

from tests.page.conftest import STATIC, Published, Tab
from tests.page.serving import serving


def test_an_empty_address_opens_the_newest_nightly(tab: Tab) -> None:
    page = tab.open()
    expect(page.locator(".where").first).to_contain_text("nightly 31")


def test_bad_input_is_survived_with_a_notice_for_each(tab: Tab) -> None:
    page = tab.open(
        "#measure=GC_MS&version=nightly/28,oops&from=2013-13-01&axis=round&show=p50,nonsense&colour=red&x=%E0&range=1..2"
    )
    notices = page.locator("#notices").inner_text()
    for part in ("oops", "2013-13-01", "axis", "nonsense", "colour", "%E0", "1..2"):
        assert part in notices
    assert list(tab.readout()) == ["50th percentile"]
    page.get_by_role("button", name="Dismiss").click()
    assert page.locator("#notices").inner_text() == ""


def test_dates_in_the_wrong_order_are_exchanged(tab: Tab) -> None:
    page = tab.open("#measure=PLANTED&version=aurora/30&from=2013-11-20&to=2013-11-16")
    expect(page.locator("#notices")).to_contain_text("exchanged")
    expect(page.locator(".distribution .where")).to_have_text("All builds of 2013-11-16 to 2013-11-20 (UTC)")


def test_back_and_forward_restore_what_was_shown(tab: Tab) -> None:
    page = tab.open("#measure=GC_MS&version=nightly/28&show=median")
    page.get_by_role("button", name="Cumulative").click()
    page.wait_for_url("**cumulative=1**")
    page.go_back()
    expect(page.get_by_role("button", name="Cumulative")).to_have_attribute("aria-pressed", "false")
    page.go_forward()
    expect(page.get_by_role("button", name="Cumulative")).to_have_attribute("aria-pressed", "true")


def test_the_permalink_spells_out_what_the_page_chose_itself(tab: Tab) -> None:
    page = tab.open()
    page.get_by_role("button", name="Share", exact=True).click()
    link = page.get_by_label("Link").input_value()
    assert "version=nightly/31" in link
    assert "measure=" in link
    assert 'src="' in page.get_by_label("Embed").input_value()


def test_an_embedded_page_has_charts_and_a_way_out_but_no_controls(tab: Tab) -> None:
    page = tab.open("#measure=GC_MS&version=nightly/28", path="/index.html?embed=1")
    expect(page.locator(".controls")).to_be_hidden()
    expect(page.locator(".top")).to_be_hidden()
    expect(page.locator(".evolution .plot").first).to_be_visible()
    href = page.get_by_role("link", name="Open the dashboard").get_attribute("href")
    assert href
    assert "embed" not in href
    assert "measure=GC_MS" in href


def test_json_downloads_are_what_is_shown(tab: Tab) -> None:
    tab.open("#measure=GC_MS&version=nightly/28&OS=WINNT&show=median")
    said = json.loads(tab.download(".evolution", "JSON"))
    assert (said["measures"], said["filters"], said["figures"]) == (["GC_MS"], {"OS": ["WINNT"]}, ["median"])
    assert {row["figure"] for row in said["rows"]} == {"median"}
    bars = json.loads(tab.download(".distribution", "JSON"))
    assert sum(bar["share"] for bar in bars["rows"]) > 0.99


def test_charts_are_saved_as_pictures(tab: Tab) -> None:
    page = tab.open("#measure=GC_MS&version=nightly/28")
    for section in (".evolution", ".distribution"):
        with page.expect_download() as waiting:
            page.locator(section).get_by_role("button", name="Download as PNG").click()
        saved = Path(waiting.value.path()).read_bytes()
        assert saved.startswith(b"\x89PNG")
        assert len(saved) > 5000
        assert waiting.value.suggested_filename.endswith(".png")
        assert "<svg" in tab.download(section, "SVG")


def test_the_page_lies_in_the_bucket_itself_or_below_a_path(tab: Tab, published: Published, tmp_path: Path) -> None:
    together = tmp_path / "bucket"
    together.mkdir()
    for child in [*published.folder.iterdir(), *STATIC.iterdir()]:
        (together / child.name).symlink_to(child)
    with serving({"/some/path/": together}) as site:
        tab.site = site
        tab.expected = ("404",)  # data/ is tried first
        page = tab.open("#measure=GC_MS&version=nightly/28", path="/some/path/")
        expect(page.locator(".evolution .plot").first).to_be_visible()
