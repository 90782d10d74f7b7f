/** What the publisher found implausible is left out, unless it is asked for; without a verdict nothing is. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isPlausible } from "../telemetry/index.mjs";
import { STEPS, tickNames, ticksBetween } from "../js/models/date-ticks.js";
import { isInside, oddButton, oddText } from "../js/models/odd.js";
import { builds } from "./builds.mjs";
import { bucket, latest, serving } from "./published.mjs";

const days = (evolution) => evolution.dates().map((date) => date.toISOString().slice(0, 10));

for (const [name, Telemetry] of Object.entries(builds)) {
  const opened = async (verdict) => {
    const client = Telemetry.createClient({ base: "http://data" });
    const files = bucket();
    files["versions.json"]["nightly/1024"] = "current/20131201120000/nightly/1024";
    if (verdict) files["latest-current.json"] = verdict;
    client.getUrl = serving(files).getUrl;
    await client.init();
    return { client, files };
  };

  describe(`implausible versions and dates, and ${name}`, () => {
    test("versions beyond the verdict are left out, and listed where they are asked for", async () => {
      const { client } = await opened(latest);
      assert.deepEqual(client.versions(), ["aurora/10", "nightly/9", "nightly/28"]);
      assert.deepEqual(client.versions({ implausible: true }).at(-1), "nightly/1024");
      assert.equal(client.usualVersion(), "nightly/28");
      assert.equal(client.implausible().versions.nightly.number, 1);
    });

    test("dates outside of the verdict are left out, and read where they are asked for", async () => {
      const { client } = await opened(latest);
      assert.deepEqual(days(await client.evolution("nightly/28", "CHOICE")), ["2013-11-01", "2013-11-02"]);
      assert.deepEqual(days(await client.loadEvolutionOverBuilds("nightly/28", "CHOICE")), [
        "2013-11-01",
        "2013-11-02",
      ]);
      assert.equal((await client.evolution("nightly/28", "CHOICE", { implausible: true })).dates().length, 3);
      assert.equal((await client.evolution("nightly/28", "CHOICE", { by: "submission" })).dates().length, 1);
    });

    test("without a verdict nothing is left out", async () => {
      for (const verdict of [
        undefined,
        null,
        {},
        { implausible: null, usual: 7 },
        { implausible: {}, usual: "gone/1" },
      ]) {
        const { client } = await opened(verdict);
        assert.equal(client.versions().at(-1), "nightly/1024");
        assert.equal((await client.evolution("nightly/28", "CHOICE")).dates().length, 3);
        assert.equal(client.usualVersion(), null);
      }
    });

    test("a new snapshot brings its verdict", async () => {
      const { client, files } = await opened();
      files["versions.json"] = { ...files["versions.json"], "nightly/28": "current/20131202120000/nightly/28" };
      files["latest-current.json"] = latest;
      await client.init();
      assert.equal(client.versions().at(-1), "nightly/28");
    });

    test("a part of an evolution, both ends included", async () => {
      const { client } = await opened();
      const all = await client.evolution("nightly/28", "CHOICE");
      const [first, second] = all.dates();
      assert.deepEqual(days(all.within(second)), ["2013-11-02", "2013-12-31"]);
      assert.deepEqual(days(all.within(null, first)), ["2013-11-01"]);
      assert.equal(all.within(first, second).filter("saved_session").range().submissions(), 9);
    });

    test("labels of a categorical measure", async () => {
      const { client } = await opened();
      const evolution = await client.evolution("nightly/28", "CHOICE");
      assert.deepEqual(evolution.labels(), ["shown", "dismissed"]);
      assert.deepEqual(evolution.filter("saved_session").range().labels(), ["shown", "dismissed"]);
      assert.deepEqual((await client.evolution("nightly/28", "EMPTY")).labels(), []);
    });
  });
}

test("names and numbers that are none are plausible, very large numbers are compared as such", () => {
  const versions = { nightly: { first: "29", last: "28", number: 1, pings: 1 } };
  const said = ["nightly/28", "nightly/29", "nightly/99999999999999999999", "constructor/1", "nightly/x"].map(
    (version) => isPlausible(version, versions),
  );
  assert.deepEqual(said, [true, false, false, true, false]);
});

test("what is said of it", () => {
  assert.equal(oddText({ number: 2, pings: 3 }, "version"), "3 pings of 2 implausible versions");
  assert.equal(oddButton({ number: 1, pings: 3 }, "date", false), "Show 1 implausible date");
  assert.equal(oddText({ number: 0, pings: 0 }, "date"), "");
  assert.deepEqual(
    ["2013-10-31", "2013-11-01", "2013-11-02", "2013-11-03"].map((day) =>
      isInside(day, { first: "20131101", last: "20131102" }),
    ),
    [false, true, true, false],
  );
  assert.equal(isInside("2099-01-01", null), true);
});

describe("ticks of dates", () => {
  const at = (text) => Date.parse(text) / 1000;
  /** As the chart chooses: the smallest step that leaves room for `most` ticks. */
  const written = (low, high, most = 12) => {
    const step = STEPS.find((each) => (at(high) - at(low)) / each <= most);
    return tickNames(ticksBetween(at(low), at(high), step), step);
  };

  test("any span has them, from a day to all of the calendar", () => {
    for (const [low, high] of [
      ["2014-02-01", "2014-02-02"],
      ["2014-02-01", "2014-02-28"],
      ["1995-03-01", "2025-06-01"],
      ["1970-01-01", "2099-12-31"],
      ["0001-01-01", "9999-12-31"],
    ]) {
      const names = written(low, high);
      assert.ok(names.length >= 2 && names.length <= 14, `${low}: ${names}`);
    }
  });

  test("years begin on 1 January and do not drift", () => {
    assert.deepEqual(written("1995-01-15", "2025-01-07"), ["2000", "2005", "2010", "2015", "2020", "2025"]);
    assert.deepEqual(written("1970-01-01", "2099-12-31", 8), ["1980", "2000", "2020", "2040", "2060", "2080"]);
    for (const step of STEPS.slice(-12)) {
      for (const time of ticksBetween(at("1900-05-05"), at("2400-01-01"), step))
        assert.match(new Date(time * 1000).toISOString(), /-01-01T00:00:00/);
    }
  });

  test("months begin on their first, days at midnight; the year where it begins or changes", () => {
    assert.deepEqual(written("2013-10-20", "2014-03-10", 6), ["1 Nov\n2013", "1 Dec", "1 Jan\n2014", "1 Feb", "1 Mar"]);
    assert.deepEqual(written("2014-02-01", "2014-02-28", 4), ["1 Feb\n2014", "8 Feb", "15 Feb", "22 Feb"]);
    assert.equal(ticksBetween(10, 5, STEPS[0]).length, 0);
  });
});
