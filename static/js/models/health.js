/** Rows of the health page, from health.json. */
import { KINDS_OF_DATE, isPlausible } from "../../telemetry.mjs";
import { DATE_NAMES, formatDay, parseDay } from "./dates.js";
import { formatCount } from "./numbers.js";
import { versionName } from "./names.js";
import { oddText } from "./odd.js";

const KEPT = "kept, and not shown by default.";

const total = (byReason) => Object.values(byReason ?? {}).reduce((sum, count) => sum + count, 0);
const dayText = (day) => (parseDay(day) ? formatDay(parseDay(day)) : "–");
const countText = (count) => (count === undefined ? "–" : formatCount(count));

export function overviewRows({ versions, implausible }) {
  const columns = [
    "Version",
    "Files",
    "Missing",
    "Pings",
    "Bad lines",
    "Left out",
    "Small cells",
    "First build",
    "Last build",
    "Last submission",
    "Unknown definitions",
  ];
  const rows = Object.entries(versions).map(([version, facts]) => [
    isPlausible(version, implausible ?? {}) ? version : `${version} (implausible)`,
    countText(facts.files),
    countText(facts.missing),
    countText(facts.pings),
    formatCount(total(facts.bad_lines)),
    formatCount(total(facts.left_out)),
    formatCount(facts.small_cells ?? 0),
    dayText(facts.first_build_date),
    dayText(facts.last_build_date),
    dayText(facts.last_submission_date),
    formatCount(facts.unknown_definitions?.length ?? 0),
  ]);
  return { columns, rows };
}

export function dayRows({ days }) {
  const rows = Object.entries(days ?? {})
    .sort(([a], [b]) => (a < b ? 1 : -1))
    .map(([day, facts]) => [dayText(day), countText(facts.files), countText(facts.pings), countText(facts.bad_lines)]);
  return { columns: ["Date", "Files", "Pings", "Bad lines"], rows };
}

const collapsedText = (reason, dimension) =>
  reason === "too-many-measures"
    ? "measures, not shown"
    : dimension
      ? `options of ${dimension}, shown as OTHER`
      : "populations, shown as OTHER";

/** What is kept and not shown by default, a sentence a channel. */
export function oddLines({ implausible }) {
  return Object.entries(implausible ?? {}).map(
    ([channel, odd]) =>
      `${oddText(odd, "version")} of ${channel}, after ${versionName(`${channel}/${odd.last}`)}: ${KEPT}`,
  );
}

/** The same of the dates of a channel/version, a sentence a kind of date. */
export function oddDateLines({ implausible }) {
  return Object.entries(implausible ?? {}).map(([by, odd]) => {
    const what = DATE_NAMES[by === KINDS_OF_DATE.build ? "build" : "submission"];
    return `${oddText(odd, what)}, outside ${dayText(odd.first)} to ${dayText(odd.last)}: ${KEPT}`;
  });
}

export function reasonRows({ bad_lines: bad, left_out: left, collapsed }) {
  const of = (what, byReason) =>
    Object.entries(byReason ?? {})
      .filter(([, count]) => count > 0)
      .map(([reason, count]) => [reason, what, formatCount(count)]);
  const others = (collapsed ?? []).map(({ reason, dimension, number, pings }) => [
    reason,
    collapsedText(reason, dimension),
    `${formatCount(number)} (${formatCount(pings)} ${reason === "too-many-measures" ? "records" : "pings"})`,
  ]);
  return {
    columns: ["Reason", "What", "Number"],
    rows: [...of("whole lines", bad), ...of("parts of pings", left), ...others],
  };
}
