/** Why a chart is empty, in one sentence that says what to do. */
import { populationName } from "./series.js";
import { versionName } from "./names.js";

/**
 * facts: {measure, version, known: in measures.json, listed: its entry or null, published: whether the version is,
 * dates: all dates of the measure, plausible: those that are not implausible, or all where these are shown, filtered:
 * dates left by the filters, filters, from, to, by}.
 */
export function emptyReason(facts) {
  const { measure } = facts;
  const place = versionName(facts.version);
  if (!facts.published)
    return `${place} is not aggregated yet: no pings of it have been published. Choose another version.`;
  if (!facts.known)
    return (
      `There is no measure “${measure}” in ${place}: no ping of this version carried it. ` +
      "Search for another name or choose another version."
    );
  if (facts.dates === 0) return datesMissing(facts, place);
  if (facts.plausible === 0)
    return `Only pings of implausible dates carried ${measure} in ${place}. Show the implausible dates.`;
  if (facts.filtered === 0) {
    const population = populationName(facts.filters);
    return `No data for these filters: ${measure} in ${place} has no pings of ${population}. Remove a filter.`;
  }
  return (
    `No data between ${facts.from ?? "the beginning"} and ${facts.to ?? "now"}: ` +
    `${measure} in ${place} has data of ${facts.first} to ${facts.last}. Show all dates.`
  );
}

function datesMissing({ measure, by }, place) {
  if (by === "submission") {
    return (
      `${measure} in ${place} has no data by submission date: ` +
      "pings sent more than 60 days after their build count by build date only. Show build dates."
    );
  }
  return `${measure} is known in ${place}, but nothing of it is aggregated yet.`;
}

/** A sentence about a measure whose buckets are a guess, or "". */
export const definitionWarning = (about) =>
  about?.unknown_definition
    ? "This measure is not in the definitions of its version: buckets are numbered, and their bounds are not known."
    : "";
