/** Rows added up: {counts: [per bucket], samples, submissions, and per sum {total, samples}}. */

export const SUMS = ["sum", "logSum", "logSumSquares", "sumSquaresLow", "sumSquaresHigh"];

/** Totals of nothing. */
export function nothing(buckets) {
  const total = { counts: new Array(buckets).fill(0), samples: 0, submissions: 0 };
  for (const name of SUMS) total[name] = { total: 0, samples: 0 };
  return total;
}

/** Adds up totals. */
export function addTotals(totals, buckets) {
  const sum = nothing(buckets);
  for (const each of totals) {
    for (let i = 0; i < buckets; i++) sum.counts[i] += each.counts[i];
    for (const name of SUMS) {
      sum[name].total += each[name].total;
      sum[name].samples += each[name].samples;
    }
    sum.samples += each.samples;
    sum.submissions += each.submissions;
  }
  return sum;
}
