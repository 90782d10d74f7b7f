/** Types of telemetry.mjs, and through telemetry.d.ts of telemetry.js. The API is described in README.md. */

/** Measures that have no definition of 2013 are called by their axis: "index", "bounds", "categories", "none". */
export type Kind =
  "boolean" | "flag" | "enumerated" | "linear" | "exponential" | "index" | "bounds" | "categories" | "none";

/** One option of the next filter, sets of options at any level, or a predicate over {dimension: option}. */
export type Selection =
  string | Record<string, string | readonly string[]> | ((path: Record<string, string>) => boolean);

export interface Described {
  measure(): string;
  kind(): Kind;
  description(): string;
  /** What the values of a categorical measure are called, from 0 on; empty for others. */
  labels(): readonly string[];
  /** The next filter's name, or null at a leaf. */
  filterName(): string | null;
  /** Sorted options of the next filter; empty at a leaf. */
  filterOptions(): string[];
}

export declare class Histogram implements Described {
  private constructor();
  measure(): string;
  kind(): Kind;
  description(): string;
  filterName(): string | null;
  filterOptions(): string[];
  filter(selection: Selection): Histogram;
  /** Pings. */
  submissions(): number;
  /** Samples. */
  count(): number;
  /** NaN where no sum is known. */
  mean(): number;
  median(): number;
  /** Estimated; p from 0 to 100. NaN without samples. */
  percentile(p: number): number;
  /** Linear measures only. */
  standardDeviation(): number;
  /** Exponential measures only. */
  geometricMean(): number;
  /** Exponential measures only; a factor. */
  geometricStandardDeviation(): number;
  each(callback: (count: number, start: number, end: number, index: number) => void, context?: unknown): void;
  map<T>(callback: (count: number, start: number, end: number, index: number) => T, context?: unknown): T[];
}

export interface Definition {
  kind: Kind;
  description: string;
  low?: number;
  high?: number;
  n_buckets?: number;
  n_values?: number;
  original_kind?: string;
  labels?: string[];
}

export declare class HistogramEvolution implements Described {
  private constructor();
  /** From published documents: an entry of histograms.json, filter-tree.json, {"YYYYMMDD": rows}. */
  static of(
    measure: string,
    definition: Definition,
    tree: object,
    data: Record<string, number[][]>,
  ): HistogramEvolution;
  measure(): string;
  kind(): Kind;
  description(): string;
  filterName(): string | null;
  filterOptions(): string[];
  filter(selection: Selection): HistogramEvolution;
  /** Dates that have data, ascending, UTC midnight. */
  dates(): Date[];
  /** The evolution over some dates, both ends included; null or undefined leave a side open. */
  within(start?: Date | null, end?: Date | null): HistogramEvolution;
  /** Both ends included; null or undefined leave a side open. */
  range(start?: Date | null, end?: Date | null): Histogram;
  each(callback: (date: Date, histogram: Histogram, index: number) => void, context?: unknown): void;
  map<T>(callback: (date: Date, histogram: Histogram, index: number) => T, context?: unknown): T[];
}

export type ErrorCode =
  | "not-initialised"
  | "no-such-version"
  | "no-such-measure"
  | "no-such-option"
  | "http"
  | "network"
  | "timeout"
  | "bad-data";

export declare class TelemetryError extends Error {
  code: ErrorCode;
  url?: string;
  status?: number;
}

/** `first` and `last` that are plausible, the `number` of versions or dates outside of them, and their `pings`. */
export interface Outside {
  first: string;
  last: string;
  number: number;
  pings: number;
}

export interface Implausible {
  /** By channel. */
  versions: Record<string, Outside>;
  /** By channel/version and kind of date. */
  dates: Record<string, Partial<Record<"by-build-date" | "by-submission-date", Outside>>>;
}

export type Measures = Record<string, { kind: Kind; description: string }>;

/** On failure a callback gets (null, error). */
export type Callback<T> = (result: T | null, error?: Error) => void;

export interface InitOptions {
  /** URL of the published prefix. */
  base?: string;
  /** Milliseconds until a request is given up; 60000 by default. */
  timeout?: number;
}

export interface Client {
  /** Replaceable fetch hook: gives JSON; with `range`, the bytes from `begin` to before `end` as a Uint8Array. */
  getUrl(
    url: string,
    callback: (error: unknown, found?: unknown) => void,
    options?: { fresh: boolean; timeout: number; range?: [begin: number, end: number] },
  ): void;
  /** Loads the index; again to refresh it. */
  init(callback?: (error: Error | null) => void): Promise<Client>;
  init(options?: InitOptions, callback?: (error: Error | null) => void): Promise<Client>;
  /** Sorted; with `implausible` also versions that hardly anybody has, far from all others. */
  versions(options?: { implausible?: boolean }): string[];
  /** What the publisher found implausible. */
  implausible(): Implausible;
  /** The version to show first, by the publisher's choice, or null. */
  usualVersion(): string | null;
  measures(version: string, callback?: Callback<Measures>): Promise<Measures>;
  loadEvolutionOverBuilds(
    version: string,
    measure: string,
    callback?: Callback<HistogramEvolution>,
  ): Promise<HistogramEvolution>;
  loadEvolutionOverTime(
    version: string,
    measure: string,
    callback?: Callback<HistogramEvolution>,
  ): Promise<HistogramEvolution>;
  evolution(
    version: string,
    measure: string,
    options?: { by?: "build" | "submission"; filter?: Selection; implausible?: boolean },
  ): Promise<HistogramEvolution>;
  /** health.json of the snapshot. */
  health(): Promise<unknown>;
  /** Any other JSON document of a version's folder. */
  document(version: string, name: string): Promise<unknown>;
  /** A version's folder in the published prefix. */
  folder(version: string): string;
  base(): string | undefined;
  /** Looks for a new snapshot; gives a function that stops it. */
  watch(options: { every?: number }, callback: (client: Client) => void): () => void;
  createClient(options?: { base?: string | (() => string); timeout?: number }): Client;
  Histogram: typeof Histogram;
  HistogramEvolution: typeof HistogramEvolution;
  TelemetryError: typeof TelemetryError;
}

export declare function createClient(options?: { base?: string | (() => string); timeout?: number }): Client;
/** Lower bounds of a definition's buckets. */
export declare function bucketStarts(definition: Definition): number[];
/** Upper bounds, exclusive. */
export declare function bucketEnds(kind: Kind, starts: number[]): number[];
/** Whether the buckets of a kind are values of their own, not ranges of a quantity. */
export declare function isCategorical(kind: Kind): boolean;
/** Whether a name is "channel/version". */
export declare function isVersion(name: string): boolean;
/** {kind of date: the part of a file's name that says it}. */
export declare const KINDS_OF_DATE: Readonly<Record<"build" | "submission", string>>;
/** All leaves of a filter tree. */
export declare function leavesOf(tree: object): { id: number; path: Record<string, string> }[];
/** "20131105" → its UTC midnight. */
export declare function dateOf(day: string): Date;
export declare function dayOf(date: Date): string;
/** Whether a version is not beyond what `Implausible.versions` says. */
export declare function isPlausible(version: string, versions: Record<string, Outside>): boolean;

declare const Telemetry: Client;
export default Telemetry;
