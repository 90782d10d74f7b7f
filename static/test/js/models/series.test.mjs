/** The series of a state. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseState } from "../../../js/state.js";
import { seriesOf } from "../../../js/models/series.js";

const populations = [
  { path: { OS: "WINNT", osVersion: "6.1", arch: "x86" }, submissions: 5 },
  { path: { OS: "Linux", osVersion: "6.1", arch: "x86" }, submissions: 3 },
  { path: { OS: "Linux", osVersion: "3.8", arch: "arm" }, submissions: 2 },
];

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
