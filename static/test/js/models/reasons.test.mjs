/** Why a chart is empty. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyReason } from "../../../js/models/reasons.js";

const facts = {
  measure: "GC_MS",
  version: "nightly/28",
  published: true,
  known: true,
  dates: 3,
  filtered: 2,
  filters: { OS: ["WINNT"] },
  from: null,
  to: null,
  by: "build",
};

test("each reason for an empty chart", () => {
  assert.match(emptyReason({ ...facts, published: false }), /not aggregated yet/);
  assert.match(emptyReason({ ...facts, known: false }), /There is no measure “GC_MS” in nightly 28/);
  assert.match(emptyReason({ ...facts, dates: 0 }), /nothing of it is aggregated yet/);
  assert.match(emptyReason({ ...facts, dates: 0, by: "submission" }), /more than 60 days/);
  assert.match(emptyReason({ ...facts, plausible: 0 }), /Only pings of implausible dates carried GC_MS in nightly 28/);
  assert.match(emptyReason({ ...facts, filtered: 0 }), /no pings of Windows/);
  assert.match(
    emptyReason({ ...facts, from: "2010-01-01", first: "2013-10-01", last: "2013-10-09" }),
    /between 2010-01-01 and now.*2013-10-01 to 2013-10-09/,
  );
});
