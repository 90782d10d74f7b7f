/** The formatter has nothing to change. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { test } from "node:test";

const here = fileURLToPath(new URL("..", import.meta.url));

test("all scripts and styles are formatted: npm run format", () => {
  const run = spawnSync("node_modules/.bin/prettier", ["--list-different", "."], { cwd: here, encoding: "utf8" });
  assert.deepEqual([run.stdout, run.stderr, run.status], ["", "", 0]);
});
