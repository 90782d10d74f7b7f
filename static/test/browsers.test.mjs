/**
 * Nothing in the page or in telemetry.js is newer than the browsers that package.json names: syntax is lowered by the
 * build, functions are not.
 */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { ESLint } from "eslint";
import esX from "eslint-plugin-es-x";

const here = fileURLToPath(new URL("..", import.meta.url));

/**
 * ES2023 begins where Safari 16.4 and Firefox 115 end in parts (findLast is there, Object.groupBy is not): nothing of
 * it is used.
 */
const newer = [
  "es2023",
  "es2024",
  "es2025",
  "esnext",
  "es2023-intl-api",
  "es2024-intl-api",
  "es2025-intl-api",
  "esnext-intl-api",
];
// methods of iterators that arrays have had for long, and a setting of the page: names alone do not tell them apart
const alike = /iterator-prototype-(every|filter|find|flatmap|foreach|map|reduce|some)$|set-prototype-difference$/;
const rules = Object.fromEntries(
  newer
    .flatMap((edition) => Object.entries(esX.configs[`flat/no-new-in-${edition}`].rules))
    .filter(([name]) => !alike.test(name)),
);
const eslint = new ESLint({
  cwd: here,
  overrideConfigFile: true,
  overrideConfig: [
    {
      files: ["**/*.js", "**/*.mjs"],
      plugins: { "es-x": esX },
      rules,
      settings: { "es-x": { aggressive: true } },
      linterOptions: { noInlineConfig: true },
    },
  ],
});
const faultsOf = (results) =>
  results.flatMap(({ filePath, messages }) =>
    messages.map(({ line, message }) => `${filePath.replace(here, "")}:${line} ${message}`),
  );

test("the sources use no function that is newer", async () => {
  assert.deepEqual(
    faultsOf(await eslint.lintFiles(["js/**/*.js", "telemetry/*.mjs", "telemetry.js", "telemetry.mjs"])),
    [],
  );
});

test("the check finds such functions, on any object", async () => {
  for (const [text, found] of [
    ["Object.groupBy([], String);", /groupBy/],
    ["export const f = (list) => list.toSorted();", /toSorted/],
    ["export const f = (list) => list.findLast(Boolean);", /findLast/],
    ["Array.fromAsync([]);", /fromAsync/],
    ["Promise.withResolvers();", /withResolvers/],
    ["export const f = (a, b) => a.isSubsetOf(b);", /isSubsetOf/],
  ]) {
    assert.match(faultsOf(await eslint.lintText(text, { filePath: `${here}js/x.js` })).join(), found);
  }
});

test("the build lowers syntax for the browsers that are named, and the documentation names the same", () => {
  const { browserslist } = JSON.parse(readFileSync(`${here}package.json`, "utf8"));
  assert.deepEqual(browserslist, ["chrome >= 115", "edge >= 115", "firefox >= 115", "safari >= 16.4"]);
  assert.match(
    readFileSync(`${here}../docs/dashboard.md`, "utf8"),
    /Chrome and Edge 115, Firefox 115 and Safari 16\.4/,
  );
});

test("styles use nothing newer either", () => {
  for (const file of readdirSync(`${here}css`)) {
    const text = readFileSync(`${here}css/${file}`, "utf8");
    assert.doesNotMatch(
      text,
      /:has\(|light-dark\(|field-sizing|@starting-style|@scope|anchor\(|text-wrap: *(balance|pretty)|&[ :.]/,
      file,
    );
  }
});
