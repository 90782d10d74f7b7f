/* telemetry.js, MPL-2.0. Generated from telemetry/*.mjs by `npm run build`: edit there. */
var Telemetry = (() => {
// telemetry/errors.mjs
var TelemetryError = class extends Error {
  constructor(code, message, { url, status, cause } = {}) {
    super(message, cause === void 0 ? void 0 : { cause });
    this.name = "TelemetryError";
    this.code = code;
    if (url !== void 0) this.url = url;
    if (status !== void 0) this.status = status;
  }
};

// telemetry/buckets.mjs
var CATEGORICAL = /* @__PURE__ */ new Set(["boolean", "flag", "enumerated"]);
var isCategorical = (kind) => CATEGORICAL.has(kind);
function linear({ low, high, n_buckets: n }) {
  const starts = [0];
  for (let i = 1; i < n; i++) starts.push(Math.floor((low * (n - 1 - i) + high * (i - 1)) / (n - 2) + 0.5));
  return starts;
}
function exponential({ low, high, n_buckets: n }) {
  const starts = [0, low];
  let current = low;
  for (let i = 2; i < n; i++) {
    const next = Math.floor(Math.exp(Math.log(current) + (Math.log(high) - Math.log(current)) / (n - i)) + 0.5);
    current = Math.max(next, current + 1);
    starts.push(current);
  }
  return starts;
}
function bucketStarts(definition) {
  switch (definition.kind) {
    case "boolean":
    case "flag":
      return [0, 1, 2];
    case "enumerated":
      return Array.from({ length: definition.n_values + 1 }, (_, value) => value);
    case "linear":
      return linear(definition);
    case "exponential":
      return exponential(definition);
    default:
      throw new TelemetryError("bad-data", `histograms.json has a measure of the unknown kind '${definition.kind}'`);
  }
}
function bucketEnds(kind, starts) {
  const last = starts[starts.length - 1];
  const before = starts[starts.length - 2];
  const ends = starts.slice(1);
  if (isCategorical(kind)) ends.push(last + 1);
  else if (kind === "exponential" && before > 0) ends.push(Math.max(last + 1, Math.round(last * last / before)));
  else ends.push(last + Math.max(1, last - before));
  return ends;
}

// telemetry/rows.mjs
var SUMS = ["sum", "logSum", "logSumSquares", "sumSquaresLow", "sumSquaresHigh"];
var TAIL = SUMS.length + 2;
var LOG_SUM = 1;
var LOG_SUM_SQUARES = 2;
function checkRows(data, buckets, what) {
  for (const [date, rows] of Object.entries(data)) {
    if (!/^\d{8}$/.test(date)) throw new TelemetryError("bad-data", `${what}: '${date}' is not a date`);
    for (const row of rows) {
      if (row.length !== buckets + TAIL) {
        const lengths = `${row.length} numbers where the definition asks for ${buckets + TAIL}`;
        throw new TelemetryError("bad-data", `${what}: a row of ${date} has ${lengths}`);
      }
    }
  }
  return data;
}
var idOf = (row) => row[row.length - 1];
function nothing(buckets) {
  const total = { counts: new Array(buckets).fill(0), samples: 0, submissions: 0 };
  for (const name of SUMS) total[name] = { total: 0, samples: 0 };
  return total;
}
function isKnown(row, s, buckets, minusOneIsAValue) {
  const value = row[buckets + s];
  if (value === -1) return minusOneIsAValue && s < 3;
  return !(value === 0 && row[buckets] > 0 && (s === LOG_SUM || s === LOG_SUM_SQUARES));
}
function totalsOf(rows, buckets, minusOneIsAValue) {
  const total = nothing(buckets);
  const { counts } = total;
  for (const row of rows) {
    let samples = 0;
    for (let i = 0; i < buckets; i++) {
      counts[i] += row[i];
      samples += row[i];
    }
    for (let s = 0; s < SUMS.length; s++) {
      if (!isKnown(row, s, buckets, minusOneIsAValue)) continue;
      total[SUMS[s]].total += row[buckets + s];
      total[SUMS[s]].samples += samples;
    }
    total.samples += samples;
    total.submissions += row[buckets + SUMS.length];
  }
  return total;
}
var added = /* @__PURE__ */ new WeakMap();
function dayTotals(rows, buckets, minusOneIsAValue) {
  if (!added.has(rows)) added.set(rows, totalsOf(rows, buckets, minusOneIsAValue));
  return added.get(rows);
}
function addUp(lists, buckets, minusOneIsAValue) {
  const total = nothing(buckets);
  for (const rows of lists) {
    const day = dayTotals(rows, buckets, minusOneIsAValue);
    for (let i = 0; i < buckets; i++) total.counts[i] += day.counts[i];
    for (const name of SUMS) {
      total[name].total += day[name].total;
      total[name].samples += day[name].samples;
    }
    total.samples += day.samples;
    total.submissions += day.submissions;
  }
  return total;
}

// telemetry/tree.mjs
var RESERVED = /* @__PURE__ */ new Set(["_id", "name"]);
var optionsOf = (node) => Object.keys(node).filter((key) => !RESERVED.has(key)).sort();
var isLeaf = (node) => !Object.hasOwn(node, "name");
var nextName = (node) => isLeaf(node) ? null : node.name;
function childOf(node, option) {
  if (RESERVED.has(option) || !Object.hasOwn(node, option)) {
    const place = isLeaf(node) ? "there is no filter left" : `'${node.name}' has no such option here`;
    throw new TelemetryError("no-such-option", `cannot filter by '${option}': ${place}`);
  }
  return node[option];
}
function idsBelow(node, ids = /* @__PURE__ */ new Set()) {
  ids.add(node._id);
  for (const option of optionsOf(node)) idsBelow(node[option], ids);
  return ids;
}
function leavesOf(node, path = {}, found = []) {
  if (isLeaf(node)) found.push({ id: node._id, path });
  else for (const option of optionsOf(node)) leavesOf(node[option], { ...path, [node.name]: option }, found);
  return found;
}
function pruned(node, keeps, path) {
  if (isLeaf(node)) return keeps(path) ? node : null;
  const entries = [];
  for (const option of optionsOf(node)) {
    const below = pruned(node[option], keeps, { ...path, [node.name]: option });
    if (below) entries.push([option, below]);
  }
  return entries.length ? Object.fromEntries([["_id", node._id], ["name", node.name], ...entries]) : null;
}
function acceptsOf(node, selection) {
  const wanted = Object.entries(selection).map(([dimension, options]) => [
    dimension,
    new Set(Array.isArray(options) ? options : [options])
  ]);
  const known = /* @__PURE__ */ new Map();
  for (const { path } of leavesOf(node)) {
    for (const [dimension, option] of Object.entries(path)) {
      if (!known.has(dimension)) known.set(dimension, /* @__PURE__ */ new Set());
      known.get(dimension).add(option);
    }
  }
  for (const [dimension, options] of wanted) {
    if (!known.has(dimension)) throw new TelemetryError("no-such-option", `there is no filter '${dimension}' here`);
    for (const option of options) {
      if (!known.get(dimension).has(option)) {
        throw new TelemetryError(
          "no-such-option",
          `cannot filter by '${option}': '${dimension}' has no such option here`
        );
      }
    }
  }
  return (path) => wanted.every(([dimension, options]) => options.has(path[dimension]));
}
function narrowed(node, selection) {
  if (typeof selection === "string") return childOf(node, selection);
  if (typeof selection === "function") return pruned(node, selection, {}) ?? { _id: "nothing" };
  if (selection === null || typeof selection !== "object") {
    throw new TelemetryError(
      "no-such-option",
      `cannot filter by '${selection}': give an option, an object or a function`
    );
  }
  return pruned(node, acceptsOf(node, selection), {}) ?? { _id: "nothing" };
}

// telemetry/histogram.mjs
var ROUNDING = { integers: 1e-9, logarithms: 1e-3 };
function deviation(meanSquare, mean, rounding) {
  const variance = meanSquare - mean * mean;
  return variance < 0 && -variance <= meanSquare * rounding ? 0 : Math.sqrt(variance);
}
var Histogram = class _Histogram {
  #about;
  #tree;
  #days;
  // rows of the selected populations, one list a day
  #sums;
  constructor(about, tree, days) {
    this.#about = about;
    this.#tree = tree;
    this.#days = days;
  }
  measure() {
    return this.#about.measure;
  }
  kind() {
    return this.#about.kind;
  }
  description() {
    return this.#about.description;
  }
  /** What the values of a categorical measure are called, from 0 on; empty for others. */
  labels() {
    return this.#about.labels;
  }
  filterName() {
    return nextName(this.#tree);
  }
  filterOptions() {
    return nextName(this.#tree) === null ? [] : optionsOf(this.#tree);
  }
  filter(selection) {
    const tree = narrowed(this.#tree, selection);
    const ids = idsBelow(tree);
    return new _Histogram(
      this.#about,
      tree,
      this.#days.map((rows) => rows.filter((row) => ids.has(idOf(row))))
    );
  }
  #totals() {
    this.#sums ??= addUp(this.#days, this.#about.starts.length, this.#about.measure.startsWith("SIMPLE_MEASURES_"));
    return this.#sums;
  }
  /** Pings. */
  submissions() {
    return this.#totals().submissions;
  }
  /** Samples: the sum of all buckets. */
  count() {
    return this.#totals().samples;
  }
  /** Σ sum ÷ samples, over the rows whose sum is known. */
  mean() {
    const { sum } = this.#totals();
    return sum.total / (sum.samples || NaN);
  }
  /** √(Σ x² ÷ n − mean²), of the population. Linear measures only: others do not publish Σ x². */
  standardDeviation() {
    this.#only("linear", "standardDeviation");
    const { sum, sumSquaresLow: low, sumSquaresHigh: high } = this.#totals();
    const mean = sum.total / (sum.samples || NaN);
    const squares = low.total / (low.samples || NaN) + high.total / (high.samples || NaN) * 2 ** 32;
    return deviation(squares, mean, ROUNDING.integers);
  }
  /** exp(Σ ln(x + 1) ÷ n) − 1: clients take logarithms of x + 1, so that zeros count. Exponential measures only. */
  geometricMean() {
    this.#only("exponential", "geometricMean");
    const { logSum } = this.#totals();
    return Math.exp(logSum.total / (logSum.samples || NaN)) - 1;
  }
  /** exp(√(Σ ln²(x + 1) ÷ n − (Σ ln(x + 1) ÷ n)²)), a factor of x + 1. Exponential measures only. */
  geometricStandardDeviation() {
    this.#only("exponential", "geometricStandardDeviation");
    const { logSum, logSumSquares } = this.#totals();
    const mean = logSum.total / (logSum.samples || NaN);
    const squares = logSumSquares.total / (logSumSquares.samples || NaN);
    return Math.exp(deviation(squares, mean, ROUNDING.logarithms));
  }
  #only(kind, method) {
    if (this.kind() !== kind)
      throw new TelemetryError("bad-data", `${method}() is for ${kind} measures; this one is ${this.kind()}`);
  }
  median() {
    return this.percentile(50);
  }
  /**
   * The value below which p percent of the samples lie (0 ≤ p ≤ 100), an estimate: samples are taken to be spread
   * evenly over the bucket they fall in. Categorical measures (boolean, flag, enumerated) give the value of the bucket
   * itself.
   */
  percentile(p) {
    if (!(p >= 0 && p <= 100)) throw new RangeError(`a percentile is a number from 0 to 100, not ${p}`);
    const { counts, samples } = this.#totals();
    const { starts, ends, kind } = this.#about;
    const target = samples * p / 100;
    let below = 0;
    for (let i = 0; i < counts.length; i++) {
      if (counts[i] > 0 && below + counts[i] >= target) {
        return isCategorical(kind) ? starts[i] : starts[i] + (ends[i] - starts[i]) * (target - below) / counts[i];
      }
      below += counts[i];
    }
    return NaN;
  }
  /** Calls back with (count, start, end, index) for every bucket; [start, end) are its values. */
  each(callback, context) {
    this.map(callback, context);
  }
  map(callback, context) {
    const { starts, ends } = this.#about;
    return this.#totals().counts.map((count, i) => callback.call(context ?? this, count, starts[i], ends[i], i));
  }
};

// telemetry/evolution.mjs
var DAY = /^(\d{4})(\d{2})(\d{2})$/;
function dateOf(text) {
  const [, year, month, day] = DAY.exec(text);
  return new Date((/* @__PURE__ */ new Date(0)).setUTCFullYear(+year, month - 1, +day));
}
var dayOf = (date) => date.toISOString().slice(0, 10).replaceAll("-", "");
var HistogramEvolution = class _HistogramEvolution {
  #about;
  #tree;
  #days;
  // [["YYYYMMDD", rows of the selected populations], …], ascending
  constructor(about, tree, days) {
    this.#about = about;
    this.#tree = tree;
    this.#days = days;
  }
  /** From published documents: a definition of histograms.json, filter-tree.json, and {"YYYYMMDD": [row, …]}. */
  static of(measure, definition, tree, data, what = measure) {
    const { kind, description } = definition;
    const starts = bucketStarts(definition);
    checkRows(data, starts.length, what);
    const about = Object.freeze({
      measure,
      kind,
      description,
      starts,
      ends: bucketEnds(kind, starts),
      labels: Object.freeze([...definition.labels ?? []])
    });
    const ids = idsBelow(tree);
    return new _HistogramEvolution(about, tree, daysWith(Object.entries(data).sort(byDay), ids));
  }
  measure() {
    return this.#about.measure;
  }
  kind() {
    return this.#about.kind;
  }
  description() {
    return this.#about.description;
  }
  /** What the values of a categorical measure are called, from 0 on; empty for others. */
  labels() {
    return this.#about.labels;
  }
  filterName() {
    return nextName(this.#tree);
  }
  filterOptions() {
    return nextName(this.#tree) === null ? [] : optionsOf(this.#tree);
  }
  /** Narrowed by "option", {dimension: [options]}, or a predicate over {dimension: option}; see tree.mjs. */
  filter(selection) {
    const tree = narrowed(this.#tree, selection);
    return new _HistogramEvolution(this.#about, tree, daysWith(this.#days, idsBelow(tree)));
  }
  /** Dates that have data for the selected populations, ascending, UTC midnight. */
  dates() {
    return this.#days.map(([day]) => dateOf(day));
  }
  /** The evolution over the dates from start to end, both included; null or undefined leave a side open. */
  within(start, end) {
    return new _HistogramEvolution(this.#about, this.#tree, this.#between(start, end));
  }
  /** The dates from start to end, both included, added up; null or undefined leave a side open. */
  range(start, end) {
    return new Histogram(
      this.#about,
      this.#tree,
      this.#between(start, end).map(([, rows]) => rows)
    );
  }
  #between(start, end) {
    const from = start == null ? "" : dayOf(start);
    const to = end == null ? "99999999" : dayOf(end);
    return this.#days.filter(([day]) => from <= day && day <= to);
  }
  /** Calls back with (date, histogram, index), in order of dates. */
  each(callback, context) {
    this.map(callback, context);
  }
  map(callback, context) {
    return this.#days.map(
      ([day, rows], index) => callback.call(context ?? this, dateOf(day), new Histogram(this.#about, this.#tree, [rows]), index)
    );
  }
};
var byDay = ([a], [b]) => a < b ? -1 : 1;
function daysWith(days, ids) {
  return days.map(([day, rows]) => [day, rows.filter((row) => ids.has(idOf(row)))]).filter(([, rows]) => rows.length > 0);
}

// telemetry/fetching.mjs
function fetchUrl(url, callback, { fresh = false, timeout = 6e4 } = {}) {
  load(url, fresh, timeout).then((json) => callback(null, json), callback);
}
async function load(url, fresh, timeout) {
  const signal = AbortSignal.timeout(timeout);
  try {
    const response = await fetch(url, { signal, cache: fresh ? "no-cache" : "default", credentials: "same-origin" });
    if (!response.ok)
      throw new TelemetryError("http", `${url} answers ${response.status}`, { url, status: response.status });
    return parsed(await response.text(), url);
  } catch (error) {
    if (error instanceof TelemetryError) throw error;
    if (signal.aborted)
      throw new TelemetryError("timeout", `${url} did not answer within ${timeout / 1e3} s`, { url, cause: error });
    throw new TelemetryError("network", `${url} cannot be reached`, { url, cause: error });
  }
}
function parsed(text, url) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new TelemetryError("bad-data", `${url} is not JSON`, { url, cause: error });
  }
}
function hooked(hook, url, options) {
  return new Promise((resolve, reject) => {
    const late = () => reject(new TelemetryError("timeout", `${url}: getUrl did not call back`, { url }));
    const timer = setTimeout(late, options.timeout + 1e3);
    timer.unref?.();
    const settle = (error, json) => {
      clearTimeout(timer);
      if (!error) resolve(json);
      else reject(error instanceof Error ? error : new TelemetryError("network", `${url}: ${error}`, { url }));
    };
    try {
      hook(url, settle, options);
    } catch (error) {
      settle(error);
    }
  });
}

// telemetry/layout.mjs
var KINDS_OF_DATE = Object.freeze({ build: "by-build-date", submission: "by-submission-date" });
var VERSION = /^\w+\/\d+$/;
var isVersion = (name) => VERSION.test(name);

// telemetry/plausible.mjs
var NOTHING = Object.freeze({});
var own = (object, key) => object && Object.hasOwn(object, key) ? object[key] : void 0;
function verdictOf(latest) {
  const found = latest?.implausible;
  return {
    usual: typeof latest?.usual === "string" ? latest.usual : null,
    versions: found?.versions ?? NOTHING,
    dates: found?.dates ?? NOTHING
  };
}
function isPlausible(version, versions) {
  const [channel, number] = version.split("/");
  const outside = own(versions, channel);
  return !outside || Number(number) <= Number(outside.last);
}
var outsideOf = (version, by, dates) => own(own(dates, version), by) ?? null;

// telemetry/client.mjs
var byVersion = (a, b) => {
  const [channel, version] = a.split("/");
  const [otherChannel, otherVersion] = b.split("/");
  if (channel !== otherChannel) return channel < otherChannel ? -1 : 1;
  return version - otherVersion;
};
function delivered(promise, callback, onValue, onError) {
  if (typeof callback === "function") {
    promise.then(
      (value) => queueMicrotask(() => callback(...onValue(value))),
      (error) => queueMicrotask(() => callback(...onError(error)))
    );
  }
  return promise;
}
var withResult = (promise, callback) => delivered(
  promise,
  callback,
  (value) => [value],
  (error) => [null, error]
);
function createClient({ base: defaultBase = "", timeout = 6e4 } = {}) {
  let base;
  let versions = null;
  let verdict = verdictOf(null);
  let indexing = null;
  let patience = timeout;
  let kept = /* @__PURE__ */ new Map();
  const watchers = /* @__PURE__ */ new Set();
  const request = (url, fresh = false) => hooked(api.getUrl, url, { fresh, timeout: patience });
  function document2(path) {
    if (!kept.has(path)) {
      const found = request(`${base}/${path}`);
      kept.set(path, found);
      found.catch(() => kept.delete(path));
    }
    return kept.get(path);
  }
  const judged = () => request(`${base}/latest-current.json`, true).then(verdictOf, () => verdictOf(null));
  async function loadIndex() {
    const url = `${base}/versions.json`;
    const judging = versions === null ? judged() : null;
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
    indexing ??= loadIndex().finally(() => indexing = null);
    return indexing;
  }
  function folderOf(version) {
    if (versions === null) throw new TelemetryError("not-initialised", "call Telemetry.init() and wait for it first");
    if (!Object.hasOwn(versions, version)) throw new TelemetryError("no-such-version", `'${version}' is not published`);
    return versions[version];
  }
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
    const definitions = await document2(`${folder}/histograms.json`);
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
      const data = document2(name);
      data.catch(() => {
      });
      const [known, tree] = await Promise.all([definition, document2(`${folder}/filter-tree.json`)]);
      return HistogramEvolution.of(measure, known, tree, await data, name);
    });
  }
  const api = {
    getUrl: fetchUrl,
    init(options, callback) {
      const given = typeof options === "function" ? {} : options ?? {};
      const then = typeof options === "function" ? options : callback;
      const start = async () => {
        const wanted = given.base ?? base ?? (typeof defaultBase === "function" ? defaultBase() : defaultBase);
        if (!wanted) throw new TelemetryError("not-initialised", "no address of the data: Telemetry.init({base: …})");
        const trimmed = String(wanted).replace(/\/+$/, "");
        if (base !== trimmed) [base, versions, indexing, kept] = [trimmed, null, null, /* @__PURE__ */ new Map()];
        patience = given.timeout ?? patience;
        return refresh();
      };
      return delivered(
        start(),
        then,
        () => [null],
        (error) => [error]
      );
    },
    /** Sorted names; those that the publisher found implausible only where they are asked for. */
    versions({ implausible = false } = {}) {
      if (versions === null) throw new TelemetryError("not-initialised", "call Telemetry.init() and wait for it first");
      return Object.keys(versions).filter((name) => isVersion(name) && (implausible || isPlausible(name, verdict.versions))).sort(byVersion);
    },
    /**
     * What the publisher found implausible: {versions: {channel: outside}, dates: {version: {"by-build-date": outside,
     * …}}}.
     */
    implausible: () => ({ versions: verdict.versions, dates: verdict.dates }),
    /** The version to show first, by the publisher's choice; null where it made none. */
    usualVersion: () => verdict.usual !== null && versions !== null && Object.hasOwn(versions, verdict.usual) ? verdict.usual : null,
    measures(version, callback) {
      const found = async () => {
        const definitions = await reading(version, (folder) => document2(`${folder}/histograms.json`));
        return Object.fromEntries(
          Object.entries(definitions).map(([name, { kind, description }]) => [name, { kind, description }])
        );
      };
      return withResult(found(), callback);
    },
    loadEvolutionOverBuilds: (version, measure, callback) => withResult(api.evolution(version, measure, { by: "build" }), callback),
    loadEvolutionOverTime: (version, measure, callback) => withResult(api.evolution(version, measure, { by: "submission" }), callback),
    /** Dates that the publisher found implausible are left out, but with `implausible: true`. */
    async evolution(version, measure, { by = "build", filter, implausible = false } = {}) {
      const all = await loadEvolution(version, measure, by);
      const outside = implausible ? null : outsideOf(version, KINDS_OF_DATE[by], verdict.dates);
      const found = outside ? all.within(dateOf(outside.first), dateOf(outside.last)) : all;
      return filter === void 0 ? found : found.filter(filter);
    },
    /** Any other document of a version's folder, such as "measures.json"; kept like the rest. */
    async document(version, name) {
      return reading(version, (folder) => document2(`${folder}/${name}`));
    },
    /** The folder of a version in the published prefix, such as "current/20131201120000/nightly/28". */
    folder: (version) => folderOf(version),
    /** The address of the data in use, without a slash at its end. */
    base: () => base,
    /**
     * Looks for a new snapshot every so many milliseconds; `callback(api)` when there is one. Gives a function that
     * stops it.
     */
    watch({ every = 6e4 } = {}, callback) {
      watchers.add(callback);
      const timer = setInterval(() => refresh().catch(() => {
      }), every);
      timer.unref?.();
      return () => {
        clearInterval(timer);
        watchers.delete(callback);
      };
    },
    createClient,
    Histogram,
    HistogramEvolution,
    TelemetryError
  };
  return api;
}

// telemetry/index.mjs
var script = typeof document === "object" ? document.currentScript : null;
var scriptBase = script?.dataset.base;
var pageBase = () => scriptBase ?? (typeof location === "object" ? location.origin : "");
var Telemetry = createClient({ base: pageBase });
var telemetry_default = Telemetry;
return telemetry_default;
})();
if (typeof module === "object" && module.exports) module.exports = Telemetry;
