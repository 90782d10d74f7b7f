/**
 * Days are UTC everywhere: "YYYY-MM-DD" in the URL and on the page, "YYYYMMDD" in published files, Dates of UTC
 * midnight between.
 */

/** Kinds of date as people read them. */
export const DATE_NAMES = { build: "build date", submission: "submission date" };

export const DAY_SECONDS = 86400;
const DAY = DAY_SECONDS * 1000;

/** "2013-11-05" or "20131105" → its UTC midnight, or null if the calendar has no such day. */
export function parseDay(text) {
  const parts = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(text ?? "");
  if (!parts) return null;
  const [, year, month, day] = parts.map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date : null;
}

/** A Date → "2013-11-05". */
export const formatDay = (date) => date.toISOString().slice(0, 10);

export const addDays = (date, days) => new Date(date.getTime() + days * DAY);

/** Whole days from a to b. */
export const daysBetween = (a, b) => Math.round((b - a) / DAY);

/** The stamp of a snapshot, "YYYYMMDDhhmmss" in UTC, as a Date; null if it is not one. */
export function parseStamp(text) {
  const parts = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/.exec(text ?? "");
  if (!parts) return null;
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number);
  return new Date(Date.UTC(year, month - 1, day, hour, minute, second));
}

/** A Date → "2013-12-01 12:00 UTC". */
export const formatMinute = (date) => `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;

/** "3 hours ago" of two Dates, in the largest whole unit. */
export function ago(then, now) {
  const minutes = Math.max(0, Math.round((now - then) / 60000));
  if (minutes < 1) return "just now";
  for (const [unit, size] of [
    ["day", 1440],
    ["hour", 60],
    ["minute", 1],
  ]) {
    const count = Math.floor(minutes / size);
    if (count >= 1) return `${count} ${unit}${count === 1 ? "" : "s"} ago`;
  }
  return "just now";
}
