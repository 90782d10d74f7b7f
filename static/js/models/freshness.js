/** How fresh and how complete the published data are. */
import { addDays, ago, daysBetween, formatDay, formatMinute, parseDay } from "./dates.js";
import { isPlausible } from "../../telemetry.mjs";
import { formatCount } from "./numbers.js";
import { oddText } from "./odd.js";

const sum = (numbers) => numbers.reduce((total, number) => total + (number ?? 0), 0);

/**
 * {publishedAt, lastDay, files, missing, pings, badLines, odd} over all versions of health.json (or null); the last day
 * is of plausible versions.
 */
export function totalsOf(health, publishedAt) {
  const versions = Object.values(health?.versions ?? {});
  const odd = health?.implausible ?? {};
  const shown = Object.entries(health?.versions ?? {}).filter(([name]) => isPlausible(name, odd));
  const lastDays = shown
    .map(([, facts]) => facts.last_submission_date)
    .filter(Boolean)
    .sort();
  return {
    publishedAt,
    odd: Object.values(odd).reduce(
      (all, { number, pings }) => ({ number: all.number + number, pings: all.pings + pings }),
      { number: 0, pings: 0 },
    ),
    lastDay: parseDay(lastDays.at(-1)),
    files: health ? sum(versions.map((version) => version.files)) : null,
    missing: health ? sum(versions.map((version) => version.missing)) : null,
    pings: health ? sum(versions.map((version) => version.pings)) : null,
    badLines: health ? sum(versions.flatMap((version) => Object.values(version.bad_lines ?? {}))) : null,
  };
}

/** One line of facts: [{label, value}]. */
export function freshnessFacts(totals, now) {
  const facts = [];
  if (totals.publishedAt)
    facts.push({ label: "Published", value: `${formatMinute(totals.publishedAt)} (${ago(totals.publishedAt, now)})` });
  if (totals.lastDay) facts.push({ label: "Last day with pings", value: formatDay(totals.lastDay) });
  if (totals.files !== null) facts.push({ label: "Files processed", value: formatCount(totals.files) });
  if (totals.missing !== null)
    facts.push({ label: "Files missing", value: formatCount(totals.missing), bad: totals.missing > 0 });
  const odd = oddText(totals.odd, "version");
  if (odd) facts.push({ label: "Not shown by default", value: odd });
  return facts;
}

/** Why the data are late, or "": no publish for so many hours, or no pings for as many days before the publish. */
export function lateReason(totals, now, lateAfterHours) {
  const hours = totals.publishedAt ? (now - totals.publishedAt) / 3600000 : 0;
  if (hours > lateAfterHours) {
    return `Data are late: the last publish was ${ago(totals.publishedAt, now)}. Newer pings are not shown yet.`;
  }
  if (totals.lastDay && totals.publishedAt) {
    const ended = addDays(totals.lastDay, 1);
    if ((totals.publishedAt - ended) / 3600000 > lateAfterHours) {
      const days = daysBetween(totals.lastDay, totals.publishedAt);
      return `Data are late: no pings have arrived for ${days} days (the last are of ${formatDay(totals.lastDay)}).`;
    }
  }
  return "";
}
