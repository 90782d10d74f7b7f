/** Readable names of options. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { optionName } from "../../../js/models/names.js";

test("readable names", () => {
  assert.equal(optionName("osVersion", "WINNT/6.1"), "Windows 7 (6.1)");
  assert.equal(optionName("osVersion", "Darwin/13.0.0"), "OS X 10.9 Mavericks (13.0.0)");
  assert.equal(optionName("osVersion", "BeOS/5"), "BeOS 5");
  assert.equal(optionName("OS", "constructor"), "constructor");
  assert.equal(optionName("OS", "OTHER"), "small populations (OTHER)");
  assert.equal(optionName("arch", ""), "(empty)");
});
