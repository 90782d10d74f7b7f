/** Days, stamps and how long ago. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ago, formatDay, parseDay, parseStamp } from "../../../js/models/dates.js";

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
