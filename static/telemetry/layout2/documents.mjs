/** The documents of layout 1 that programs read, made from a manifest and its packs; docs/formats.md describes them. */
import { TelemetryError } from "../errors.mjs";
import { KINDS_OF_DATE } from "../layout.mjs";

const SUMS = ["sum", "log_sum", "log_sum_squares", "sum_squares_lo", "sum_squares_hi"];
const UNKNOWN = -1;
const BY = Object.keys(KINDS_OF_DATE);

const mapped = (object, change) =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]));

export const histogramsOf = ({ measures }) => mapped(measures, ({ definition }) => definition);

function measuresOf({ channel_version: name, records, measures }) {
  const shown = ({ definition, volume }) => {
    const { kind, description, original_kind: original } = definition;
    return { kind, description, ...(original === undefined ? {} : { original_kind: original }), ...volume };
  };
  return { schema: 1, channel_version: name, pings: records, measures: mapped(measures, shown) };
}

/** A row of layout 1 without its filter id: buckets, sums, submissions. */
function rowOf({ ends, positions, numbers, records, sums }, row, buckets) {
  const counts = new Array(buckets).fill(0);
  for (let i = row ? ends[row - 1] : 0; i < ends[row]; i++) counts[positions[i]] = numbers[i];
  const known = SUMS.map((name) => {
    const column = sums[name];
    return column && column.unknown[row] < records[row] ? column.values[row] : UNKNOWN;
  });
  return [...counts, ...known, records[row]];
}

/** {date: [row, …]}; a row ends with `last` of its part and number. */
function rowsOf({ about, parts }, last) {
  const found = {};
  for (const { dates, ids, columns } of parts) {
    columns.dates.forEach((date, row) => {
      (found[dates[date]] ??= []).push([...rowOf(columns, row, about.starts.length), ...last(ids, columns, row)]);
    });
  }
  return found;
}

async function summaryOf(version, measure) {
  const totals = await version.totals(measure, BY);
  const summary = { schema: 1, definition: version.manifest.measures[measure].definition, populations: {} };
  for (const by of BY) {
    summary[KINDS_OF_DATE[by]] = mapped(
      rowsOf(totals[by], () => []),
      ([row]) => row,
    );
    summary.populations[KINDS_OF_DATE[by]] = totals[by].records;
  }
  return summary;
}

const withId = (ids, { populations }, row) => [ids[populations[row]]];

/** The document of a name, of a Version. Throws TelemetryError "http", 404, for one that there is not. */
export async function documentOf(version, name) {
  const { manifest } = version;
  if (name === "histograms.json") return histogramsOf(manifest);
  if (name === "measures.json") return measuresOf(manifest);
  if (name === "filter-tree.json") return manifest.tree;
  const [, file, what] = /^(.+)-(summary|by-build-date|by-submission-date)\.json$/.exec(name) ?? [];
  const measure = file && decodeURIComponent(file);
  if (file && version.has(measure)) {
    if (what === "summary") return summaryOf(version, measure);
    return rowsOf(
      await version.byPopulation(
        measure,
        BY.find((by) => KINDS_OF_DATE[by] === what),
      ),
      withId,
    );
  }
  throw new TelemetryError("http", `${manifest.channel_version} has no ${name}`, { status: 404 });
}
