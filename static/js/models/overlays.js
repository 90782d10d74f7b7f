/** The series of the distribution section: every loaded series × every date range, grouped by their buckets. */
import { parseDay } from "./dates.js";
import { signatureOf } from "./distribution.js";
import { colored } from "./palette.js";
import { endsOf, rangeName } from "./ranges.js";

/** Ranges to show: those compared, or the one of the page: [{from, to, label}]; null is open. */
export function rangesOf(state) {
  if (state.range.length === 0) return [{ from: state.from, to: state.to, label: "" }];
  const page = {
    from: state.from,
    to: state.to,
    label: state.from || state.to ? `${state.from ?? "…"} to ${state.to ?? "…"}` : "all dates",
  };
  const more = state.range.map((range) => {
    const [from, to] = endsOf(range);
    return { from, to, label: rangeName(range) };
  });
  return [page, ...more];
}

/**
 * [{series: [{…series, histogram, label, color}]}], one a set of bucket bounds; `left` counts what is beyond eight.
 * Series without samples in their range come with `empty` true, so that they can be named instead of drawn.
 */
export function overlaysOf(state, series) {
  const ranges = rangesOf(state);
  const all = series.flatMap((one) =>
    ranges.map((range) => ({
      ...one,
      range,
      histogram: one.evolution.range(parseDay(range.from), parseDay(range.to)),
      label: [one.label, range.label].filter(Boolean).join(" · ") || one.population,
    })),
  );
  const shown = colored(all).map((one) => ({ ...one, empty: one.histogram.count() === 0 }));
  const groups = new Map();
  for (const one of shown.filter(({ empty }) => !empty)) {
    const key = JSON.stringify([one.histogram.kind(), one.histogram.labels(), signatureOf(one.histogram)]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return { groups: [...groups.values()], empty: shown.filter(({ empty }) => empty), left: all.length - shown.length };
}
