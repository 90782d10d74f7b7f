/** Ranges of dates as text. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { endsOf, isRange, rangeName, rangeOf } from "../../../js/models/ranges.js";

test("two days in any order are one range", () => {
  assert.equal(rangeOf("2013-10-05", "2013-10-01"), "2013-10-01..2013-10-05");
  assert.deepEqual(endsOf("2013-10-01..2013-10-05"), ["2013-10-01", "2013-10-05"]);
  assert.equal(rangeName("2013-10-01..2013-10-05"), "2013-10-01 to 2013-10-05");
});

test("only days of the calendar make a range", () => {
  assert.equal(isRange("2013-10-05..2013-10-01"), true);
  for (const bad of ["", "a..b", "2013-10-01", "2013-02-30..2013-03-01", "2013-10-01..2013-10-02..2013-10-03"])
    assert.equal(isRange(bad), false, bad);
});
