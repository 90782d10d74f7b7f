/**
 * Which populations a choice of filters means, and what each option would leave.
 * A population is {path: {dimension: option}, submissions}. Filters are {dimension: [option, …]}; no entry means any.
 */
import { optionOf } from "./qualified.js";

function matches(path, dimension, options) {
  return options.includes(optionOf(path, dimension)) || options.includes(path[dimension]);
}

/** A predicate over paths for chosen filters. */
export function accepts(filters) {
  const chosen = Object.entries(filters).filter(([, options]) => options.length > 0);
  return (path) => chosen.every(([dimension, options]) => dimension in path && matches(path, dimension, options));
}

/** The dimensions of populations, in the order of the tree. */
export function dimensionsOf(populations) {
  return [...new Set(populations.flatMap(({ path }) => Object.keys(path)))];
}

/**
 * Options of a dimension that have data, with pings under the filters of the other dimensions:
 * [{option, submissions}], busiest first; chosen options without data stay, with 0.
 */
export function optionsWithCounts(populations, dimension, filters) {
  const others = accepts(Object.fromEntries(Object.entries(filters).filter(([name]) => name !== dimension)));
  const found = new Map();
  for (const { path, submissions } of populations) {
    if (!(dimension in path)) continue;
    const option = optionOf(path, dimension);
    found.set(option, (found.get(option) ?? 0) + (others(path) ? submissions : 0));
  }
  for (const option of filters[dimension] ?? []) {
    const known = [...found.keys()].some((name) => name === option || name.endsWith(`/${option}`));
    if (!known) found.set(option, 0);
  }
  const counted = [...found].map(([option, submissions]) => ({ option, submissions }));
  return counted.sort((a, b) => b.submissions - a.submissions || (a.option < b.option ? -1 : 1));
}

/** Two lists of populations as one, submissions of the same path added. */
export function mergedPopulations(lists) {
  const found = new Map();
  for (const { path, submissions } of lists.flat()) {
    const key = JSON.stringify(path);
    const have = found.get(key);
    found.set(key, { path, submissions: (have?.submissions ?? 0) + submissions });
  }
  return [...found.values()];
}
