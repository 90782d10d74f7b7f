/** Finding measures, and what opens without a choice. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { grouped, search, searchable, usualMeasure, usualVersion } from "../../../js/models/search.js";

const entries = searchable({
  GC_MS: { description: "Time spent running JS GC (ms)", submissions: 10 },
  GC_SLICE_MS: { description: "Time spent in a slice", submissions: 99 },
  CYCLE_COLLECTOR: { description: "Time spent on one cycle collection (ms)", submissions: 5 },
  STARTUP_GC_MS: { description: "", submissions: 500 },
});
const names = (query) => search(entries, query).map(({ name }) => name);

test("the exact name first, busier ones among equals, descriptions after names", () => {
  assert.equal(names("gc ms")[0], "GC_MS");
  assert.deepEqual(names("gcms").slice(0, 2), ["GC_MS", "STARTUP_GC_MS"]);
  assert.equal(names("cycle collection")[0], "CYCLE_COLLECTOR");
  assert.deepEqual(names("nothing at all"), []);
  assert.equal(names("").length, 4);
});

test("starred and recent ones come first, once, and only without a query", () => {
  const found = grouped(entries, {
    starred: ["GC_MS", "GONE"],
    recent: ["GC_MS", "CYCLE_COLLECTOR"],
    most: 10,
    searching: false,
  });
  assert.deepEqual(
    found.map(({ title, entries: members }) => [title, members.length]),
    [
      ["Starred", 1],
      ["Recent", 1],
      ["GC", 1],
      ["STARTUP", 1],
    ],
  );
  assert.equal(grouped(entries, { starred: ["GC_MS"], recent: [], most: 2, searching: true })[0].title, "GC");
});

test("what opens without a choice", () => {
  assert.equal(usualMeasure({ A: { kind: "flag", submissions: 9 }, B: { kind: "linear", submissions: 1 } }), "B");
  assert.equal(usualMeasure({ A: { kind: "flag", submissions: 9 } }), "A");
  assert.equal(usualMeasure({}), null);
  assert.equal(usualMeasure({ GC_MS: { kind: "exponential" }, B: { kind: "linear" } }), "GC_MS");
  assert.equal(
    usualMeasure({ GC_MS: { kind: "exponential", submissions: 1 }, B: { kind: "linear", submissions: 500 } }),
    "B",
    "one client decides nothing",
  );
  assert.equal(usualVersion(["aurora/99", "nightly/27", "nightly/28", "release/25"]), "nightly/28");
  assert.equal(usualVersion([]), null);
});
