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
var inside = (start, end, share, isGeometric) => isGeometric && start * end > 0 ? start * (end / start) ** share : start + (end - start) * share;
var Histogram = class _Histogram {
  #about;
  #tree;
  #days;
  // of the selected populations: RowDays, or ColumnDays of layout 2
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
    return new _Histogram(this.#about, tree, this.#days.filtered(idsBelow(tree)));
  }
  #totals() {
    this.#sums ??= this.#days.totals();
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
   * evenly over the bucket they fall in, by their logarithms on an exponential axis. Categorical measures (boolean,
   * flag, enumerated) give the value of the bucket itself.
   */
  percentile(p) {
    if (!(p >= 0 && p <= 100)) throw new RangeError(`a percentile is a number from 0 to 100, not ${p}`);
    const { counts, samples } = this.#totals();
    const { starts, ends, isValue, isGeometric } = this.#about;
    const target = samples * p / 100;
    let below = 0;
    for (let i = 0; i < counts.length; i++) {
      if (counts[i] > 0 && below + counts[i] >= target) {
        return isValue ? starts[i] : inside(starts[i], ends[i], (target - below) / counts[i], isGeometric);
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

// telemetry/totals.mjs
var SUMS = ["sum", "logSum", "logSumSquares", "sumSquaresLow", "sumSquaresHigh"];
function nothing(buckets) {
  const total = { counts: new Array(buckets).fill(0), samples: 0, submissions: 0 };
  for (const name of SUMS) total[name] = { total: 0, samples: 0 };
  return total;
}
function addTotals(totals, buckets) {
  const sum = nothing(buckets);
  for (const each of totals) {
    for (let i = 0; i < buckets; i++) sum.counts[i] += each.counts[i];
    for (const name of SUMS) {
      sum[name].total += each[name].total;
      sum[name].samples += each[name].samples;
    }
    sum.samples += each.samples;
    sum.submissions += each.submissions;
  }
  return sum;
}

// telemetry/rows.mjs
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
var RowDays = class _RowDays {
  #days;
  // [["YYYYMMDD", [row, …]], …], ascending
  #buckets;
  #minusOneIsAValue;
  constructor(days, buckets, minusOneIsAValue) {
    [this.#days, this.#buckets, this.#minusOneIsAValue] = [days, buckets, minusOneIsAValue];
  }
  get days() {
    return this.#days.map(([day]) => day);
  }
  /** The rows of some filter ids; days without any are left out. */
  filtered(ids) {
    const days = this.#days.map(([day, rows]) => [day, rows.filter((row) => ids.has(idOf(row)))]);
    return this.#of(days.filter(([, rows]) => rows.length > 0));
  }
  /** The days from one to another, both included. */
  between(from, to) {
    return this.#of(this.#days.filter(([day]) => from <= day && day <= to));
  }
  /** One day alone. */
  only(index) {
    return this.#of([this.#days[index]]);
  }
  totals() {
    return addTotals(
      this.#days.map(([, rows]) => dayTotals(rows, this.#buckets, this.#minusOneIsAValue)),
      this.#buckets
    );
  }
  #of(days) {
    return new _RowDays(days, this.#buckets, this.#minusOneIsAValue);
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
  // of the selected populations: RowDays, or ColumnDays of layout 2
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
      isValue: isCategorical(kind),
      isGeometric: false,
      labels: Object.freeze([...definition.labels ?? []])
    });
    const minusOneIsAValue = measure.startsWith("SIMPLE_MEASURES_");
    const days = new RowDays(Object.entries(data).sort(byDay), starts.length, minusOneIsAValue);
    return new _HistogramEvolution(about, tree, days.filtered(idsBelow(tree)));
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
    return new _HistogramEvolution(this.#about, tree, this.#days.filtered(idsBelow(tree)));
  }
  /** Dates that have data for the selected populations, ascending, UTC midnight. */
  dates() {
    return this.#days.days.map(dateOf);
  }
  /** The evolution over the dates from start to end, both included; null or undefined leave a side open. */
  within(start, end) {
    return new _HistogramEvolution(this.#about, this.#tree, this.#between(start, end));
  }
  /** The dates from start to end, both included, added up; null or undefined leave a side open. */
  range(start, end) {
    return new Histogram(this.#about, this.#tree, this.#between(start, end));
  }
  #between(start, end) {
    const from = start == null ? "" : dayOf(start);
    const to = end == null ? "99999999" : dayOf(end);
    return this.#days.between(from, to);
  }
  /** Calls back with (date, histogram, index), in order of dates. */
  each(callback, context) {
    this.map(callback, context);
  }
  map(callback, context) {
    return this.#days.days.map((day, index) => {
      const histogram = new Histogram(this.#about, this.#tree, this.#days.only(index));
      return callback.call(context ?? this, dateOf(day), histogram, index);
    });
  }
};
var byDay = ([a], [b]) => a < b ? -1 : 1;

// telemetry/fetching.mjs
function fetchUrl(url, callback, { fresh = false, timeout = 6e4, range = null } = {}) {
  load(url, fresh, timeout, range).then((found) => callback(null, found), callback);
}
async function load(url, fresh, timeout, range) {
  const signal = AbortSignal.timeout(timeout);
  const headers = range ? { Range: `bytes=${range[0]}-${range[1] - 1}` } : {};
  try {
    const cache = fresh ? "no-cache" : "default";
    const response = await fetch(url, { signal, cache, headers, credentials: "same-origin" });
    if (!response.ok)
      throw new TelemetryError("http", `${url} answers ${response.status}`, { url, status: response.status });
    if (range) return partOf(new Uint8Array(await response.arrayBuffer()), response.status, range, url);
    return parsed(await response.text(), url);
  } catch (error) {
    if (error instanceof TelemetryError) throw error;
    if (signal.aborted)
      throw new TelemetryError("timeout", `${url} did not answer within ${timeout / 1e3} s`, { url, cause: error });
    throw new TelemetryError("network", `${url} cannot be reached`, { url, cause: error });
  }
}
function partOf(bytes, status, [begin, end], url) {
  const part = status === 206 ? bytes : bytes.subarray(begin, end);
  if (part.length === end - begin) return part;
  throw new TelemetryError("bad-data", `${url} has ${part.length} bytes of the ${end - begin} asked for`, { url });
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

// telemetry/layout1/documents.mjs
var LATEST = "latest-current.json";
var Layout1 = class {
  #get;
  // (path, fresh) → Promise of JSON
  #places = null;
  #verdict;
  #kept = /* @__PURE__ */ new Map();
  constructor(get) {
    this.#get = get;
  }
  /** Buckets of other publishers have no verdict: where it cannot be read, nothing is left out. */
  #judged() {
    return this.#get(LATEST, true).then(verdictOf, () => verdictOf(null));
  }
  /** {places: {version: folder}, snapshot: what tells it from others, verdict} as they are published now. */
  async index() {
    const judging = this.#places === null ? this.#judged() : null;
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
      found.catch(() => this.#kept.delete(path));
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
    data.catch(() => {
    });
    const [known, tree] = await Promise.all([definition, this.document(folder, "filter-tree.json")]);
    return HistogramEvolution.of(measure, known, tree, await data, `${folder}/${name}`);
  }
  async health() {
    const { current } = await this.#get(LATEST, true);
    return this.#get(`current/${current}/health.json`, false);
  }
};

// telemetry/layout2/names.mjs
var LATEST2 = "latest.json";
var manifestPath = (digest) => `manifests/${digest}`;
var packPath = (digest) => `packs/${digest}`;
var documentPath = (digest) => `documents/${digest}`;
function crc32(bytes) {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc >>> 1 ^ (crc & 1 ? 3988292384 : 0);
  }
  return ~crc >>> 0;
}
var blockOf = (measure, blocks) => String(crc32(new TextEncoder().encode(measure)) % 64 % blocks);

// telemetry/layout2/documents.mjs
var SUMS2 = ["sum", "log_sum", "log_sum_squares", "sum_squares_lo", "sum_squares_hi"];
var UNKNOWN = -1;
var BY = Object.keys(KINDS_OF_DATE);
var mapped = (object, change) => Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]));
var histogramsOf = ({ measures }) => mapped(measures, ({ definition }) => definition);
function measuresOf({ channel_version: name, records, measures }) {
  const shown = ({ definition, volume }) => {
    const { kind, description, original_kind: original } = definition;
    return { kind, description, ...original === void 0 ? {} : { original_kind: original }, ...volume };
  };
  return { schema: 1, channel_version: name, pings: records, measures: mapped(measures, shown) };
}
function rowOf({ ends, positions, numbers, records, sums }, row, buckets) {
  const counts = new Array(buckets).fill(0);
  for (let i = row ? ends[row - 1] : 0; i < ends[row]; i++) counts[positions[i]] = numbers[i];
  const known = SUMS2.map((name) => {
    const column = sums[name];
    return column && column.unknown[row] < records[row] ? column.values[row] : UNKNOWN;
  });
  return [...counts, ...known, records[row]];
}
function rowsOf({ about, parts }, last) {
  const found = {};
  for (const { dates, ids, columns } of parts) {
    columns.dates.forEach((date, row) => {
      (found[dates[date]] ??= []).push([...rowOf(columns, row, about.starts.length), ...last(ids, columns, row)]);
    });
  }
  return found;
}
async function summaryOf(version, measure) {
  const totals = await version.totals(measure, BY);
  const summary = { schema: 1, definition: version.manifest.measures[measure].definition, populations: {} };
  for (const by of BY) {
    summary[KINDS_OF_DATE[by]] = mapped(
      rowsOf(totals[by], () => []),
      ([row]) => row
    );
    summary.populations[KINDS_OF_DATE[by]] = totals[by].records;
  }
  return summary;
}
var withId = (ids, { populations }, row) => [ids[populations[row]]];
async function documentOf(version, name) {
  const { manifest } = version;
  if (name === "histograms.json") return histogramsOf(manifest);
  if (name === "measures.json") return measuresOf(manifest);
  if (name === "filter-tree.json") return manifest.tree;
  const [, file, what] = /^(.+)-(summary|by-build-date|by-submission-date)\.json$/.exec(name) ?? [];
  const measure = file && decodeURIComponent(file);
  if (file && version.has(measure)) {
    if (what === "summary") return summaryOf(version, measure);
    return rowsOf(
      await version.byPopulation(
        measure,
        BY.find((by) => KINDS_OF_DATE[by] === what)
      ),
      withId
    );
  }
  throw new TelemetryError("http", `${manifest.channel_version} has no ${name}`, { status: 404 });
}

// telemetry/layout2/kept.mjs
var NAME = "telemetry-tasks-packs";
var MOST_SECTIONS = 4096;
var MOST_BYTES = 32 << 20;
async function opened() {
  try {
    const cache = await globalThis.caches?.open(NAME);
    if (!cache) return null;
    const keys = await cache.keys();
    if (keys.length > MOST_SECTIONS)
      await Promise.all(keys.slice(0, keys.length - MOST_SECTIONS / 2).map((key) => cache.delete(key)));
    return cache;
  } catch {
    return null;
  }
}
function keptBytes() {
  const memory = /* @__PURE__ */ new Map();
  const loading = /* @__PURE__ */ new Map();
  let size = 0;
  let cache;
  function remember(key, bytes) {
    memory.set(key, bytes);
    size += bytes.length;
    for (const [oldest, { length }] of memory) {
      if (size <= MOST_BYTES) break;
      memory.delete(oldest);
      size -= length;
    }
  }
  async function find(key, load2) {
    const storage = await (cache ??= opened());
    if (!storage) {
      if (!memory.has(key)) remember(key, await load2());
      return memory.get(key) ?? load2();
    }
    const found = await storage.match(key).catch(() => void 0);
    if (found) return new Uint8Array(await found.arrayBuffer());
    const bytes = await load2();
    storage.put(key, new Response(bytes)).catch(() => {
    });
    return bytes;
  }
  return {
    read(url, begin, end, load2) {
      const key = `${url}?${begin}-${end}`;
      if (!loading.has(key)) {
        const found = find(key, load2);
        loading.set(key, found);
        found.finally(() => loading.delete(key)).catch(() => {
        });
      }
      return loading.get(key);
    }
  };
}

// telemetry/layout2/inflate.mjs
async function inflate(bytes, what) {
  try {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (error) {
    throw new TelemetryError("bad-data", `${what} cannot be inflated`, { cause: error });
  }
}

// telemetry/layout2/head.mjs
var SCHEMA = 2;
var KINDS = ["build", "submission", "version"];
function dealer(at) {
  return (length) => {
    if (!Number.isSafeInteger(length) || length < 0) throw new RangeError(`${length} is no length`);
    return [at, at += length];
  };
}
function sectionsOf(shape, take) {
  const rows = take();
  const sums = shape.sums.map(() => take());
  if (shape.shares) take();
  if (shape.clients) take();
  return { rows, sums };
}
function parsed2(text, size) {
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
async function readHead(bytes, what) {
  const text = new TextDecoder().decode(await inflate(bytes, `the head of ${what}`));
  try {
    return parsed2(text, bytes.length);
  } catch (error) {
    throw new TelemetryError("bad-data", `the head of ${what} is damaged: ${error.message}`, { cause: error });
  }
}

// telemetry/layout2/varints.mjs
var EXACT_BYTES = 7;
var damaged = (why) => new TelemetryError("bad-data", `a section of a pack is damaged: ${why}`);
var Varints = class {
  #bytes;
  #at = 0;
  constructor(bytes) {
    this.#bytes = bytes;
  }
  /** The next `amount` integers that are not negative. */
  unsigned(amount) {
    return this.#read(amount, false);
  }
  /** The next `amount` integers. */
  signed(amount) {
    return this.#read(amount, true);
  }
  /** One integer that is not negative. */
  one() {
    return this.#read(1, false)[0];
  }
  /** Everything must have been read. */
  end() {
    if (this.#at !== this.#bytes.length) throw damaged(`${this.#bytes.length - this.#at} bytes too many`);
  }
  #read(amount, zigzag) {
    const bytes = this.#bytes;
    if (amount > bytes.length - this.#at) throw damaged("it has too few numbers");
    const numbers = new Float64Array(amount);
    let at = this.#at;
    for (let i = 0; i < amount; i++) {
      const begin = at;
      let byte = bytes[at++];
      let value = byte & 127;
      for (let scale = 128; byte > 127; scale *= 128) {
        byte = bytes[at++];
        value += (byte & 127) * scale;
      }
      if (at - begin > EXACT_BYTES) numbers[i] = large(bytes.subarray(begin, at), zigzag);
      else if (!zigzag) numbers[i] = value;
      else numbers[i] = value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    if (at > bytes.length) throw damaged("its last number is cut off");
    this.#at = at;
    return numbers;
  }
};
function large(bytes, zigzag) {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = value << 7n | BigInt(bytes[i] & 127);
  if (!zigzag) return Number(value);
  return Number(value & 1n ? -(value + 1n) / 2n : value / 2n);
}

// telemetry/layout2/sections.mjs
var FRACTION_BITS = 40;
var FRACTION = 2 ** -FRACTION_BITS;
function hasFractions(from) {
  const bits = from.one();
  if (bits !== 0 && bits !== FRACTION_BITS) throw new TelemetryError("bad-data", `a pack has the unit 2^-${bits}`);
  return bits !== 0;
}
function withFractions(whole, rest) {
  for (let i = 0; i < whole.length; i++) whole[i] += rest[i] * FRACTION;
  return whole;
}
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
function columnOf(from, rows) {
  const fractional = hasFractions(from);
  const whole = from.signed(rows);
  const values2 = fractional ? withFractions(whole, from.unsigned(rows)) : whole;
  return { values: values2, unknown: from.unsigned(rows) };
}
var columnsOf = (from, names, rows) => names.map((name) => [name, columnOf(from, rows)]);
function readRows(bytes) {
  const from = new Varints(bytes);
  const index = indexOf(from, true);
  const cells = sparseOf(from, index.dates.length);
  from.end();
  return { ...index, ...cells };
}
function readSums(bytes, names, rows) {
  const from = new Varints(bytes);
  const columns = columnsOf(from, names, rows);
  from.end();
  return columns;
}
function readTotals(bytes, kinds, names) {
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

// telemetry/layout2/packs.mjs
var isThere = ([begin, end]) => begin < end;
var Packs = class {
  #get;
  // (path, range) → Promise of bytes
  #kept;
  #heads = /* @__PURE__ */ new Map();
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
      found.catch(() => this.#heads.delete(pack));
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
};

// telemetry/layout2/days.mjs
var SUMS3 = [
  ["sum", "sum"],
  ["logSum", "log_sum"],
  ["logSumSquares", "log_sum_squares"],
  ["sumSquaresLow", "sum_squares_lo"],
  ["sumSquaresHigh", "sum_squares_hi"]
];
function daysOf(part) {
  const { dates } = part.columns;
  const days = [];
  for (let begin = 0, end; begin < dates.length; begin = end) {
    for (end = begin + 1; end < dates.length && dates[end] === dates[begin]; ) end++;
    days.push({ day: part.dates[dates[begin]], part, begin, end });
  }
  return days;
}
function columnDays(parts, buckets) {
  for (const { columns, ids, dates } of parts) {
    if (columns.positions.some((position) => !(position < buckets)) || columns.populations.some((p) => !(p < ids.length)))
      throw new TelemetryError("bad-data", "a pack has a position or a population that does not exist");
    if (columns.dates.some((date) => !(date < dates.length)))
      throw new TelemetryError("bad-data", "a pack has a date that does not exist");
  }
  const days = parts.flatMap(daysOf).sort((a, b) => a.day < b.day ? -1 : 1);
  return new ColumnDays(days, buckets, null, /* @__PURE__ */ new Map());
}
function added2({ part, begin, end }, buckets, chosen) {
  const { populations, records, ends, positions, numbers, sums } = part.columns;
  const total = nothing(buckets);
  const { counts } = total;
  const known = SUMS3.filter(([, name]) => sums[name]).map(([name, column]) => [name, sums[column]]);
  for (let row = begin; row < end; row++) {
    if (chosen && !chosen[populations[row]]) continue;
    let samples = 0;
    for (let i = row ? ends[row - 1] : 0; i < ends[row]; i++) {
      counts[positions[i]] += numbers[i];
      samples += numbers[i];
    }
    for (const [name, { values: values2, unknown }] of known) {
      const value = values2[row];
      if (unknown[row] >= records[row] || value === 0 && isLogarithm(name) && sums.sum?.values[row] > 0) continue;
      total[name].total += value;
      total[name].samples += samples;
    }
    total.samples += samples;
    total.submissions += records[row];
  }
  return total;
}
var isLogarithm = (name) => name === "logSum" || name === "logSumSquares";
var ColumnDays = class _ColumnDays {
  #days;
  #buckets;
  #chosen;
  // {part's ids: which populations are meant}, or null for all of them
  #added;
  // totals by day, of these populations
  constructor(days, buckets, chosen, totals) {
    [this.#days, this.#buckets, this.#chosen, this.#added] = [days, buckets, chosen, totals];
  }
  get days() {
    return this.#days.map(({ day }) => day);
  }
  /** The rows of some filter ids, among those that are chosen already. */
  filtered(wanted) {
    const chosen = /* @__PURE__ */ new Map();
    const before = this.#chosen;
    for (const { ids } of new Set(this.#days.map(({ part }) => part))) {
      if (!chosen.has(ids))
        chosen.set(
          ids,
          Uint8Array.from(ids, (id, i) => wanted.has(id) && (!before || before.get(ids)[i]) ? 1 : 0)
        );
    }
    const days = this.#days.filter(({ part, begin, end }) => {
      const meant = chosen.get(part.ids);
      for (let row = begin; row < end; row++) if (meant[part.columns.populations[row]]) return true;
      return false;
    });
    return new _ColumnDays(days, this.#buckets, chosen, /* @__PURE__ */ new Map());
  }
  between(from, to) {
    const days = this.#days.filter(({ day }) => from <= day && day <= to);
    return new _ColumnDays(days, this.#buckets, this.#chosen, this.#added);
  }
  /** One day alone. */
  only(index) {
    return new _ColumnDays([this.#days[index]], this.#buckets, this.#chosen, this.#added);
  }
  totals() {
    return addTotals(
      this.#days.map((day) => this.#ofDay(day)),
      this.#buckets
    );
  }
  #ofDay(day) {
    if (!this.#added.has(day)) this.#added.set(day, added2(day, this.#buckets, this.#chosen?.get(day.part.ids)));
    return this.#added.get(day);
  }
};

// telemetry/layout2/meaning.mjs
var power = (index, scale) => 2 ** (index * 2 ** -scale);
function exponentialEdge(position, scale) {
  if (position === 0) return [0, 0];
  const code = Math.floor((position - 1) / 2);
  const index = code % 2 === 0 ? code / 2 : -(code + 1) / 2;
  const [low, high] = [power(index, scale), power(index + 1, scale)];
  return position % 2 === 0 ? [-high, -low] : [low, high];
}
var values = (amount, labels = []) => ({
  edges: Array.from({ length: amount }, (_, i) => [i, i + 1]),
  isValue: true,
  labels
});
function ofIndex(size, definition) {
  let starts = [];
  try {
    starts = bucketStarts(definition);
  } catch {
  }
  if (starts.length !== size) return values(size);
  const ends = bucketEnds(definition.kind, starts);
  const labels = definition.labels ?? [];
  return { edges: starts.map((start, i) => [start, ends[i]]), isValue: isCategorical(definition.kind), labels };
}
function ofBounds(bounds, upper) {
  const last = bounds.at(-1) ?? 0;
  const end = bounds.length > 1 ? 2 * last - bounds.at(-2) : last;
  const first = Math.min(0, bounds[0] ?? 0);
  const starts = upper ? [first, ...bounds] : bounds;
  return { edges: starts.map((start, i) => [start, starts[i + 1] ?? end]) };
}
function ofExponential(scale, seen) {
  const places = [...seen].map((position) => [position, exponentialEdge(position, scale)]);
  places.sort(([, [a, aEnd]], [, [b, bEnd]]) => a - b || aEnd - bEnd);
  const edges = places.map(([, edge]) => edge);
  return { edges, isGeometric: true, places: new Map(places.map(([position], i) => [position, i])) };
}
function meaningOf({ axis }, definition, seen) {
  switch (axis.kind) {
    case "index":
      return ofIndex(axis.size, definition);
    case "bounds":
      return ofBounds(axis.bounds, axis.closed === "upper");
    case "exponential":
      return ofExponential(axis.scale, seen);
    case "categories":
      return values(axis.labels.length, axis.labels);
    case "none":
      return values(0);
    default:
      throw new TelemetryError("bad-data", `the kind of axis '${axis.kind}' is not known`);
  }
}
function aboutOf(measure, definition, shape, seen) {
  const { edges, isValue = false, isGeometric = false, labels = [], places } = meaningOf(shape, definition, seen);
  const about = Object.freeze({
    measure,
    kind: definition.kind ?? shape.axis.kind,
    description: definition.description ?? "",
    starts: edges.map(([start]) => start),
    ends: edges.map(([, end]) => end),
    isValue,
    isGeometric,
    labels: Object.freeze([...labels])
  });
  return { about, places };
}

// telemetry/layout2/version.mjs
var SCHEMA2 = 2;
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
function inBuckets(columns, places) {
  return places ? { ...columns, positions: columns.positions.map((position) => places.get(position)) } : columns;
}
var canonical = (value) => JSON.stringify(
  value,
  (_, part) => part && typeof part === "object" && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort()) : part
);
var Version = class {
  #manifest;
  #packs;
  #ids;
  // {name of a table: filter id by index}
  #evolutions = /* @__PURE__ */ new Map();
  constructor(manifest, packs) {
    if (manifest?.schema !== SCHEMA2)
      throw new TelemetryError("bad-data", `a manifest has the schema ${manifest?.schema}, which is not known`);
    [this.#manifest, this.#packs] = [manifest, packs];
    this.#ids = Object.fromEntries(
      Object.entries(manifest.populations).map(([name, table]) => [
        name,
        table.map((population) => leafOf(manifest.tree, population))
      ])
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
    const refs = Object.keys(ranges).sort().flatMap((range) => ranges[range][block] ?? []);
    const heads = await Promise.all(refs.map((ref) => this.#packs.head(ref)));
    return heads.flatMap(
      (head, i) => head.entries.filter((entry) => entry.measure === measure && entry.key === "" && canonical(entry.shape) === wanted).map((entry) => ({ ref: refs[i], head, entry }))
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
      found.flatMap(({ columns }) => shape.axis.kind === "exponential" ? [...columns.positions] : [])
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
      })
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
        ({ about, parts }) => new HistogramEvolution(about, this.#manifest.tree, columnDays(parts, about.starts.length))
      );
      this.#evolutions.set(key, found);
      found.catch(() => this.#evolutions.delete(key));
    }
    return this.#evolutions.get(key);
  }
};

// telemetry/layout2/snapshots.mjs
var SCHEMA3 = 2;
var HEALTH = "health.json";
var Layout2 = class {
  #get;
  // (path, fresh, range) → Promise of JSON, or of bytes; .url(path) is its address
  #snapshot;
  // the first one, until it is asked for
  #shown;
  #kept = keptBytes();
  #versions = /* @__PURE__ */ new Map();
  // by digest of the manifest
  constructor(get, snapshot) {
    [this.#get, this.#snapshot] = [get, snapshot];
  }
  /** {places: {version: digest of its manifest}, snapshot: its stamp, verdict} as they are published now. */
  async index() {
    const found = this.#snapshot ?? await this.#get(LATEST2, true);
    this.#snapshot = null;
    if (found?.schema !== SCHEMA3) throw new TelemetryError("bad-data", `${LATEST2}: its schema is not known`);
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
      found.catch(() => this.#versions.delete(digest));
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
    if (digest !== void 0) return this.#get(documentPath(digest), false);
    throw new TelemetryError("http", `the snapshot has no ${HEALTH}`, { status: 404 });
  }
};

// telemetry/published.mjs
function isAbsent({ code, status, cause }) {
  if (code === "http") return status === 404 || status === 403;
  return code === void 0 || code === "network" && cause === void 0;
}
async function layoutOf(get) {
  try {
    return new Layout2(get, await get(LATEST2, true));
  } catch (error) {
    if (isAbsent(error)) return new Layout1(get);
    throw error;
  }
}

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
  let snapshot = null;
  let verdict = verdictOf(null);
  let indexing = null;
  let patience = timeout;
  let layout = null;
  const watchers = /* @__PURE__ */ new Set();
  function reader(address) {
    const url = (path) => `${address}/${path}`;
    const get = (path, fresh = false, range = null) => hooked(api.getUrl, url(path), { fresh, timeout: patience, ...range ? { range } : {} });
    return Object.assign(get, { url });
  }
  async function loadIndex() {
    const address = base;
    const used = layout ?? await layoutOf(reader(address));
    const found = await used.index();
    if (address !== base) return api;
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
    return indexing = started;
  }
  function placeOf(version) {
    if (versions === null) throw new TelemetryError("not-initialised", "call Telemetry.init() and wait for it first");
    if (!Object.hasOwn(versions, version)) throw new TelemetryError("no-such-version", `'${version}' is not published`);
    return versions[version];
  }
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
      const given = typeof options === "function" ? {} : options ?? {};
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
        const definitions = await reading(version, (place) => layout.definitions(place));
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
