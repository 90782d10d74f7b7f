/** What is handed out: generated files as the sources give them, a package that packs, a script for pages of 2014. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import vm from "node:vm";

const here = dirname(dirname(fileURLToPath(import.meta.url)));
const text = (name) => readFileSync(`${here}/${name}`, "utf8");

test("the committed telemetry.js and telemetry.mjs are what the sources give", () => {
  execFileSync(process.execPath, ["build.mjs", "--check"], { cwd: here });
});

test("npm packs the library, its types and nothing of the page", () => {
  const said = execFileSync("npm", ["pack", "--dry-run", "--json"], { cwd: here, encoding: "utf8" });
  const found = JSON.parse(said);
  const [{ files }] = Array.isArray(found) ? found : Object.values(found);
  const names = files.map(({ path }) => path);
  for (const name of [
    "telemetry.js",
    "telemetry.mjs",
    "telemetry.d.ts",
    "telemetry.d.mts",
    "package.json",
    "README.md",
  ])
    assert.ok(names.includes(name), name);
  assert.deepEqual(
    names.filter((name) => name.includes("/")),
    [],
  );
});

test("minified and gzipped it is below 20 KB", () => {
  assert.ok(gzipSync(text("telemetry.min.js"), { level: 9 }).length < 20 * 1024);
});

test("the types fit the library, and a program that uses all of it", () => {
  execFileSync(
    `${here}/node_modules/.bin/tsc`,
    [
      "--noEmit",
      "--strict",
      "--target",
      "es2022",
      "--module",
      "nodenext",
      "--moduleResolution",
      "nodenext",
      "--skipLibCheck",
      "--lib",
      "es2022,dom",
      "test/types.mts",
      "test/types.cts",
    ],
    { cwd: here, encoding: "utf8", stdio: "pipe" },
  );
});

/** Runs telemetry.js as a classic script in a page; gives its global. */
function asScript({ base, origin = "http://page" } = {}) {
  const document = { currentScript: { dataset: base === undefined ? {} : { base } } };
  const page = vm.createContext({
    document,
    location: { origin },
    setTimeout,
    clearTimeout,
    queueMicrotask,
    structuredClone,
    URL,
  });
  vm.runInContext(text("telemetry.js"), page);
  return page.Telemetry;
}

for (const [where, options, wanted] of [
  ["the script tag's data-base", { base: "http://data/x/" }, "http://data/x/versions.json"],
  ["the page's own origin", {}, "http://page/versions.json"],
]) {
  test(`a script reads from ${where}`, async () => {
    const Telemetry = asScript(options);
    const asked = [];
    Telemetry.getUrl = (url, callback) => {
      asked.push(url);
      if (url.endsWith("/latest.json")) callback(Object.assign(new Error(url), { code: "http", status: 404 }));
      else callback(null, { "nightly/28": "current/1/nightly/28" });
    };
    await Telemetry.init();
    const beside = (name) => wanted.replace("versions.json", name);
    assert.deepEqual(asked.sort(), [beside("latest-current.json"), beside("latest.json"), wanted]);
    assert.equal(Telemetry.versions().join(), "nightly/28");
  });
}
