import { TelemetryError } from "./errors.mjs";
import { idsBelow, narrowed, nextName, optionsOf } from "./tree.mjs";

/**
 * How far below 0 rounding takes a variance, as a share of the mean square: integers here; 32-bit logarithms of
 * clients.
 */
const ROUNDING = { integers: 1e-9, logarithms: 1e-3 };

/** √(mean square − mean²). A variance below 0 by more than rounding means that the sums contradict each other: NaN. */
function deviation(meanSquare, mean, rounding) {
  const variance = meanSquare - mean * mean;
  return variance < 0 && -variance <= meanSquare * rounding ? 0 : Math.sqrt(variance);
}

/** The value at a share of a bucket. */
const inside = (start, end, share, isGeometric) =>
  isGeometric && start * end > 0 ? start * (end / start) ** share : start + (end - start) * share;

/**
 * One distribution: the rows of some dates and populations, added up. Figures are NaN where nothing is known of them.
 * Made by HistogramEvolution; immutable.
 */
export class Histogram {
  #about;
  #tree;
  #days; // of the selected populations: RowDays, or ColumnDays of layout 2
  #sums;

  constructor(about, tree, days) {
    this.#about = about;
    this.#tree = tree;
    this.#days = days;
  }

  measure() {
    return this.#about.measure;
  }

  kind() {
    return this.#about.kind;
  }

  description() {
    return this.#about.description;
  }

  /** What the values of a categorical measure are called, from 0 on; empty for others. */
  labels() {
    return this.#about.labels;
  }

  filterName() {
    return nextName(this.#tree);
  }

  filterOptions() {
    return nextName(this.#tree) === null ? [] : optionsOf(this.#tree);
  }

  filter(selection) {
    const tree = narrowed(this.#tree, selection);
    return new Histogram(this.#about, tree, this.#days.filtered(idsBelow(tree)));
  }

  #totals() {
    this.#sums ??= this.#days.totals();
    return this.#sums;
  }

  /** Pings. */
  submissions() {
    return this.#totals().submissions;
  }

  /** Samples: the sum of all buckets. */
  count() {
    return this.#totals().samples;
  }

  /** Σ sum ÷ samples, over the rows whose sum is known. */
  mean() {
    const { sum } = this.#totals();
    return sum.total / (sum.samples || NaN);
  }

  /** √(Σ x² ÷ n − mean²), of the population. Linear measures only: others do not publish Σ x². */
  standardDeviation() {
    this.#only("linear", "standardDeviation");
    const { sum, sumSquaresLow: low, sumSquaresHigh: high } = this.#totals();
    const mean = sum.total / (sum.samples || NaN);
    const squares = low.total / (low.samples || NaN) + (high.total / (high.samples || NaN)) * 2 ** 32;
    return deviation(squares, mean, ROUNDING.integers);
  }

  /** exp(Σ ln(x + 1) ÷ n) − 1: clients take logarithms of x + 1, so that zeros count. Exponential measures only. */
  geometricMean() {
    this.#only("exponential", "geometricMean");
    const { logSum } = this.#totals();
    return Math.exp(logSum.total / (logSum.samples || NaN)) - 1;
  }

  /** exp(√(Σ ln²(x + 1) ÷ n − (Σ ln(x + 1) ÷ n)²)), a factor of x + 1. Exponential measures only. */
  geometricStandardDeviation() {
    this.#only("exponential", "geometricStandardDeviation");
    const { logSum, logSumSquares } = this.#totals();
    const mean = logSum.total / (logSum.samples || NaN);
    const squares = logSumSquares.total / (logSumSquares.samples || NaN);
    return Math.exp(deviation(squares, mean, ROUNDING.logarithms));
  }

  #only(kind, method) {
    if (this.kind() !== kind)
      throw new TelemetryError("bad-data", `${method}() is for ${kind} measures; this one is ${this.kind()}`);
  }

  median() {
    return this.percentile(50);
  }

  /**
   * The value below which p percent of the samples lie (0 ≤ p ≤ 100), an estimate: samples are taken to be spread
   * evenly over the bucket they fall in, by their logarithms on an exponential axis. Categorical measures (boolean,
   * flag, enumerated) give the value of the bucket itself.
   */
  percentile(p) {
    if (!(p >= 0 && p <= 100)) throw new RangeError(`a percentile is a number from 0 to 100, not ${p}`);
    const { counts, samples } = this.#totals();
    const { starts, ends, isValue, isGeometric } = this.#about;
    const target = (samples * p) / 100;
    let below = 0;
    for (let i = 0; i < counts.length; i++) {
      if (counts[i] > 0 && below + counts[i] >= target) {
        return isValue ? starts[i] : inside(starts[i], ends[i], (target - below) / counts[i], isGeometric);
      }
      below += counts[i];
    }
    return NaN;
  }

  /** Calls back with (count, start, end, index) for every bucket; [start, end) are its values. */
  each(callback, context) {
    this.map(callback, context);
  }

  map(callback, context) {
    const { starts, ends } = this.#about;
    return this.#totals().counts.map((count, i) => callback.call(context ?? this, count, starts[i], ends[i], i));
  }
}
