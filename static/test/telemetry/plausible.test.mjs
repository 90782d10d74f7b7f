/** What the publisher found implausible is left out, unless it is asked for; without a verdict nothing is. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isPlausible } from "../../telemetry/index.mjs";
import { builds } from "../builds.mjs";
import { bucket, latest, serving } from "../published.mjs";

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
