/** What is said of implausible versions and dates. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isInside, oddButton, oddText } from "../../../js/models/odd.js";

test("what is said of it", () => {
  assert.equal(oddText({ number: 2, pings: 3 }, "version"), "3 pings of 2 implausible versions");
  assert.equal(oddButton({ number: 1, pings: 3 }, "date", false), "Show 1 implausible date");
  assert.equal(oddText({ number: 0, pings: 0 }, "date"), "");
  assert.deepEqual(
    ["2013-10-31", "2013-11-01", "2013-11-02", "2013-11-03"].map((day) =>
      isInside(day, { first: "20131101", last: "20131102" }),
    ),
    [false, true, true, false],
  );
  assert.equal(isInside("2099-01-01", null), true);
});
