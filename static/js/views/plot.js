/** What all charts share: uPlot with UTC dates, the page's colours, and a size that follows its place. */
import uPlot from "../../vendor/uPlot.mjs";
import { STEPS, tickNames, ticksBetween } from "../models/date-ticks.js";
import { formatShare, formatShort } from "../models/numbers.js";
import { color } from "./theme.js";

const FONT = "12px system-ui, sans-serif";

export const inUtc = (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC");

export function axis(options = {}) {
  const grid = { stroke: color("grid"), width: 1 };
  return { stroke: color("text-quiet"), font: FONT, grid, ticks: grid, ...options };
}

/** Dates are days in UTC: ticks where days, months or years begin. */
export function dateAxis() {
  const splits = (plot, index, low, high, step) => ticksBetween(low, high, step);
  const values = (plot, found, index, space, step) => tickNames(found, step);
  return axis({ size: 44, space: 64, incrs: STEPS, splits, values });
}

/** Labels of a vertical axis for a unit: "value", "count" or "share". */
export function valueAxis(unit, label) {
  const shown = unit === "share" ? formatShare : formatShort;
  return axis({
    size: 58,
    label,
    labelFont: FONT,
    labelSize: 16,
    values: (plot, splits) => splits.map((value) => shown(value)),
  });
}

/** Zero is always on the axis, and there is room above the highest value. */
export function fromZero(plot, low, high) {
  const bottom = Math.min(0, low ?? 0);
  const top = Math.max(0, high ?? 0) || (bottom < 0 ? 0 : 1);
  const room = (top - bottom) * 0.06;
  return [bottom < 0 ? bottom - room : 0, top > 0 ? top + room : 0];
}

/** Keeps a plot as wide as its host; gives a function that stops it. */
export function followWidth(host, resize) {
  let width = host.clientWidth;
  const observer = new ResizeObserver(() => {
    if (host.clientWidth === width || host.clientWidth === 0) return;
    width = host.clientWidth;
    resize(width);
  });
  observer.observe(host);
  return () => observer.disconnect();
}

export { uPlot, FONT };
