/** Packs of one bucket: their heads and sections, read by ranges. */
import { TelemetryError } from "../errors.mjs";
import { readHead } from "./head.mjs";
import { inflate } from "./inflate.mjs";
import { packPath } from "./names.mjs";
import { readRows, readSums, readTotals } from "./sections.mjs";

const isThere = ([begin, end]) => begin < end;

/** The sections of one manifest's packs; heads are kept decoded, bytes by `kept`. */
export class Packs {
  #get; // (path, range) → Promise of bytes
  #kept;
  #heads = new Map();

  constructor(get, kept) {
    [this.#get, this.#kept] = [get, kept];
  }

  #read(pack, begin, end) {
    const path = packPath(pack);
    return this.#kept.read(this.#get.url(path), begin, end, () => this.#get(path, [begin, end]));
  }

  head({ pack, head }) {
    if (!this.#heads.has(pack)) {
      const found = this.#read(pack, 0, head).then((bytes) => readHead(bytes, packPath(pack)));
      this.#heads.set(pack, found);
      found.catch(() => this.#heads.delete(pack)); // a failure may pass: ask again next time
    }
    return this.#heads.get(pack);
  }

  /** What readTotals gives, or null where an entry has no rows. */
  async totals({ pack }, entry, kinds) {
    if (!isThere(entry.totals)) return null;
    const bytes = await this.#read(pack, ...entry.totals);
    return readTotals(await inflate(bytes, packPath(pack)), kinds, entry.shape.sums.flat());
  }

  /**
   * Columns of an entry by a kind of date, or null where it has no rows: {dates, populations, records, ends, positions,
   * numbers, sums: {name: {values, unknown}}}. Rows and the first group of sums, which lie together, are one request,
   * the other groups one more.
   */
  async columns({ pack }, { sections, shape, measure }, kind) {
    const { rows, sums } = sections[kind];
    if (!isThere(rows)) return null;
    if (!sums.every(isThere)) throw new TelemetryError("bad-data", `${packPath(pack)} has no sums of '${measure}'`);
    const first = [rows, ...sums.slice(0, 1)];
    const groups = await Promise.all([this.#together(pack, first), this.#together(pack, sums.slice(1))]);
    const [ofRows, ...ofSums] = groups.flat();
    const columns = readRows(ofRows);
    const named = shape.sums.flatMap((names, i) => readSums(ofSums[i], names, columns.dates.length));
    return { ...columns, sums: Object.fromEntries(named) };
  }

  /** Neighbouring sections, inflated, by one request. */
  async #together(pack, spans) {
    if (!spans.length) return [];
    const [[begin], [, end]] = [spans[0], spans.at(-1)];
    const bytes = await this.#read(pack, begin, end);
    return Promise.all(spans.map(([from, to]) => inflate(bytes.subarray(from - begin, to - begin), packPath(pack))));
  }
}
