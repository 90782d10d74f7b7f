/** The head of a pack: which measures are in it, and where the sections of each of them are. */
import { TelemetryError } from "../errors.mjs";
import { inflate } from "./inflate.mjs";

const SCHEMA = 2;
const KINDS = ["build", "submission", "version"];

/** Deals out the bytes of sections, which lie back to back: [begin, end) for each length. */
function dealer(at) {
  return (length) => {
    if (!Number.isSafeInteger(length) || length < 0) throw new RangeError(`${length} is no length`);
    return [at, (at += length)];
  };
}

/** {rows, sums: [section a group]} of a kind of date; shares and clients are skipped. */
function sectionsOf(shape, take) {
  const rows = take();
  const sums = shape.sums.map(() => take());
  if (shape.shares) take();
  if (shape.clients) take();
  return { rows, sums };
}

function parsed(text, size) {
  const { schema, dates, populations, shapes, entries } = JSON.parse(text);
  if (schema !== SCHEMA) throw new RangeError(`schema ${schema} is not known`);
  const kinds = KINDS.filter((kind) => Object.hasOwn(dates, kind));
  const ofTotals = dealer(size);
  const totals = entries.map(([, , , lengths]) => ofTotals(lengths[0]));
  const deal = dealer(ofTotals(0)[0]);
  const found = entries.map(([measure, key, number, lengths], i) => {
    const rest = lengths.slice(1).values();
    const take = () => deal(rest.next().value);
    const shape = shapes[number];
    const sections = Object.fromEntries(kinds.map((kind) => [kind, sectionsOf(shape, take)]));
    if (!rest.next().done) throw new RangeError(`${measure} has too many lengths`);
    return { measure, key, shape, totals: totals[i], sections };
  });
  return { kinds, dates, populations, entries: found };
}

/**
 * {kinds, dates: {kind: [date]}, populations: name of their table, entries: [{measure, key, shape, totals: [begin,
 * end], sections: {kind: {rows: [begin, end], sums: [[begin, end]]}}}]} of the first bytes of a pack.
 */
export async function readHead(bytes, what) {
  const text = new TextDecoder().decode(await inflate(bytes, `the head of ${what}`));
  try {
    return parsed(text, bytes.length);
  } catch (error) {
    throw new TelemetryError("bad-data", `the head of ${what} is damaged: ${error.message}`, { cause: error });
  }
}
