/** How fresh the data are. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDay, parseDay, parseStamp } from "../../../js/models/dates.js";
import { freshnessFacts, lateReason, totalsOf } from "../../../js/models/freshness.js";

test("late without a publish, late without pings, and in time", () => {
  const publishedAt = parseStamp("20131201120000");
  const hours = (count) => new Date(publishedAt.getTime() + count * 3600000);
  const health = {
    versions: {
      a: { files: 2, missing: 1, pings: 5, bad_lines: { x: 1 }, last_submission_date: "20131130" },
      b: { files: 1, missing: 0, pings: 1 },
    },
  };
  const totals = totalsOf(health, publishedAt);
  assert.deepEqual([totals.files, totals.missing, totals.pings, totals.badLines], [3, 1, 6, 1]);
  assert.equal(lateReason(totals, hours(47), 48), "");
  assert.match(lateReason(totals, hours(49), 48), /last publish was 2 days ago/);
  assert.match(lateReason({ ...totals, lastDay: parseDay("2013-11-20") }, hours(1), 48), /no pings have arrived for/);
  assert.equal(freshnessFacts(totals, hours(1)).length, 4);
  const odd = { ...health, implausible: { n: { first: "3", last: "28", number: 1, pings: 1 } } };
  odd.versions = { "n/28": { last_submission_date: "20131120" }, "n/1024": { last_submission_date: "20131130" } };
  assert.equal(
    formatDay(totalsOf(odd, publishedAt).lastDay),
    "2013-11-20",
    "one client's version must not hide that data are late",
  );
  assert.equal(freshnessFacts(totalsOf(odd, publishedAt), hours(1)).at(-1).value, "1 ping of 1 implausible version");
  assert.equal(freshnessFacts(totalsOf(null, null), hours(1)).length, 0);
});
