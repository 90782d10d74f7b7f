/** From a state to everything that is drawn, over a published bucket in memory. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load, mergedMeasures, pairsOf } from "../../js/loading.js";
import { Published } from "../../js/published.js";
import { parseState } from "../../js/state.js";
import { createClient } from "../../telemetry.mjs";
import { bucket, definitions, latest, serving, tree } from "../published.mjs";

const CHOICE = { kind: "enumerated", description: "Enumerated", submissions: 16 };
const files = () => ({
  ...bucket(),
  "current/20131201120000/nightly/28/measures.json": { schema: 1, pings: 16, measures: { CHOICE } },
  "current/20131201120000/aurora/10/measures.json": { schema: 1, pings: 1, measures: { CHOICE, OTHER: {} } },
  "current/20131201120000/aurora/10/filter-tree.json": tree,
  "current/20131201120000/aurora/10/histograms.json": definitions,
  "current/20131201120000/aurora/10/CHOICE-by-build-date.json": {},
});

async function publishedOf(served) {
  const client = createClient();
  client.getUrl = serving(served).getUrl;
  await client.init({ base: "http://data/" });
  return new Published(client);
}

const loadedOf = async (hash, served = files()) => load(await publishedOf(served), parseState("", hash).state);

test("an address that says nothing opens the newest nightly and its usual measure", async () => {
  const { state, series, notices, populations } = await loadedOf("");
  assert.deepEqual([state.version, state.measure], [["nightly/28"], ["CHOICE"]]);
  assert.deepEqual([notices, populations, series.length], [[], null, 1]);
  const [{ label, population, about, evolution, reason }] = series;
  assert.deepEqual([label, population, about, reason], ["", "all populations", CHOICE, null]);
  assert.equal(evolution.range().submissions(), 16);
});

test("before the first publish there is a notice and no series", async () => {
  const { series, notices } = await loadedOf("", { "versions.json": {} });
  assert.deepEqual(series, []);
  assert.match(notices[0], /^Nothing is published yet/);
});

test("a filter leaves the pings of its populations, and an unknown one is told and ignored", async () => {
  const { series, populations, notices, state } = await loadedOf("#measure=CHOICE&OS=WINNT&colour=red");
  assert.equal(series[0].evolution.range().submissions(), 5);
  assert.equal(series[0].population, "Windows");
  assert.ok(populations.length > 1);
  assert.deepEqual(notices, ["“colour” is not a setting or a filter of these data; ignored."]);
  assert.deepEqual(state.filters, { OS: ["WINNT"] });
});

test("compared options are a series each", async () => {
  const { series } = await loadedOf("#measure=CHOICE&compare=OS");
  assert.deepEqual(
    series.map(({ label, evolution }) => [label, evolution.range().submissions()]),
    [
      ["macOS", 7],
      ["Windows", 5],
      ["Linux", 4],
    ],
  );
});

test("a series that shows nothing says why", async () => {
  const reasons = async (hash) => (await loadedOf(hash)).series.map(({ reason }) => reason);
  assert.match((await reasons("#measure=NOTHING"))[0], /There is no measure “NOTHING” in nightly 28/);
  assert.match((await reasons("#version=release/1&measure=CHOICE"))[0], /^release 1 is not aggregated yet/);
  assert.match((await reasons("#measure=CHOICE&from=2014-01-01"))[0], /^No data between 2014-01-01 and now/);
  assert.match((await reasons("#measure=CHOICE&OS=BeOS"))[0], /No data for these filters/);
});

test("implausible dates are left out until they are asked for", async () => {
  const served = { ...files(), "latest-current.json": latest };
  const hidden = await loadedOf("#measure=CHOICE", served);
  const shown = await loadedOf("#measure=CHOICE&implausible=1", served);
  assert.deepEqual(
    [hidden, shown].map(({ series }) => series[0].evolution.range().submissions()),
    [9, 16],
  );
  assert.deepEqual(hidden.odd, { versions: { number: 1, pings: 1 }, dates: { number: 1, pings: 7 } });
});

test("more than eight series are left out, and said", async () => {
  const measures = Array.from({ length: 10 }, (_, i) => `M${i}`).join(",");
  const { series, left, notices } = await loadedOf(`#measure=${measures}`);
  assert.deepEqual([series.length, left], [8, 2]);
  assert.match(notices[0], /^Eight series are shown, 2 more are left out/);
});

test("measures of several versions are one list, and pairs those that exist", async () => {
  const { indexes, state } = await loadedOf("#version=nightly/28,aurora/10&measure=CHOICE");
  assert.deepEqual(mergedMeasures(indexes), { CHOICE: { ...CHOICE, submissions: 32 }, OTHER: {} });
  assert.deepEqual(
    pairsOf({ ...state, measure: ["CHOICE", "OTHER"] }, indexes).map(({ version, measure }) => `${version} ${measure}`),
    ["nightly/28 CHOICE", "aurora/10 CHOICE", "aurora/10 OTHER"],
  );
});
