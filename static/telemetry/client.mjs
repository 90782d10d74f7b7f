/** The v1 API over one published bucket, and Promises for all of it. What is read in which layout: published.mjs. */
import { TelemetryError } from "./errors.mjs";
import { HistogramEvolution, dateOf } from "./evolution.mjs";
import { fetchUrl, hooked } from "./fetching.mjs";
import { Histogram } from "./histogram.mjs";
import { KINDS_OF_DATE, isVersion } from "./layout.mjs";
import { isPlausible, outsideOf, verdictOf } from "./plausible.mjs";
import { layoutOf } from "./published.mjs";

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
  let snapshot = null; // tells one from another
  let verdict = verdictOf(null);
  let indexing = null;
  let patience = timeout;
  let layout = null;
  const watchers = new Set();

  /** Reads the bucket at `address`: get(path, fresh, range). */
  function reader(address) {
    const url = (path) => `${address}/${path}`;
    const get = (path, fresh = false, range = null) =>
      hooked(api.getUrl, url(path), { fresh, timeout: patience, ...(range ? { range } : {}) });
    return Object.assign(get, { url });
  }

  async function loadIndex() {
    const address = base;
    const used = layout ?? (await layoutOf(reader(address)));
    const found = await used.index();
    if (address !== base) return api; // another bucket was chosen meanwhile
    const changed = snapshot !== null && found.snapshot !== snapshot;
    [layout, versions, verdict, snapshot] = [used, found.places, found.verdict, found.snapshot];
    if (changed) for (const watcher of watchers) queueMicrotask(() => watcher(api));
    return api;
  }

  function refresh() {
    if (indexing) return indexing;
    const started = loadIndex().finally(() => {
      if (indexing === started) indexing = null;
    });
    return (indexing = started);
  }

  /** Where a version's data are: what that is, its layout knows. */
  function placeOf(version) {
    if (versions === null) throw new TelemetryError("not-initialised", "call Telemetry.init() and wait for it first");
    if (!Object.hasOwn(versions, version)) throw new TelemetryError("no-such-version", `'${version}' is not published`);
    return versions[version];
  }

  /** Reads a version at its place; when that fails and the index has moved on meanwhile, at the new place. */
  async function reading(version, read) {
    const place = placeOf(version);
    try {
      return await read(place);
    } catch (error) {
      if (error.code !== "http") throw error;
      await refresh();
      if (placeOf(version) === place) throw error;
      return read(placeOf(version));
    }
  }

  function loadEvolution(version, measure, by) {
    if (!Object.hasOwn(KINDS_OF_DATE, by))
      throw new TelemetryError("no-such-option", `by is 'build' or 'submission', not '${by}'`);
    return reading(version, (place) => layout.evolution(place, version, measure, by));
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
        if (base !== trimmed) [base, versions, snapshot, indexing, layout] = [trimmed, null, null, null, null];
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
        const definitions = await reading(version, (place) => layout.definitions(place));
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

    /** Any other document of a version's folder, such as "measures.json"; layout 2 makes it of manifest and packs. */
    async document(version, name) {
      return reading(version, (place) => layout.document(place, name));
    },

    /** health.json of the snapshot. */
    async health() {
      if (layout === null) throw new TelemetryError("not-initialised", "call Telemetry.init() and wait for it first");
      return layout.health();
    },

    /** The folder of a version, such as "current/20131201120000/nightly/28". In layout 2 it only names the snapshot. */
    folder: (version) => layout.folder(placeOf(version), version),

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
