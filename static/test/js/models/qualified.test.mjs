/** Options that mean nothing without another dimension's. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { optionOf, partsOf, pathOf } from "../../../js/models/qualified.js";
import { seriesOf } from "../../../js/models/series.js";

test("an OS version brings its OS along, there and back", () => {
  const path = { OS: "WINNT", osVersion: "6.1" };
  assert.equal(optionOf(path, "osVersion"), "WINNT/6.1");
  assert.deepEqual(pathOf("osVersion", "WINNT/6.1"), path);
  assert.deepEqual(partsOf("osVersion", "Linux/3.8/x"), { parent: "Linux", own: "3.8/x" });
  assert.equal(optionOf({ osVersion: "6.1" }, "osVersion"), "6.1");
  assert.deepEqual(pathOf("osVersion", "6.1"), { osVersion: "6.1" });
});

test("a slash in an option of another dimension is part of the option", () => {
  assert.deepEqual(pathOf("arch", "a/b"), { arch: "a/b" });
  assert.deepEqual(partsOf("constructor", "a/b"), { parent: null, own: "a/b" });
  const state = { measure: ["A"], version: ["n/1"], compare: "arch", pin: [], filters: { arch: ["a/b"] } };
  const { series } = seriesOf(state, [{ path: { arch: "a/b" }, submissions: 1 }]);
  assert.deepEqual(
    series.map(({ option }) => option),
    ["a/b"],
  );
});
