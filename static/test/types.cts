/** Compiled, never run: the CommonJS form has the same types. */
import Telemetry = require("../telemetry.js");

export const loaded: Promise<Telemetry.HistogramEvolution> = Telemetry.init({ base: "x" }).then((client) =>
  client.evolution("nightly/28", "GC_MS"),
);
