/** Figures against raw samples of known distributions: the samples are binned here, by looking every value up. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { builds } from "../builds.mjs";
import { definitions, row } from "../published.mjs";

/** A small generator of uniform numbers in (0, 1): the same samples in every run. */
function uniform(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
}

function normal(random) {
  return Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
}

const drawn = (count, draw) => Array.from({ length: count }, draw);
const sum = (values) => values.reduce((total, value) => total + value, 0);
const mean = (values) => sum(values) / values.length;
const deviation = (values) => {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
};
const quantile = (values, p) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor((values.length * p) / 100))];

/** What a client would have sent for samples: counts and the five sums. */
function sent(samples, starts, { logs }) {
  const counts = starts.map(() => 0);
  for (const sample of samples) counts[starts.findLastIndex((start) => sample >= start)] += 1;
  const squares = sum(samples.map((sample) => sample * sample));
  const logged = samples.map((sample) => Math.log(sample + 1));
  const sums = logs
    ? [sum(samples), sum(logged), sum(logged.map((log) => log * log)), -1, -1]
    : [sum(samples), -1, -1, squares % 2 ** 32, Math.floor(squares / 2 ** 32)];
  return { counts, sums };
}

for (const [name, Telemetry] of Object.entries(builds)) {
  const { HistogramEvolution } = Telemetry;
  const startsOf = (definition) =>
    HistogramEvolution.of("X", definition, { _id: 0 }, {})
      .range()
      .map((count, start) => start);

  /** The histogram of samples spread over a few rows, as pings would be. */
  function histogramOf(definition, samples, options, rows = 4) {
    const starts = startsOf(definition);
    const parts = Array.from({ length: rows }, (_, i) => samples.filter((_, s) => s % rows === i)).map((part) =>
      sent(part, starts, options),
    );
    const data = Object.fromEntries(
      parts.map(({ counts, sums }, i) => [`2013110${i + 1}`, [row(counts, 10, 0, sums)]]),
    );
    return HistogramEvolution.of("X", definition, { _id: 0 }, data).range();
  }

  const close = (value, wanted, tolerance) =>
    assert.ok(Math.abs(value - wanted) <= tolerance, `${value} is not within ${tolerance} of ${wanted}`);

  describe(`figures of ${name} against raw samples`, () => {
    test("linear: mean and standard deviation of normal samples, exactly", () => {
      const random = uniform(1);
      const samples = drawn(20000, () => Math.max(0, Math.round(500 + 120 * normal(random))));
      const histogram = histogramOf({ kind: "linear", low: 10, high: 1000, n_buckets: 102 }, samples, { logs: false });
      assert.equal(histogram.count(), 20000);
      assert.equal(histogram.submissions(), 40);
      close(histogram.mean(), mean(samples), 1e-9);
      close(histogram.standardDeviation(), deviation(samples), 1e-6);
    });

    test("linear: sums of squares beyond 32 bits", () => {
      const samples = drawn(3000, (_, i) => 60000 + i);
      const histogram = histogramOf({ kind: "linear", low: 1, high: 100000, n_buckets: 100 }, samples, { logs: false });
      close(histogram.standardDeviation(), deviation(samples), 1e-3);
    });

    test("linear: the low half of the squares is unsigned, and both halves are needed", () => {
      const figure = (sums) => {
        const counts = startsOf(definitions.LINEAR).map((_, i) => (i === 1 ? 3 : i === 2 ? 2 : 0));
        return HistogramEvolution.of("X", definitions.LINEAR, { _id: 0 }, { 20131101: [row(counts, 1, 0, sums)] })
          .range()
          .standardDeviation();
      };
      assert.equal(Math.round(figure([65616, -1, -1, 2147485824, 0])), 16040);
      close(figure([15, -1, -1, 45, 0]), 0, 0);
      assert.ok(Number.isNaN(figure([65616, -1, -1, 2147485824, -1])));
    });

    test("a variance below 0 is no deviation of 0: the sums contradict each other", () => {
      const linear = {
        20131101: [
          row(
            startsOf(definitions.LINEAR).map((_, i) => (i === 1 ? 5 : 0)),
            1,
            0,
            [65616, -1, -1, -2147481472, 0],
          ),
        ],
      };
      assert.ok(
        Number.isNaN(HistogramEvolution.of("X", definitions.LINEAR, { _id: 0 }, linear).range().standardDeviation()),
      );
      const counts = startsOf(definitions.EXPONENTIAL).map((_, i) => (i === 1 ? 5 : 0));
      const geometric = (logSquares) => {
        const data = { 20131101: [row(counts, 1, 0, [15, 5 * Math.log(4), logSquares, -1, -1])] };
        return HistogramEvolution.of("X", definitions.EXPONENTIAL, { _id: 0 }, data)
          .range()
          .geometricStandardDeviation();
      };
      assert.equal(geometric(5 * Math.log(4) ** 2 * (1 - 1e-6)), 1); // as 32-bit logarithms round
      assert.ok(Number.isNaN(geometric(Math.log(4) ** 2)));
    });

    test("linear: percentiles of uniform samples, within a small part of a bucket", () => {
      const random = uniform(2);
      const samples = drawn(50000, () => Math.floor(1000 * random()));
      const histogram = histogramOf({ kind: "linear", low: 10, high: 1000, n_buckets: 102 }, samples, { logs: false });
      for (const p of [1, 5, 25, 50, 75, 95, 99]) close(histogram.percentile(p), quantile(samples, p), 2);
      close(histogram.median(), quantile(samples, 50), 2);
    });

    test("exponential: geometric mean and deviation of log-normal samples", () => {
      const random = uniform(3);
      const samples = drawn(30000, () => Math.round(Math.exp(5 + 0.8 * normal(random))));
      const histogram = histogramOf(definitions.EXPONENTIAL, samples, { logs: true });
      const logs = samples.map((sample) => Math.log(sample + 1));
      close(histogram.geometricMean(), Math.exp(mean(logs)) - 1, 1e-6);
      close(histogram.geometricMean(), Math.exp(5), 4);
      close(histogram.geometricStandardDeviation(), Math.exp(deviation(logs)), 1e-6);
      close(histogram.geometricStandardDeviation(), Math.exp(0.8), 0.03);
    });

    test("exponential: percentiles lie in the bucket of the sample, near it where buckets are wide", () => {
      const random = uniform(4);
      const samples = drawn(30000, () => Math.round(Math.exp(6 + 0.5 * normal(random))));
      const histogram = histogramOf(definitions.EXPONENTIAL, samples, { logs: true });
      for (const p of [1, 5, 25, 50, 75, 95, 99]) {
        const value = histogram.percentile(p);
        const wanted = quantile(samples, p);
        close(value / wanted, 1, 0.04);
      }
    });

    test("the first and last percentile are the ends of the buckets in use, also in the open last bucket", () => {
      const definition = { kind: "linear", low: 10, high: 100, n_buckets: 11 };
      const histogram = histogramOf(definition, [5, 5, 500, 500], { logs: false }, 1);
      assert.equal(histogram.percentile(0), 0);
      assert.equal(histogram.percentile(100), 110);
      assert.equal(histogram.percentile(75), 105);
    });

    test("enumerated and boolean: percentiles are values, not parts of one", () => {
      const histogram = histogramOf(definitions.CHOICE, [0, 1, 1, 1, 3], { logs: false }, 1);
      assert.deepEqual(
        [0, 20, 50, 81, 100].map((p) => histogram.percentile(p)),
        [0, 0, 1, 3, 3],
      );
      close(histogram.mean(), 1.2, 1e-12);
    });

    test("where -1 means not known it is no number, and no samples are counted for it", () => {
      const starts = startsOf(definitions.CHOICE);
      const known = sent([3, 3], starts, { logs: false });
      const data = { 20131101: [row(known.counts, 1, 0, known.sums), row([9, 0, 0, 0, 0], 1, 0)] };
      const histogram = HistogramEvolution.of("X", definitions.CHOICE, { _id: 0 }, data).range();
      assert.equal(histogram.mean(), 3);
      assert.equal(histogram.count(), 11);
      const unknown = HistogramEvolution.of(
        "X",
        definitions.CHOICE,
        { _id: 0 },
        { 20131101: [row([9, 0, 0, 0, 0], 1, 0)] },
      );
      assert.ok(Number.isNaN(unknown.range().mean()));
    });

    test("log sums of zero beside a positive sum were never recorded", () => {
      const counts = startsOf(definitions.EXPONENTIAL).map((_, i) => (i === 7 ? 10 : 0));
      const data = { 20131101: [row(counts, 1, 0, [80, 0, 0, -1, -1])] };
      const histogram = HistogramEvolution.of("X", definitions.EXPONENTIAL, { _id: 0 }, data).range();
      assert.ok(Number.isNaN(histogram.geometricMean()));
      assert.ok(Number.isNaN(histogram.geometricStandardDeviation()));
    });

    test("in simple measures -1 is a value", () => {
      const counts = startsOf(definitions.SIMPLE_MEASURES_UPTIME).map(() => 0);
      const data = { 20131101: [row([1, ...counts.slice(1)], 1, 0, [-1, 0.5, 0.25, -1, -1])] };
      const evolution = HistogramEvolution.of(
        "SIMPLE_MEASURES_UPTIME",
        definitions.SIMPLE_MEASURES_UPTIME,
        { _id: 0 },
        data,
      );
      assert.equal(evolution.range().mean(), -1);
    });

    test("figures of nothing are NaN, of the wrong kind an error, of an impossible percentile too", () => {
      const empty = HistogramEvolution.of("X", definitions.LINEAR, { _id: 0 }, {}).range();
      assert.deepEqual([empty.submissions(), empty.count()], [0, 0]);
      for (const figure of [empty.mean(), empty.median(), empty.standardDeviation()]) assert.ok(Number.isNaN(figure));
      assert.throws(() => empty.geometricMean(), /exponential/);
      assert.throws(() => empty.percentile(101), RangeError);
      assert.throws(() => empty.percentile("x"), RangeError);
      const exponential = HistogramEvolution.of("X", definitions.EXPONENTIAL, { _id: 0 }, {}).range();
      assert.throws(() => exponential.standardDeviation(), /linear/);
    });
  });
}
