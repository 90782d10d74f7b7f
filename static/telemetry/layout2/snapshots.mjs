/**
 * Layout 2: a snapshot names a manifest for each version, and manifests name packs; docs/layout-2.md. A version's place
 * is the digest of its manifest: what was begun with one manifest is read with it to the end.
 */
import { TelemetryError } from "../errors.mjs";
import { verdictOf } from "../plausible.mjs";
import { documentOf, histogramsOf } from "./documents.mjs";
import { keptBytes } from "./kept.mjs";
import { LATEST, documentPath, manifestPath } from "./names.mjs";
import { Packs } from "./packs.mjs";
import { Version } from "./version.mjs";

const SCHEMA = 2;
const HEALTH = "health.json";

export class Layout2 {
  #get; // (path, fresh, range) → Promise of JSON, or of bytes; .url(path) is its address
  #snapshot; // the first one, until it is asked for
  #shown;
  #kept = keptBytes();
  #versions = new Map(); // by digest of the manifest

  constructor(get, snapshot) {
    [this.#get, this.#snapshot] = [get, snapshot];
  }

  /** {places: {version: digest of its manifest}, snapshot: its stamp, verdict} as they are published now. */
  async index() {
    const found = this.#snapshot ?? (await this.#get(LATEST, true));
    this.#snapshot = null;
    if (found?.schema !== SCHEMA) throw new TelemetryError("bad-data", `${LATEST}: its schema is not known`);
    const shown = Object.entries(found.versions).filter(([, { manifest }]) => manifest !== null);
    const places = Object.fromEntries(shown.map(([name, { manifest }]) => [name, manifest]));
    const named = new Set(Object.values(places));
    this.#versions = new Map([...this.#versions].filter(([digest]) => named.has(digest)));
    this.#shown = found;
    return { places, snapshot: found.stamp, verdict: verdictOf(found) };
  }

  folder(_place, version) {
    return `current/${this.#shown.stamp}/${version}`;
  }

  #version(digest) {
    if (!this.#versions.has(digest)) {
      const get = Object.assign((path, range) => this.#get(path, false, range), { url: this.#get.url });
      const packs = new Packs(get, this.#kept);
      const found = this.#get(manifestPath(digest), false).then((manifest) => new Version(manifest, packs));
      this.#versions.set(digest, found);
      found.catch(() => this.#versions.delete(digest)); // a failure may pass: ask again next time
    }
    return this.#versions.get(digest);
  }

  async document(digest, name) {
    return documentOf(await this.#version(digest), name);
  }

  async definitions(digest) {
    return histogramsOf((await this.#version(digest)).manifest);
  }

  async evolution(digest, name, measure, by) {
    const version = await this.#version(digest);
    if (version.has(measure)) return version.evolution(measure, by);
    throw new TelemetryError("no-such-measure", `'${name}' has no measure '${measure}'`);
  }

  async health() {
    const digest = this.#shown.documents[HEALTH];
    if (digest !== undefined) return this.#get(documentPath(digest), false);
    throw new TelemetryError("http", `the snapshot has no ${HEALTH}`, { status: 404 });
  }
}
