/**
 * The lines of the evolution charts: dates, values, and for every point whether it is to be trusted.
 *
 * A point is low-volume when its day has less than a twentieth of its line's usual (median) pings, and fewer than 100;
 * it is filling when pings of its date still arrive: builds of the last three days before the publish, or the day of
 * the publish.
 */
import { addDays, formatDay } from "./dates.js";
import { formatCount } from "./numbers.js";

const FILLING_DAYS = { build: 3, submission: 0 };

function medianOf(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length ? sorted[sorted.length >> 1] : 0;
}

/** Pings below which a day is low-volume, of the pings of all days. */
export const lowVolumeBelow = (submissions) => Math.min(100, medianOf(submissions) / 20);

/** The first date whose points are still filling, or null where the time of the publish is not known. */
export function fillingFrom(publishedAt, by) {
  return publishedAt ? addDays(new Date(formatDay(publishedAt)), -FILLING_DAYS[by]) : null;
}

/** The days of an evolution in a range: [{date, histogram, submissions, samples, low (reason or null), filling}]. */
export function pointsOf(evolution, { from, to, filling }) {
  const days = evolution.map((date, histogram) => ({
    date,
    histogram,
    submissions: histogram.submissions(),
    samples: histogram.count(),
  }));
  const usual = medianOf(days.map(({ submissions }) => submissions));
  const limit = lowVolumeBelow(days.map(({ submissions }) => submissions));
  return days
    .filter(({ date }) => (!from || formatDay(date) >= from) && (!to || formatDay(date) <= to))
    .map((day) => ({
      ...day,
      low:
        day.submissions < limit
          ? `${formatCount(day.submissions)} pings, less than 5 % of a usual day's ${formatCount(usual)}`
          : null,
      filling: filling !== null && day.date >= filling,
    }));
}

/**
 * One line: {series, figure, label, points: [{date, value, …}]}; a value that is not known is null.
 * `seriesPoints` as pointsOf gives them.
 */
export function lineOf(series, figure, points, severalSeries, severalFigures) {
  const parts = [];
  if (severalSeries) parts.push(series.label);
  if (severalFigures || !severalSeries) parts.push(figure.short);
  const valued = points.map((point) => {
    const value = figure.of(point.histogram);
    return { ...point, value: Number.isFinite(value) ? value : null };
  });
  return { series, figure, label: parts.join(" "), points: valued };
}

/**
 * Lines on common dates, as the chart draws them: {dates, lines: [{…line, solid, dashed, dim, at}]}.
 * `solid` joins trusted points, `dashed` those still filling (with the point before them), `dim` holds low-volume
 * points alone.
 */
export function aligned(lines, showLow) {
  const times = [...new Set(lines.flatMap(({ points }) => points.map(({ date }) => date.getTime())))].sort(
    (a, b) => a - b,
  );
  const dates = times.map((time) => new Date(time));
  return { dates, lines: lines.map((line) => ({ ...line, ...layers(line, times, showLow) })) };
}

function layers({ points }, times, showLow) {
  const byTime = new Map(points.map((point) => [point.date.getTime(), point]));
  const at = times.map((time) => byTime.get(time) ?? null);
  const trusted = at.map((point) => point !== null && point.value !== null && (showLow || !point.low));
  const lastSolid = at.map((point, i) => trusted[i] && !point.filling).lastIndexOf(true);
  const pick = (keeps) => at.map((point, i) => (point !== null && keeps(point, i) ? point.value : null));
  const hasFilling = at.some((point, i) => trusted[i] && point.filling);
  return {
    at,
    solid: pick((point, i) => trusted[i] && !point.filling),
    dashed: pick((point, i) => hasFilling && trusted[i] && (point.filling || i === lastSolid)),
    dim: pick((point, i) => !trusted[i]),
  };
}

/** Where each version begins: [{date, version}], for the marks in the chart. */
export function versionStarts(series, pointsBySeries) {
  const starts = new Map();
  series.forEach(({ version }, i) => {
    const first = pointsBySeries[i][0]?.date;
    if (first && (!starts.has(version) || first < starts.get(version))) starts.set(version, first);
  });
  return starts.size > 1 ? [...starts].map(([version, date]) => ({ version, date })) : [];
}

/** The bucket that a value falls in, as [start, end), or null. */
export function bucketAround(histogram, value) {
  let found = null;
  histogram.each((count, start, end) => {
    if (value >= start && value < end) found = [start, end];
  });
  return found;
}
