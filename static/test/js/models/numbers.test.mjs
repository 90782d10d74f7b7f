/** Numbers as people read them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { formatFigure, formatShare } from "../../../js/models/numbers.js";

test("figures have four digits, nothing known a dash", () => {
  assert.deepEqual(
    [formatFigure(0.0123456), formatFigure(12.3456), formatFigure(1234567), formatFigure(NaN)],
    ["0.01235", "12.35", "1,234,567", "–"],
  );
  assert.deepEqual([formatShare(0.12345), formatShare(0.00001), formatShare(0)], ["12.3 %", "<0.01 %", "0 %"]);
});
