/** Bounds against lists written out by hand and by the system of 2013. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { bucketEnds, bucketStarts } from "../../telemetry/index.mjs";

const SIMPLE =
  `0 1 2 3 4 5 6 7 9 11 13 16 20 24 29 35 43 52 63 77 94 115 140 171 209 255 311 379 462 564 688 839 1023 1248 1522 1857
  2265 2763 3370 4111 5015 6118 7463 9104 11106 13548 16527 20161 24593 30000`
    .split(/\s+/)
    .map(Number);

test("boolean and flag have three buckets, enumerated one more than values", () => {
  assert.deepEqual(bucketStarts({ kind: "boolean" }), [0, 1, 2]);
  assert.deepEqual(bucketStarts({ kind: "flag" }), [0, 1, 2]);
  assert.deepEqual(bucketStarts({ kind: "enumerated", n_values: 3 }), [0, 1, 2, 3]);
});

test("linear bounds are even", () => {
  assert.deepEqual(
    bucketStarts({ kind: "linear", low: 10, high: 100, n_buckets: 11 }),
    [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100],
  );
});

test("exponential bounds are those of the simple measures", () => {
  assert.deepEqual(bucketStarts({ kind: "exponential", low: 1, high: 30000, n_buckets: 50 }), SIMPLE);
});

test("bounds agree with all that the old server evaluated", () => {
  const folder = new URL("../../../../shared/data/definitions/", import.meta.url);
  assert.ok(existsSync(folder), "the shared folder stands beside the repository");
  const kinds = ["exponential", "linear"];
  const { histograms } = JSON.parse(readFileSync(new URL("a55c55edf302.evaluated.json", folder)));
  let compared = 0;
  for (const { kind, min: low, max: high, bucket_count: buckets, buckets: bounds } of Object.values(histograms)) {
    if (!(kind in kinds)) continue;
    assert.deepEqual(bucketStarts({ kind: kinds[kind], low, high, n_buckets: buckets }), bounds);
    compared += 1;
  }
  assert.ok(compared > 300);
});

test("the last bucket ends where a next one would", () => {
  assert.deepEqual(bucketEnds("linear", [0, 10, 20]), [10, 20, 30]);
  assert.deepEqual(bucketEnds("exponential", [0, 10, 20]), [10, 20, 40]);
  assert.deepEqual(bucketEnds("exponential", [0, 1]), [1, 2]);
  assert.deepEqual(bucketEnds("enumerated", [0, 1, 2]), [1, 2, 3]);
});
