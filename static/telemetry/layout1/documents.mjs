/**
 * Layout 1: the documents of 2013, by the folder of a snapshot; docs/formats.md. A version's place is its folder.
 *
 * Documents of a snapshot never change, so each is requested once and kept as long as the index names its folder.
 */
import { TelemetryError } from "../errors.mjs";
import { HistogramEvolution } from "../evolution.mjs";
import { KINDS_OF_DATE } from "../layout.mjs";
import { verdictOf } from "../plausible.mjs";

const LATEST = "latest-current.json";

export class Layout1 {
  #get; // (path, fresh) → Promise of JSON
  #places = null;
  #verdict;
  #kept = new Map();

  constructor(get) {
    this.#get = get;
  }

  /** Buckets of other publishers have no verdict: where it cannot be read, nothing is left out. */
  #judged() {
    return this.#get(LATEST, true).then(verdictOf, () => verdictOf(null));
  }

  /** {places: {version: folder}, snapshot: what tells it from others, verdict} as they are published now. */
  async index() {
    const judging = this.#places === null ? this.#judged() : null; // with the index, not after it
    const found = await this.#get("versions.json", true);
    if (found === null || typeof found !== "object" || Array.isArray(found))
      throw new TelemetryError("bad-data", "versions.json is not an index of versions");
    const snapshot = JSON.stringify(found);
    if (judging || snapshot !== JSON.stringify(this.#places)) this.#verdict = await (judging ?? this.#judged());
    this.#places = found;
    const folders = Object.values(found);
    this.#kept = new Map([...this.#kept].filter(([path]) => folders.some((folder) => path.startsWith(`${folder}/`))));
    return { places: found, snapshot, verdict: this.#verdict };
  }

  folder(place) {
    return place;
  }

  document(folder, name) {
    const path = `${folder}/${name}`;
    if (!this.#kept.has(path)) {
      const found = this.#get(path, false);
      this.#kept.set(path, found);
      found.catch(() => this.#kept.delete(path)); // a failure may pass: ask again next time
    }
    return this.#kept.get(path);
  }

  definitions(folder) {
    return this.document(folder, "histograms.json");
  }

  async #definition(folder, version, measure) {
    const definitions = await this.definitions(folder);
    if (Object.hasOwn(definitions, measure)) return definitions[measure];
    throw new TelemetryError("no-such-measure", `'${version}' has no measure '${measure}'`);
  }

  async evolution(folder, version, measure, by) {
    const name = `${encodeURIComponent(measure)}-${KINDS_OF_DATE[by]}.json`;
    const definition = this.#definition(folder, version, measure);
    const data = this.document(folder, name);
    data.catch(() => {}); // an unknown measure is the better message where both fail
    const [known, tree] = await Promise.all([definition, this.document(folder, "filter-tree.json")]);
    return HistogramEvolution.of(measure, known, tree, await data, `${folder}/${name}`);
  }

  async health() {
    const { current } = await this.#get(LATEST, true);
    return this.#get(`current/${current}/health.json`, false);
  }
}
