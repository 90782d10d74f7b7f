"""One client decides nothing: invented versions and dates are kept, said, and shown where they are asked for."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.page import one_client
from tests.page.conftest import STATIC, Tab
from tests.page.serving import Site, serving
from tests.servers.redis import RedisServer


@pytest.fixture(scope="module")
def odd_site(tmp_path_factory: pytest.TempPathFactory, redis_server: RedisServer) -> Iterator[Site]:
    bucket = one_client.publish(redis_server.url, tmp_path_factory.mktemp("odd"))
    with serving({"/data/": bucket, "/": STATIC}) as found:
        yield found


@pytest.fixture
def odd(tab: Tab, odd_site: Site) -> Tab:
    tab.site = odd_site
    return tab


def dates(page: Page) -> list[str]:
    return [page.get_by_label(label).input_value() for label in ("First date (UTC)", "Last date (UTC)")]


def test_the_page_opens_on_the_newest_version_that_people_have(odd: Tab) -> None:
    page = odd.open()
    expect(page.locator(".where").first).to_contain_text("nightly 28")
    expect(page.locator(".controls .odd")).to_contain_text("2 pings of 2 implausible versions not offered")
    expect(page.locator("footer")).to_contain_text("2 pings of 2 implausible versions")
    offered = odd.menu("Version").locator(".menu-name").all_inner_texts()
    assert offered == ["nightly 28"]


def test_implausible_versions_are_offered_where_they_are_asked_for(odd: Tab) -> None:
    page = odd.open()
    page.get_by_role("button", name="Show 2 implausible versions").click()
    odd.settle()
    offered = odd.menu("Version").locator(".menu-name").all_inner_texts()
    assert offered == ["nightly 99999999999999999999 (implausible)", "nightly 1024 (implausible)", "nightly 28"]
    expect(page.locator(".where").first).to_contain_text("nightly 28")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Hide 2 implausible versions").click()
    expect(page.get_by_role("button", name="Show 2 implausible versions")).to_be_visible()


def test_an_implausible_version_in_the_address_is_shown(odd: Tab) -> None:
    page = odd.open("#version=nightly/1024&measure=UPDATE_STATE")
    expect(page.locator(".where").first).to_contain_text("nightly 1024")
    expect(page.locator(".distribution canvas")).to_be_visible()


@pytest.mark.parametrize("version", ["nightly/null", "nightly/77"])
def test_a_version_that_is_not_there_is_said_to_be_not_there(odd: Tab, version: str) -> None:
    page = odd.open(f"#version={version}&measure=UPDATE_STATE")
    if version == "nightly/77":
        expect(page.locator(".reason").first).to_contain_text("nightly 77 is not aggregated yet")
    else:
        expect(page.locator("#notices")).to_contain_text("nightly/null")
        expect(page.locator("#notices")).to_contain_text("the page chose one")


def test_dates_of_one_client_do_not_stretch_the_axis(odd: Tab) -> None:
    page = odd.open("#measure=UPDATE_STATE")
    assert dates(page) == ["2013-11-01", "2013-11-28"]
    expect(page.locator(".distribution .where")).to_have_text("All builds of 2013-11-01 to 2013-11-28 (UTC)")
    page.get_by_role("button", name="Last 7 days of data").click()
    odd.settle()
    assert dates(page) == ["2013-11-22", "2013-11-28"]


def test_implausible_dates_are_shown_where_they_are_asked_for_with_years_on_the_axis(odd: Tab) -> None:
    page = odd.open("#measure=UPDATE_STATE&table=1")
    page.get_by_role("button", name="Show 2 implausible dates").click()
    odd.settle()
    assert dates(page) == ["1970-01-01", "2099-12-31"]
    assert {"1970-01-01", "2099-12-31"} <= odd.table("Evolution, one row a date")[1].keys()
    drawn = odd.download(".evolution", "SVG")
    for year in ("1980", "2000", "2090"):
        assert f">{year}</text>" in drawn
    page.get_by_role("button", name="Last 7 days of data").click()
    odd.settle()
    assert dates(page) == ["2013-11-22", "2013-11-28"], "the last date that people have, not 2099"


def test_filtered_charts_leave_the_same_dates_out(odd: Tab) -> None:
    page = odd.open("#measure=UPDATE_STATE&OS=WINNT")
    assert dates(page) == ["2013-11-01", "2013-11-28"]
    page = odd.open("#measure=UPDATE_STATE&OS=WINNT&implausible=1")
    assert dates(page) == ["1970-01-01", "2099-12-31"]


def test_health_says_what_is_kept_and_not_shown(odd: Tab) -> None:
    page = odd.open("#view=health")
    expect(page.locator(".health > .odd")).to_have_text(
        "2 pings of 2 implausible versions of nightly, after nightly 28: kept, and not shown by default."
    )
    heads, rows = odd.table("All channels and versions")
    assert rows["nightly/28"][heads.index("Last build") - 1] == "2013-11-28"
    assert "nightly/1024 (implausible)" in rows
    expect(page.locator(".health-version .odd")).to_have_text(
        "2 pings of 2 implausible build dates, outside 2013-11-01 to 2013-11-28: kept, and not shown by default."
    )


def test_values_of_a_categorical_measure_have_their_names_everywhere(odd: Tab) -> None:
    page = odd.open("#measure=UPDATE_STATE&table=1")
    assert list(odd.readout()) == ["share of shown", "share of dismissed", "share of installed"]
    assert [row[0] for row in odd.readout().values()] == ["50 %", "30 %", "20 %"]
    assert list(odd.table("Distribution, one row a bucket")[1]) == ["shown", "dismissed", "installed"]
    assert odd.table("Evolution, one row a date")[0][1:4] == ["shown", "dismissed", "installed"]
    offered = odd.menu("Show").locator(".menu-name").all_inner_texts()
    assert offered[:3] == ["share of shown", "share of dismissed", "share of installed"]
    page.keyboard.press("Escape")
    rows = json.loads(odd.download(".distribution", "JSON"))["rows"]
    assert [(row["start"], row["category"]) for row in rows] == [(0, "shown"), (1, "dismissed"), (2, "installed")]
    assert ",installed\r\n" in odd.download(".evolution", "CSV")
    assert ">dismissed</text>" in odd.download(".distribution", "SVG")


def test_the_standard_deviation_is_right_where_the_low_half_was_sent_as_a_signed_number(odd: Tab) -> None:
    odd.open("#measure=READ_B")
    assert odd.table("Figures")[1]["Standard deviation"] == ["16,040"]
