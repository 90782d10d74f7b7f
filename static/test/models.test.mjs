/** The page's models: plain functions, without a browser. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HistogramEvolution } from "../telemetry/index.mjs";
import { ago, formatDay, parseDay, parseStamp } from "../js/models/dates.js";
import { distributionOf, trimNotice } from "../js/models/distribution.js";
import { toCsv, toJson } from "../js/models/export.js";
import { defaultFigures, figureOf } from "../js/models/figures.js";
import { freshnessFacts, lateReason, totalsOf } from "../js/models/freshness.js";
import { aligned, fillingFrom, lineOf, pointsOf } from "../js/models/lines.js";
import { optionName } from "../js/models/names.js";
import { formatFigure, formatShare } from "../js/models/numbers.js";
import { filtersOfPin, pinOf } from "../js/models/pins.js";
import { accepts, mergedPopulations, optionsWithCounts } from "../js/models/populations.js";
import { positionsOf, ticksOf } from "../js/models/positions.js";
import { emptyReason } from "../js/models/reasons.js";
import { grouped, search, searchable, usualMeasure, usualVersion } from "../js/models/search.js";
import { seriesOf } from "../js/models/series.js";
import { formatState, parseState } from "../js/state.js";

const LINEAR = { kind: "linear", description: "", low: 10, high: 30, n_buckets: 4 };
const row = (counts, submissions) => [...counts, 0, -1, -1, -1, -1, submissions, 0];

/** An evolution of days {YYYYMMDD: [counts, submissions]}. */
const evolutionOf = (days, definition = LINEAR) =>
  HistogramEvolution.of(
    "X",
    definition,
    { _id: 0 },
    Object.fromEntries(Object.entries(days).map(([day, [counts, pings]]) => [day, [row(counts, pings)]])),
  );

describe("the address", () => {
  for (const hash of [
    "",
    "#measure=GC_MS&version=nightly/28,nightly/27&compare=OS&show=median,p95,b3&by=submission&from=2013-10-01&to=2013-10-05&OS=WINNT,Darwin",
    "#range=2013-10-01..2013-10-02&axis=log&unit=count&cumulative=1&trim=0&lowvolume=all&embed=1",
    "#osVersion=WINNT/6.1&filter.view=a%2Cb+c",
    "#pin=OS:Darwin+WINNT;arch:x86,*,osVersion:WINNT/6.1&OS=Linux",
  ]) {
    test(`'${hash}' is read and written the same`, () => {
      const { state, notices } = parseState("", hash);
      assert.deepEqual(notices, []);
      assert.equal(formatState(state), hash);
    });
  }

  test("options with commas, ampersands, blanks and per cent signs survive", () => {
    const filters = { OS: ["a,b", "c&d=e", "f g", "100%", "+", "ä/ö"], __proto__x: ["1"] };
    const { state } = parseState("", "");
    assert.deepEqual(parseState("", formatState({ ...state, filters })).state.filters, filters);
  });

  test("the hash wins over the query string", () => {
    assert.equal(parseState("?by=build&embed=1", "#by=submission").state.by, "submission");
    assert.equal(parseState("?by=build&embed=1", "#by=submission").state.embed, true);
  });

  test("every kind of bad input is a notice", () => {
    const { notices } = parseState("", "#version=x&from=2013-02-30&show=pp&by=moon&range=a..b&q=%E0");
    assert.equal(notices.length, 7);
    assert.match(notices.join(), /the page chose one/);
  });
});

describe("pinned populations", () => {
  test("any names and options survive, the order in which they were chosen does not", () => {
    for (const filters of [{}, { OS: ["a;b", "c:d", "e f", "ü/%"], "x:y": ["*"] }])
      assert.deepEqual(filtersOfPin(pinOf(filters)), filters);
    assert.equal(pinOf({ b: ["2", "1"], a: ["3"], c: [] }), pinOf({ a: ["3"], b: ["1", "2"] }));
  });

  test("what is no population is ignored with a notice", () => {
    for (const text of ["", "OS", "OS:", ":x", "OS:%E0", "a:b:c"]) assert.equal(filtersOfPin(text), null, text);
    const { state, notices } = parseState("", "#pin=OS,OS:WINNT,OS:WINNT");
    assert.deepEqual(state.pin, ["OS:WINNT"]);
    assert.equal(notices.length, 1);
  });

  test("they are series of their own, before the one that is filtered, and never twice", () => {
    const state = {
      ...parseState("", "#measure=A&version=n/1&pin=OS:WINNT;arch:x86,*").state,
      filters: { OS: ["Darwin"] },
    };
    const { series } = seriesOf(state, []);
    assert.deepEqual(
      series.map(({ filters }) => filters),
      [{ OS: ["WINNT"], arch: ["x86"] }, {}, { OS: ["Darwin"] }],
    );
    assert.deepEqual(
      series.map(({ label }) => label),
      ["Windows; x86 (32-bit)", "all populations", "macOS"],
    );
    assert.equal(seriesOf({ ...state, filters: {} }, []).series.length, 2);
  });
});

describe("dates and numbers", () => {
  test("days of the calendar only", () => {
    assert.equal(formatDay(parseDay("20131105")), "2013-11-05");
    for (const bad of ["2013-13-01", "2013-02-30", "x", "", null, "2013-1-1"]) assert.equal(parseDay(bad), null);
  });

  test("stamps and how long ago they were", () => {
    const stamp = parseStamp("20131201120000");
    assert.equal(stamp.toISOString(), "2013-12-01T12:00:00.000Z");
    assert.equal(parseStamp("2013"), null);
    const after = (minutes) => ago(stamp, new Date(stamp.getTime() + minutes * 60000));
    assert.deepEqual(
      [after(0), after(1), after(59), after(60), after(2 * 1440)],
      ["just now", "1 minute ago", "59 minutes ago", "1 hour ago", "2 days ago"],
    );
  });

  test("figures have four digits, nothing known a dash", () => {
    assert.deepEqual(
      [formatFigure(0.0123456), formatFigure(12.3456), formatFigure(1234567), formatFigure(NaN)],
      ["0.01235", "12.35", "1,234,567", "–"],
    );
    assert.deepEqual([formatShare(0.12345), formatShare(0.00001), formatShare(0)], ["12.3 %", "<0.01 %", "0 %"]);
  });
});

describe("search", () => {
  const entries = searchable({
    GC_MS: { description: "Time spent running JS GC (ms)", submissions: 10 },
    GC_SLICE_MS: { description: "Time spent in a slice", submissions: 99 },
    CYCLE_COLLECTOR: { description: "Time spent on one cycle collection (ms)", submissions: 5 },
    STARTUP_GC_MS: { description: "", submissions: 500 },
  });
  const names = (query) => search(entries, query).map(({ name }) => name);

  test("the exact name first, busier ones among equals, descriptions after names", () => {
    assert.equal(names("gc ms")[0], "GC_MS");
    assert.deepEqual(names("gcms").slice(0, 2), ["GC_MS", "STARTUP_GC_MS"]);
    assert.equal(names("cycle collection")[0], "CYCLE_COLLECTOR");
    assert.deepEqual(names("nothing at all"), []);
    assert.equal(names("").length, 4);
  });

  test("starred and recent ones come first, once, and only without a query", () => {
    const found = grouped(entries, {
      starred: ["GC_MS", "GONE"],
      recent: ["GC_MS", "CYCLE_COLLECTOR"],
      most: 10,
      searching: false,
    });
    assert.deepEqual(
      found.map(({ title, entries: members }) => [title, members.length]),
      [
        ["Starred", 1],
        ["Recent", 1],
        ["GC", 1],
        ["STARTUP", 1],
      ],
    );
    assert.equal(grouped(entries, { starred: ["GC_MS"], recent: [], most: 2, searching: true })[0].title, "GC");
  });

  test("what opens without a choice", () => {
    assert.equal(usualMeasure({ A: { kind: "flag", submissions: 9 }, B: { kind: "linear", submissions: 1 } }), "B");
    assert.equal(usualMeasure({ A: { kind: "flag", submissions: 9 } }), "A");
    assert.equal(usualMeasure({}), null);
    assert.equal(usualMeasure({ GC_MS: { kind: "exponential" }, B: { kind: "linear" } }), "GC_MS");
    assert.equal(
      usualMeasure({ GC_MS: { kind: "exponential", submissions: 1 }, B: { kind: "linear", submissions: 500 } }),
      "B",
      "one client decides nothing",
    );
    assert.equal(usualVersion(["aurora/99", "nightly/27", "nightly/28", "release/25"]), "nightly/28");
    assert.equal(usualVersion([]), null);
  });
});

describe("populations", () => {
  const populations = [
    { path: { OS: "WINNT", osVersion: "6.1", arch: "x86" }, submissions: 5 },
    { path: { OS: "Linux", osVersion: "6.1", arch: "x86" }, submissions: 3 },
    { path: { OS: "Linux", osVersion: "3.8", arch: "arm" }, submissions: 2 },
  ];

  test("an OS version belongs to its OS", () => {
    const kept = (filters) => populations.filter(({ path }) => accepts(filters)(path)).length;
    assert.deepEqual(
      [kept({ osVersion: ["Linux/6.1"] }), kept({ osVersion: ["6.1"] }), kept({ OS: [] }), kept({ nothing: ["x"] })],
      [1, 2, 3, 0],
    );
  });

  test("counts follow the other filters, and a choice without data stays with 0", () => {
    assert.deepEqual(optionsWithCounts(populations, "OS", { arch: ["arm"], OS: ["BeOS"] }), [
      { option: "Linux", submissions: 2 },
      { option: "BeOS", submissions: 0 },
      { option: "WINNT", submissions: 0 },
    ]);
  });

  test("the same path of two measures counts together", () => {
    assert.equal(mergedPopulations([populations, populations])[0].submissions, 10);
  });

  test("readable names", () => {
    assert.equal(optionName("osVersion", "WINNT/6.1"), "Windows 7 (6.1)");
    assert.equal(optionName("osVersion", "Darwin/13.0.0"), "OS X 10.9 Mavericks (13.0.0)");
    assert.equal(optionName("osVersion", "BeOS/5"), "BeOS 5");
    assert.equal(optionName("OS", "constructor"), "constructor");
    assert.equal(optionName("OS", "OTHER"), "small populations (OTHER)");
    assert.equal(optionName("arch", ""), "(empty)");
  });

  test("series are versions times measures times options, eight at most", () => {
    const state = { measure: ["A", "B"], version: ["n/1", "n/2", "n/3"], compare: "OS", pin: [], filters: {} };
    const { series, left } = seriesOf(state, populations);
    assert.deepEqual(
      seriesOf({ ...state, measure: ["A"], version: ["n/1"], compare: "locale" }, populations).series.map(
        ({ option }) => option,
      ),
      [null],
    );
    assert.deepEqual(
      [series.length, left, series[0].label, series[0].filters],
      [8, 4, "A · n 1 · Linux", { OS: ["Linux"] }],
    );
  });
});

describe("lines", () => {
  const days = {
    20131101: [[0, 4, 0, 0], 1000],
    20131102: [[0, 0, 2, 0], 3],
    20131103: [[0, 4, 0, 0], 1000],
    20131104: [[0, 8, 0, 0], 900],
  };

  test("few pings are told apart, and builds that are still filling", () => {
    const points = pointsOf(evolutionOf(days), { from: null, to: null, filling: parseDay("2013-11-04") });
    assert.deepEqual(
      points.map(({ low, filling }) => [low !== null, filling]),
      [
        [false, false],
        [true, false],
        [false, false],
        [false, true],
      ],
    );
    const line = lineOf({ label: "s" }, figureOf("median", "linear"), points, true, true);
    const drawn = aligned([line], false).lines[0];
    assert.deepEqual(
      [drawn.label, drawn.solid, drawn.dashed, drawn.dim],
      ["s median", [15, null, 15, null], [null, null, 15, 15], [null, 25, null, null]],
    );
    assert.deepEqual(aligned([line], true).lines[0].dim, [null, null, null, null]);
  });

  test("filling begins three builds before the publish, or on its day by submission", () => {
    const at = parseStamp("20131201120000");
    assert.deepEqual(
      [formatDay(fillingFrom(at, "build")), formatDay(fillingFrom(at, "submission")), fillingFrom(null, "build")],
      ["2013-11-28", "2013-12-01", null],
    );
  });

  test("a range of dates", () => {
    assert.equal(pointsOf(evolutionOf(days), { from: "2013-11-02", to: "2013-11-03", filling: null }).length, 2);
  });

  test("usual figures by kind", () => {
    assert.deepEqual(defaultFigures("flag"), ["b1", "submissions"]);
    assert.deepEqual(defaultFigures("exponential"), ["median", "p95", "submissions"]);
    const choice = evolutionOf({ 20131101: [[1, 5, 0, 9], 1] }, { kind: "enumerated", description: "", n_values: 3 });
    assert.deepEqual(defaultFigures("enumerated", choice.range()), ["b3", "b1", "b0", "submissions"]);
    assert.equal(figureOf("p99.9", "linear").label, "99.9th percentile");
    assert.deepEqual(
      [figureOf("p1", "linear").label, figureOf("p22", "linear").label, figureOf("nope", "linear")],
      ["1st percentile", "22nd percentile", null],
    );
  });
});

describe("distributions", () => {
  const a = evolutionOf({ 20131101: [[0, 6, 2, 2], 1] }).range();
  const b = evolutionOf({ 20131101: [[0, 1, 1, 2], 1] }).range();
  const options = { unit: "share", cumulative: false, difference: false, trim: false };
  const values = (given) =>
    distributionOf([a, b], { ...options, ...given }).bars.map((bar) =>
      bar.values.map((value) => Number(value.toFixed(6))),
    );

  test("shares, counts, sums and differences", () => {
    assert.deepEqual(values({}), [
      [0, 0],
      [0.6, 0.25],
      [0.2, 0.25],
      [0.2, 0.5],
    ]);
    assert.deepEqual(values({ unit: "count" }), [
      [0, 0],
      [6, 1],
      [2, 1],
      [2, 2],
    ]);
    assert.deepEqual(values({ cumulative: true }).at(-1), [1, 1]);
    assert.deepEqual(values({ difference: true }), [
      [0, 0],
      [0, -0.35],
      [0, 0.05],
      [0, 0.3],
    ]);
  });

  test("empty tails are trimmed to no fewer than three bars, and told", () => {
    const { bars, trimmed } = distributionOf([a], { ...options, trim: true });
    assert.deepEqual(
      [bars.length, trimmed.before, trimNotice(trimmed)],
      [3, 1, "1 at the start left out: empty buckets."],
    );
    const one = evolutionOf({ 20131101: [[7, 0, 0, 0], 1] }).range();
    assert.equal(distributionOf([one], { ...options, trim: true }).bars.length, 3);
    assert.equal(trimNotice({ before: 0, after: 0, share: 0 }), "");
    assert.match(
      trimNotice({ before: 1, after: 2, share: 1e-5 }),
      /1 at the start and 2 at the end left out: buckets with less/,
    );
  });

  test("positions: logarithmic bars look alike, zero is drawn as wide as its neighbour", () => {
    const bars = [
      { start: 0, end: 1 },
      { start: 1, end: 10 },
      { start: 10, end: 100 },
    ];
    assert.deepEqual(positionsOf(bars, "log"), [
      [-1, 0],
      [0, 1],
      [1, 2],
    ]);
    assert.deepEqual(positionsOf(bars, "linear"), [
      [0, 1],
      [1, 10],
      [10, 100],
    ]);
    assert.deepEqual(positionsOf(bars, "equal"), [
      [0, 1],
      [1, 2],
      [2, 3],
    ]);
    assert.deepEqual(
      ticksOf(bars, positionsOf(bars, "log"), "log", "exponential", 9).map(({ label }) => label),
      ["0", "1", "2", "5", "10", "20", "50", "100"],
    );
    assert.equal(ticksOf(bars, [], "linear", "linear", 9), null);
    assert.deepEqual(ticksOf(bars.slice(0, 2), [], "equal", "boolean", 9), [
      { at: 0.5, label: "false" },
      { at: 1.5, label: "true" },
    ]);
  });
});

describe("trust", () => {
  const facts = {
    measure: "GC_MS",
    version: "nightly/28",
    published: true,
    known: true,
    dates: 3,
    filtered: 2,
    filters: { OS: ["WINNT"] },
    from: null,
    to: null,
    by: "build",
  };

  test("each reason for an empty chart", () => {
    assert.match(emptyReason({ ...facts, published: false }), /not aggregated yet/);
    assert.match(emptyReason({ ...facts, known: false }), /There is no measure “GC_MS” in nightly 28/);
    assert.match(emptyReason({ ...facts, dates: 0 }), /nothing of it is aggregated yet/);
    assert.match(emptyReason({ ...facts, dates: 0, by: "submission" }), /more than 60 days/);
    assert.match(
      emptyReason({ ...facts, plausible: 0 }),
      /Only pings of implausible dates carried GC_MS in nightly 28/,
    );
    assert.match(emptyReason({ ...facts, filtered: 0 }), /no pings of Windows/);
    assert.match(
      emptyReason({ ...facts, from: "2010-01-01", first: "2013-10-01", last: "2013-10-09" }),
      /between 2010-01-01 and now.*2013-10-01 to 2013-10-09/,
    );
  });

  test("late without a publish, late without pings, and in time", () => {
    const publishedAt = parseStamp("20131201120000");
    const hours = (count) => new Date(publishedAt.getTime() + count * 3600000);
    const health = {
      versions: {
        a: { files: 2, missing: 1, pings: 5, bad_lines: { x: 1 }, last_submission_date: "20131130" },
        b: { files: 1, missing: 0, pings: 1 },
      },
    };
    const totals = totalsOf(health, publishedAt);
    assert.deepEqual([totals.files, totals.missing, totals.pings, totals.badLines], [3, 1, 6, 1]);
    assert.equal(lateReason(totals, hours(47), 48), "");
    assert.match(lateReason(totals, hours(49), 48), /last publish was 2 days ago/);
    assert.match(lateReason({ ...totals, lastDay: parseDay("2013-11-20") }, hours(1), 48), /no pings have arrived for/);
    assert.equal(freshnessFacts(totals, hours(1)).length, 4);
    const odd = { ...health, implausible: { n: { first: "3", last: "28", number: 1, pings: 1 } } };
    odd.versions = { "n/28": { last_submission_date: "20131120" }, "n/1024": { last_submission_date: "20131130" } };
    assert.equal(
      formatDay(totalsOf(odd, publishedAt).lastDay),
      "2013-11-20",
      "one client's version must not hide that data are late",
    );
    assert.equal(freshnessFacts(totalsOf(odd, publishedAt), hours(1)).at(-1).value, "1 ping of 1 implausible version");
    assert.equal(freshnessFacts(totalsOf(null, null), hours(1)).length, 0);
  });
});

describe("files", () => {
  test("CSV is quoted, numbers are whole, nothing known is empty, formulas are disarmed", () => {
    assert.equal(
      toCsv({
        columns: ["a", "b"],
        rows: [
          ['x,"y"', 0.1 + 0.2],
          [NaN, null],
          ["=1", -1],
        ],
      }),
      'a,b\r\n"x,""y""",0.30000000000000004\r\n,\r\n\'=1,-1\r\n',
    );
  });

  test("JSON tells what was asked for and gives null for nothing known", () => {
    assert.deepEqual(JSON.parse(toJson({ about: { by: "build" }, columns: ["v"], rows: [[NaN], [1]] })), {
      by: "build",
      rows: [{ v: null }, { v: 1 }],
    });
  });
});
