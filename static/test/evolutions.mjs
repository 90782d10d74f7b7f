/** Made evolutions, for the tests of the models. */
import { HistogramEvolution } from "../telemetry/index.mjs";

const LINEAR = { kind: "linear", description: "", low: 10, high: 30, n_buckets: 4 };
const row = (counts, submissions) => [...counts, 0, -1, -1, -1, -1, submissions, 0];

/** An evolution of days {YYYYMMDD: [counts, submissions]}. */
export const evolutionOf = (days, definition = LINEAR) =>
  HistogramEvolution.of(
    "X",
    definition,
    { _id: 0 },
    Object.fromEntries(Object.entries(days).map(([day, [counts, pings]]) => [day, [row(counts, pings)]])),
  );
