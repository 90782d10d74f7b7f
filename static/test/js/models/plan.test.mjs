/** What the evolution section draws. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseStamp } from "../../../js/models/dates.js";
import { bucketAround } from "../../../js/models/lines.js";
import { figuresFor, legendOf, planOf, readingOf } from "../../../js/models/plan.js";
import { parseState } from "../../../js/state.js";
import { evolutionOf } from "../../evolutions.mjs";

const days = {
  20131101: [[0, 4, 0, 0], 1000],
  20131102: [[0, 0, 2, 0], 3],
  20131103: [[0, 4, 0, 0], 1000],
  20131104: [[0, 8, 0, 0], 900],
};
const stateOf = (hash) => parseState("", hash).state;
const series = (label, color, version = "nightly/28", kind = "linear") => ({
  label,
  color,
  version,
  about: { kind },
  evolution: evolutionOf(days),
});
const tokens = (figures) => figures.map(({ token }) => token);
const published = parseStamp("20131106120000");

test("the figures that were chosen, as far as they mean something for the kind; else the usual ones", () => {
  assert.deepEqual(tokens(figuresFor(stateOf("#show=p5,mean"), series("a", 0))), ["p5", "mean"]);
  assert.deepEqual(tokens(figuresFor(stateOf(""), series("a", 0))), ["median", "p95", "submissions"]);
  const boolean = series("a", 0, "nightly/28", "boolean");
  assert.deepEqual(tokens(figuresFor(stateOf("#show=p5,submissions"), boolean)), ["b1", "submissions"]);
  assert.deepEqual(tokens(figuresFor(stateOf("#show=submissions"), boolean)), ["submissions"]);
});

test("a chart for each unit that has lines", () => {
  const { dates, charts, lines } = planOf(stateOf("#show=median,samples"), [series("a", 0)], published);
  assert.equal(dates.length, 4);
  assert.deepEqual(
    charts.map(({ unit, lines: found }) => [unit, found.length]),
    [
      ["value", 1],
      ["count", 1],
    ],
  );
  assert.deepEqual(
    lines.map(({ color }) => color),
    [0, 6],
  );
});

test("of several series a line has its series' colour, and only the first figure of a unit is strong", () => {
  const { lines } = planOf(stateOf("#show=median,p95"), [series("a", 0), series("b", 5)], published);
  assert.deepEqual(
    lines.map(({ label, color, faint }) => [label, color, faint]),
    [
      ["a median", 0, false],
      ["b median", 5, false],
      ["a p95", 0, true],
      ["b p95", 5, true],
    ],
  );
});

test("where versions begin is marked, if there are several", () => {
  const both = [series("a", 0), series("b", 1, "nightly/29")];
  const { charts } = planOf(stateOf("#show=median"), both, published);
  assert.deepEqual(
    charts[0].marks.map(({ label }) => label),
    ["nightly 28", "nightly 29"],
  );
  assert.deepEqual(planOf(stateOf("#show=median"), both.slice(0, 1), published).charts[0].marks, []);
});

test("the legend explains the marks that are drawn, and a reading the point that is asked for", () => {
  const { lines } = planOf(stateOf("#show=median"), [series("a", 0)], published);
  assert.deepEqual(
    legendOf(lines).map((text) => text.split(":")[0]),
    ["Pale rings", "Dashed"],
  );
  const early = planOf(stateOf("#show=median&to=2013-11-01"), [series("a", 0)], published).lines;
  assert.deepEqual(legendOf(early), []);
  const [first, low] = [0, 1].map((index) => readingOf(lines[0], index, bucketAround));
  assert.deepEqual([first.value, first.bucket, first.note], [15, [10, 20], ""]);
  assert.match(low.note, /^low volume: 3 pings/);
  const last = readingOf(lines[0], 3, bucketAround);
  assert.equal(last.note, "still filling");
  assert.deepEqual(readingOf({ ...lines[0], at: [null] }, 0, bucketAround), {
    line: { ...lines[0], at: [null] },
    value: null,
    point: null,
    bucket: null,
    note: "no data on this date",
  });
});
