/** Distributions side by side. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { distributionOf, trimNotice } from "../../../js/models/distribution.js";
import { evolutionOf } from "../../evolutions.mjs";

const a = evolutionOf({ 20131101: [[0, 6, 2, 2], 1] }).range();
const b = evolutionOf({ 20131101: [[0, 1, 1, 2], 1] }).range();
const options = { unit: "share", cumulative: false, difference: false, trim: false };
const values = (given) =>
  distributionOf([a, b], { ...options, ...given }).bars.map((bar) =>
    bar.values.map((value) => Number(value.toFixed(6))),
  );

test("shares, counts, sums and differences", () => {
  assert.deepEqual(values({}), [
    [0, 0],
    [0.6, 0.25],
    [0.2, 0.25],
    [0.2, 0.5],
  ]);
  assert.deepEqual(values({ unit: "count" }), [
    [0, 0],
    [6, 1],
    [2, 1],
    [2, 2],
  ]);
  assert.deepEqual(values({ cumulative: true }).at(-1), [1, 1]);
  assert.deepEqual(values({ difference: true }), [
    [0, 0],
    [0, -0.35],
    [0, 0.05],
    [0, 0.3],
  ]);
});

test("empty tails are trimmed to no fewer than three bars, and told", () => {
  const { bars, trimmed } = distributionOf([a], { ...options, trim: true });
  assert.deepEqual(
    [bars.length, trimmed.before, trimNotice(trimmed)],
    [3, 1, "1 at the start left out: empty buckets."],
  );
  const one = evolutionOf({ 20131101: [[7, 0, 0, 0], 1] }).range();
  assert.equal(distributionOf([one], { ...options, trim: true }).bars.length, 3);
  assert.equal(trimNotice({ before: 0, after: 0, share: 0 }), "");
  assert.match(
    trimNotice({ before: 1, after: 2, share: 1e-5 }),
    /1 at the start and 2 at the end left out: buckets with less/,
  );
});
