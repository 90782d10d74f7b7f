/** The figures of whole distributions, side by side. */
import { isCategorical } from "../../telemetry.mjs";
import { PERCENTILES } from "./figures.js";
import { formatCount, formatFigure, formatShare } from "./numbers.js";

const WHY = {
  submissions: "Pings that carried this measure",
  samples: "Values recorded: one ping may hold many",
  mean: "Sum of all values ÷ samples",
  deviation: "Standard deviation of all values",
  geometric: "exp of the mean of ln(value + 1), − 1",
  spread: "exp of the standard deviation of ln(value + 1), a factor",
};

/** Rows [{label, why, of(histogram) → text}] for measures of a kind. */
export function summaryRows(kind) {
  const rows = [
    { label: "Submissions", why: WHY.submissions, of: (h) => formatCount(h.submissions()) },
    { label: "Samples", why: WHY.samples, of: (h) => formatCount(h.count()) },
  ];
  if (kind === "boolean" || kind === "flag") {
    return [
      ...rows,
      {
        label: "True",
        why: "Share of samples in the bucket of 1",
        of: (h) => formatShare(h.map((count) => count)[1] / h.count()),
      },
    ];
  }
  if (isCategorical(kind)) return rows;
  rows.push({ label: "Mean", why: WHY.mean, of: (h) => formatFigure(h.mean()) });
  if (kind === "linear")
    rows.push({ label: "Standard deviation", why: WHY.deviation, of: (h) => formatFigure(h.standardDeviation()) });
  if (kind === "exponential") {
    rows.push({ label: "Geometric mean", why: WHY.geometric, of: (h) => formatFigure(h.geometricMean()) });
    rows.push({
      label: "Geometric std. deviation",
      why: WHY.spread,
      of: (h) => formatFigure(h.geometricStandardDeviation()),
    });
  }
  for (const p of PERCENTILES) {
    rows.push({
      label: p === 50 ? "Median" : `${p}${p === 1 ? "st" : "th"} percentile`,
      why: "Estimated inside the bucket it falls in",
      of: (h) => formatFigure(h.percentile(p)),
    });
  }
  return rows;
}
