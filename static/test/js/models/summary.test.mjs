/** The figures of whole distributions. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { PERCENTILES } from "../../../js/models/figures.js";
import { summaryRows } from "../../../js/models/summary.js";
import { HistogramEvolution } from "../../../telemetry/index.mjs";
import { evolutionOf } from "../../evolutions.mjs";

const labels = (kind) => summaryRows(kind).map(({ label }) => label);
const told = (kind, histogram) => Object.fromEntries(summaryRows(kind).map(({ label, of }) => [label, of(histogram)]));

test("each kind has the figures that mean something for it", () => {
  const percentiles = PERCENTILES.map((p) => (p === 50 ? "Median" : `${p}${p === 1 ? "st" : "th"} percentile`));
  assert.deepEqual(labels("linear"), ["Submissions", "Samples", "Mean", "Standard deviation", ...percentiles]);
  assert.deepEqual(labels("exponential"), [
    "Submissions",
    "Samples",
    "Mean",
    "Geometric mean",
    "Geometric std. deviation",
    ...percentiles,
  ]);
  for (const kind of ["boolean", "flag"]) assert.deepEqual(labels(kind), ["Submissions", "Samples", "True"]);
  assert.deepEqual(labels("enumerated"), ["Submissions", "Samples"]);
});

test("every row says what it is, and gives text", () => {
  const found = told("linear", evolutionOf({ 20131101: [[0, 4, 0, 0], 1234] }).range());
  assert.deepEqual([found.Submissions, found.Samples, found.Median], ["1,234", "4", "15"]);
  assert.equal(found["Standard deviation"], "–", "the pings did not send the sums it needs");
  for (const kind of ["linear", "exponential", "flag", "enumerated"])
    for (const { why } of summaryRows(kind)) assert.ok(why.length > 5);
});

test("the share of trues", () => {
  const row = [3, 1, 0, 0, -1, -1, -1, -1, 4, 0];
  const definition = { kind: "boolean", description: "" };
  const yes = HistogramEvolution.of("YES", definition, { _id: 0 }, { 20131101: [row] }).range();
  assert.equal(told("boolean", yes).True, "25 %");
});
