/**
 * What the page shows, as a plain object, and its text in the URL:
 * "#measure=GC_MS&version=nightly/28&OS=WINNT,Darwin&show=median,p95". Keys that are not settings name a filter;
 * "filter.NAME" always does. Bad input costs a notice, never the page.
 */
import { KINDS_OF_DATE, isVersion } from "../telemetry.mjs";
import { isFigure } from "./models/figures.js";
import { formatDay, parseDay } from "./models/dates.js";
import { MOST_SERIES } from "./models/palette.js";
import { filtersOfPin, pinOf } from "./models/pins.js";
import { endsOf, isRange, rangeOf } from "./models/ranges.js";
import { AXES } from "./models/scales.js";

const list = (accept, complaint) => ({
  read: (values, notice) => {
    const good = values.filter((value) => accept(value) || notice(complaint(value)));
    return [...new Set(good)].slice(0, MOST_SERIES * 2);
  },
  write: (values) => values,
});
const oneOf = (allowed) => ({
  read: ([value], notice, key) =>
    allowed.includes(value) ? value : void notice(`“${key}” is one of ${allowed.join(", ")}, not “${value}”; ignored.`),
  write: (value) => [value],
});
const flag = {
  read: ([value]) => value === "1" || value === "true" || value === "",
  write: (value) => [value ? "1" : "0"],
};
const day = {
  read: ([value], notice, key) => {
    const date = parseDay(value);
    if (!date) notice(`“${key}=${value}” is not a date (YYYY-MM-DD); ignored.`);
    return date ? formatDay(date) : undefined;
  },
  write: (value) => [value],
};
const ranges = {
  read: (values, notice) => {
    const complaint = (value) => `“range=${value}” is not a range (YYYY-MM-DD..YYYY-MM-DD); ignored.`;
    const good = values.filter((value) => isRange(value) || notice(complaint(value)));
    return good.map((value) => rangeOf(...endsOf(value)));
  },
  write: (values) => values,
};
const pins = {
  read: (values, notice) => {
    const good = values.filter(
      (value) => filtersOfPin(value) || notice(`“pin=${value}” is not a population like OS:WINNT;arch:x86; ignored.`),
    );
    return [...new Set(good.map((value) => pinOf(filtersOfPin(value))))].slice(0, MOST_SERIES);
  },
  write: (values) => values,
};
const text = { read: ([value]) => value || undefined, write: (value) => [value] };

const SETTINGS = {
  view: oneOf(["explore", "health"]),
  measure: list(
    (name) => name !== "",
    () => "A measure without a name; ignored.",
  ),
  version: list(isVersion, (name) => `“${name}” is not a channel/version such as nightly/28; ignored.`),
  compare: text,
  pin: pins,
  show: list(isFigure, (token) => `“show=${token}” is not a figure; ignored.`),
  by: oneOf(Object.keys(KINDS_OF_DATE)),
  from: day,
  to: day,
  range: ranges,
  axis: oneOf(Object.keys(AXES)),
  unit: oneOf(["share", "count"]),
  cumulative: flag,
  difference: flag,
  trim: flag,
  table: flag,
  lowvolume: oneOf(["dim", "all"]),
  implausible: flag,
  embed: flag,
};

/**
 * What an empty URL means. Lists that are empty are chosen by the page: newest nightly, its busiest measure, its usual
 * figures.
 */
export const DEFAULTS = Object.freeze({
  view: "explore",
  measure: [],
  version: [],
  filters: {},
  compare: null,
  pin: [],
  show: [],
  by: "build",
  from: null,
  to: null,
  range: [],
  axis: null,
  unit: "share",
  cumulative: false,
  difference: false,
  trim: true,
  table: false,
  lowvolume: "dim",
  implausible: false,
  embed: false,
});

function decoded(part, notices) {
  try {
    return decodeURIComponent(part.replaceAll("+", " "));
  } catch {
    notices.push(`“${part}” in the address is damaged; ignored.`);
    return null;
  }
}

function pairsOf(textOfUrl, notices) {
  const found = [];
  for (const part of textOfUrl
    .replace(/^[#?!]+/, "")
    .split("&")
    .filter(Boolean)) {
    const at = part.indexOf("=");
    const key = decoded(at < 0 ? part : part.slice(0, at), notices);
    const values =
      at < 0
        ? [""]
        : part
            .slice(at + 1)
            .split(",")
            .map((value) => decoded(value, notices));
    if (key && !values.includes(null)) found.push([key, values]);
  }
  return found;
}

/** State and notices of a query string and a hash; the hash wins. */
export function parseState(search, hash) {
  const notices = [];
  const state = { ...DEFAULTS, filters: {} };
  for (const [key, values] of [...pairsOf(search, notices), ...pairsOf(hash, notices)]) {
    if (Object.hasOwn(SETTINGS, key)) {
      const read = SETTINGS[key].read(values, (notice) => void notices.push(notice), key);
      if (read !== undefined) state[key] = read;
      if (key === "version" && values.some(Boolean) && read.length === 0)
        notices.push("The address names no version that can be shown: the page chose one.");
    } else {
      const dimension = key.startsWith("filter.") ? key.slice(7) : key;
      Object.defineProperty(state.filters, dimension, {
        value: [...new Set(values)],
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
  }
  if (state.from && state.to && state.from > state.to) {
    [state.from, state.to] = [state.to, state.from];
    notices.push("The first date came after the last; they are exchanged.");
  }
  return { state, notices };
}

// readable where a URL allows it: slashes, colons and spaces need no escape in a hash
const encoded = (value) =>
  encodeURIComponent(value).replaceAll("%2F", "/").replaceAll("%3A", ":").replaceAll("%3B", ";").replaceAll("%20", "+");
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** The hash of a state, without what is default: "" or "#measure=…". */
export function formatState(state) {
  const parts = [];
  const put = (key, values) => parts.push(`${encoded(key)}=${values.map(encoded).join(",")}`);
  for (const [key, { write }] of Object.entries(SETTINGS)) {
    if (state[key] !== null && !same(state[key], DEFAULTS[key])) put(key, write(state[key]));
  }
  for (const [dimension, options] of Object.entries(state.filters)) {
    if (options.length)
      put(
        Object.hasOwn(SETTINGS, dimension) || dimension.startsWith("filter.") ? `filter.${dimension}` : dimension,
        options,
      );
  }
  return parts.length ? `#${parts.join("&")}` : "";
}
