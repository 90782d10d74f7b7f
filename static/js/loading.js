/**
 * From a state to everything that is drawn: defaults filled in, indexes read, series with their evolutions, reasons
 * where there is nothing.
 */
import { accepts } from "./models/populations.js";
import { emptyReason } from "./models/reasons.js";
import { formatDay } from "./models/dates.js";
import { MOST_SERIES_IN_WORDS } from "./models/palette.js";
import { isFiltered, populationName, seriesOf } from "./models/series.js";
import { usualMeasure, usualVersion } from "./models/search.js";
import { sumOf } from "./published.js";

const hasData = (index, measure) => index !== undefined && Object.hasOwn(index.measures, measure);

/** {VERSION: {pings, measures}} of the published ones among some versions. */
async function indexesOf(published, wanted) {
  const there = wanted.filter((version) => published.versions().includes(version));
  const found = await Promise.all(there.map((version) => published.measures(version)));
  return new Map(there.map((version, i) => [version, found[i]]));
}

/** All measures of some indexes: {NAME: {kind, description, submissions, …}}, submissions added. */
export function mergedMeasures(indexes) {
  const merged = new Map();
  for (const { measures } of indexes.values()) {
    for (const [name, about] of Object.entries(measures)) {
      const have = merged.get(name);
      merged.set(name, have ? { ...have, submissions: (have.submissions ?? 0) + (about.submissions ?? 0) } : about);
    }
  }
  return Object.fromEntries(merged);
}

/** The version to open with, or null before the first publish. */
const firstVersion = (published) =>
  published.usualVersion() ?? usualVersion(published.versions({ implausible: false }));

/**
 * The usual measure of the versions shown; where none of these is published, of the usual version, to have something to
 * speak of.
 */
async function someMeasure(published, indexes) {
  const usual = firstVersion(published);
  const looked = indexes.size || usual === null ? indexes : await indexesOf(published, [usual]);
  return usualMeasure(mergedMeasures(looked));
}

function unknownFilters(state, dimensions) {
  if (dimensions.length === 0) return [];
  const known = new Set(dimensions);
  return [...Object.keys(state.filters), ...(state.compare ? [state.compare] : [])].filter(
    (dimension) => !known.has(dimension),
  );
}

function withoutUnknown(state, unknown) {
  const filters = Object.fromEntries(
    Object.entries(state.filters).filter(([dimension]) => !unknown.includes(dimension)),
  );
  return { ...state, filters, compare: unknown.includes(state.compare) ? null : state.compare };
}

/** The pairs of a state that exist. */
export const pairsOf = (state, indexes) =>
  state.version.flatMap((version) =>
    state.measure.filter((measure) => hasData(indexes.get(version), measure)).map((measure) => ({ version, measure })),
  );

async function evolutionOf(published, series, { by, compare, implausible }) {
  if (!isFiltered(series) && !compare) return published.total(series.version, series.measure, by, implausible);
  return (await published.whole(series.version, series.measure, by, implausible)).filter(accepts(series.filters));
}

async function loaded(published, series, state, indexes) {
  const about = indexes.get(series.version)?.measures;
  const known = hasData(indexes.get(series.version), series.measure);
  const evolution = known ? await evolutionOf(published, series, state) : null;
  const outside = published.outside(series.version, state.by);
  const facts = {
    ...series,
    published: indexes.has(series.version),
    known,
    by: state.by,
    from: state.from,
    to: state.to,
  };
  const population = populationName(series.filters);
  return {
    ...series,
    population,
    evolution,
    outside,
    about: known ? about[series.measure] : null,
    reason: await reasonOf(published, facts, evolution, state),
  };
}

const plausibleDates = async (published, { version, measure }, { by, implausible }) =>
  (await published.total(version, measure, by, implausible)).dates().length;

/** How many versions, and how many dates of the versions shown, are implausible, with their pings. */
const oddOf = (published, { version, by }) => ({
  versions: published.oddVersions(),
  dates: sumOf(version.map((name) => published.outside(name, by)).filter(Boolean)),
});

/** Why a series shows nothing, or null where it shows something. */
async function reasonOf(published, facts, evolution, state) {
  if (evolution === null) return emptyReason(facts);
  const days = evolution.dates().map(formatDay);
  const shown = days.filter((day) => (!state.from || day >= state.from) && (!state.to || day <= state.to));
  if (shown.length) return null;
  const all = (await published.total(facts.version, facts.measure, state.by)).dates();
  return emptyReason({
    ...facts,
    dates: all.length,
    plausible: await plausibleDates(published, facts, state),
    filtered: days.length,
    first: days[0],
    last: days.at(-1),
  });
}

/**
 * {state, indexes, series, populations (or null where none were needed), left, notices, odd}.
 * A series: {version, measure, filters, label, color, population, about, evolution or null, outside or null, reason or
 * null}.
 */
export async function load(published, wanted) {
  const version = wanted.version.length ? wanted.version : [firstVersion(published)].filter(Boolean);
  const indexes = await indexesOf(published, version);
  const measure = wanted.measure.length ? wanted.measure : [await someMeasure(published, indexes)].filter(Boolean);
  let state = { ...wanted, version, measure };
  const notices = version.length ? [] : ["Nothing is published yet: charts come with the first publish."];
  let populations = null;
  if (state.compare || Object.keys(state.filters).length) {
    populations = await published.populationsOf(pairsOf(state, indexes), state.by);
    const unknown = unknownFilters(state, await published.dimensions([...indexes.keys()]));
    notices.push(...unknown.map((name) => `“${name}” is not a setting or a filter of these data; ignored.`));
    state = withoutUnknown(state, unknown);
  }
  const { series, left } = seriesOf(state, populations ?? []);
  if (left > 0) {
    const shown = `${MOST_SERIES_IN_WORDS} series are shown, ${left} more are left out`;
    notices.push(`${shown}: choose fewer versions, measures or options.`);
  }
  return {
    state,
    indexes,
    populations,
    left,
    notices,
    odd: oddOf(published, state),
    series: await Promise.all(series.map((one) => loaded(published, one, state, indexes))),
  };
}
