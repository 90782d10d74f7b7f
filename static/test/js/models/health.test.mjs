/** Rows of the health page. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { dayRows, oddDateLines, oddLines, overviewRows, reasonRows } from "../../../js/models/health.js";

const implausible = { nightly: { first: "1024", last: "28", number: 1, pings: 3 } };

test("a line for each version; what is not known is a dash, what nobody counted 0", () => {
  const { columns, rows } = overviewRows({
    versions: {
      "nightly/28": {
        files: 1200,
        missing: 2,
        pings: 34567,
        bad_lines: { "not-json": 3, "no-info": 4 },
        left_out: { "long-name": 5 },
        small_cells: 6,
        first_build_date: "20131029",
        last_build_date: "20131130",
        unknown_definitions: ["A", "B"],
      },
      "nightly/1024": {},
    },
    implausible,
  });
  const [known, odd] = rows.map((row) => Object.fromEntries(row.map((text, i) => [columns[i], text])));
  assert.deepEqual(known, {
    Version: "nightly/28",
    Files: "1,200",
    Missing: "2",
    Pings: "34,567",
    "Bad lines": "7",
    "Left out": "5",
    "Small cells": "6",
    "First build": "2013-10-29",
    "Last build": "2013-11-30",
    "Last submission": "–",
    "Unknown definitions": "2",
  });
  assert.deepEqual(Object.values(odd), [
    "nightly/1024 (implausible)",
    ...["–", "–", "–", "0", "0", "0", "–", "–", "–", "0"],
  ]);
});

test("days come newest first", () => {
  const { rows } = dayRows({ days: { 20131101: { files: 1, pings: 2, bad_lines: 0 }, 20131102: { files: 3 } } });
  assert.deepEqual(rows, [
    ["2013-11-02", "3", "–", "–"],
    ["2013-11-01", "1", "2", "0"],
  ]);
  assert.deepEqual(dayRows({}).rows, []);
});

test("what is kept and not shown by default, in sentences", () => {
  assert.deepEqual(oddLines({ implausible }), [
    "3 pings of 1 implausible version of nightly, after nightly 28: kept, and not shown by default.",
  ]);
  const dates = { "by-build-date": { first: "20131101", last: "20131102", number: 2, pings: 1 } };
  assert.deepEqual(oddDateLines({ implausible: dates }), [
    "1 ping of 2 implausible build dates, outside 2013-11-01 to 2013-11-02: kept, and not shown by default.",
  ]);
  assert.match(oddDateLines({ implausible: { "by-submission-date": dates["by-build-date"] } })[0], /submission dates/);
  assert.deepEqual([oddLines({}), oddDateLines({})], [[], []]);
});

test("reasons with their numbers, those of nothing left away", () => {
  const { rows } = reasonRows({
    bad_lines: { "not-json": 2000, "no-info": 0 },
    left_out: { "long-name": 1 },
    collapsed: [
      { reason: "not-allowed", dimension: "OS", number: 2, pings: 30 },
      { reason: "too-many-cells", dimension: "", number: 4, pings: 5 },
      { reason: "too-many-measures", dimension: "", number: 6, pings: 7000 },
    ],
  });
  assert.deepEqual(rows, [
    ["not-json", "whole lines", "2,000"],
    ["long-name", "parts of pings", "1"],
    ["not-allowed", "options of OS, shown as OTHER", "2 (30 pings)"],
    ["too-many-cells", "populations, shown as OTHER", "4 (5 pings)"],
    ["too-many-measures", "measures, not shown", "6 (7,000 records)"],
  ]);
  assert.deepEqual(reasonRows({}).rows, []);
});
