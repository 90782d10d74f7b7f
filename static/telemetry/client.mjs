/**
 * The v1 API over one published bucket, and Promises for all of it.
 *
 * Documents of a snapshot never change, so each is requested once and kept as long as the index names its folder.
 */
import { TelemetryError } from "./errors.mjs";
import { HistogramEvolution, dateOf } from "./evolution.mjs";
import { fetchUrl, hooked } from "./fetching.mjs";
import { Histogram } from "./histogram.mjs";
import { KINDS_OF_DATE, isVersion } from "./layout.mjs";
import { isPlausible, outsideOf, verdictOf } from "./plausible.mjs";

const byVersion = (a, b) => {
  const [channel, version] = a.split("/");
  const [otherChannel, otherVersion] = b.split("/");
  if (channel !== otherChannel) return channel < otherChannel ? -1 : 1;
  return version - otherVersion;
};

/** Hands a Promise's outcome to a callback too; what the callback throws is reported as uncaught, not swallowed. */
function delivered(promise, callback, onValue, onError) {
  if (typeof callback === "function") {
    promise.then(
      (value) => queueMicrotask(() => callback(...onValue(value))),
      (error) => queueMicrotask(() => callback(...onError(error))),
    );
  }
  return promise;
}

const withResult = (promise, callback) =>
  delivered(
    promise,
    callback,
    (value) => [value],
    (error) => [null, error],
  );

/** A client of one bucket. `base`: URL of the published prefix, or a function that finds it when first needed. */
export function createClient({ base: defaultBase = "", timeout = 60000 } = {}) {
  let base;
  let versions = null;
  let verdict = verdictOf(null);
  let indexing = null;
  let patience = timeout;
  let kept = new Map();
  const watchers = new Set();

  const request = (url, fresh = false) => hooked(api.getUrl, url, { fresh, timeout: patience });

  function document(path) {
    if (!kept.has(path)) {
      const found = request(`${base}/${path}`);
      kept.set(path, found);
      found.catch(() => kept.delete(path)); // a failure may pass: ask again next time
    }
    return kept.get(path);
  }

  /** Buckets of other publishers have no verdict: where it cannot be read, nothing is left out. */
  const judged = () => request(`${base}/latest-current.json`, true).then(verdictOf, () => verdictOf(null));

  async function loadIndex() {
    const url = `${base}/versions.json`;
    const judging = versions === null ? judged() : null; // with the index, not after it
    const found = await request(url, true);
    if (found === null || typeof found !== "object" || Array.isArray(found)) {
      throw new TelemetryError("bad-data", `${url} is not an index of versions`, { url });
    }
    const changed = versions !== null && JSON.stringify(found) !== JSON.stringify(versions);
    if (judging || changed) verdict = await (judging ?? judged());
    versions = found;
    const folders = Object.values(found);
    kept = new Map([...kept].filter(([path]) => folders.some((folder) => path.startsWith(`${folder}/`))));
    if (changed) for (const watcher of watchers) queueMicrotask(() => watcher(api));
    return api;
  }

  function refresh() {
    indexing ??= loadIndex().finally(() => (indexing = null));
    return indexing;
  }

  function folderOf(version) {
    if (versions === null) throw new TelemetryError("not-initialised", "call Telemetry.init() and wait for it first");
    if (!Object.hasOwn(versions, version)) throw new TelemetryError("no-such-version", `'${version}' is not published`);
    return versions[version];
  }

  /** Reads from a version's folder; when that fails and the index has moved on meanwhile, from the new folder. */
  async function reading(version, read) {
    const folder = folderOf(version);
    try {
      return await read(folder);
    } catch (error) {
      if (error.code !== "http") throw error;
      await refresh();
      if (folderOf(version) === folder) throw error;
      return read(folderOf(version));
    }
  }

  async function definitionOf(folder, version, measure) {
    const definitions = await document(`${folder}/histograms.json`);
    if (!Object.hasOwn(definitions, measure)) {
      throw new TelemetryError("no-such-measure", `'${version}' has no measure '${measure}'`);
    }
    return definitions[measure];
  }

  function loadEvolution(version, measure, by) {
    if (!Object.hasOwn(KINDS_OF_DATE, by))
      throw new TelemetryError("no-such-option", `by is 'build' or 'submission', not '${by}'`);
    return reading(version, async (folder) => {
      const name = `${folder}/${encodeURIComponent(measure)}-${KINDS_OF_DATE[by]}.json`;
      const definition = definitionOf(folder, version, measure);
      const data = document(name);
      data.catch(() => {}); // an unknown measure is the better message where both fail
      const [known, tree] = await Promise.all([definition, document(`${folder}/filter-tree.json`)]);
      return HistogramEvolution.of(measure, known, tree, await data, name);
    });
  }

  const api = {
    getUrl: fetchUrl,

    init(options, callback) {
      const given = typeof options === "function" ? {} : (options ?? {});
      const then = typeof options === "function" ? options : callback;
      const start = async () => {
        const wanted = given.base ?? base ?? (typeof defaultBase === "function" ? defaultBase() : defaultBase);
        if (!wanted) throw new TelemetryError("not-initialised", "no address of the data: Telemetry.init({base: …})");
        const trimmed = String(wanted).replace(/\/+$/, "");
        if (base !== trimmed) [base, versions, indexing, kept] = [trimmed, null, null, new Map()];
        patience = given.timeout ?? patience;
        return refresh();
      };
      return delivered(
        start(),
        then,
        () => [null],
        (error) => [error],
      );
    },

    /** Sorted names; those that the publisher found implausible only where they are asked for. */
    versions({ implausible = false } = {}) {
      if (versions === null) throw new TelemetryError("not-initialised", "call Telemetry.init() and wait for it first");
      return Object.keys(versions)
        .filter((name) => isVersion(name) && (implausible || isPlausible(name, verdict.versions)))
        .sort(byVersion);
    },

    /**
     * What the publisher found implausible: {versions: {channel: outside}, dates: {version: {"by-build-date": outside,
     * …}}}.
     */
    implausible: () => ({ versions: verdict.versions, dates: verdict.dates }),

    /** The version to show first, by the publisher's choice; null where it made none. */
    usualVersion: () =>
      verdict.usual !== null && versions !== null && Object.hasOwn(versions, verdict.usual) ? verdict.usual : null,

    measures(version, callback) {
      const found = async () => {
        const definitions = await reading(version, (folder) => document(`${folder}/histograms.json`));
        return Object.fromEntries(
          Object.entries(definitions).map(([name, { kind, description }]) => [name, { kind, description }]),
        );
      };
      return withResult(found(), callback);
    },

    loadEvolutionOverBuilds: (version, measure, callback) =>
      withResult(api.evolution(version, measure, { by: "build" }), callback),

    loadEvolutionOverTime: (version, measure, callback) =>
      withResult(api.evolution(version, measure, { by: "submission" }), callback),

    /** Dates that the publisher found implausible are left out, but with `implausible: true`. */
    async evolution(version, measure, { by = "build", filter, implausible = false } = {}) {
      const all = await loadEvolution(version, measure, by);
      const outside = implausible ? null : outsideOf(version, KINDS_OF_DATE[by], verdict.dates);
      const found = outside ? all.within(dateOf(outside.first), dateOf(outside.last)) : all;
      return filter === undefined ? found : found.filter(filter);
    },

    /** Any other document of a version's folder, such as "measures.json"; kept like the rest. */
    async document(version, name) {
      return reading(version, (folder) => document(`${folder}/${name}`));
    },

    /** The folder of a version in the published prefix, such as "current/20131201120000/nightly/28". */
    folder: (version) => folderOf(version),

    /** The address of the data in use, without a slash at its end. */
    base: () => base,

    /**
     * Looks for a new snapshot every so many milliseconds; `callback(api)` when there is one. Gives a function that
     * stops it.
     */
    watch({ every = 60000 } = {}, callback) {
      watchers.add(callback);
      const timer = setInterval(() => refresh().catch(() => {}), every); // a failed look is followed by the next one
      timer.unref?.();
      return () => {
        clearInterval(timer);
        watchers.delete(callback);
      };
    },

    createClient,
    Histogram,
    HistogramEvolution,
    TelemetryError,
  };
  return api;
}
