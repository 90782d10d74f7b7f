/**
 * node both_layouts.mjs LAYOUT_1 LAYOUT_2: telemetry.js answers every call equally over the same numbers in two folders.
 * Prints how many answers it compared, as JSON.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import Telemetry from "../../static/telemetry/index.mjs";

const GZIP = 0x1f;
const COUNTED = { evolutions: 0, histograms: 0, filtered: 0, documents: 0 };

/** A getUrl hook over a folder; `asked` counts what is read. */
const hook = (folder) => (url, callback, { range } = {}) => {
  readFile(`${folder}/${decodeURI(new URL(url).pathname)}`).then(
    (body) => {
      if (range) return callback(null, new Uint8Array(body.subarray(...range)));
      return callback(null, JSON.parse(body[0] === GZIP ? gunzipSync(body) : body));
    },
    () => callback(Object.assign(new Error(`${url} is not there`), { code: "http", status: 404 })),
  );
};

async function opened(folder) {
  const client = Telemetry.createClient({ base: "http://folder" });
  client.getUrl = hook(folder);
  return client.init();
}

/** Sums of fractions are added in the order of rows, which need not be that of the other layout. */
function close(found, wanted, what) {
  const near = Object.is(found, wanted) || Math.abs(found - wanted) <= 1e-12 * Math.abs(wanted);
  assert.ok(near, `${what}: ${found}, not ${wanted}`);
}

const FIGURES = ["submissions", "count", "mean", "median", "standardDeviation"];
const GEOMETRIC = ["geometricMean", "geometricStandardDeviation"];

function answer(histogram, figure) {
  try {
    return histogram[figure]();
  } catch (error) {
    return error.message;
  }
}

function sameHistogram(found, wanted, what) {
  COUNTED.histograms++;
  for (const each of ["measure", "kind", "description", "labels", "filterName", "filterOptions"])
    assert.deepEqual(found[each](), wanted[each](), `${what} ${each}`);
  const buckets = (histogram) => histogram.map((...bucket) => bucket);
  assert.deepEqual(buckets(found), buckets(wanted), what);
  for (const figure of [...FIGURES, ...GEOMETRIC]) {
    const [mine, other] = [answer(found, figure), answer(wanted, figure)];
    if (typeof other === "number") close(mine, other, `${what} ${figure}`);
    else assert.equal(mine, other);
  }
  for (const p of [0, 1, 25, 75, 99, 100]) close(found.percentile(p), wanted.percentile(p), `${what} ${p} %`);
}

function sameEvolution(found, wanted, what) {
  COUNTED.evolutions++;
  assert.deepEqual(found.dates(), wanted.dates(), what);
  sameHistogram(found.range(), wanted.range(), what);
  const others = wanted.map((_, histogram) => histogram);
  found.each((date, histogram, i) => sameHistogram(histogram, others[i], `${what} ${date.toISOString()}`));
  const [first, ...rest] = wanted.dates();
  if (first) sameHistogram(found.range(first, first), wanted.range(first, first), `${what}, first`);
  if (rest.length) sameHistogram(found.within(rest[0]).range(), wanted.within(rest[0]).range(), `${what}, rest`);
}

function sameBelow(found, wanted, what) {
  sameEvolution(found, wanted, what);
  for (const option of wanted.filterOptions()) {
    COUNTED.filtered++;
    sameBelow(found.filter(option), wanted.filter(option), `${what}/${option}`);
    sameHistogram(found.range().filter(option), wanted.range().filter(option), `${what}: range/${option}`);
  }
}

async function sameDocument(found, wanted, version, name) {
  COUNTED.documents++;
  const [mine, other] = await Promise.all([found.document(version, name), wanted.document(version, name)]);
  assert.deepEqual(inOrder(mine), inOrder(other), `${version} ${name}`);
}

/** Rows of a day have no order. */
const inOrder = (value) =>
  Array.isArray(value)
    ? value.map(inOrder).sort((a, b) => (Array.isArray(a) && Array.isArray(b) ? a.at(-1) - b.at(-1) : 0))
    : value && typeof value === "object"
      ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, inOrder(each)]))
      : value;

const [wanted, found] = await Promise.all(process.argv.slice(2).map(opened));
assert.ok(wanted.versions().length > 0);
for (const implausible of [false, true]) assert.deepEqual(found.versions({ implausible }), wanted.versions({ implausible }));
assert.deepEqual(found.implausible(), wanted.implausible());
assert.equal(found.usualVersion(), wanted.usualVersion());
assert.deepEqual(await found.health(), await wanted.health());
for (const version of found.versions({ implausible: true })) {
  const measures = await wanted.measures(version);
  assert.deepEqual(await found.measures(version), measures);
  for (const name of ["histograms.json", "measures.json", "filter-tree.json"]) await sameDocument(found, wanted, version, name);
  await assert.rejects(found.evolution(version, "NO_SUCH"), { code: "no-such-measure" });
  await assert.rejects(found.document(version, "no-such.json"), { code: "http", status: 404 });
  for (const measure of Object.keys(measures)) {
    const file = encodeURIComponent(measure);
    for (const what of ["summary", "by-build-date", "by-submission-date"])
      await sameDocument(found, wanted, version, `${file}-${what}.json`);
    for (const by of ["build", "submission"]) {
      const options = { by, implausible: true };
      const both = await Promise.all([found, wanted].map((client) => client.evolution(version, measure, options)));
      sameBelow(...both, `${version} ${measure} by ${by}`);
      const [mine, other] = await Promise.all([found, wanted].map((client) => client.evolution(version, measure, { by })));
      sameEvolution(mine, other, `${version} ${measure} by ${by}, plausible`);
      const some = (path) => !path.OS?.startsWith("W") || path.arch === "x86";
      sameEvolution(mine.filter(some), other.filter(some), `${version} ${measure} by ${by}, by a predicate`);
    }
    sameEvolution(
      await found.loadEvolutionOverBuilds(version, measure),
      await wanted.loadEvolutionOverBuilds(version, measure),
      `${version} ${measure}`,
    );
    sameEvolution(
      await found.loadEvolutionOverTime(version, measure),
      await wanted.loadEvolutionOverTime(version, measure),
      `${version} ${measure}`,
    );
  }
}
console.log(JSON.stringify(COUNTED));
