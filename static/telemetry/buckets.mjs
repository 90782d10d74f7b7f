/**
 * Bucket bounds from a definition of histograms.json, by the formulas of Firefox' histogram.cc.
 * Definitions: {kind, low, high, n_buckets} or {kind, n_values}; bounds are in the unit of the measure.
 */
import { TelemetryError } from "./errors.mjs";

const CATEGORICAL = new Set(["boolean", "flag", "enumerated"]);

/** Whether the buckets of a kind are values of their own, not ranges of a quantity. */
export const isCategorical = (kind) => CATEGORICAL.has(kind);

function linear({ low, high, n_buckets: n }) {
  const starts = [0];
  for (let i = 1; i < n; i++) starts.push(Math.floor((low * (n - 1 - i) + high * (i - 1)) / (n - 2) + 0.5));
  return starts;
}

function exponential({ low, high, n_buckets: n }) {
  const starts = [0, low];
  let current = low;
  for (let i = 2; i < n; i++) {
    const next = Math.floor(Math.exp(Math.log(current) + (Math.log(high) - Math.log(current)) / (n - i)) + 0.5);
    current = Math.max(next, current + 1);
    starts.push(current);
  }
  return starts;
}

/** Lower bounds of all buckets, ascending. Throws TelemetryError "bad-data" for a kind that is not published. */
export function bucketStarts(definition) {
  switch (definition.kind) {
    case "boolean":
    case "flag":
      return [0, 1, 2];
    case "enumerated":
      return Array.from({ length: definition.n_values + 1 }, (_, value) => value);
    case "linear":
      return linear(definition);
    case "exponential":
      return exponential(definition);
    default:
      throw new TelemetryError("bad-data", `histograms.json has a measure of the unknown kind '${definition.kind}'`);
  }
}

/**
 * Where each bucket ends (exclusive). The last bucket has no upper end in the data; it is taken to be as wide as the
 * one before it (linear), to grow by the same ratio (exponential), or to hold one value (the categorical kinds).
 */
export function bucketEnds(kind, starts) {
  const last = starts[starts.length - 1];
  const before = starts[starts.length - 2];
  const ends = starts.slice(1);
  if (isCategorical(kind)) ends.push(last + 1);
  else if (kind === "exponential" && before > 0) ends.push(Math.max(last + 1, Math.round((last * last) / before)));
  else ends.push(last + Math.max(1, last - before));
  return ends;
}
