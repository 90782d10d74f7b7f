/** Where buckets lie, and ticks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { positionsOf, ticksOf } from "../../../js/models/scales.js";

test("positions: logarithmic bars look alike, zero is drawn as wide as its neighbour", () => {
  const bars = [
    { start: 0, end: 1 },
    { start: 1, end: 10 },
    { start: 10, end: 100 },
  ];
  assert.deepEqual(positionsOf(bars, "log"), [
    [-1, 0],
    [0, 1],
    [1, 2],
  ]);
  assert.deepEqual(positionsOf(bars, "linear"), [
    [0, 1],
    [1, 10],
    [10, 100],
  ]);
  assert.deepEqual(positionsOf(bars, "equal"), [
    [0, 1],
    [1, 2],
    [2, 3],
  ]);
  assert.deepEqual(
    ticksOf(bars, positionsOf(bars, "log"), "log", "exponential", 9).map(({ label }) => label),
    ["0", "1", "2", "5", "10", "20", "50", "100"],
  );
  assert.equal(ticksOf(bars, [], "linear", "linear", 9), null);
  assert.deepEqual(ticksOf(bars.slice(0, 2), [], "equal", "boolean", 9), [
    { at: 0.5, label: "false" },
    { at: 1.5, label: "true" },
  ]);
});
