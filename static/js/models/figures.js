/**
 * The figures that can be drawn over dates. A token is what the URL says: "median", "mean", "p95", "submissions",
 * "samples", or "b3", the share of bucket 3. Each has a unit, and figures of one unit share a chart.
 */
import { isCategorical } from "../../telemetry.mjs";
import { formatCount, formatFigure, formatShare } from "./numbers.js";

/** Units of figures, in the order of their charts. */
export const UNITS = ["value", "share", "count"];
export const PERCENTILES = [1, 5, 25, 50, 75, 95, 99];

const ordinal = (n) =>
  `${n}${n % 10 === 1 && n !== 11 ? "st" : n % 10 === 2 && n !== 12 ? "nd" : n % 10 === 3 && n !== 13 ? "rd" : "th"}`;

/** What a bucket of a categorical measure means; `labels` are the names that its definition gives the values. */
export function categoryName(kind, value, labels = []) {
  if (kind === "boolean" || kind === "flag") return ["false", "true", "other"][value] ?? String(value);
  return labels[value] || String(value);
}

const value = (token, label, short, of) => ({ token, label, short, unit: "value", format: formatFigure, of });
const FIXED = {
  median: value("median", "median", "median", (h) => h.median()),
  mean: value("mean", "mean", "mean", (h) => h.mean()),
  submissions: {
    token: "submissions",
    label: "submissions (pings)",
    short: "pings",
    unit: "count",
    format: formatCount,
    of: (h) => h.submissions(),
  },
  samples: {
    token: "samples",
    label: "samples",
    short: "samples",
    unit: "count",
    format: formatCount,
    of: (h) => h.count(),
  },
};

function shareOfBucket(histogram, index) {
  let share = NaN;
  const samples = histogram.count();
  histogram.each((count, start, end, i) => {
    if (i === index && samples > 0) share = count / samples;
  });
  return share;
}

/** The figure of a token for measures of a kind (and labels of its values), or null where the token means nothing. */
export function figureOf(token, kind, labels = []) {
  if (Object.hasOwn(FIXED, token)) return FIXED[token];
  const percentile = /^p(\d{1,2}(?:\.\d)?)$/.exec(token);
  if (percentile) {
    const p = Number(percentile[1]);
    return value(token, `${ordinal(p)} percentile`, token, (h) => h.percentile(p));
  }
  const bucket = /^b(\d{1,4})$/.exec(token);
  if (!bucket) return null;
  const index = Number(bucket[1]);
  const name = isCategorical(kind) ? categoryName(kind, index, labels) : `bucket ${index}`;
  return {
    token,
    label: `share of ${name}`,
    category: isCategorical(kind) ? name : null,
    short: /^\d+$/.test(name) ? `= ${name}` : name,
    unit: "share",
    format: formatShare,
    of: (h) => shareOfBucket(h, index),
  };
}

export const isFigure = (token) => figureOf(token, "linear") !== null;

/** Whether a figure says something about measures of a kind: categories have no percentiles. */
export const suits = ({ unit, token }, kind) => unit !== "value" || !isCategorical(kind) || token === "mean";

/** What to draw when nobody chose: shares of categories, else median and 95th percentile; always pings. */
export function defaultFigures(kind, histogram) {
  if (kind === "boolean" || kind === "flag") return ["b1", "submissions"];
  if (kind !== "enumerated") return ["median", "p95", "submissions"];
  const counts = histogram ? histogram.map((count, start, end, index) => ({ count, index })) : [];
  const largest = counts
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || a.index - b.index)
    .slice(0, 4);
  return [...largest.map(({ index }) => `b${index}`), "submissions"];
}

/**
 * All tokens worth offering for a measure of a kind, with its bucket values; of a labelled one those that have a label.
 */
export function offeredFigures(kind, starts, labels = []) {
  const counts = ["submissions", "samples"];
  if (isCategorical(kind))
    return [...starts.slice(0, labels.length || 40).map((_, index) => `b${index}`), "mean", ...counts];
  return ["median", "mean", "p1", "p5", "p25", "p75", "p95", "p99", ...counts];
}
