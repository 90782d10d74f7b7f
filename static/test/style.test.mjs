/** The formatter has nothing to change, the linter nothing to say, and the tests mirror the sources. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "node:test";

const here = fileURLToPath(new URL("..", import.meta.url));

for (const [what, command, ...options] of [
  ["all scripts and styles are formatted: npm run format", "prettier", "--list-different", "."],
  ["eslint finds nothing", "eslint", "--max-warnings", "0", "."],
]) {
  test(what, () => {
    const run = spawnSync(`node_modules/.bin/${command}`, options, { cwd: here, encoding: "utf8" });
    assert.deepEqual([run.stdout, run.stderr, run.status], ["", "", 0]);
  });
}

test("a test of a model is named after the model", () => {
  const names = readdirSync(`${here}test/js`, { recursive: true }).filter((name) => name.endsWith(".test.mjs"));
  assert.ok(names.length > 0);
  const lost = names.filter((name) => !existsSync(`${here}js/${name.replace(".test.mjs", ".js")}`));
  assert.deepEqual(lost, []);
});
