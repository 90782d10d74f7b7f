/** What all charts share: uPlot with UTC dates, the page's colours, and a size that follows its place. */
import uPlot from "../../vendor/uPlot.mjs";
import { formatShare, formatShort } from "../models/numbers.js";
import { color } from "./theme.js";

const FONT = "12px system-ui, sans-serif";

export const inUtc = (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC");

export function axis(options = {}) {
  const grid = { stroke: color("grid"), width: 1 };
  return { stroke: color("text-quiet"), font: FONT, grid, ticks: grid, ...options };
}

const DAY = 86400;
const dayName = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

/** Dates are days in UTC: ticks at whole days, the year below where it begins or changes. */
export function dateAxis() {
  const year = (seconds) => new Date(seconds * 1000).getUTCFullYear();
  const name = (seconds, i, all) => `${dayName.format(new Date(seconds * 1000))}${i === 0 || year(seconds) !== year(all[i - 1]) ? `\n${year(seconds)}` : ""}`;
  const incrs = [1, 2, 4, 7, 14, 28, 61, 91, 182, 365, 730].map((days) => days * DAY);
  const splits = (plot, index, low, high, step) => {
    const first = Math.ceil(low / DAY) * DAY;
    return Array.from({ length: Math.max(0, Math.floor((high - first) / step) + 1) }, (_, i) => first + i * step);
  };
  return axis({ size: 44, space: 64, incrs, splits, values: (plot, found) => found.map(name) });
}

/** Labels of a vertical axis for a unit: "value", "count" or "share". */
export function valueAxis(unit, label) {
  const shown = unit === "share" ? formatShare : formatShort;
  return axis({ size: 58, label, labelFont: FONT, labelSize: 16, values: (plot, splits) => splits.map((value) => shown(value)) });
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
