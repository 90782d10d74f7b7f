/** Points and lines over dates. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDay, parseDay, parseStamp } from "../../../js/models/dates.js";
import { figureOf } from "../../../js/models/figures.js";
import { aligned, fillingFrom, lineOf, pointsOf } from "../../../js/models/lines.js";
import { evolutionOf } from "../../evolutions.mjs";

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
