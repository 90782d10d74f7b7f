/** How versions and files are named. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { KINDS_OF_DATE, isCategorical, isVersion } from "../../telemetry.mjs";

test("a version is a channel, a slash and a number", () => {
  for (const good of ["nightly/28", "a_b/1"]) assert.equal(isVersion(good), true, good);
  for (const bad of ["nightly", "nightly/", "nightly/28/x", "nightly/28a", "a-b/1", ""])
    assert.equal(isVersion(bad), false, bad);
});

test("kinds of date and categorical kinds", () => {
  assert.deepEqual(KINDS_OF_DATE, { build: "by-build-date", submission: "by-submission-date" });
  const kinds = ["boolean", "flag", "enumerated", "linear", "exponential"];
  assert.deepEqual(kinds.filter(isCategorical), ["boolean", "flag", "enumerated"]);
});
