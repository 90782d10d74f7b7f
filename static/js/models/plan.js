/** What the evolution section draws: figures chosen, lines coloured, grouped by unit. */
import { UNITS, defaultFigures, figureOf, suits } from "./figures.js";
import { aligned, fillingFrom, lineOf, pointsOf, versionStarts } from "./lines.js";
import { versionName } from "./names.js";
import { colorOfFigure } from "./palette.js";

/** Tokens of a state that mean something for a kind, or the usual ones. */
export function figuresFor(state, first) {
  const { kind } = first.about;
  const labels = first.evolution.labels();
  const chosen = state.show
    .map((token) => figureOf(token, kind, labels))
    .filter((figure) => figure && suits(figure, kind));
  // a choice made for another kind of measure is kept in the address, and comes back with such a measure
  const usable =
    chosen.length > 0 && (chosen.length === state.show.length || chosen.some(({ unit }) => unit !== "count"));
  return usable ? chosen : defaultFigures(kind, first.evolution.range()).map((token) => figureOf(token, kind, labels));
}

/**
 * {dates, charts: [{unit, lines, marks}], lines, filling, low} of loaded series that have data.
 * Several series are told apart by colour; of one series, its figures are.
 */
export function planOf(state, series, publishedAt) {
  const figures = figuresFor(state, series[0]);
  const filling = fillingFrom(publishedAt, state.by);
  const points = series.map(({ evolution }) => pointsOf(evolution, { from: state.from, to: state.to, filling }));
  const drawn = figures.filter(({ unit }) => unit !== "count").length;
  const lines = figures.flatMap((figure, f) =>
    series.map((one, s) => {
      const severalOfUnit = figures.filter(({ unit }) => unit === figure.unit).length > 1;
      const line = lineOf(one, figure, points[s], series.length > 1, severalOfUnit);
      const color = series.length > 1 ? one.color : colorOfFigure(figure, f);
      return { ...line, color, faint: series.length > 1 && severalOfUnit && f > 0 && drawn > 1 };
    }),
  );
  const together = aligned(lines, state.lowvolume === "all");
  const marks = versionStarts(series, points).map(({ version, date }) => ({ date, label: versionName(version) }));
  const charts = UNITS.map((unit) => ({
    unit,
    marks,
    lines: together.lines.filter(({ figure }) => figure.unit === unit),
  }));
  return {
    dates: together.dates,
    lines: together.lines,
    charts: charts.filter(({ lines: found }) => found.length > 0),
    figures,
  };
}

/** What the marks in the chart mean, where there are any: [text]. */
export function legendOf(lines) {
  const points = lines.flatMap((line) => line.points);
  const low = points.filter((point) => point.low).length;
  const said = [];
  if (low) said.push("Pale rings: days with few pings, kept out of the line; hover tells how few.");
  if (points.some((point) => point.filling)) said.push("Dashed: still filling, pings of these dates keep arriving.");
  return said;
}

/** What the readout says of one line at one date: {line, value, point, bucket, note}; null where there is no point. */
export function readingOf(line, index, bucketAround) {
  const point = line.at[index];
  if (!point) return { line, value: null, point: null, bucket: null, note: "no data on this date" };
  const bucket =
    line.figure.unit === "value" && point.value !== null ? bucketAround(point.histogram, point.value) : null;
  const notes = [point.low && `low volume: ${point.low}`, point.filling && "still filling"].filter(Boolean);
  return { line, value: point.value, point, bucket, note: notes.join("; ") };
}
