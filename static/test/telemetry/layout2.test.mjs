/** Layout 2, as packs.mjs writes it: numbers of any size, every axis, few requests, snapshots that are never mixed. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { describe, test } from "node:test";
import { builds } from "../builds.mjs";
import { bucketOf, digestOf, servingObjects } from "../packs.mjs";

const TREE = { _id: 0, name: "OS", Darwin: { _id: 1 }, Linux: { _id: 2 }, WINNT: { _id: 3 } };
const TABLE = [["Darwin"], ["Linux"], ["WINNT"]];
const SUMS = [
  ["sum", "sum_squares_lo", "sum_squares_hi"],
  ["log_sum", "log_sum_squares"],
];
const LINEAR = { kind: "linear", description: "Linear", low: 10, high: 20, n_buckets: 3 };
const INDEX = { axis: { kind: "index", size: 3 }, sums: SUMS };
const DATES = { build: ["20131101", "20131102"], submission: ["20131105"] };

const sumsOf = (sum, unknown = 0) => ({
  sum: [sum, unknown],
  sum_squares_lo: [sum * sum, unknown],
  sum_squares_hi: [0, unknown],
  log_sum: [Math.log(sum + 1), unknown],
  log_sum_squares: [Math.log(sum + 1) ** 2, unknown],
});
const line = (date, population, records, cells, sums = {}) => ({ date, population, records, cells, sums });

const LINES = {
  build: [
    line(0, 0, 2, { 0: 1, 2: 3 }, sumsOf(40)),
    line(0, 2, 1, { 1: 2 }, sumsOf(25)),
    line(1, 1, 4, { 1: 300 }, sumsOf(0, 4)),
  ],
  submission: [line(0, 1, 4, { 1: 300 }, sumsOf(0, 4))],
};
const gc = (lines = LINES) => ({ name: "GC_MS", shape: INDEX, definition: LINEAR, lines });
const bucket = (measures = [gc()], options = {}) =>
  bucketOf({ table: TABLE, tree: TREE, dates: DATES, measures, ...options });
const only = (shape, lines, definition = {}) => [
  { name: "M", shape: { sums: [], ...shape }, definition, lines: { build: lines, submission: [] } },
];
const buckets = (evolution) => evolution.range().map((count, start, end) => [start, end, count]);

for (const [name, Telemetry] of Object.entries(builds)) {
  const opened = async (objects = bucket()) => {
    const client = Telemetry.createClient({ base: "http://data" });
    const { getUrl, requests } = servingObjects(objects);
    client.getUrl = getUrl;
    await client.init();
    return { client, objects, requests };
  };
  const loaded = async (measures) => (await opened(bucket(measures))).client.evolution("nightly/28", measures[0].name);

  describe(`layout 2 and ${name}`, () => {
    test("versions that have data, what is usual and implausible, health", async () => {
      const implausible = {
        dates: { "nightly/28": { "by-build-date": { first: "20131102", last: "20131102", number: 1, pings: 3 } } },
      };
      const { client } = await opened(bucket([gc()], { usual: "nightly/28", implausible }));
      assert.deepEqual(client.versions(), ["nightly/28"]);
      assert.equal(client.usualVersion(), "nightly/28");
      assert.deepEqual(client.implausible().dates, implausible.dates);
      assert.deepEqual(await client.health(), { schema: 1 });
      assert.equal(client.folder("nightly/28"), "current/20131201120000/nightly/28");
      assert.equal((await client.evolution("nightly/28", "GC_MS")).dates().length, 1);
      assert.equal((await client.evolution("nightly/28", "GC_MS", { implausible: true })).dates().length, 2);
    });

    test("rows by date and population, their sums, and what is not known", async () => {
      const { client } = await opened();
      const evolution = await client.evolution("nightly/28", "GC_MS");
      assert.deepEqual(buckets(evolution), [
        [0, 10, 1],
        [10, 20, 302],
        [20, 30, 3],
      ]);
      assert.equal(evolution.range().submissions(), 7);
      assert.equal(evolution.range().mean(), 65 / 6);
      assert.deepEqual([evolution.kind(), evolution.description()], ["linear", "Linear"]);
      const [first, second] = evolution.map((_, histogram) => histogram);
      assert.deepEqual([first.count(), second.count(), second.mean()], [6, 300, NaN]);
      const darwin = evolution.filter("Darwin");
      assert.deepEqual([darwin.dates().length, darwin.range().count(), darwin.range().mean()], [1, 4, 10]);
      assert.equal(
        evolution
          .filter({ OS: ["Darwin", "Linux"] })
          .filter({ OS: "Linux" })
          .range()
          .count(),
        300,
      );
      assert.equal(evolution.range().filter("WINNT").count(), 2);
      assert.deepEqual(evolution.filter(() => false).dates(), []);
      assert.equal((await client.loadEvolutionOverTime("nightly/28", "GC_MS")).range().count(), 300);
    });

    test("measures, and the documents of layout 1", async () => {
      const { client } = await opened();
      assert.deepEqual(await client.measures("nightly/28"), { GC_MS: { kind: "linear", description: "Linear" } });
      const document = (path) => client.document("nightly/28", path);
      assert.deepEqual(await document("histograms.json"), { GC_MS: LINEAR });
      assert.deepEqual(await document("filter-tree.json"), TREE);
      assert.deepEqual(await document("measures.json"), {
        schema: 1,
        channel_version: "nightly/28",
        pings: 9,
        measures: { GC_MS: { kind: "linear", description: "Linear", submissions: 1 } },
      });
      const rows = await document("GC_MS-by-submission-date.json");
      assert.deepEqual(rows, { 20131105: [[0, 300, 0, -1, -1, -1, -1, -1, 4, 2]] });
      const other = await opened(bucket([{ ...gc(), definition: { ...LINEAR, original_kind: "count" } }]));
      assert.equal((await other.client.document("nightly/28", "measures.json")).measures.GC_MS.original_kind, "count");
    });

    test("numbers are exact to 2^53, and beyond it rounded once", async () => {
      for (const number of [
        0n,
        127n,
        128n,
        2n ** 49n,
        2n ** 53n - 1n,
        2n ** 60n + 1n,
        600000014270661742n,
        3n ** 70n,
      ]) {
        const sums = { sum: [-number, 0] };
        const shape = { axis: { kind: "none" }, sums: [["sum"]] };
        const { client } = await opened(bucket(only(shape, [line(0, 0, 1, {}, sums)])));
        const { "20131101": rows } = await client.document("nightly/28", "M-by-build-date.json");
        assert.equal(rows[0][0], Number(-number));
      }
      const cells = await loaded(only(INDEX, [line(0, 0, 1, { 0: 2n ** 63n + 1n }, sumsOf(1))], LINEAR));
      assert.equal(cells.range().count(), 2 ** 63);
    });

    test("fractions, of counts and of sums", async () => {
      const lines = [line(0, 0, 1, { 0: 0.25, 1: -1.5, 2: 2 }, { ...sumsOf(1), sum: [-7.75, 0] })];
      const evolution = await loaded(only(INDEX, lines, LINEAR));
      assert.deepEqual(
        evolution.range().map((count) => count),
        [0.25, -1.5, 2],
      );
      assert.equal(evolution.range().mean(), -7.75 / 0.75);
    });

    test("bounds, with the lower or the upper side closed", async () => {
      const axis = { kind: "bounds", bounds: [1, 2.5, 10] };
      const lines = [line(0, 0, 1, { 0: 4, 2: 1 })];
      assert.deepEqual(buckets(await loaded(only({ axis: { ...axis, closed: "lower" } }, lines))), [
        [1, 2.5, 4],
        [2.5, 10, 0],
        [10, 17.5, 1],
      ]);
      assert.deepEqual(buckets(await loaded(only({ axis: { ...axis, closed: "upper" } }, lines))), [
        [0, 1, 4],
        [1, 2.5, 0],
        [2.5, 10, 1],
        [10, 17.5, 0],
      ]);
    });

    test("exponential axes: below 0, 0, above it; percentiles by logarithms", async () => {
      const lines = [line(0, 0, 1, { 0: 1, 2: 2, 5: 4 }), line(1, 0, 1, { 3: 1 })];
      const evolution = await loaded(only({ axis: { kind: "exponential", scale: 0 } }, lines));
      assert.deepEqual(buckets(evolution), [
        [-2, -1, 2],
        [0, 0, 1],
        [0.5, 1, 1],
        [2, 4, 4],
      ]);
      assert.equal(evolution.kind(), "exponential");
      assert.equal(evolution.range().percentile(75), 2 * 2 ** 0.5);
      assert.equal(evolution.range().percentile(12.5), -2 * 0.5 ** 0.5);
    });

    test("categories, records without buckets, and positions that no definition explains", async () => {
      const labels = ["ok", "failed"];
      const categories = await loaded(only({ axis: { kind: "categories", labels } }, [line(0, 0, 2, { 1: 5 })]));
      assert.deepEqual([categories.labels(), categories.range().median()], [labels, 1]);
      const none = await loaded(only({ axis: { kind: "none" } }, [line(0, 0, 2, {})]));
      assert.deepEqual([none.range().submissions(), none.range().count(), none.dates().length], [2, 0, 1]);
      const odd = await loaded(
        only({ ...INDEX, axis: { kind: "index", size: 4 } }, [line(0, 0, 1, { 3: 1 }, sumsOf(9))]),
      );
      assert.deepEqual([odd.range().median(), odd.kind()], [3, "index"]);
    });

    test("shares, client sketches and other keys lie between what is read", async () => {
      const shape = { ...INDEX, shares: true, clients: { registers: 256 } };
      const measures = [
        { ...gc(), shape },
        { ...gc({ build: [line(0, 0, 9, { 0: 9 }, sumsOf(9))], submission: [] }), key: "other", shape },
      ];
      const { client } = await opened(bucket(measures));
      assert.equal((await client.evolution("nightly/28", "GC_MS")).range().count(), 306);
      assert.equal((await client.evolution("nightly/28", "GC_MS", { by: "submission" })).range().count(), 300);
    });

    test("the first chart reads a head and one section, a filter two more ranges, and nothing twice", async () => {
      const { client, requests } = await opened();
      const summary = await client.document("nightly/28", "GC_MS-summary.json");
      assert.deepEqual(summary["by-build-date"]["20131101"].slice(0, 4), [1, 2, 3, 65]);
      assert.deepEqual(summary.populations["by-build-date"], { 1: 2, 2: 4, 3: 1 });
      assert.equal(requests.length, 4);
      assert.equal(requests[2].split(" ")[1].split("-")[0], "0");
      const load = () => client.evolution("nightly/28", "GC_MS");
      await Promise.all([load(), load(), client.document("nightly/28", "GC_MS-summary.json")]);
      await load();
      assert.equal(requests.length, 6);
      assert.equal(new Set(requests).size, 6);
    });

    test("measures are found in their blocks, whatever they are called", async () => {
      const names = ["GC_MS", "ÄÖ", "__proto__", "a/b-summary", "日本"];
      const measures = names.map((each) => ({ ...gc(), name: each }));
      const { client } = await opened(bucket(measures, { blocks: 16 }));
      for (const each of names) {
        assert.equal((await client.evolution("nightly/28", each)).range().count(), 306, each);
        const rows = await client.document("nightly/28", `${encodeURIComponent(each)}-by-build-date.json`);
        assert.deepEqual(Object.keys(rows), DATES.build);
      }
    });

    test("a load goes on with the manifest that it began with", async () => {
      const { client, objects } = await opened();
      const whole = client.getUrl;
      const doubled = LINES.build.map((each) => ({ ...each, records: each.records * 2 }));
      const next = bucket([gc({ ...LINES, build: doubled })], { stamp: "20131202120000" });
      let told = 0;
      const stop = client.watch({ every: 3600000 }, () => told++);
      client.getUrl = (url, callback, options) => {
        if (!options.range || told) return whole(url, callback, options);
        Object.assign(objects, next);
        return client.init().then(() => whole(url, callback, options));
      };
      const before = await client.evolution("nightly/28", "GC_MS");
      stop();
      assert.deepEqual([told, before.range().submissions()], [1, 7]);
      assert.equal((await client.evolution("nightly/28", "GC_MS")).range().submissions(), 14);
      assert.match(client.folder("nightly/28"), /20131202120000/);
    });

    test("what was collected is read from the snapshot of now", async () => {
      const { client, objects } = await opened();
      for (const path of Object.keys(objects)) delete objects[path];
      await assert.rejects(client.evolution("nightly/28", "GC_MS"), { code: "http", status: 404 });
      const lines = { ...LINES, build: LINES.build.slice(1) };
      Object.assign(objects, bucket([gc(lines)], { stamp: "20131202120000" }));
      assert.equal((await client.evolution("nightly/28", "GC_MS")).range().submissions(), 5);
    });

    test("what does not exist, and what is damaged", async () => {
      const { client, objects } = await opened();
      await assert.rejects(client.evolution("nightly/28", "NO"), { code: "no-such-measure", message: /NO/ });
      await assert.rejects(client.document("nightly/28", "NO-summary.json"), { code: "http", status: 404 });
      const bad = { code: "bad-data" };
      const damaged = async (change) => {
        const copy = structuredClone(objects);
        const [path] = Object.keys(copy).filter((key) => key.startsWith("packs/"));
        copy[path] = Buffer.from(objects[path]);
        change(copy, path);
        const other = Telemetry.createClient({ base: "http://data" });
        other.getUrl = servingObjects(copy).getUrl;
        await other.init();
        return other.evolution("nightly/28", "GC_MS");
      };
      const manifest = (copy) => copy[`manifests/${copy["latest.json"].versions["nightly/28"].manifest}`];
      await assert.rejects(
        damaged((copy, path) => copy[path].fill(255)),
        bad,
      );
      await assert.rejects(
        damaged((copy, path) => copy[path].fill(255, manifest(copy).ranges["2013-11"][0].head)),
        bad,
      );
      await assert.rejects(
        damaged((copy) => (manifest(copy).populations = {})),
        bad,
      );
      await assert.rejects(
        damaged((copy) => (manifest(copy).populations.t = TABLE.slice(0, 1))),
        bad,
      );
      await assert.rejects(
        damaged((copy) => (manifest(copy).populations.t = [["BeOS"]])),
        bad,
      );
      await assert.rejects(
        damaged((copy) => (manifest(copy).schema = 3)),
        bad,
      );
      await assert.rejects(
        damaged((copy) => (copy["latest.json"].schema = 3)),
        bad,
      );
      delete objects["latest.json"].documents["health.json"];
      await client.init();
      await assert.rejects(client.health(), { code: "http", status: 404 });
      await assert.rejects(Telemetry.createClient().health(), { code: "not-initialised" });
    });

    test("sections that are too short, too long, or speak of what does not exist", async () => {
      const odd = async (part) => {
        const shape = { axis: { kind: "index", size: 2 }, sums: [] };
        const { client } = await opened(bucket(only(shape, [{ ...line(0, 0, 1, { 0: 1 }), raw: part }])));
        return client.evolution("nightly/28", "M");
      };
      // rows, gap of the date, gap of the population, records, unit, numbers of the row, position, number
      assert.equal((await odd([1, 0, 0, 1, 0, 1, 1, 4])).range().count(), 2);
      for (const part of [
        [1, 0, 0, 1, 0, 1, 1, 4, 0],
        [1, 0, 0, 1, 0, 1, 1],
        [1, 0, 0, 1, 0, 1, 1, 132],
        [1, 0, 0, 1, 7, 1, 1, 4],
        [1, 0, 0, 1, 0, 1, 2, 4],
        [1, 0, 3, 1, 0, 1, 1, 4],
        [1, 2, 0, 1, 0, 1, 1, 4],
        [],
      ])
        await assert.rejects(odd(part), { code: "bad-data" }, String(part));
    });

    test("over HTTP: ranges, servers that know none, and answers that are cut off", async () => {
      const objects = bucket();
      let mode = "ranges";
      const server = createServer((request, response) => {
        const found = objects[request.url.slice(1)];
        const body = Buffer.isBuffer(found) ? found : Buffer.from(JSON.stringify(found));
        const [, begin, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
        if (begin === undefined || mode === "whole") return response.end(body);
        response.statusCode = 206;
        return response.end(body.subarray(+begin, +end + (mode === "ranges" ? 1 : 0)));
      });
      await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
      const load = async (way) => {
        mode = way;
        const client = Telemetry.createClient({ base: `http://127.0.0.1:${server.address().port}` });
        await client.init();
        return (await client.evolution("nightly/28", "GC_MS")).range().count();
      };
      try {
        assert.deepEqual([await load("ranges"), await load("whole")], [306, 306]);
        await assert.rejects(load("cut"), { code: "bad-data", message: /asked for/ });
      } finally {
        server.close();
      }
    });
  });
}

/** Cache Storage as browsers have it; `broken` methods reject. */
function cacheStorage(broken = []) {
  const held = new Map();
  const method = (name, does) => [
    name,
    async (...given) => (broken.includes(name) ? Promise.reject(name) : does(...given)),
  ];
  const cache = Object.fromEntries([
    method("keys", () => [...held.keys()]),
    method("match", (key) => held.get(key)?.clone()),
    method("put", (key, response) => held.set(key, response)),
    method("delete", (key) => held.delete(key)),
  ]);
  return { held, caches: Object.fromEntries([method("open", () => cache)]) };
}

for (const [name, Telemetry] of Object.entries(builds)) {
  describe(`Cache Storage and ${name}`, () => {
    const loading = async (objects, caches) => {
      globalThis.caches = caches;
      try {
        const client = Telemetry.createClient({ base: "http://data" });
        const { getUrl, requests } = servingObjects(objects);
        client.getUrl = getUrl;
        await client.init();
        const count = (await client.evolution("nightly/28", "GC_MS")).range().count();
        return { count, ranges: requests.filter((each) => each.includes(" ")).length };
      } finally {
        delete globalThis.caches;
      }
    };

    test("sections outlive the page", async () => {
      const [objects, { held, caches }] = [bucket(), cacheStorage()];
      assert.deepEqual(await loading(objects, caches), { count: 306, ranges: 3 });
      const [pack] = Object.keys(objects).filter((path) => path.startsWith("packs/"));
      assert.equal(pack, `packs/${digestOf(objects[pack])}`);
      for (const key of held.keys()) assert.ok(key.startsWith(`http://data/${pack}?`), key);
      assert.deepEqual(await loading(objects, caches), { count: 306, ranges: 0 });
    });

    test("the oldest go when there are too many", async () => {
      const { held, caches } = cacheStorage();
      for (let i = 0; i < 5000; i++) held.set(`http://data/old?${i}`, new Response(""));
      await loading(bucket(), caches);
      assert.equal(held.size, 2048 + 3);
      assert.ok(held.has("http://data/old?4999") && !held.has("http://data/old?0"));
    });

    for (const method of ["open", "keys", "match", "put", "delete"])
      test(`a browser whose ${method} fails reads from the network`, async () => {
        const { held, caches } = cacheStorage([method]);
        for (let i = 0; i < 5000; i++) held.set(`http://data/old?${i}`, new Response(""));
        assert.deepEqual(await loading(bucket(), caches), { count: 306, ranges: 3 });
      });
  });
}
