/**
 * Where buckets lie on the horizontal axis: [[left, right], …] in axis units, and ticks [{at, label}].
 *   log: exponential buckets look alike wide; the bucket that starts at 0 is drawn as wide as the one after it.
 *   linear: as wide as they are. equal: one unit each, for categories.
 */
import { isCategorical } from "../../telemetry.mjs";
import { categoryName } from "./figures.js";
import { formatShort } from "./numbers.js";

/** {axis: its name}, those that one can choose. */
export const AXES = { log: "logarithmic", linear: "linear", equal: "equal buckets" };

/**
 * The axis of measures of a kind: the chosen one, or if none was chosen (null) the one that fits; categories have one.
 */
export function axisOf(kind, chosen) {
  if (isCategorical(kind)) return "equal";
  if (chosen) return chosen;
  return kind === "exponential" ? "log" : "linear";
}

function logPositions(bars) {
  const logs = bars.map(({ start, end }) => [start > 0 ? Math.log10(start) : null, Math.log10(end)]);
  return logs.map(([left, right], i) => {
    if (left !== null) return [left, right];
    const next = logs[i + 1];
    return [right - (next ? Math.max(next[1] - next[0], 0.05) : 0.3), right];
  });
}

/** Positions of bars [{start, end}] on an axis. */
export function positionsOf(bars, axis) {
  if (axis === "log") return logPositions(bars);
  if (axis === "linear") return bars.map(({ start, end }) => [start, end]);
  return bars.map((_, i) => [i, i + 1]);
}

function equalTicks(bars, kind, most, labels) {
  const step = Math.max(1, Math.ceil(bars.length / most));
  const named = isCategorical(kind);
  const shown = bars.map((bar, i) => ({ bar, i })).filter(({ i }) => i % step === 0);
  return shown.map(({ bar, i }) => ({
    at: named ? i + 0.5 : i,
    label: named ? categoryName(kind, bar.start, labels) : formatShort(bar.start),
  }));
}

function logTicks(bars, positions) {
  const ticks = bars[0].start === 0 ? [{ at: positions[0][0], label: "0" }] : [];
  const low = Math.max(bars.find(({ start }) => start > 0)?.start ?? 1, 1);
  const high = bars.at(-1).end;
  const decades = Math.log10(high / low);
  const steps = decades > 3 ? [1] : decades > 1.2 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 6, 8];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    for (const step of steps) {
      const value = step * 10 ** power;
      if (value >= low && value <= high) ticks.push({ at: Math.log10(value), label: formatShort(value) });
    }
  }
  return ticks;
}

/**
 * Ticks of an axis, at most about `most`; null where evenly spaced numbers serve (linear).
 * `labels` name the values of a category.
 */
export function ticksOf(bars, positions, axis, kind, most, labels = []) {
  if (bars.length === 0 || axis === "linear") return null;
  return axis === "log" ? logTicks(bars, positions) : equalTicks(bars, kind, most, labels);
}
