/** Figures by kind of measure. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultFigures, figureOf } from "../../../js/models/figures.js";
import { evolutionOf } from "../../evolutions.mjs";

test("usual figures by kind", () => {
  assert.deepEqual(defaultFigures("flag"), ["b1", "submissions"]);
  assert.deepEqual(defaultFigures("exponential"), ["median", "p95", "submissions"]);
  const choice = evolutionOf({ 20131101: [[1, 5, 0, 9], 1] }, { kind: "enumerated", description: "", n_values: 3 });
  assert.deepEqual(defaultFigures("enumerated", choice.range()), ["b3", "b1", "b0", "submissions"]);
  assert.equal(figureOf("p99.9", "linear").label, "99.9th percentile");
  assert.deepEqual(
    [figureOf("p1", "linear").label, figureOf("p22", "linear").label, figureOf("nope", "linear")],
    ["1st percentile", "22nd percentile", null],
  );
});
