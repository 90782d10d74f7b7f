import { bucketEnds, bucketStarts } from "./buckets.mjs";
import { Histogram } from "./histogram.mjs";
import { checkRows, idOf } from "./rows.mjs";
import { idsBelow, narrowed, nextName, optionsOf } from "./tree.mjs";

const DAY = /^(\d{4})(\d{2})(\d{2})$/;

/** "20131105" → the Date of its UTC midnight. */
export function dateOf(text) {
  const [, year, month, day] = DAY.exec(text);
  return new Date(new Date(0).setUTCFullYear(+year, month - 1, +day)); // Date.UTC takes the year 14 for 1914
}

/** A Date → "20131105", in UTC. */
export const dayOf = (date) => date.toISOString().slice(0, 10).replaceAll("-", "");

/** The distributions of one measure, one a date. Immutable; filter() gives narrower ones. */
export class HistogramEvolution {
  #about;
  #tree;
  #days; // [["YYYYMMDD", rows of the selected populations], …], ascending

  constructor(about, tree, days) {
    this.#about = about;
    this.#tree = tree;
    this.#days = days;
  }

  /** From published documents: a definition of histograms.json, filter-tree.json, and {"YYYYMMDD": [row, …]}. */
  static of(measure, definition, tree, data, what = measure) {
    const { kind, description } = definition;
    const starts = bucketStarts(definition);
    checkRows(data, starts.length, what);
    const about = Object.freeze({
      measure,
      kind,
      description,
      starts,
      ends: bucketEnds(kind, starts),
      labels: Object.freeze([...(definition.labels ?? [])]),
    });
    const ids = idsBelow(tree);
    return new HistogramEvolution(about, tree, daysWith(Object.entries(data).sort(byDay), ids));
  }

  measure() {
    return this.#about.measure;
  }

  kind() {
    return this.#about.kind;
  }

  description() {
    return this.#about.description;
  }

  /** What the values of a categorical measure are called, from 0 on; empty for others. */
  labels() {
    return this.#about.labels;
  }

  filterName() {
    return nextName(this.#tree);
  }

  filterOptions() {
    return nextName(this.#tree) === null ? [] : optionsOf(this.#tree);
  }

  /** Narrowed by "option", {dimension: [options]}, or a predicate over {dimension: option}; see tree.mjs. */
  filter(selection) {
    const tree = narrowed(this.#tree, selection);
    return new HistogramEvolution(this.#about, tree, daysWith(this.#days, idsBelow(tree)));
  }

  /** Dates that have data for the selected populations, ascending, UTC midnight. */
  dates() {
    return this.#days.map(([day]) => dateOf(day));
  }

  /** The evolution over the dates from start to end, both included; null or undefined leave a side open. */
  within(start, end) {
    return new HistogramEvolution(this.#about, this.#tree, this.#between(start, end));
  }

  /** The dates from start to end, both included, added up; null or undefined leave a side open. */
  range(start, end) {
    return new Histogram(
      this.#about,
      this.#tree,
      this.#between(start, end).map(([, rows]) => rows),
    );
  }

  #between(start, end) {
    const from = start == null ? "" : dayOf(start);
    const to = end == null ? "99999999" : dayOf(end);
    return this.#days.filter(([day]) => from <= day && day <= to);
  }

  /** Calls back with (date, histogram, index), in order of dates. */
  each(callback, context) {
    this.map(callback, context);
  }

  map(callback, context) {
    return this.#days.map(([day, rows], index) =>
      callback.call(context ?? this, dateOf(day), new Histogram(this.#about, this.#tree, [rows]), index),
    );
  }
}

const byDay = ([a], [b]) => (a < b ? -1 : 1);

function daysWith(days, ids) {
  return days
    .map(([day, rows]) => [day, rows.filter((row) => ids.has(idOf(row)))])
    .filter(([, rows]) => rows.length > 0);
}
