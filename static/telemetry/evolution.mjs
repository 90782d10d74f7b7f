import { bucketEnds, bucketStarts, isCategorical } from "./buckets.mjs";
import { Histogram } from "./histogram.mjs";
import { RowDays, checkRows } from "./rows.mjs";
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
  #days; // of the selected populations: RowDays, or ColumnDays of layout 2

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
      isValue: isCategorical(kind),
      isGeometric: false,
      labels: Object.freeze([...(definition.labels ?? [])]),
    });
    const minusOneIsAValue = measure.startsWith("SIMPLE_MEASURES_");
    const days = new RowDays(Object.entries(data).sort(byDay), starts.length, minusOneIsAValue);
    return new HistogramEvolution(about, tree, days.filtered(idsBelow(tree)));
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
    return new HistogramEvolution(this.#about, tree, this.#days.filtered(idsBelow(tree)));
  }

  /** Dates that have data for the selected populations, ascending, UTC midnight. */
  dates() {
    return this.#days.days.map(dateOf);
  }

  /** The evolution over the dates from start to end, both included; null or undefined leave a side open. */
  within(start, end) {
    return new HistogramEvolution(this.#about, this.#tree, this.#between(start, end));
  }

  /** The dates from start to end, both included, added up; null or undefined leave a side open. */
  range(start, end) {
    return new Histogram(this.#about, this.#tree, this.#between(start, end));
  }

  #between(start, end) {
    const from = start == null ? "" : dayOf(start);
    const to = end == null ? "99999999" : dayOf(end);
    return this.#days.between(from, to);
  }

  /** Calls back with (date, histogram, index), in order of dates. */
  each(callback, context) {
    this.map(callback, context);
  }

  map(callback, context) {
    return this.#days.days.map((day, index) => {
      const histogram = new Histogram(this.#about, this.#tree, this.#days.only(index));
      return callback.call(context ?? this, dateOf(day), histogram, index);
    });
  }
}

const byDay = ([a], [b]) => (a < b ? -1 : 1);
