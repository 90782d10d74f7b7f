/**
 * The page's one reader of the published bucket: telemetry.mjs for what v1 clients read, and the page's own smaller
 * files (measures.json, <MEASURE>-summary.json, health.json) where they are published.
 */
import { HistogramEvolution, KINDS_OF_DATE, createClient, dateOf, isPlausible, leavesOf } from "../telemetry.mjs";
import { mergedPopulations } from "./models/populations.js";
import { parseStamp } from "./models/dates.js";

const isAbsent = (error) => error.code === "http" && (error.status === 404 || error.status === 403);
const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content.trim() ?? "";

/** Base URLs to try, from the page's head: "data/ ./" relative to the page. */
export const dataBases = () => (meta("telemetry-data-base") || "data/ ./").split(/\s+/);

/** After how many hours without a publish or new pings data count as late. */
export const lateAfterHours = () => Number(meta("telemetry-late-after-hours")) || 48;

/** {number, pings} of several {number, pings}. */
export const sumOf = (found) =>
  found.reduce((sum, { number, pings }) => ({ number: sum.number + number, pings: sum.pings + pings }), {
    number: 0,
    pings: 0,
  });

export class Published {
  #client;
  #summaries = new Map();

  constructor(client) {
    this.#client = client;
  }

  /** Opens the first base that has an index; throws the last one's error. */
  static async open(bases, page = location.href) {
    let failure;
    for (const base of bases) {
      const client = createClient();
      try {
        await client.init({ base: new URL(base, page).href });
        return new Published(client);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  /** All published versions, or the plausible ones only. */
  versions({ implausible = true } = {}) {
    return this.#client.versions({ implausible });
  }

  /** The version to open with, by the publisher's choice; null where it made none. */
  usualVersion() {
    return this.#client.usualVersion();
  }

  isPlausible(version) {
    return isPlausible(version, this.#client.implausible().versions);
  }

  /** {first, last, number, pings} of a version's dates: those outside are implausible; null where none is. */
  outside(version, by) {
    const dates = this.#client.implausible().dates;
    return Object.hasOwn(dates, version) ? (dates[version][KINDS_OF_DATE[by]] ?? null) : null;
  }

  /** {number, pings} of the implausible versions. */
  oddVersions() {
    return sumOf(Object.values(this.#client.implausible().versions));
  }

  /** When the newest snapshot was published: its stamp, from the folders that the index names. */
  publishedAt() {
    const stamps = this.versions().map((version) => /(?:^|\/)(\d{14})\//.exec(`${this.#client.folder(version)}/`)?.[1]);
    return parseStamp(stamps.filter(Boolean).sort().at(-1));
  }

  /**
   * {pings, measures: {NAME: {kind, description, submissions, …}}}; of histograms.json where there is no measures.json.
   */
  async measures(version) {
    try {
      return await this.#client.document(version, "measures.json");
    } catch (error) {
      if (!isAbsent(error)) throw error;
      return { pings: null, measures: await this.#client.measures(version) };
    }
  }

  #summary(version, measure) {
    return this.#client.document(version, `${encodeURIComponent(measure)}-summary.json`).catch((error) => {
      if (isAbsent(error)) return null;
      throw error;
    });
  }

  /** The evolution over all populations, from the small file where there is one. It has no filters. */
  async total(version, measure, by, implausible = true) {
    const all = await this.#total(version, measure, by);
    const outside = implausible ? null : this.outside(version, by);
    return outside ? all.within(dateOf(outside.first), dateOf(outside.last)) : all;
  }

  async #total(version, measure, by) {
    const key = `${this.#client.folder(version)}/${measure}/${by}`;
    if (!this.#summaries.has(key)) {
      const found = this.#totalOf(version, measure, by);
      this.#summaries.set(key, found);
      found.catch(() => this.#summaries.delete(key));
    }
    return this.#summaries.get(key);
  }

  async #totalOf(version, measure, by) {
    const summary = await this.#summary(version, measure);
    if (!summary) return this.whole(version, measure, by);
    const definition = summary.definition ?? (await this.#client.document(version, "histograms.json"))[measure];
    const days = Object.entries(summary[KINDS_OF_DATE[by]]).map(([day, row]) => [day, [[...row, 0]]]);
    return HistogramEvolution.of(measure, definition, { _id: 0 }, Object.fromEntries(days));
  }

  /** The evolution with all its populations. */
  whole(version, measure, by, implausible = true) {
    return this.#client.evolution(version, measure, { by, implausible });
  }

  /** Populations that have this measure: [{path, submissions}]. */
  async populations(version, measure, by) {
    const [summary, tree] = await Promise.all([
      this.#summary(version, measure),
      this.#client.document(version, "filter-tree.json"),
    ]);
    const counts = summary?.populations?.[KINDS_OF_DATE[by]] ?? (await this.#counted(version, measure, by));
    const found = leavesOf(tree).map(({ id, path }) => ({ path, submissions: counts[id] ?? 0 }));
    return found.filter(({ submissions }) => submissions > 0);
  }

  /** Pings a filter id, from the big file; leaves cannot be told from the evolution, so its rows are read here. */
  async #counted(version, measure, by) {
    const rows = await this.#client.document(version, `${encodeURIComponent(measure)}-${KINDS_OF_DATE[by]}.json`);
    const counts = {};
    for (const row of Object.values(rows).flat()) counts[row.at(-1)] = (counts[row.at(-1)] ?? 0) + row.at(-2);
    return counts;
  }

  /** Names of all filters of some versions, from their trees. */
  async dimensions(versions) {
    const trees = await Promise.all(versions.map((version) => this.#client.document(version, "filter-tree.json")));
    return [...new Set(trees.flatMap((tree) => leavesOf(tree).flatMap(({ path }) => Object.keys(path))))];
  }

  async populationsOf(pairs, by) {
    return mergedPopulations(
      await Promise.all(pairs.map(({ version, measure }) => this.populations(version, measure, by))),
    );
  }

  /** health.json of the newest snapshot, or null where none is published. */
  async health() {
    try {
      return await this.#client.health();
    } catch (error) {
      if (isAbsent(error)) return null;
      throw error;
    }
  }

  /** Calls back when a new snapshot is there; looks every minute. */
  onSnapshot(callback) {
    return this.#client.watch({ every: 60000 }, callback);
  }
}
