/** Readable names of what clients call themselves. Unknown values stand for themselves. */
import { partsOf } from "./qualified.js";

const WINDOWS = {
  "5.0": "2000",
  "5.1": "XP",
  "5.2": "XP x64 / Server 2003",
  "6.0": "Vista",
  "6.1": "7",
  "6.2": "8",
  "6.3": "8.1",
  "10.0": "10 / 11",
};
/** Darwin's major version is not the number that Apple sold. */
const DARWIN = {
  8: "OS X 10.4 Tiger",
  9: "OS X 10.5 Leopard",
  10: "OS X 10.6 Snow Leopard",
  11: "OS X 10.7 Lion",
  12: "OS X 10.8 Mountain Lion",
  13: "OS X 10.9 Mavericks",
  14: "OS X 10.10 Yosemite",
  15: "OS X 10.11 El Capitan",
  16: "macOS 10.12 Sierra",
  17: "macOS 10.13 High Sierra",
  18: "macOS 10.14 Mojave",
  19: "macOS 10.15 Catalina",
  20: "macOS 11 Big Sur",
  21: "macOS 12 Monterey",
  22: "macOS 13 Ventura",
  23: "macOS 14 Sonoma",
  24: "macOS 15 Sequoia",
  25: "macOS 26 Tahoe",
};
const ANDROID = {
  8: "2.2",
  9: "2.3",
  10: "2.3",
  14: "4.0",
  15: "4.0",
  16: "4.1",
  17: "4.2",
  18: "4.3",
  19: "4.4",
  21: "5.0",
  22: "5.1",
  23: "6",
  24: "7.0",
  25: "7.1",
  26: "8.0",
  27: "8.1",
  28: "9",
  29: "10",
  30: "11",
  31: "12",
  32: "12L",
  33: "13",
  34: "14",
  35: "15",
  36: "16",
};
const PLAIN = {
  OS: { WINNT: "Windows", Darwin: "macOS", Linux: "Linux", Android: "Android" },
  arch: { x86: "x86 (32-bit)", "x86-64": "x86-64 (64-bit)", arm: "ARM (32-bit)", aarch64: "ARM (64-bit)" },
};
const DIMENSIONS = {
  reason: "Reason",
  appName: "Application",
  OS: "OS",
  osVersion: "OS version",
  arch: "Architecture",
};

const lookup = (table, key) => (Object.hasOwn(table, key) ? table[key] : undefined);

/** An OS version under its OS: "Windows 7 (6.1)". */
function osVersion(os, version) {
  const major = version.split(".")[0];
  const known = { WINNT: lookup(WINDOWS, version), Darwin: lookup(DARWIN, major), Android: lookup(ANDROID, version) };
  const name = lookup(known, os);
  if (!name) return `${lookup(PLAIN.OS, os) ?? os} ${version}`;
  return os === "Darwin" ? `${name} (${version})` : `${lookup(PLAIN.OS, os)} ${name} (${version})`;
}

/** What populations of too few pings collapse into when they are published. */
const COLLAPSED = "OTHER";

/** The name of an option of a dimension; options of a qualified dimension come as "parent/option". */
export function optionName(dimension, option) {
  if (option === COLLAPSED || option === `${COLLAPSED}/${COLLAPSED}`) return "small populations (OTHER)";
  const { parent, own } = partsOf(dimension, option);
  if (parent) return osVersion(parent, own);
  const name = Object.hasOwn(PLAIN, dimension) ? lookup(PLAIN[dimension], option) : undefined;
  return name ?? (option === "" ? "(empty)" : option);
}

export const dimensionName = (dimension) => lookup(DIMENSIONS, dimension) ?? dimension;

/** "nightly/28" → "nightly 28". */
export const versionName = (version) => version.replace("/", " ");
