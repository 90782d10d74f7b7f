/** Types of telemetry.js: require("telemetry-tasks-client"), or the global of the script. */
import type * as module from "./telemetry.mjs" with { "resolution-mode": "import" };

declare const Telemetry: module.Client;
declare namespace Telemetry {
  export type Client = module.Client;
  export type Definition = module.Definition;
  export type ErrorCode = module.ErrorCode;
  export type Histogram = module.Histogram;
  export type HistogramEvolution = module.HistogramEvolution;
  export type Kind = module.Kind;
  export type Measures = module.Measures;
  export type Selection = module.Selection;
  export type TelemetryError = module.TelemetryError;
}
export = Telemetry;
export as namespace Telemetry;
