/** The library in every form that it is handed out, so that one suite runs over all of them. */
import { createRequire } from "node:module";
import sources from "../telemetry/index.mjs";
import module from "../telemetry.mjs";

export const builds = {
  sources,
  "telemetry.mjs": module,
  "telemetry.js": createRequire(import.meta.url)("../telemetry.js"),
};
