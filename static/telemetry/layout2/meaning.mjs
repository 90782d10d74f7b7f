/** What the positions of a shape mean: between which values each bucket lies, and how a percentile is found in it. */
import { bucketEnds, bucketStarts, isCategorical } from "../buckets.mjs";
import { TelemetryError } from "../errors.mjs";

const power = (index, scale) => 2 ** (index * 2 ** -scale);

/** [start, end] of a position of an exponential axis; 0 is the value 0. */
function exponentialEdge(position, scale) {
  if (position === 0) return [0, 0];
  const code = Math.floor((position - 1) / 2);
  const index = code % 2 === 0 ? code / 2 : -(code + 1) / 2;
  const [low, high] = [power(index, scale), power(index + 1, scale)];
  return position % 2 === 0 ? [-high, -low] : [low, high];
}

const values = (amount, labels = []) => ({
  edges: Array.from({ length: amount }, (_, i) => [i, i + 1]),
  isValue: true,
  labels,
});

function ofIndex(size, definition) {
  let starts = [];
  try {
    starts = bucketStarts(definition);
  } catch {
    // of a kind that has no formula: each position is a value of its own
  }
  if (starts.length !== size) return values(size);
  const ends = bucketEnds(definition.kind, starts);
  const labels = definition.labels ?? [];
  return { edges: starts.map((start, i) => [start, ends[i]]), isValue: isCategorical(definition.kind), labels };
}

/** An open end is taken to be as wide as its neighbour; with one bound it has no width. */
function ofBounds(bounds, upper) {
  const last = bounds.at(-1) ?? 0;
  const end = bounds.length > 1 ? 2 * last - bounds.at(-2) : last;
  const first = Math.min(0, bounds[0] ?? 0);
  const starts = upper ? [first, ...bounds] : bounds;
  return { edges: starts.map((start, i) => [start, starts[i + 1] ?? end]) };
}

/** Exponential axes have a bucket for each position that has numbers, by value. */
function ofExponential(scale, seen) {
  const places = [...seen].map((position) => [position, exponentialEdge(position, scale)]);
  places.sort(([, [a, aEnd]], [, [b, bEnd]]) => a - b || aEnd - bEnd);
  const edges = places.map(([, edge]) => edge);
  return { edges, isGeometric: true, places: new Map(places.map(([position], i) => [position, i])) };
}

function meaningOf({ axis }, definition, seen) {
  switch (axis.kind) {
    case "index":
      return ofIndex(axis.size, definition);
    case "bounds":
      return ofBounds(axis.bounds, axis.closed === "upper");
    case "exponential":
      return ofExponential(axis.scale, seen);
    case "categories":
      return values(axis.labels.length, axis.labels);
    case "none":
      return values(0);
    default:
      throw new TelemetryError("bad-data", `the kind of axis '${axis.kind}' is not known`);
  }
}

/**
 * What a measure's histograms say of themselves, and `places`: the bucket of each position where it is not the position
 * itself. `seen`: the positions that have numbers.
 */
export function aboutOf(measure, definition, shape, seen) {
  const { edges, isValue = false, isGeometric = false, labels = [], places } = meaningOf(shape, definition, seen);
  const about = Object.freeze({
    measure,
    kind: definition.kind ?? shape.axis.kind,
    description: definition.description ?? "",
    starts: edges.map(([start]) => start),
    ends: edges.map(([, end]) => end),
    isValue,
    isGeometric,
    labels: Object.freeze([...labels]),
  });
  return { about, places };
}
