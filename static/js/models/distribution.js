/**
 * Distributions side by side: shares and counts per bucket, cumulated, trimmed, and as differences from the first.
 * A bar: {start, end, counts: [per series], shares: [per series], values: [as drawn]}.
 */
import { isCategorical } from "../../telemetry.mjs";

const TRIM_BELOW = 0.0001; // share of a tail bucket that may be left out, as the dashboards before did
const LEAST_BARS = 3;

/** Whether histograms have the same buckets, and may so share a chart. */
export const signatureOf = (histogram) => histogram.map((count, start) => start).join(",");

function cumulated(values) {
  let sum = 0;
  return values.map((value) => (sum += value));
}

const transposed = (columns) => columns[0].map((_, row) => columns.map((column) => column[row]));

/** First and last bar to show. Categories keep their beginning: false and true belong together. */
function keptSpan(shares, categorical) {
  const busy = shares.map((row) => row.some((share) => share >= TRIM_BELOW));
  let first = categorical ? 0 : busy.indexOf(true);
  let last = busy.lastIndexOf(true);
  if (last < 0) return [0, shares.length - 1];
  while (last - first + 1 < (categorical ? 2 : LEAST_BARS) && (first > 0 || last < shares.length - 1)) {
    if (last < shares.length - 1) last++;
    else first--;
  }
  return [first, last];
}

/**
 * {bars, trimmed: {before, after, share}, samples: [per series]} of histograms with the same buckets.
 * options: {unit: "share"|"count", cumulative, difference, trim}; `trimmed.share` is the largest share left out of any
 * series.
 */
export function distributionOf(histograms, { unit, cumulative, difference, trim }) {
  const samples = histograms.map((histogram) => histogram.count());
  const bounds = histograms[0].map((count, start, end) => ({ start, end }));
  const counts = histograms.map((histogram) => histogram.map((count) => count));
  const shares = counts.map((column, s) => column.map((count) => (samples[s] > 0 ? count / samples[s] : 0)));
  const shown = unit === "count" && !difference ? counts : shares;
  const summed = cumulative ? shown.map(cumulated) : shown;
  const values = difference ? summed.map((column) => column.map((value, i) => value - summed[0][i])) : summed;
  const rows = { counts: transposed(counts), shares: transposed(shares), values: transposed(values) };
  const [first, last] = trim ? keptSpan(rows.shares, isCategorical(histograms[0].kind())) : [0, bounds.length - 1];
  const bars = bounds.map((bound, i) => ({
    ...bound,
    index: i,
    counts: rows.counts[i],
    shares: rows.shares[i],
    values: rows.values[i],
  }));
  const outside = shares.map((column) =>
    column.reduce((sum, share, i) => (i < first || i > last ? sum + share : sum), 0),
  );
  return {
    bars: bars.slice(first, last + 1),
    trimmed: { before: first, after: bounds.length - 1 - last, share: Math.max(0, ...outside) },
    samples,
  };
}

/** What was cut, in words, or "" where nothing was. */
export function trimNotice({ before, after, share }) {
  if (before + after === 0) return "";
  const sides = [before && `${before} at the start`, after && `${after} at the end`].filter(Boolean).join(" and ");
  return `${sides} left out: ${share === 0 ? "empty buckets" : `buckets with less than 0.01 % of samples each`}.`;
}
