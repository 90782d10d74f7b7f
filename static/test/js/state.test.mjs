/** The address: read, and written the same. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { formatState, parseState } from "../../js/state.js";

for (const hash of [
  "",
  "#measure=GC_MS&version=nightly/28,nightly/27&compare=OS&show=median,p95,b3&by=submission" +
    "&from=2013-10-01&to=2013-10-05&OS=WINNT,Darwin",
  "#range=2013-10-01..2013-10-02&axis=log&unit=count&cumulative=1&trim=0&lowvolume=all&embed=1",
  "#osVersion=WINNT/6.1&filter.view=a%2Cb+c",
  "#pin=OS:Darwin+WINNT;arch:x86,*,osVersion:WINNT/6.1&OS=Linux",
]) {
  test(`'${hash}' is read and written the same`, () => {
    const { state, notices } = parseState("", hash);
    assert.deepEqual(notices, []);
    assert.equal(formatState(state), hash);
  });
}

test("options with commas, ampersands, blanks and per cent signs survive", () => {
  const filters = { OS: ["a,b", "c&d=e", "f g", "100%", "+", "ä/ö"], __proto__x: ["1"] };
  const { state } = parseState("", "");
  assert.deepEqual(parseState("", formatState({ ...state, filters })).state.filters, filters);
});

test("the hash wins over the query string", () => {
  assert.equal(parseState("?by=build&embed=1", "#by=submission").state.by, "submission");
  assert.equal(parseState("?by=build&embed=1", "#by=submission").state.embed, true);
});

test("every kind of bad input is a notice", () => {
  const { notices } = parseState("", "#version=x&from=2013-02-30&show=pp&by=moon&range=a..b&q=%E0");
  assert.equal(notices.length, 7);
  assert.match(notices.join(), /the page chose one/);
});
