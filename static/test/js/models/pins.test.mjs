/** Populations kept in the address, and the series that they make. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { filtersOfPin, pinOf } from "../../../js/models/pins.js";
import { parseState } from "../../../js/state.js";

test("any names and options survive, the order in which they were chosen does not", () => {
  for (const filters of [{}, { OS: ["a;b", "c:d", "e f", "ü/%"], "x:y": ["*"] }])
    assert.deepEqual(filtersOfPin(pinOf(filters)), filters);
  assert.equal(pinOf({ b: ["2", "1"], a: ["3"], c: [] }), pinOf({ a: ["3"], b: ["1", "2"] }));
});

test("what is no population is ignored with a notice", () => {
  for (const text of ["", "OS", "OS:", ":x", "OS:%E0", "a:b:c"]) assert.equal(filtersOfPin(text), null, text);
  const { state, notices } = parseState("", "#pin=OS,OS:WINNT,OS:WINNT");
  assert.deepEqual(state.pin, ["OS:WINNT"]);
  assert.equal(notices.length, 1);
});
