/** Series times date ranges, by the buckets that they share. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { overlaysOf, rangesOf } from "../../../js/models/overlays.js";
import { evolutionOf } from "../../evolutions.mjs";

const days = { 20131101: [[0, 4, 0, 0], 10], 20131105: [[0, 0, 6, 0], 10] };
const WIDER = { kind: "linear", description: "", low: 10, high: 60, n_buckets: 4 };
const one = (label, evolution) => ({ label, population: "all populations", evolution });
const state = (given) => ({ from: null, to: null, range: [], ...given });

test("the range of the page, and those that are compared with it", () => {
  assert.deepEqual(rangesOf(state({ from: "2013-11-01" })), [{ from: "2013-11-01", to: null, label: "" }]);
  const compared = rangesOf(state({ to: "2013-11-03", range: ["2013-11-04..2013-11-05"] }));
  assert.deepEqual(
    compared.map(({ label }) => label),
    ["… to 2013-11-03", "2013-11-04 to 2013-11-05"],
  );
  assert.equal(rangesOf(state({ range: ["2013-11-04..2013-11-05"] }))[0].label, "all dates");
});

test("every series is there once a range, with the samples of that range", () => {
  const { groups, empty, left } = overlaysOf(state({ range: ["2013-11-05..2013-11-05"] }), [
    one("a", evolutionOf(days)),
    one("", evolutionOf(days)),
  ]);
  assert.deepEqual(
    groups.flat().map(({ label, color, histogram }) => [label, color, histogram.count()]),
    [
      ["a · all dates", 0, 10],
      ["a · 2013-11-05 to 2013-11-05", 1, 6],
      ["all dates", 2, 10],
      ["2013-11-05 to 2013-11-05", 3, 6],
    ],
  );
  assert.deepEqual([groups.length, empty, left], [1, [], 0]);
});

test("one without a label is called by its population", () => {
  const { groups } = overlaysOf(state(), [one("", evolutionOf(days))]);
  assert.equal(groups[0][0].label, "all populations");
});

test("other bounds are a group of their own; what has no samples is named and not drawn", () => {
  const { groups, empty } = overlaysOf(state({ from: "2013-11-02" }), [
    one("a", evolutionOf(days)),
    one("b", evolutionOf(days, WIDER)),
    one("c", evolutionOf({ 20131101: [[0, 1, 0, 0], 1] })),
  ]);
  assert.deepEqual(
    groups.map((group) => group.map(({ label }) => label)),
    [["a"], ["b"]],
  );
  assert.deepEqual(
    empty.map(({ label, color }) => [label, color]),
    [["c", 2]],
  );
});

test("eight are shown, the others counted", () => {
  const many = Array.from({ length: 10 }, (_, i) => one(`s${i}`, evolutionOf(days)));
  const { groups, left } = overlaysOf(state(), many);
  assert.deepEqual([groups[0].length, left], [8, 2]);
});
