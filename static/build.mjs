/**
 * Makes what browsers are served from the sources and from npm's packages:
 *   telemetry.js (classic script and CommonJS), telemetry.mjs, telemetry.min.js   from telemetry/*.mjs
 *   vendor/                                                                       the chart library, and page.js: the
 *   page in one file
 *
 * `node build.mjs --check` fails when the committed telemetry.js or telemetry.mjs is not what the sources give.
 */
import { build } from "esbuild";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The oldest browsers that package.json names, as esbuild writes them. */
const { browserslist } = JSON.parse(await readFile(new URL("package.json", import.meta.url), "utf8"));
const target = browserslist.map((named) => named.replace(" >= ", ""));

const here = dirname(fileURLToPath(import.meta.url));
const banner = "/* telemetry.js, MPL-2.0. Generated from telemetry/*.mjs by `npm run build`: edit there. */";
const all = 'export * from "./index.mjs"; export { default } from "./index.mjs";';
const api = 'export { default } from "./index.mjs";';

/** Scripts and CommonJS get one object that a page may patch (Telemetry.getUrl), not a module's namespace. */
function asScript(text) {
  const [exported, name] = /export\s*\{\s*([\w$]+) as default\s*\};?\s*$/.exec(text);
  const body = text.slice(0, -exported.length);
  const commonJs = 'if (typeof module === "object" && module.exports) module.exports = Telemetry;';
  return `${banner}\nvar Telemetry = (() => {\n${body}return ${name};\n})();\n${commonJs}\n`;
}

const asModule = (text) => `${banner}\n${text}`;

const outputs = {
  "telemetry.js": { entry: api, finish: asScript },
  "telemetry.mjs": { entry: all, finish: asModule },
  "telemetry.min.js": { entry: api, finish: asScript, minify: true },
};

async function bundled({ entry, finish, ...options }) {
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: join(here, "telemetry") },
    format: "esm",
    bundle: true,
    write: false,
    target,
    charset: "utf8",
    logLevel: "warning",
    ...options,
  });
  return finish(outputFiles[0].text);
}

/**
 * The page's modules as one file: one request instead of one a module, in turn; the modules are served beside it, for
 * its source map.
 */
async function page() {
  await build({
    entryPoints: [join(here, "js/app.js")],
    outfile: join(here, "vendor/page.js"),
    format: "esm",
    bundle: true,
    minify: true,
    sourcemap: true,
    target,
    charset: "utf8",
    legalComments: "inline",
    logLevel: "warning",
  });
}

async function vendor() {
  const from = join(here, "node_modules/uplot/dist");
  await mkdir(join(here, "vendor"), { recursive: true });
  const { outputFiles } = await build({
    entryPoints: [join(from, "uPlot.esm.js")],
    format: "esm",
    minify: true,
    write: false,
    target,
    legalComments: "inline",
  });
  await writeFile(join(here, "vendor/uPlot.mjs"), outputFiles[0].text);
  await cp(join(from, "uPlot.min.css"), join(here, "vendor/uPlot.min.css"));
}

const check = process.argv.includes("--check");
for (const [name, options] of Object.entries(outputs)) {
  const text = await bundled(options);
  if (!check) await writeFile(join(here, name), text);
  else if (name !== "telemetry.min.js" && (await readFile(join(here, name), "utf8")) !== text) {
    console.error(`${name} is not what telemetry/*.mjs gives: run npm run build`);
    process.exitCode = 1;
  }
}
if (!check) {
  await vendor();
  await page();
}
