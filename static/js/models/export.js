/** What is shown, as rows for CSV and JSON. Figures are written in full, not as they are rounded on the page. */
import { formatDay } from "./dates.js";
import { isCategorical } from "../../telemetry.mjs";
import { categoryName } from "./figures.js";
import { bucketAround } from "./lines.js";

/** RFC 4180. A text that a spreadsheet would run as a formula gets an apostrophe: names come from pings. */
function cell(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export const toCsv = ({ columns, rows }) =>
  [columns, ...rows].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";

export const toJson = ({ about, columns, rows }) =>
  JSON.stringify(
    {
      ...about,
      rows: rows.map((row) =>
        Object.fromEntries(columns.map((name, i) => [name, Number.isNaN(row[i]) ? null : row[i]])),
      ),
    },
    null,
    1,
  );

/** Lines of the evolution: one row a line and date. */
export function evolutionTable(lines, about) {
  const columns = [
    "date",
    "measure",
    "version",
    "population",
    "figure",
    "value",
    "bucket_start",
    "bucket_end",
    "submissions",
    "samples",
    "low_volume",
    "filling",
    "category",
  ];
  const rows = lines.flatMap(({ series, figure, points }) =>
    points.map((point) => {
      const bucket =
        figure.unit === "value" && point.value !== null ? bucketAround(point.histogram, point.value) : null;
      const where = [formatDay(point.date), series.measure, series.version, series.population, figure.token];
      return [
        ...where,
        point.value,
        bucket?.[0] ?? null,
        bucket?.[1] ?? null,
        point.submissions,
        point.samples,
        point.low ? "yes" : "no",
        point.filling ? "yes" : "no",
        figure.category ?? null,
      ];
    }),
  );
  return { about, columns, rows };
}

const categoryOf = (histogram, { start }) =>
  isCategorical(histogram.kind()) ? categoryName(histogram.kind(), start, histogram.labels()) : null;

/** Bars of a distribution: one row a bucket and series. */
export function distributionTable(distribution, series, about) {
  const columns = ["measure", "version", "population", "start", "end", "count", "share", "shown", "category"];
  const rows = series.flatMap((one, s) =>
    distribution.bars.map((bar) => [
      one.measure,
      one.version,
      one.population,
      bar.start,
      bar.end,
      bar.counts[s],
      bar.shares[s],
      bar.values[s],
      categoryOf(one.histogram, bar),
    ]),
  );
  return { about, columns, rows };
}
