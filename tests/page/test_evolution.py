"""Lines over dates, against the oracle's cells."""

import csv
import io
import re

import pytest

from tests.page.conftest import Published, Tab
from tests.page.figures import counts_of, days_of, exponential, percentile

GC_MS = exponential(1, 10000, 50)


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def iso(day: str) -> str:
    return f"{day[:4]}-{day[4:6]}-{day[6:]}"


def test_median_mean_percentiles_pings_and_samples_agree_with_the_oracle_on_every_date(
    tab: Tab, published: Published
) -> None:
    tab.open("#measure=GC_MS&version=nightly/28&show=median,mean,p1,p5,p25,p75,p95,p99,submissions,samples")
    days = days_of(published.cells, "nightly/28/GC_MS/by-build-date")
    wanted = {}
    for day, values in days.items():
        if not sum(counts_of(values)):
            continue
        figures = {f"p{p}": percentile(values, GC_MS, p) for p in (1, 5, 25, 75, 95, 99)}
        figures |= {"median": percentile(values, GC_MS, 50), "mean": values[-6] / sum(counts_of(values))}
        figures |= {"submissions": values[-1], "samples": sum(counts_of(values))}
        wanted |= {(iso(day), token): value for token, value in figures.items()}
    rows = rows_of(tab.download(".evolution", "CSV"))
    shown = {(row["date"], row["figure"]): float(row["value"]) for row in rows if row["value"]}
    assert shown == pytest.approx(wanted, rel=1e-9)


def test_hover_gives_the_exact_value_with_its_bucket_and_the_volume(tab: Tab, published: Published) -> None:
    page = tab.open("#measure=GC_MS&version=nightly/28&show=median")
    days = days_of(published.cells, "nightly/28/GC_MS/by-build-date")
    box = page.locator(".evolution .u-over").first.bounding_box()
    assert box
    page.mouse.move(box["x"] + 2, box["y"] + 50)
    first, values = next(iter(days.items()))
    page.wait_for_function("day => document.querySelector('.readout caption').textContent === day", arg=iso(first))
    value, bucket, pings, samples, _ = tab.readout()["median"]
    median = percentile(values, GC_MS, 50)
    assert float(value.replace(",", "")) == pytest.approx(median, rel=1e-3)
    low, high = map(float, re.findall(r"[\d.]+", bucket.replace(",", " ")))
    assert low <= median < high
    assert (pings, samples.replace(",", "")) == (str(values[-1]), str(int(sum(counts_of(values)))))


def test_submission_dates_are_a_choice(tab: Tab, published: Published) -> None:
    page = tab.open("#measure=GC_MS&version=nightly/28&show=median&table=1")
    menu = tab.menu("Over")
    menu.get_by_label("submission date").check()
    page.wait_for_url("**by=submission**")
    _, rows = tab.table("Evolution, one row a date")
    days = days_of(published.cells, "nightly/28/GC_MS/by-submission-date")
    assert list(rows) == [iso(day) for day in days]


def test_the_table_has_the_pings_of_a_date_once(tab: Tab) -> None:
    for show, columns in (
        ("median,p95,submissions", ["build date", "median", "p95", "pings", "note"]),
        ("median", ["build date", "median", "pings", "note"]),
    ):
        tab.open(f"#measure=GC_MS&version=nightly/28&show={show}&table=1")
        assert tab.table("Evolution, one row a date")[0] == columns


def test_versions_are_compared_with_their_starts_marked_and_lines_named(tab: Tab) -> None:
    tab.open("#measure=PLANTED&version=aurora/29,aurora/30&show=median")
    drawn = tab.download(".evolution", "SVG")
    assert drawn.count('stroke-dasharray="2 3"') == 2
    assert re.findall(r">(aurora \d+)<", drawn).count("aurora 30") >= 2
    assert set(tab.readout()) == {"aurora 29 · median", "aurora 30 · median"}


def test_operating_systems_are_compared_as_the_oracle_counts_them(tab: Tab, published: Published) -> None:
    tab.open("#measure=GC_MS&version=nightly/28&compare=OS&show=median,submissions")
    rows = rows_of(tab.download(".evolution", "CSV"))
    for os_, name in (("WINNT", "Windows"), ("Linux", "Linux"), ("Darwin", "macOS"), ("Android", "Android")):
        days = days_of(published.cells, "nightly/28/GC_MS/by-build-date", lambda p, os_=os_: p[2] == os_)
        shown = {r["date"]: float(r["value"]) for r in rows if r["population"] == name and r["figure"] == "submissions"}
        assert shown == {iso(day): values[-1] for day, values in days.items()}


def test_measures_are_compared(tab: Tab) -> None:
    page = tab.open("#measure=GC_MS,CYCLE_COLLECTOR&version=nightly/28&show=median")
    assert set(tab.readout()) == {"GC_MS · median", "CYCLE_COLLECTOR · median"}
    page.get_by_role("button", name="Remove GC_MS").click()
    page.wait_for_url("**measure=CYCLE_COLLECTOR&**")


def test_more_than_eight_series_are_named_and_left_out(tab: Tab) -> None:
    page = tab.open("#measure=GC_MS&version=nightly/28,nightly/27,aurora/27&compare=osVersion&show=median")
    page.get_by_text("are left out").first.wait_for()
    assert len(tab.readout()) == 8


def test_dragging_over_the_chart_chooses_dates_and_the_distribution_follows(tab: Tab) -> None:
    page = tab.open("#measure=PLANTED&version=aurora/30&show=median&table=1")
    box = page.locator(".evolution .u-over").first.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.45, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.76, box["y"] + 60, steps=4)
    page.mouse.up()
    page.wait_for_url("**from=2013-11-22&to=2013-11-26**")
    _, rows = tab.table("Evolution, one row a date")
    assert list(rows) == [f"2013-11-{day}" for day in range(22, 27)]
    assert page.get_by_text("All builds of 2013-11-22 to 2013-11-26 (UTC)").is_visible()
    page.get_by_role("button", name="All dates").click()
    page.wait_for_function("() => !location.hash.includes('from=')")


def test_the_chart_is_read_and_a_range_chosen_by_keys(tab: Tab) -> None:
    page = tab.open("#measure=PLANTED&version=aurora/30&show=median")
    page.locator(".evolution .plot").first.focus()
    page.keyboard.press("Home")
    assert page.locator(".readout caption").inner_text() == "2013-11-15"
    page.keyboard.press("ArrowRight")
    spoken = page.locator(".evolution .hidden-visually").inner_text()
    assert spoken.startswith("2013-11-16: median")
    assert "1,000 pings" in spoken
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_url("**from=2013-11-16&to=2013-11-18**")
    page.locator(".evolution .plot").first.focus()
    page.keyboard.press("Escape")
    page.wait_for_function("() => !location.hash.includes('from=')")


def test_days_with_few_pings_are_pale_and_say_why_and_can_be_joined(tab: Tab) -> None:
    page = tab.open("#measure=PLANTED&version=aurora/30&show=median")
    assert page.get_by_text("Pale rings: days with few pings").is_visible()
    assert tab.download(".evolution", "SVG").count('class="low"') == 1
    low = [row for row in rows_of(tab.download(".evolution", "CSV")) if row["low_volume"] == "yes"]
    assert [row["date"] for row in low] == ["2013-11-19"]
    page.locator(".evolution .plot").first.focus()
    for key in ("Home", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    assert tab.readout()["median"][4] == "low volume: 3 pings, less than 5 % of a usual day's 1,000"
    page.get_by_role("button", name="Join low-volume days").click()
    page.wait_for_url("**lowvolume=all**")
    assert 'class="low"' not in tab.download(".evolution", "SVG")


def test_builds_that_are_still_filling_are_dashed(tab: Tab) -> None:
    page = tab.open("#measure=PLANTED&version=aurora/30&show=median")
    assert page.get_by_text("Dashed: still filling").is_visible()
    assert tab.download(".evolution", "SVG").count('class="filling"') == 1
    filling = [row["date"] for row in rows_of(tab.download(".evolution", "CSV")) if row["filling"] == "yes"]
    assert filling == ["2013-11-28", "2013-11-29", "2013-11-30"]
    assert "still filling" in tab.readout()["median"][4]


def test_boolean_measures_are_drawn_as_shares(tab: Tab, published: Published) -> None:
    tab.open("#measure=SHUTDOWN_OK&version=nightly/28")
    days = days_of(published.cells, "nightly/28/SHUTDOWN_OK/by-build-date")
    rows = rows_of(tab.download(".evolution", "CSV"))
    shown = {row["date"]: float(row["value"]) for row in rows if row["figure"] == "b1" and row["value"]}
    wanted = {iso(day): values[1] / sum(counts_of(values)) for day, values in days.items() if sum(counts_of(values))}
    assert shown == pytest.approx(wanted, rel=1e-9)
