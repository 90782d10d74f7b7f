/**
 * Published rows: [bucket 0 … bucket n-1, sum, log_sum, log_sum_squares, sum_squares_lo, sum_squares_hi, submissions,
 * filter id]. In the five sums, -1 says "not known".
 */
import { TelemetryError } from "./errors.mjs";
import { SUMS, addTotals, nothing } from "./totals.mjs";

const TAIL = SUMS.length + 2;
const LOG_SUM = 1;
const LOG_SUM_SQUARES = 2;

/** Checks {"YYYYMMDD": [row, …]} against the number of buckets; throws TelemetryError "bad-data". */
export function checkRows(data, buckets, what) {
  for (const [date, rows] of Object.entries(data)) {
    if (!/^\d{8}$/.test(date)) throw new TelemetryError("bad-data", `${what}: '${date}' is not a date`);
    for (const row of rows) {
      if (row.length !== buckets + TAIL) {
        const lengths = `${row.length} numbers where the definition asks for ${buckets + TAIL}`;
        throw new TelemetryError("bad-data", `${what}: a row of ${date} has ${lengths}`);
      }
    }
  }
  return data;
}

/** The filter id of a row. */
const idOf = (row) => row[row.length - 1];

/** Whether a row knows one of its sums; see addUp. */
function isKnown(row, s, buckets, minusOneIsAValue) {
  const value = row[buckets + s];
  if (value === -1) return minusOneIsAValue && s < 3;
  return !(value === 0 && row[buckets] > 0 && (s === LOG_SUM || s === LOG_SUM_SQUARES));
}

function totalsOf(rows, buckets, minusOneIsAValue) {
  const total = nothing(buckets);
  const { counts } = total;
  for (const row of rows) {
    let samples = 0;
    for (let i = 0; i < buckets; i++) {
      counts[i] += row[i];
      samples += row[i];
    }
    for (let s = 0; s < SUMS.length; s++) {
      if (!isKnown(row, s, buckets, minusOneIsAValue)) continue;
      total[SUMS[s]].total += row[buckets + s];
      total[SUMS[s]].samples += samples;
    }
    total.samples += samples;
    total.submissions += row[buckets + SUMS.length];
  }
  return total;
}

/** A day's rows are added up once, however many ranges and figures ask for them. */
const added = new WeakMap();

function dayTotals(rows, buckets, minusOneIsAValue) {
  if (!added.has(rows)) added.set(rows, totalsOf(rows, buckets, minusOneIsAValue));
  return added.get(rows);
}

/**
 * Rows by day. `totals()` adds them up to {counts: [per bucket], samples, submissions, and per sum {total,
 * samples}}, where a sum's `samples` counts only the samples of rows in which it is known, so that a mean never
 * divides by samples it has no sum of. `minusOneIsAValue`: in simple measures the first three sums are never
 * unknown, and -1 is a value. Many clients of 2013 sent log sums of 0 beside a positive sum, which no samples can have:
 * those were not recorded either.
 */
export class RowDays {
  #days; // [["YYYYMMDD", [row, …]], …], ascending
  #buckets;
  #minusOneIsAValue;

  constructor(days, buckets, minusOneIsAValue) {
    [this.#days, this.#buckets, this.#minusOneIsAValue] = [days, buckets, minusOneIsAValue];
  }

  get days() {
    return this.#days.map(([day]) => day);
  }

  /** The rows of some filter ids; days without any are left out. */
  filtered(ids) {
    const days = this.#days.map(([day, rows]) => [day, rows.filter((row) => ids.has(idOf(row)))]);
    return this.#of(days.filter(([, rows]) => rows.length > 0));
  }

  /** The days from one to another, both included. */
  between(from, to) {
    return this.#of(this.#days.filter(([day]) => from <= day && day <= to));
  }

  /** One day alone. */
  only(index) {
    return this.#of([this.#days[index]]);
  }

  totals() {
    return addTotals(
      this.#days.map(([, rows]) => dayTotals(rows, this.#buckets, this.#minusOneIsAValue)),
      this.#buckets,
    );
  }

  #of(days) {
    return new RowDays(days, this.#buckets, this.#minusOneIsAValue);
  }
}
