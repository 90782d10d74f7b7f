/** A published bucket in memory, and a getUrl hook that serves it and counts requests. */

const SUMS_UNKNOWN = [-1, -1, -1, -1, -1];

export const definitions = {
  LINEAR: { kind: "linear", description: "Linear <b>", low: 10, high: 100, n_buckets: 11 },
  EXPONENTIAL: { kind: "exponential", description: "Exponential", low: 1, high: 30000, n_buckets: 50 },
  CHOICE: {
    kind: "enumerated",
    description: "Enumerated",
    n_values: 4,
    original_kind: "categorical",
    labels: ["shown", "dismissed"],
  },
  YES: { kind: "boolean", description: "Boolean" },
  EMPTY: { kind: "flag", description: "No data" },
  SIMPLE_MEASURES_UPTIME: { kind: "exponential", description: "Simple", low: 1, high: 30000, n_buckets: 50 },
};

export const tree = {
  _id: 0,
  name: "reason",
  saved_session: {
    _id: 1,
    name: "OS",
    WINNT: { _id: 2, name: "arch", x86: { _id: 3 }, "x86-64": { _id: 4 } },
    Linux: { _id: 5, name: "arch", "x86-64": { _id: 6 } },
  },
  idle_daily: { _id: 7, name: "OS", Darwin: { _id: 8, name: "arch", "x86-64": { _id: 9 } } },
};

/** A row: counts, sums (unknown where not given), submissions, filter id. */
export const row = (counts, submissions, id, sums = SUMS_UNKNOWN) => [...counts, ...sums, submissions, id];

const choice = {
  20131101: [row([1, 2, 0, 0, 0], 2, 3), row([0, 3, 1, 0, 0], 3, 4)],
  20131102: [row([0, 0, 5, 0, 0], 4, 6)],
  20131231: [row([0, 0, 0, 7, 0], 7, 9)],
};

/** A verdict of the publisher: nightly/1024 and builds of December are implausible. */
export const latest = {
  current: "20131201120000",
  versions: ["nightly/28"],
  usual: "nightly/28",
  implausible: {
    versions: { nightly: { first: "1024", last: "28", number: 1, pings: 1 } },
    dates: { "nightly/28": { "by-build-date": { first: "20131101", last: "20131102", number: 1, pings: 7 } } },
  },
};

export function bucket() {
  const folder = "current/20131201120000/nightly/28";
  return {
    "versions.json": {
      "nightly/28": folder,
      "nightly/9": "current/20131201120000/nightly/9",
      "aurora/10": "current/20131201120000/aurora/10",
      "not a version": "x",
    },
    [`${folder}/histograms.json`]: definitions,
    [`${folder}/filter-tree.json`]: tree,
    [`${folder}/CHOICE-by-build-date.json`]: choice,
    [`${folder}/CHOICE-by-submission-date.json`]: { 20131105: choice[20131101] },
    [`${folder}/EMPTY-by-build-date.json`]: {},
    [`${folder}/measures.json`]: { schema: 1, measures: {} },
  };
}

/** {getUrl, requests}: answers from `files` below http://data/, 404 elsewhere. */
export function serving(files, requests = []) {
  const getUrl = (url, callback) => {
    requests.push(url);
    const path = url.replace("http://data/", "");
    queueMicrotask(() => {
      if (path in files) callback(null, structuredClone(files[path]));
      else callback(Object.assign(new Error(`${url} answers 404`), { code: "http", status: 404 }));
    });
  };
  return { getUrl, requests };
}
