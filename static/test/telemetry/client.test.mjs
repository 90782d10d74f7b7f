/** Every call of the v1 API, with callbacks and with Promises. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { builds } from "../builds.mjs";
import { bucket, latest, serving } from "../published.mjs";

const called = (start) => new Promise((resolve) => start((...given) => resolve(given)));
const days = (dates) => dates.map((date) => date.toISOString());

for (const [name, Telemetry] of Object.entries(builds)) {
  const opened = async (files = bucket()) => {
    const client = Telemetry.createClient();
    const { getUrl, requests } = serving(files);
    client.getUrl = getUrl;
    await client.init({ base: "http://data/" });
    return { client, requests };
  };
  const choice = async (options) => (await opened()).client.evolution("nightly/28", "CHOICE", options);

  describe(`the v1 API of ${name}`, () => {
    test("init calls back without an error, and gives the API as a Promise", async () => {
      const client = Telemetry.createClient({ base: "http://data" });
      client.getUrl = serving(bucket()).getUrl;
      assert.deepEqual(await called((done) => client.init(done)), [null]);
      assert.equal(await client.init(), client);
      assert.deepEqual(await called((done) => client.init({}, done)), [null]);
    });

    test("versions are sorted by number, and names that are no channel/version are not shown", async () => {
      const { client } = await opened();
      assert.deepEqual(client.versions(), ["aurora/10", "nightly/9", "nightly/28"]);
    });

    test("measures give kind and description", async () => {
      const { client } = await opened();
      const [measures] = await called((done) => client.measures("nightly/28", done));
      assert.deepEqual(measures.YES, { kind: "boolean", description: "Boolean" });
      assert.deepEqual(await client.measures("nightly/28"), measures);
    });

    test("health of the snapshot", async () => {
      const files = { ...bucket(), "latest-current.json": latest, "current/20131201120000/health.json": { schema: 1 } };
      assert.deepEqual(await (await opened(files)).client.health(), { schema: 1 });
    });

    test("hooks that do not say why they failed read layout 1, others' failures are told", async () => {
      const refusing = (error) => {
        const client = Telemetry.createClient({ base: "http://data" });
        const { getUrl } = serving(bucket());
        client.getUrl = (url, callback) => (url.endsWith("/latest.json") ? callback(error) : getUrl(url, callback));
        return client.init();
      };
      for (const error of ["404", new Error("no such file")])
        assert.deepEqual((await refusing(error)).versions(), ["aurora/10", "nightly/9", "nightly/28"]);
      for (const code of ["timeout", "http"])
        await assert.rejects(refusing(Object.assign(new Error("late"), { code, status: 503 })), { code });
    });

    test("a measure called __proto__ is a measure like any other", async () => {
      const files = bucket();
      const path = "current/20131201120000/nightly/28/histograms.json";
      files[path] = JSON.parse('{"__proto__": {"kind": "flag", "description": "odd"}}');
      const { client } = await opened(files);
      const measures = await client.measures("nightly/28");
      assert.deepEqual(Object.keys(measures), ["__proto__"]);
    });

    test("evolutions load over builds and over time, to a callback and as a Promise", async () => {
      const { client } = await opened();
      const [builds] = await called((done) => client.loadEvolutionOverBuilds("nightly/28", "CHOICE", done));
      const [time] = await called((done) => client.loadEvolutionOverTime("nightly/28", "CHOICE", done));
      assert.equal(builds.dates().length, 3);
      assert.deepEqual(days(time.dates()), ["2013-11-05T00:00:00.000Z"]);
      assert.equal((await client.loadEvolutionOverTime("nightly/28", "CHOICE")).dates().length, 1);
    });

    test("an evolution tells its measure, kind, description and filters", async () => {
      const evolution = await choice();
      assert.deepEqual(
        [evolution.measure(), evolution.kind(), evolution.description()],
        ["CHOICE", "enumerated", "Enumerated"],
      );
      assert.equal(evolution.filterName(), "reason");
      assert.deepEqual(evolution.filterOptions(), ["idle_daily", "saved_session"]);
    });

    test("dates are UTC midnights in order, of days that have data for the filter", async () => {
      const evolution = await choice();
      assert.deepEqual(days(evolution.dates()), [
        "2013-11-01T00:00:00.000Z",
        "2013-11-02T00:00:00.000Z",
        "2013-12-31T00:00:00.000Z",
      ]);
      assert.equal(evolution.filter("idle_daily").dates().length, 1);
    });

    test("filter by filter, down to a leaf", async () => {
      const windows = (await choice()).filter("saved_session").filter("WINNT");
      assert.deepEqual([windows.filterName(), windows.filterOptions()], ["arch", ["x86", "x86-64"]]);
      assert.equal(windows.range().submissions(), 5);
      const leaf = windows.filter("x86");
      assert.deepEqual([leaf.filterName(), leaf.filterOptions(), leaf.range().submissions()], [null, [], 2]);
    });

    test("an option that is not there is an error that names it", async () => {
      const evolution = await choice();
      const leaf = evolution.filter("saved_session").filter("Linux").filter("x86-64");
      assert.throws(() => evolution.filter("BeOS"), { code: "no-such-option", message: /BeOS/ });
      assert.throws(() => evolution.filter("_id"), /_id/);
      assert.throws(() => evolution.filter("toString"), /toString/);
      assert.throws(() => leaf.filter("x86"), /x86.*no filter left/);
      assert.throws(() => evolution.range().filter("BeOS"), /BeOS/);
    });

    test("sets of options at any level, at once", async () => {
      const evolution = await choice();
      assert.equal(
        evolution
          .filter({ OS: ["WINNT", "Darwin"] })
          .range()
          .submissions(),
        12,
      );
      assert.equal(evolution.filter({ arch: "x86-64", reason: "saved_session" }).range().submissions(), 7);
      assert.equal(evolution.filter({}).range().submissions(), 16);
      assert.equal((await choice({ filter: { OS: ["Linux"] } })).range().submissions(), 4);
    });

    test("sets that nobody fits give no dates, and what does not exist is an error", async () => {
      const evolution = await choice();
      assert.deepEqual(evolution.filter({ OS: ["Linux"], arch: ["x86"] }).dates(), []);
      assert.throws(() => evolution.filter({ OS: ["BeOS"] }), /BeOS/);
      assert.throws(() => evolution.filter({ locale: ["de"] }), /locale/);
      assert.throws(() => evolution.filter(7), /7/);
      assert.throws(() => evolution.filter(null), /null/);
    });

    test("any predicate over populations", async () => {
      const evolution = await choice();
      assert.equal(
        evolution
          .filter(({ OS, arch }) => OS !== "WINNT" || arch === "x86")
          .range()
          .submissions(),
        13,
      );
      const none = evolution.filter(() => false);
      assert.deepEqual([none.dates(), none.filterName(), none.range().count()], [[], null, 0]);
    });

    test("a range includes both ends, and is open where they are null or not given", async () => {
      const evolution = await choice();
      const [first, second, third] = evolution.dates();
      const pings = (...range) => evolution.range(...range).submissions();
      assert.deepEqual(
        [
          pings(),
          pings(first, first),
          pings(first, second),
          pings(second),
          pings(null, second),
          pings(undefined, null),
        ],
        [16, 5, 9, 11, 9, 16],
      );
      assert.equal(pings(third, first), 0);
    });

    test("each and map visit dates in order, with index and context", async () => {
      const evolution = await choice();
      const seen = [];
      evolution.each(
        function visit(date, histogram, index) {
          seen.push([this.tag, date.toISOString().slice(0, 10), histogram.submissions(), index]);
        },
        { tag: "t" },
      );
      assert.deepEqual(seen, [
        ["t", "2013-11-01", 5, 0],
        ["t", "2013-11-02", 4, 1],
        ["t", "2013-12-31", 7, 2],
      ]);
      assert.deepEqual(
        evolution.map((date, histogram) => histogram.count()),
        [7, 5, 7],
      );
    });

    test("a histogram tells measure, kind, description, filters, and visits its buckets", async () => {
      const histogram = (await choice()).range();
      assert.deepEqual(
        [histogram.measure(), histogram.kind(), histogram.description()],
        ["CHOICE", "enumerated", "Enumerated"],
      );
      assert.deepEqual(
        [histogram.filterName(), histogram.filterOptions()],
        ["reason", ["idle_daily", "saved_session"]],
      );
      assert.equal(histogram.filter("idle_daily").submissions(), 7);
      assert.equal(
        histogram.filter({ arch: "x86" }).filter("saved_session").filter("WINNT").filter("x86").filterOptions().length,
        0,
      );
      const seen = [];
      histogram.each((count, start, end, index) => seen.push([count, start, end, index]));
      assert.deepEqual(seen, [
        [1, 0, 1, 0],
        [5, 1, 2, 1],
        [6, 2, 3, 2],
        [7, 3, 4, 3],
        [0, 4, 5, 4],
      ]);
      const context = { tag: 1 };
      assert.deepEqual(
        histogram.map(function () {
          return this === context;
        }, context),
        Array(5).fill(true),
      );
    });

    test("other documents of a version's folder are read too, and its address is told", async () => {
      const { client } = await opened();
      assert.deepEqual(await client.document("nightly/28", "measures.json"), { schema: 1, measures: {} });
      assert.equal(client.folder("nightly/28"), "current/20131201120000/nightly/28");
      assert.equal(client.base(), "http://data");
    });
  });
}
