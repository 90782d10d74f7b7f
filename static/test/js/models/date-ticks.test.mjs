/** Where dates are written on an axis. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { STEPS, tickNames, ticksBetween } from "../../../js/models/date-ticks.js";

const at = (text) => Date.parse(text) / 1000;
/** As the chart chooses: the smallest step that leaves room for `most` ticks. */
const written = (low, high, most = 12) => {
  const step = STEPS.find((each) => (at(high) - at(low)) / each <= most);
  return tickNames(ticksBetween(at(low), at(high), step), step);
};

test("any span has them, from a day to all of the calendar", () => {
  for (const [low, high] of [
    ["2014-02-01", "2014-02-02"],
    ["2014-02-01", "2014-02-28"],
    ["1995-03-01", "2025-06-01"],
    ["1970-01-01", "2099-12-31"],
    ["0001-01-01", "9999-12-31"],
  ]) {
    const names = written(low, high);
    assert.ok(names.length >= 2 && names.length <= 14, `${low}: ${names}`);
  }
});

test("years begin on 1 January and do not drift", () => {
  assert.deepEqual(written("1995-01-15", "2025-01-07"), ["2000", "2005", "2010", "2015", "2020", "2025"]);
  assert.deepEqual(written("1970-01-01", "2099-12-31", 8), ["1980", "2000", "2020", "2040", "2060", "2080"]);
  for (const step of STEPS.slice(-12)) {
    for (const time of ticksBetween(at("1900-05-05"), at("2400-01-01"), step))
      assert.match(new Date(time * 1000).toISOString(), /-01-01T00:00:00/);
  }
});

test("months begin on their first, days at midnight; the year where it begins or changes", () => {
  assert.deepEqual(written("2013-10-20", "2014-03-10", 6), ["1 Nov\n2013", "1 Dec", "1 Jan\n2014", "1 Feb", "1 Mar"]);
  assert.deepEqual(written("2014-02-01", "2014-02-28", 4), ["1 Feb\n2014", "8 Feb", "15 Feb", "22 Feb"]);
  assert.equal(ticksBetween(10, 5, STEPS[0]).length, 0);
});
