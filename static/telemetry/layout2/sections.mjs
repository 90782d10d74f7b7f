/** The sections of a pack as columns of numbers: no object for a row or a cell. */
import { TelemetryError } from "../errors.mjs";
import { Varints } from "./varints.mjs";

const FRACTION_BITS = 40;
const FRACTION = 2 ** -FRACTION_BITS;

function hasFractions(from) {
  const bits = from.one();
  if (bits !== 0 && bits !== FRACTION_BITS) throw new TelemetryError("bad-data", `a pack has the unit 2^-${bits}`);
  return bits !== 0;
}

function withFractions(whole, rest) {
  for (let i = 0; i < whole.length; i++) whole[i] += rest[i] * FRACTION;
  return whole;
}

/** {dates, populations, records}: of each row the index of its date, of its population, and how many records it has. */
function indexOf(from, withPopulations) {
  const amount = from.one();
  const dates = from.unsigned(amount);
  const populations = withPopulations ? from.unsigned(amount) : new Float64Array(amount);
  const records = from.unsigned(amount);
  for (let i = 1; i < amount; i++) {
    const same = dates[i] === 0;
    dates[i] += dates[i - 1];
    if (same && withPopulations) populations[i] += populations[i - 1] + 1;
  }
  return { dates, populations, records };
}

/** {ends, positions, numbers}: the numbers of row i are those from ends[i - 1] to before ends[i]. */
function sparseOf(from, rows) {
  const fractional = hasFractions(from);
  const ends = from.unsigned(rows);
  for (let i = 1; i < rows; i++) ends[i] += ends[i - 1];
  const amount = rows ? ends[rows - 1] : 0;
  const positions = from.unsigned(amount);
  for (let row = 0, i = 0; row < rows; row++) {
    for (let before = -1; i < ends[row]; i++) before = positions[i] += before + 1;
  }
  const numbers = from.signed(amount);
  return { ends, positions, numbers: fractional ? withFractions(numbers, from.unsigned(amount)) : numbers };
}

/** {values, unknown}: a sum of each row, and how many of its records did not know it. */
function columnOf(from, rows) {
  const fractional = hasFractions(from);
  const whole = from.signed(rows);
  const values = fractional ? withFractions(whole, from.unsigned(rows)) : whole;
  return { values, unknown: from.unsigned(rows) };
}

const columnsOf = (from, names, rows) => names.map((name) => [name, columnOf(from, rows)]);

/** The section `rows`. */
export function readRows(bytes) {
  const from = new Varints(bytes);
  const index = indexOf(from, true);
  const cells = sparseOf(from, index.dates.length);
  from.end();
  return { ...index, ...cells };
}

/** A section `sums`: [[name, {values, unknown}]] of the sums of its group. */
export function readSums(bytes, names, rows) {
  const from = new Varints(bytes);
  const columns = columnsOf(from, names, rows);
  from.end();
  return columns;
}

/**
 * The section `totals`: {kind: {columns: as readRows gives them, with the population 0, and `sums`; populations:
 * [[index, records]]}}.
 */
export function readTotals(bytes, kinds, names) {
  const from = new Varints(bytes);
  const found = {};
  for (const kind of kinds) {
    const index = indexOf(from, false);
    const rows = index.dates.length;
    const cells = sparseOf(from, rows);
    found[kind] = { columns: { ...index, ...cells, sums: Object.fromEntries(columnsOf(from, names, rows)) } };
  }
  for (const kind of kinds) {
    const amount = from.one();
    const indexes = from.unsigned(amount);
    for (let i = 1; i < amount; i++) indexes[i] += indexes[i - 1] + 1;
    const records = from.unsigned(amount);
    found[kind].populations = Array.from(indexes, (index, i) => [index, records[i]]);
  }
  from.end();
  return found;
}
