"""Finding measures, by keyboard first."""

from playwright.sync_api import Page, expect

from tests.page.conftest import Tab


def searching(page: Page, text: str) -> list[str]:
    page.keyboard.press("/")
    page.keyboard.type(text)
    return page.locator(".found-name").all_inner_texts()


def test_underscores_spaces_and_case_are_alike_and_letters_in_order_suffice(tab: Tab) -> None:
    page = tab.open("#version=nightly/28")
    for query in ("gc ms", "GC_MS", "gcms", "Gc-Ms"):
        assert searching(page, query)[0] == "GC_MS"
        page.keyboard.press("Escape")


def test_descriptions_are_searched_too(tab: Tab) -> None:
    page = tab.open("#version=nightly/28")
    assert "CYCLE_COLLECTOR" in searching(page, "time spent cycle collection")


def test_results_show_group_kind_and_volume(tab: Tab) -> None:
    page = tab.open("#version=nightly/28")
    searching(page, "GC_MS")
    first = page.get_by_role("option").first
    expect(first).to_contain_text("exponential · ")
    expect(first).to_contain_text("pings")
    expect(page.locator(".found-group").first).to_have_text("GC")


def test_a_measure_is_chosen_by_keys_alone(tab: Tab) -> None:
    page = tab.open("#version=nightly/28")
    searching(page, "cycle collector")
    page.keyboard.press("ArrowDown")
    second = page.get_by_role("option", selected=True).locator(".found-name").inner_text()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(second)
    assert f"measure={second}" in page.url


def test_a_measure_is_added_to_the_chart(tab: Tab) -> None:
    page = tab.open("#version=nightly/28&measure=GC_MS&show=median")
    page.get_by_role("button", name="+ measure").click()
    page.keyboard.type("CYCLE_COLLECTOR")
    page.keyboard.press("Enter")
    page.wait_for_url("**measure=GC_MS,CYCLE_COLLECTOR**")
    assert len(tab.readout()) == 2


def test_recent_and_starred_measures_come_first_also_after_a_reload(tab: Tab) -> None:
    page = tab.open("#version=nightly/28&measure=CYCLE_COLLECTOR")
    page.get_by_role("button", name="Star CYCLE_COLLECTOR").click()
    tab.open("#version=nightly/28&measure=GC_SWEEP_MS")
    page.keyboard.press("/")
    assert page.locator(".found-group").all_inner_texts()[:2] == ["Starred", "Recent"]
    assert page.locator(".found-name").all_inner_texts()[:2] == ["CYCLE_COLLECTOR", "GC_SWEEP_MS"]


def test_nothing_found_says_so(tab: Tab) -> None:
    page = tab.open("#version=nightly/28")
    assert searching(page, "zzqx") == []
    expect(page.locator(".found-status")).to_contain_text("No measure's name or description fits “zzqx”.")
