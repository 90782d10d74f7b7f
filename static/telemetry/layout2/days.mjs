/** The columns of a measure by date, with the populations that are chosen: what evolutions and histograms add up. */
import { TelemetryError } from "../errors.mjs";
import { addTotals, nothing } from "../totals.mjs";

/** Sums as totals name them, and as packs do. */
const SUMS = [
  ["sum", "sum"],
  ["logSum", "log_sum"],
  ["logSumSquares", "log_sum_squares"],
  ["sumSquaresLow", "sum_squares_lo"],
  ["sumSquaresHigh", "sum_squares_hi"],
];

/** One date of one pack: its rows are those from `begin` to before `end` of the columns of `part`. */
function daysOf(part) {
  const { dates } = part.columns;
  const days = [];
  for (let begin = 0, end; begin < dates.length; begin = end) {
    for (end = begin + 1; end < dates.length && dates[end] === dates[begin];) end++;
    days.push({ day: part.dates[dates[begin]], part, begin, end });
  }
  return days;
}

/**
 * The days of some parts, ascending. A part: {dates: [date], ids: filter id by index of the population, columns}, of a
 * pack; `buckets`: how many there are; positions are buckets.
 */
export function columnDays(parts, buckets) {
  for (const { columns, ids, dates } of parts) {
    if (
      columns.positions.some((position) => !(position < buckets)) ||
      columns.populations.some((p) => !(p < ids.length))
    )
      throw new TelemetryError("bad-data", "a pack has a position or a population that does not exist");
    if (columns.dates.some((date) => !(date < dates.length)))
      throw new TelemetryError("bad-data", "a pack has a date that does not exist");
  }
  const days = parts.flatMap(daysOf).sort((a, b) => (a.day < b.day ? -1 : 1));
  return new ColumnDays(days, buckets, null, new Map());
}

/** Adds the chosen rows of a day up. A sum's `samples` are those of rows that know it; see rows.mjs. */
function added({ part, begin, end }, buckets, chosen) {
  const { populations, records, ends, positions, numbers, sums } = part.columns;
  const total = nothing(buckets);
  const { counts } = total;
  const known = SUMS.filter(([, name]) => sums[name]).map(([name, column]) => [name, sums[column]]);
  for (let row = begin; row < end; row++) {
    if (chosen && !chosen[populations[row]]) continue;
    let samples = 0;
    for (let i = row ? ends[row - 1] : 0; i < ends[row]; i++) {
      counts[positions[i]] += numbers[i];
      samples += numbers[i];
    }
    for (const [name, { values, unknown }] of known) {
      const value = values[row];
      if (unknown[row] >= records[row] || (value === 0 && isLogarithm(name) && sums.sum?.values[row] > 0)) continue;
      total[name].total += value;
      total[name].samples += samples;
    }
    total.samples += samples;
    total.submissions += records[row];
  }
  return total;
}

const isLogarithm = (name) => name === "logSum" || name === "logSumSquares";

/** The same calls as RowDays has: see rows.mjs. */
class ColumnDays {
  #days;
  #buckets;
  #chosen; // {part's ids: which populations are meant}, or null for all of them
  #added; // totals by day, of these populations

  constructor(days, buckets, chosen, totals) {
    [this.#days, this.#buckets, this.#chosen, this.#added] = [days, buckets, chosen, totals];
  }

  get days() {
    return this.#days.map(({ day }) => day);
  }

  /** The rows of some filter ids, among those that are chosen already. */
  filtered(wanted) {
    const chosen = new Map();
    const before = this.#chosen;
    for (const { ids } of new Set(this.#days.map(({ part }) => part))) {
      if (!chosen.has(ids))
        chosen.set(
          ids,
          Uint8Array.from(ids, (id, i) => (wanted.has(id) && (!before || before.get(ids)[i]) ? 1 : 0)),
        );
    }
    const days = this.#days.filter(({ part, begin, end }) => {
      const meant = chosen.get(part.ids);
      for (let row = begin; row < end; row++) if (meant[part.columns.populations[row]]) return true;
      return false;
    });
    return new ColumnDays(days, this.#buckets, chosen, new Map());
  }

  between(from, to) {
    const days = this.#days.filter(({ day }) => from <= day && day <= to);
    return new ColumnDays(days, this.#buckets, this.#chosen, this.#added);
  }

  /** One day alone. */
  only(index) {
    return new ColumnDays([this.#days[index]], this.#buckets, this.#chosen, this.#added);
  }

  totals() {
    return addTotals(
      this.#days.map((day) => this.#ofDay(day)),
      this.#buckets,
    );
  }

  #ofDay(day) {
    if (!this.#added.has(day)) this.#added.set(day, added(day, this.#buckets, this.#chosen?.get(day.part.ids)));
    return this.#added.get(day);
  }
}
