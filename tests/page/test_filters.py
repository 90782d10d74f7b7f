"""Filters over every dimension, against the oracle's cells."""

import csv
import io

from playwright.sync_api import expect

from tests.page.conftest import Published, Tab
from tests.page.figures import Keep, counts_of, days_of


def samples(published: Published, keep: Keep, measure: str = "GC_MS") -> float:
    return sum(
        sum(counts_of(values))
        for values in days_of(published.cells, f"nightly/28/{measure}/by-build-date", keep).values()
    )


def shown_samples(tab: Tab) -> float:
    _, rows = tab.table("Figures")
    return float(rows["Samples"][0].replace(",", ""))


def test_one_option_and_sets_of_options_at_any_level(tab: Tab, published: Published) -> None:
    for filters, keep in (
        ("OS=WINNT", lambda p: p[2] == "WINNT"),
        ("OS=WINNT,Darwin", lambda p: p[2] in ("WINNT", "Darwin")),
        ("arch=x86", lambda p: p[4] == "x86"),
        ("reason=idle_daily&arch=x86-64", lambda p: p[0] == "idle_daily" and p[4] == "x86-64"),
        ("osVersion=WINNT/6.1,Linux/3.8", lambda p: (p[2], p[3]) in (("WINNT", "6.1"), ("Linux", "3.8"))),
    ):
        tab.open(f"#measure=GC_MS&version=nightly/28&{filters}")
        assert shown_samples(tab) == samples(published, keep), filters


def test_an_option_is_chosen_in_its_menu_and_the_chart_follows(tab: Tab, published: Published) -> None:
    page = tab.open("#measure=GC_MS&version=nightly/28")
    menu = tab.menu("OS")
    menu.get_by_label("Windows").check()
    page.wait_for_url("**OS=WINNT")
    expect(page.locator(".where").first).to_have_text("nightly 28 · Windows")
    assert shown_samples(tab) == samples(published, lambda p: p[2] == "WINNT")
    menu.get_by_label("macOS").check()
    page.wait_for_url("**OS=WINNT,Darwin")
    page.get_by_role("button", name="Clear filters").click()
    page.wait_for_url("**/#version=nightly/28**" if "#version" in page.url else "**version=nightly/28")
    assert "OS=" not in page.url


def test_menus_offer_only_options_with_data_with_pings_beside_them(tab: Tab, published: Published) -> None:
    page = tab.open("#measure=GC_MS&version=nightly/28&reason=idle_daily")
    wanted: dict[str, float] = {}
    for cell_path, cell in published.cells["nightly/28/GC_MS/by-build-date"].items():
        _, reason, _, os_, *_ = cell_path.split("/")
        wanted[os_] = wanted.get(os_, 0) + (cell["values"][-1] if reason == "idle_daily" else 0)
    menu = tab.menu("OS")
    rows = menu.locator(".menu-row").all()
    shown = {row.locator("input").input_value(): int(row.locator(".menu-count").inner_text()) for row in rows}
    assert shown == wanted
    assert page.locator(".menu-button", has_text="Reason").get_attribute("data-marked") is not None


def test_os_versions_have_readable_names(tab: Tab) -> None:
    tab.open("#measure=GC_MS&version=nightly/28")
    names = tab.menu("OS version").locator(".menu-name").all_inner_texts()
    assert "Windows 7 (6.1)" in names
    assert any(name.startswith("OS X 10.") for name in names)


def test_filters_and_figures_stay_when_measure_and_version_change(tab: Tab) -> None:
    page = tab.open("#measure=GC_MS&version=nightly/28&OS=WINNT&show=p75")
    page.keyboard.press("/")
    page.keyboard.type("CYCLE_COLLECTOR")
    page.keyboard.press("Enter")
    page.wait_for_url("**measure=CYCLE_COLLECTOR**")
    menu = tab.menu("Version")
    menu.get_by_label("nightly 27").check()
    page.wait_for_url("**version=nightly/28,nightly/27**")
    assert "OS=WINNT" in page.url
    assert "show=p75" in page.url


def test_filtered_points_agree_with_the_oracle_on_every_date(tab: Tab, published: Published) -> None:
    tab.open("#measure=CYCLE_COLLECTOR&version=nightly/28&OS=WINNT&arch=x86&show=submissions")
    rows = csv.DictReader(io.StringIO(tab.download(".evolution", "CSV")))
    days = days_of(
        published.cells, "nightly/28/CYCLE_COLLECTOR/by-build-date", lambda p: p[2] == "WINNT" and p[4] == "x86"
    )
    assert {row["date"].replace("-", ""): float(row["value"]) for row in rows} == {
        day: values[-1] for day, values in days.items()
    }


def test_populations_that_share_no_dimension_are_pinned_and_compared(tab: Tab, published: Published) -> None:
    page = tab.open("#measure=GC_MS&version=nightly/28&OS=WINNT&arch=x86")
    page.get_by_role("button", name="Pin population").click()
    page.wait_for_url("**pin=OS:WINNT;arch:x86**")
    page.get_by_role("button", name="Clear filters").click()
    tab.settle()
    tab.menu("Reason").get_by_label("idle_daily").check()
    page.wait_for_url("**reason=idle_daily**")
    heads, rows = tab.table("Figures")
    assert heads == ["Figure", "Windows; x86 (32-bit)", "idle_daily"]
    kept, now = (float(text.replace(",", "")) for text in rows["Samples"])
    assert kept == samples(published, lambda p: p[2] == "WINNT" and p[4] == "x86")
    assert now == samples(published, lambda p: p[0] == "idle_daily")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Unpin Windows; x86 (32-bit)").click()
    tab.settle()
    assert shown_samples(tab) == now
