"""Why is it empty, and can it be trusted?"""

import shutil
from pathlib import Path

from playwright.sync_api import expect

from telemetry_tasks.core.disclosure.collapse import NOT_ALLOWED, TOO_MANY_OPTIONS
from telemetry_tasks.core.disclosure.publish_limits import PublishLimits
from tests.page import made
from tests.page.bucket import Writer
from tests.page.conftest import STATIC, Published, Tab
from tests.page.pipeline import publish_files
from tests.page.planted import STAMP
from tests.page.serving import serving
from tests.servers.redis import RedisServer


def reason(tab: Tab, state: str) -> str:
    return tab.open(state).locator(".evolution .reason").first.inner_text()


def test_every_empty_chart_says_which_reason_applies(tab: Tab) -> None:
    assert "There is no measure “NOPE” in nightly 28" in reason(tab, "#measure=NOPE&version=nightly/28")
    assert "There is no measure “NOPE”" in reason(tab, "#measure=NOPE&version=nightly/28&compare=OS")
    assert "release 99 is not aggregated yet" in reason(tab, "#measure=GC_MS&version=release/99")
    assert "release 99 is not aggregated yet" in reason(tab, "#version=release/99&compare=OS")
    assert "No data for these filters: GC_MS in nightly 28 has no pings of BeOS" in reason(
        tab, "#measure=GC_MS&version=nightly/28&OS=BeOS"
    )
    assert "No data between 2010-01-01 and 2010-02-01" in reason(
        tab, "#measure=GC_MS&version=nightly/28&from=2010-01-01&to=2010-02-01"
    )


def test_one_series_may_be_empty_beside_others(tab: Tab) -> None:
    page = tab.open("#measure=GC_MS&version=nightly/28,nightly/99&show=median")
    expect(page.locator(".evolution .reason")).to_contain_text("nightly 99: nightly 99 is not aggregated yet")
    assert len(tab.readout()) == 1


def test_a_measure_outside_the_definitions_says_so(tab: Tab) -> None:
    page = tab.open("#measure=COMPARTMENT_ADOPTED_NODE&version=nightly/28")
    expect(page.locator(".warning")).to_contain_text("not in the definitions of its version")


def test_the_line_of_freshness_is_on_every_page(tab: Tab, published: Published) -> None:
    last = max(key.split("/")[4].split(".")[1] for key in published.lines)
    for state in ("#measure=GC_MS&version=nightly/28", "#view=health"):
        line = tab.open(state).locator("#freshness")
        expect(line).to_contain_text("Published: 2013-12-01 12:00 UTC")
        expect(line).to_contain_text(f"Last day with pings: {last[:4]}-{last[4:6]}-{last[6:]}")
        expect(line).to_contain_text(f"Files processed: {len(published.lines)}")
        expect(line).to_contain_text("Files missing: ")


def test_a_banner_says_when_data_are_late_and_only_then(tab: Tab) -> None:
    page = tab.page
    page.clock.set_fixed_time("2013-12-01T18:00:00Z")
    tab.open("#measure=GC_MS&version=nightly/28")
    expect(page.locator(".banner")).to_have_count(0)
    page.clock.set_fixed_time("2013-12-05T18:00:00Z")
    tab.open("#measure=GC_MS&version=nightly/28")
    expect(page.locator(".banner")).to_contain_text("Data are late: the last publish was 4 days ago")


def test_the_health_page_lists_files_pings_bad_lines_and_reasons(tab: Tab, published: Published) -> None:
    page = tab.open("#view=health")
    heads, rows = tab.table("All channels and versions")
    keys = [key for key in published.lines if "/nightly/28" in key]
    row = dict(zip(heads[1:], rows["nightly/28"], strict=True))
    assert row["Files"] == str(len(keys))
    assert row["Bad lines"] == str(sum(published.lines[key]["bad"] for key in keys))
    latest = Writer(published.folder).get(f"current/{STAMP}/health.json")["versions"]["nightly/28"]
    (broken,) = latest["missing_files"]
    assert broken["file"].endswith(".broken.gz")
    for text in broken.values():
        expect(page.get_by_text(text, exact=True).first).to_be_visible()
    section = page.locator(".health-version", has=page.get_by_role("heading", name="nightly 28"))
    section.get_by_text("measures with unknown definitions").click()
    expect(section.get_by_text("COMPARTMENT_ADOPTED_NODE", exact=True)).to_be_visible()
    section.get_by_text("Days", exact=True).click()
    expect(section.get_by_role("table", name="by submission date")).to_be_visible()


def test_the_health_page_says_what_is_shown_as_other_and_why(
    tab: Tab, tmp_path: Path, redis_server: RedisServer
) -> None:
    pings, bucket = tmp_path / "pings", tmp_path / "bucket"
    made.pings(pings, files=6, pings_a_file=8, days=2)
    limits = PublishLimits(most_options=3, allowed_options=(("OS", ("WINNT",)),))
    publish_files(redis_server.url, pings, tmp_path / "definitions", bucket, limits)
    versions = Writer(bucket).get(f"current/{STAMP}/health.json")["versions"]
    told = {(part["dimension"], part["reason"]) for facts in versions.values() for part in facts.get("collapsed", ())}
    assert {("OS", NOT_ALLOWED), ("osVersion", TOO_MANY_OPTIONS)} <= told
    with serving({"/data/": bucket, "/": STATIC}) as site:
        tab.site = site
        tab.open("#view=health")
        for version, facts in versions.items():
            rows = tab.page.locator("table", has=tab.page.get_by_text(f"{version}: what was left out, by reason")).first
            shown = [row.locator("th, td").all_inner_texts() for row in rows.locator("tbody tr").all()]
            others = [row for row in shown if row[1].endswith("shown as OTHER")]
            assert others == [
                [
                    part["reason"],
                    f"options of {part['dimension']}, shown as OTHER",
                    f"{part['number']} ({part['pings']} pings)",
                ]
                for part in facts.get("collapsed", ())
            ]


def test_a_bucket_that_cannot_be_read_says_so_and_tries_again(tab: Tab, published: Published, tmp_path: Path) -> None:
    with serving({"/data/": tmp_path, "/": STATIC}) as site:
        tab.site = site
        tab.expected = ("404",)
        page = tab.open()
        expect(page.get_by_role("alert")).to_contain_text("The data cannot be read")
        shutil.copytree(published.folder, tmp_path, dirs_exist_ok=True)
        page.get_by_role("button", name="Try again").click()
        expect(page.locator(".evolution .plot").first).to_be_visible()


def test_a_bucket_of_v1_files_alone_is_shown_too(tab: Tab, published: Published, tmp_path: Path) -> None:
    def extras(folder: str, names: list[str]) -> set[str]:
        return {name for name in names if name.endswith(("-summary.json", "measures.json", "health.json"))}

    shutil.copytree(published.folder, tmp_path / "v1", ignore=extras)
    with serving({"/data/": tmp_path / "v1", "/": STATIC}) as site:
        tab.site = site
        tab.expected = ("404",)
        page = tab.open("#measure=GC_MS&version=nightly/28&OS=WINNT&show=median")
        assert list(tab.readout()) == ["median"]
        assert tab.menu("OS").locator(".menu-row").count() > 2
        tab.open("#view=health", path="/index.html")
        expect(page.get_by_text("This bucket has no health.json")).to_be_visible()


def test_a_new_snapshot_is_noticed_without_a_reload(tab: Tab, published: Published, tmp_path: Path) -> None:
    bucket = tmp_path / "bucket"
    shutil.copytree(published.folder, bucket)
    with serving({"/data/": bucket, "/": STATIC}) as site:
        tab.site = site
        page = tab.page
        page.clock.install(time="2013-12-01T18:00:00Z")
        tab.open("#measure=PLANTED&version=aurora/30&show=median")
        shutil.copytree(bucket / "current" / "20131201120000", bucket / "current" / "20131202120000")
        Writer(bucket).put("versions.json", {"aurora/30": "current/20131202120000/aurora/30"})
        Writer(bucket).put("latest-current.json", {"current": "20131202120000", "versions": ["aurora/30"]})
        page.clock.run_for(61000)
        expect(page.locator("#notices")).to_contain_text("New data have been published")
        expect(page.locator("#freshness")).to_contain_text("Published: 2013-12-02 12:00 UTC")


def test_nothing_is_requested_twice(tab: Tab, published: Published) -> None:
    with serving({"/data/": published.folder, "/": STATIC}) as site:
        tab.site = site
        page = tab.open("#measure=GC_MS&version=nightly/28&show=median")
        tab.menu("OS").get_by_label("Windows").check()
        page.wait_for_url("**OS=WINNT")
        page.get_by_role("button", name="Cumulative").click()
        page.wait_for_load_state("networkidle")
        asked = [path for path, _ in site.requests if "/current/" in path]
        assert len(asked) == len(set(asked))
