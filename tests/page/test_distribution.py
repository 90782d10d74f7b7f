"""Distributions, against the oracle's cells."""

import csv
import io
from xml.etree import ElementTree

import pytest

from tests.page.bucket import sums_of
from tests.page.conftest import Published, Tab
from tests.page.figures import counts_of, days_of, exponential, percentile

GC_MS = exponential(1, 10000, 50)


def bars_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def widths(drawn: str) -> list[float]:
    """Of the bars of a chart saved as SVG."""
    return [float(bar.get("width", "nan")) for bar in ElementTree.fromstring(drawn).iterfind(".//{*}g/{*}rect")]


def total(published: Published, path: str, keep=lambda population: True) -> list[float]:
    return sums_of(list(days_of(published.cells, path, keep).values()))


def test_counts_and_shares_of_every_bucket_agree_with_the_oracle(tab: Tab, published: Published) -> None:
    tab.open("#measure=GC_MS&version=nightly/28&trim=0")
    counts = counts_of(total(published, "nightly/28/GC_MS/by-build-date"))
    bars = bars_of(tab.download(".distribution", "CSV"))
    assert [float(bar["start"]) for bar in bars] == GC_MS
    assert [float(bar["count"]) for bar in bars] == counts
    assert [float(bar["share"]) for bar in bars] == pytest.approx([count / sum(counts) for count in counts], rel=1e-12)


def test_the_figures_beside_the_bars_agree_with_the_oracle(tab: Tab, published: Published) -> None:
    tab.open("#measure=GC_MS&version=nightly/28")
    values = total(published, "nightly/28/GC_MS/by-build-date")
    _, rows = tab.table("Figures")
    shown = {name: float(cells[0].replace(",", "")) for name, cells in rows.items() if cells[0] != "–"}
    assert shown["Submissions"] == values[-1]
    assert shown["Samples"] == sum(counts_of(values))
    assert shown["Mean"] == pytest.approx(values[-6] / sum(counts_of(values)), rel=1e-3)
    assert shown["Median"] == pytest.approx(percentile(values, GC_MS, 50), rel=1e-3)
    for p in (5, 25, 75, 95, 99):
        assert shown[f"{p}th percentile"] == pytest.approx(percentile(values, GC_MS, p), rel=1e-3)


def test_the_cumulative_view_ends_at_all_samples(tab: Tab) -> None:
    page = tab.open("#measure=GC_MS&version=nightly/28")
    page.get_by_role("button", name="Cumulative").click()
    page.wait_for_url("**cumulative=1**")
    shown = [float(bar["shown"]) for bar in bars_of(tab.download(".distribution", "CSV"))]
    assert shown == sorted(shown)
    assert shown[-1] == pytest.approx(1, abs=1e-3)


def test_counts_instead_of_shares(tab: Tab) -> None:
    page = tab.open("#measure=GC_MS&version=nightly/28")
    tab.menu("Bars").get_by_label("counts of samples").check()
    page.wait_for_url("**unit=count**")
    assert all(bar["shown"] == bar["count"] for bar in bars_of(tab.download(".distribution", "CSV")))


def test_tails_are_trimmed_and_the_page_says_so(tab: Tab) -> None:
    page = tab.open("#measure=GC_MS&version=nightly/28")
    assert page.get_by_text("left out: ").is_visible()
    trimmed = len(bars_of(tab.download(".distribution", "CSV")))
    page.get_by_role("button", name="Trim tails").click()
    page.wait_for_url("**trim=0**")
    assert len(bars_of(tab.download(".distribution", "CSV"))) == 50 > trimmed


def test_exponential_buckets_have_a_logarithmic_axis_by_themselves_and_linear_by_choice(tab: Tab) -> None:
    page = tab.open("#measure=GC_MS&version=nightly/28&trim=0")
    logarithmic = widths(tab.download(".distribution", "SVG"))
    assert logarithmic[30] == pytest.approx(logarithmic[45], rel=0.1)
    tab.menu("Axis").get_by_label("linear").check()
    page.wait_for_url("**axis=linear**")
    linear = widths(tab.download(".distribution", "SVG"))
    assert linear[45] > 10 * linear[30]


def test_populations_are_overlaid_and_their_difference_shown(tab: Tab, published: Published) -> None:
    page = tab.open("#measure=GC_MS&version=nightly/28&compare=OS&trim=0")
    page.get_by_role("button", name="Difference from the first").click()
    page.wait_for_url("**difference=1**")
    bars = bars_of(tab.download(".distribution", "CSV"))
    shares = {}
    for os_, name in (("WINNT", "Windows"), ("Linux", "Linux")):
        counts = counts_of(total(published, "nightly/28/GC_MS/by-build-date", lambda p, os_=os_: p[2] == os_))
        shares[name] = [count / sum(counts) for count in counts]
        assert [float(bar["share"]) for bar in bars if bar["population"] == name] == pytest.approx(
            shares[name], rel=1e-12
        )
    first = bars[0]["population"]
    assert first == "Windows"
    shown = [float(bar["shown"]) for bar in bars if bar["population"] == "Linux"]
    assert shown == pytest.approx([a - b for a, b in zip(shares["Linux"], shares["Windows"], strict=True)], abs=1e-12)


def test_date_ranges_are_overlaid(tab: Tab) -> None:
    page = tab.open("#measure=PLANTED&version=aurora/30&trim=0")
    page.get_by_text("Compare dates").click()
    page.get_by_label("First date to compare").fill("2013-11-15")
    page.get_by_label("Last date to compare").fill("2013-11-16")
    page.get_by_role("button", name="Add", exact=True).click()
    page.wait_for_url("**range=2013-11-15..2013-11-16**")
    bars = [
        bar for bar in bars_of(tab.download(".distribution", "CSV")) if "2013-11-15 to 2013-11-16" in bar["population"]
    ]
    assert [int(bar["count"]) for bar in bars] == [200, 600 + 150 + 160, 800, 400]


def test_percentiles_stand_side_by_side(tab: Tab) -> None:
    tab.open("#measure=GC_MS&version=nightly/28&compare=arch")
    heads, rows = tab.table("Figures")
    assert heads[0] == "Figure"
    assert set(heads[1:]) <= {"x86-64 (64-bit)", "x86 (32-bit)", "ARM (32-bit)"}
    assert len(heads) > 2
    assert all(len(cells) == len(heads) - 1 for cells in rows.values())


def test_the_table_view_lists_every_bucket(tab: Tab, published: Published) -> None:
    page = tab.open("#measure=GC_MS&version=nightly/28&trim=0")
    page.get_by_role("button", name="Table").click()
    page.wait_for_url("**table=1**")
    heads, rows = tab.table("Distribution, one row a bucket")
    counts = counts_of(total(published, "nightly/28/GC_MS/by-build-date"))
    assert heads == ["Bucket", "samples", "share"]
    assert [int(cells[0].replace(",", "")) for cells in rows.values()] == counts
    assert list(rows)[:3] == ["[0, 1)", "[1, 2)", "[2, 3)"]


def test_hover_tells_bucket_count_and_share(tab: Tab) -> None:
    page = tab.open("#measure=PLANTED&version=aurora/29&trim=0")
    page.locator(".distribution .plot").focus()
    page.keyboard.press("Home")
    said = page.locator(".bar-readout").inner_text()
    assert said.replace("\n", " ").startswith("[0, 10)")
    assert "1,100 samples" in said
    box = page.locator(".distribution .u-over").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + 30)
    page.wait_for_function("() => document.querySelector('.bar-readout').textContent.startsWith('[30, 40)')")


def test_boolean_and_enumerated_measures_are_shares_of_named_values(tab: Tab) -> None:
    tab.open("#measure=SHUTDOWN_OK&version=nightly/28&table=1")
    _, rows = tab.table("Distribution, one row a bucket")
    assert list(rows)[:2] == ["false", "true"]
    _, figures = tab.table("Figures")
    assert "True" in figures
    assert "Median" not in figures
