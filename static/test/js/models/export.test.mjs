/** Files: CSV and JSON. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { toCsv, toJson } from "../../../js/models/export.js";

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
