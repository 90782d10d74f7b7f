/**
 * telemetry.js: reads published telemetry distributions. The v1 API of 2013, with Promises; see docs/telemetry-js.md.
 */
import { bucketEnds, bucketStarts, isCategorical } from "./buckets.mjs";
import { createClient } from "./client.mjs";
import { TelemetryError } from "./errors.mjs";
import { HistogramEvolution, dateOf, dayOf } from "./evolution.mjs";
import { Histogram } from "./histogram.mjs";
import { KINDS_OF_DATE, isVersion } from "./layout.mjs";
import { isPlausible } from "./plausible.mjs";
import { leavesOf } from "./tree.mjs";

// while a classic script runs it can see its own tag, later it cannot
const script = typeof document === "object" ? document.currentScript : null;
const scriptBase = script?.dataset.base;

/** `data-base` of the script tag, else the page's own origin, else nothing (Node). */
const pageBase = () => scriptBase ?? (typeof location === "object" ? location.origin : "");

const Telemetry = createClient({ base: pageBase });

export default Telemetry;
export {
  Histogram,
  HistogramEvolution,
  KINDS_OF_DATE,
  TelemetryError,
  bucketEnds,
  bucketStarts,
  createClient,
  dateOf,
  dayOf,
  isCategorical,
  isPlausible,
  isVersion,
  leavesOf,
};
