/** What the explorer hands to its screen, over a published bucket in memory. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Explorer } from "../../js/explorer.js";
import { Published } from "../../js/published.js";
import { parseState } from "../../js/state.js";
import { createClient } from "../../telemetry.mjs";
import { bucket, definitions, latest, row, serving } from "../published.mjs";

const FOLDER = "current/20131201120000/nightly/28";
const CHOICE = { kind: "enumerated", description: "Enumerated", submissions: 16 };
const INDEX = "nightly/28/measures.json";
const files = () => ({
  ...bucket(),
  [`${FOLDER}/measures.json`]: { schema: 1, pings: 16, measures: { CHOICE } },
  "current/20131201120000/aurora/10/measures.json": { schema: 1, pings: 1, measures: {} },
  "current/20131201120000/nightly/1024/measures.json": { schema: 1, pings: 1, measures: {} },
});
const state = (hash) => parseState("", hash).state;

/** A screen that keeps what it was told, and a promise for what comes later. */
class Told {
  calls = [];
  #waiting = new Map();

  constructor() {
    for (const name of ["loading", "show", "showFilters", "filtersFailed", "failed"]) {
      this[name] = (...given) => {
        this.calls.push({ name, given });
        this.#waiting.get(name)?.();
      };
    }
  }

  names() {
    return this.calls.map(({ name }) => name);
  }

  of(name) {
    return this.calls.filter((call) => call.name === name).map(({ given }) => given);
  }

  /** Waits until it is told. */
  told(name) {
    return this.of(name).length ? undefined : new Promise((resolve) => this.#waiting.set(name, resolve));
  }
}

/**
 * {explorer, screen, held, broken}: the first request whose address ends in one of `slow` waits until its function in
 * `held` is called; those that end in one of `broken` are answered with 503.
 */
async function explored(served, { slow = [], broken = new Set() } = {}) {
  const { getUrl } = serving(served);
  const held = {};
  const answer = (url, callback) => {
    const error = Object.assign(new Error(`${url} answers 503`), { code: "http", status: 503 });
    if ([...broken].some((end) => url.endsWith(end))) queueMicrotask(() => callback(error));
    else getUrl(url, callback);
  };
  const client = createClient();
  client.getUrl = (url, callback) => {
    const name = slow.find((end) => url.endsWith(end) && !Object.hasOwn(held, end));
    if (name) held[name] = () => answer(url, callback);
    else answer(url, callback);
  };
  await client.init({ base: "http://data/" });
  const screen = new Told();
  return { explorer: new Explorer(new Published(client), screen), screen, held };
}

test("a state is drawn, and its filters are offered after it", async () => {
  const { explorer, screen } = await explored(files());
  assert.deepEqual(explorer.chosen, {});
  assert.deepEqual(await explorer.show(state("")), []);
  await screen.told("showFilters");
  assert.deepEqual(screen.names(), ["show", "showFilters"]);
  const [[found, , publishedAt]] = screen.of("show");
  assert.equal(found.series[0].evolution.range().submissions(), 16);
  assert.equal(publishedAt.toISOString(), "2013-12-01T12:00:00.000Z");
  const [[offered]] = screen.of("showFilters");
  assert.equal(offered.populations.length, 4);
  assert.deepEqual(explorer.chosen, { version: ["nightly/28"], measure: ["CHOICE"] });
});

test("filters that a chart needed are offered with it, and notices are given to the page", async () => {
  const { explorer, screen } = await explored(files());
  const notices = await explorer.show(state("#measure=CHOICE&OS=WINNT&colour=red"));
  assert.deepEqual(notices, ["“colour” is not a setting or a filter of these data; ignored."]);
  assert.equal(screen.of("show")[0][0].populations.length, 4);
  assert.deepEqual(screen.names(), ["show"]);
});

for (const [what, broken] of [
  ["an answer", new Set()],
  ["a failure", new Set([INDEX])],
]) {
  test(`${what} that comes after a newer question is dropped`, async () => {
    const { explorer, screen, held } = await explored(files(), { slow: [INDEX], broken });
    const first = explorer.show(state("#version=nightly/28&measure=CHOICE"));
    await explorer.show(state("#version=aurora/10&measure=CHOICE"));
    held[INDEX]();
    assert.deepEqual(await first, []);
    assert.equal(screen.of("show").length, 1);
    assert.equal(screen.of("failed").length, 0);
    assert.deepEqual(explorer.chosen.version, ["aurora/10"]);
  });
}

test("a question that takes long is told to load, unless a newer one was asked", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { explorer, screen, held } = await explored(files(), { slow: [INDEX] });
  const asked = explorer.show(state("#version=nightly/28&measure=CHOICE"));
  context.mock.timers.tick(1000);
  assert.deepEqual(screen.names(), ["loading"]);
  const older = explorer.show(state("#version=nightly/28&measure=CHOICE"));
  await explorer.show(state("#version=aurora/10&measure=CHOICE"));
  context.mock.timers.tick(1000);
  assert.equal(screen.of("loading").length, 1);
  held[INDEX]();
  await Promise.all([asked, older]);
});

test("data that cannot be read are told, and another try shows them", async () => {
  const broken = new Set([INDEX]);
  const { explorer, screen } = await explored(files(), { broken });
  assert.deepEqual(await explorer.show(state("#measure=CHOICE")), []);
  const [[error, again]] = screen.of("failed");
  assert.match(error.message, /503/);
  assert.deepEqual(explorer.chosen, {});
  broken.clear();
  await again();
  assert.equal(screen.of("show").length, 1);
});

test("filters that cannot be read are told, and the chart stays", async () => {
  const summary = {
    definition: definitions.CHOICE,
    "by-build-date": { 20131101: row([1, 2, 0, 0, 0], 2, 0).slice(0, -1) },
  };
  const served = { ...files(), [`${FOLDER}/CHOICE-summary.json`]: summary };
  const { explorer, screen } = await explored(served, { broken: new Set(["nightly/28/filter-tree.json"]) });
  await explorer.show(state("#measure=CHOICE"));
  await screen.told("filtersFailed");
  assert.deepEqual(screen.names(), ["show", "filtersFailed"]);
});

test("implausible versions are offered where they are asked for or shown", async () => {
  const served = { ...files(), "latest-current.json": latest };
  served["versions.json"] = { ...served["versions.json"], "nightly/1024": "current/20131201120000/nightly/1024" };
  const offered = async (hash) => {
    const { explorer, screen } = await explored(served);
    await explorer.show(state(hash));
    return screen.of("show")[0][1].versions;
  };
  const plausible = ["aurora/10", "nightly/28", "nightly/9"];
  assert.deepEqual((await offered("#measure=CHOICE")).sort(), plausible);
  assert.deepEqual((await offered("#measure=CHOICE&implausible=1")).sort(), ["nightly/1024", ...plausible].sort());
  assert.ok((await offered("#measure=CHOICE&version=nightly/1024")).includes("nightly/1024"));
});

test("the list of the search box is made once for the same indexes", async () => {
  const { explorer, screen } = await explored(files());
  await explorer.show(state("#measure=CHOICE"));
  await explorer.show(state("#measure=CHOICE&by=submission"));
  await explorer.show(state("#measure=CHOICE&version=nightly/28,aurora/10"));
  const [one, two, three] = screen.of("show").map(([, { entries }]) => entries);
  const made = one();
  assert.equal(made.length, 1);
  assert.equal(two(), made);
  assert.notEqual(three(), made);
});
