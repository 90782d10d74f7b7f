/** Who gets which colour. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { MOST_SERIES, colorName, colorOfFigure, colored } from "../../../js/models/palette.js";

test("at most eight get a colour, in their order", () => {
  const found = colored(Array.from({ length: 9 }, (_, name) => ({ name })));
  assert.deepEqual(
    found.map(({ name, color }) => [name, color]),
    [0, 1, 2, 3, 4, 5, 6, 7].map((i) => [i, i]),
  );
});

test("pings and samples keep the last two colours, whatever else is drawn", () => {
  const of = (unit, token, index) => colorOfFigure({ unit, token }, index);
  assert.deepEqual([of("value", "median", 0), of("share", "b1", 3)], [0, 3]);
  assert.deepEqual([of("count", "submissions", 0), of("count", "samples", 0)], [7, 6]);
});

test("each colour is in the style sheet, light and dark", () => {
  const css = readFileSync(new URL("../../../css/base.css", import.meta.url), "utf8");
  const names = Array.from({ length: MOST_SERIES }, (_, i) => colorName(i));
  for (const name of names) assert.equal(css.split(`--${name}:`).length - 1, 3, name);
  assert.equal(new Set(css.match(/--series-\d+(?=:)/g)).size, MOST_SERIES);
  assert.equal(colorName(MOST_SERIES), names[0]);
});
