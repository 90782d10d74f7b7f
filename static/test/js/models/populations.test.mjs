/** Which populations a choice means, and what each option would leave. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { accepts, mergedPopulations, optionsWithCounts } from "../../../js/models/populations.js";

const populations = [
  { path: { OS: "WINNT", osVersion: "6.1", arch: "x86" }, submissions: 5 },
  { path: { OS: "Linux", osVersion: "6.1", arch: "x86" }, submissions: 3 },
  { path: { OS: "Linux", osVersion: "3.8", arch: "arm" }, submissions: 2 },
];

test("an OS version belongs to its OS", () => {
  const kept = (filters) => populations.filter(({ path }) => accepts(filters)(path)).length;
  assert.deepEqual(
    [kept({ osVersion: ["Linux/6.1"] }), kept({ osVersion: ["6.1"] }), kept({ OS: [] }), kept({ nothing: ["x"] })],
    [1, 2, 3, 0],
  );
});

test("counts follow the other filters, and a choice without data stays with 0", () => {
  assert.deepEqual(optionsWithCounts(populations, "OS", { arch: ["arm"], OS: ["BeOS"] }), [
    { option: "Linux", submissions: 2 },
    { option: "BeOS", submissions: 0 },
    { option: "WINNT", submissions: 0 },
  ]);
});

test("the same path of two measures counts together", () => {
  assert.equal(mergedPopulations([populations, populations])[0].submissions, 10);
});
