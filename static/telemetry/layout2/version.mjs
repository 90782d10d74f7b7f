/** One channel/version as one manifest has it: whatever is published later, its numbers are those of that manifest. */
import { TelemetryError } from "../errors.mjs";
import { HistogramEvolution } from "../evolution.mjs";
import { columnDays } from "./days.mjs";
import { aboutOf } from "./meaning.mjs";
import { blockOf } from "./names.mjs";

const SCHEMA = 2;

/** The filter id of a population: that of its leaf in the tree. */
function leafOf(tree, population) {
  let node = tree;
  for (const option of population) {
    if (!Object.hasOwn(node, "name")) break;
    if (!Object.hasOwn(node, option))
      throw new TelemetryError("bad-data", "a manifest's filter tree lacks a population");
    node = node[option];
  }
  return node._id;
}

/** Positions as buckets. */
function inBuckets(columns, places) {
  return places ? { ...columns, positions: columns.positions.map((position) => places.get(position)) } : columns;
}

const canonical = (value) =>
  JSON.stringify(value, (_, part) =>
    part && typeof part === "object" && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort()) : part,
  );

export class Version {
  #manifest;
  #packs;
  #ids; // {name of a table: filter id by index}
  #evolutions = new Map();

  constructor(manifest, packs) {
    if (manifest?.schema !== SCHEMA)
      throw new TelemetryError("bad-data", `a manifest has the schema ${manifest?.schema}, which is not known`);
    [this.#manifest, this.#packs] = [manifest, packs];
    this.#ids = Object.fromEntries(
      Object.entries(manifest.populations).map(([name, table]) => [
        name,
        table.map((population) => leafOf(manifest.tree, population)),
      ]),
    );
  }

  get manifest() {
    return this.#manifest;
  }

  has(measure) {
    return Object.hasOwn(this.#manifest.measures, measure);
  }

  /** By pack of the measure's block: {ref, head, entry}, of the shape that the definition explains. */
  async #entries(measure) {
    const { blocks, ranges, measures } = this.#manifest;
    const { shapes, newest } = measures[measure];
    const wanted = canonical(shapes[newest.shape]);
    const block = blockOf(measure, blocks);
    const refs = Object.keys(ranges)
      .sort()
      .flatMap((range) => ranges[range][block] ?? []);
    const heads = await Promise.all(refs.map((ref) => this.#packs.head(ref)));
    return heads.flatMap((head, i) =>
      head.entries
        .filter((entry) => entry.measure === measure && entry.key === "" && canonical(entry.shape) === wanted)
        .map((entry) => ({ ref: refs[i], head, entry })),
    );
  }

  #idsOf(head) {
    if (Object.hasOwn(this.#ids, head.populations)) return this.#ids[head.populations];
    throw new TelemetryError("bad-data", "a pack refers to populations that its manifest does not have");
  }

  /** {parts, about}: the parts of `columnDays`, positions being buckets. */
  #explained(measure, found) {
    const { definition, shapes, newest } = this.#manifest.measures[measure];
    const shape = shapes[newest.shape] ?? { axis: { kind: "none" }, sums: [] };
    const seen = new Set(
      found.flatMap(({ columns }) => (shape.axis.kind === "exponential" ? [...columns.positions] : [])),
    );
    const { about, places } = aboutOf(measure, definition, shape, seen);
    return { about, parts: found.map((part) => ({ ...part, columns: inBuckets(part.columns, places) })) };
  }

  /** {about, parts} with all populations, of the sections `rows` and `sums`. */
  async byPopulation(measure, by) {
    const entries = await this.#entries(measure);
    const found = await Promise.all(
      entries.map(async ({ ref, head, entry }) => {
        if (!head.kinds.includes(by)) return [];
        const columns = await this.#packs.columns(ref, entry, by);
        return columns ? [{ dates: head.dates[by], ids: this.#idsOf(head), columns }] : [];
      }),
    );
    return this.#explained(measure, found.flat());
  }

  /** By kind of date {about, parts, records: {filter id: records}}, populations added up, of the sections `totals`. */
  async totals(measure, kinds) {
    const entries = await this.#entries(measure);
    const read = await Promise.all(entries.map(({ ref, head, entry }) => this.#packs.totals(ref, entry, head.kinds)));
    const byKind = {};
    for (const by of kinds) {
      const parts = [];
      const records = {};
      entries.forEach(({ head }, i) => {
        const found = read[i]?.[by];
        if (!found) return;
        parts.push({ dates: head.dates[by], ids: [0], columns: found.columns });
        const ids = this.#idsOf(head);
        for (const [index, amount] of found.populations) records[ids[index]] = (records[ids[index]] ?? 0) + amount;
      });
      byKind[by] = { ...this.#explained(measure, parts), records };
    }
    return byKind;
  }

  /** Kept, as the documents of layout 1 are. */
  evolution(measure, by) {
    const key = `${by}/${measure}`;
    if (!this.#evolutions.has(key)) {
      const found = this.byPopulation(measure, by).then(
        ({ about, parts }) =>
          new HistogramEvolution(about, this.#manifest.tree, columnDays(parts, about.starts.length)),
      );
      this.#evolutions.set(key, found);
      found.catch(() => this.#evolutions.delete(key)); // a failure may pass: ask again next time
    }
    return this.#evolutions.get(key);
  }
}
