/**
 * Where dates are written on an axis: steps of days, months or years that begin where the calendar does. Times in
 * seconds, UTC.
 */

import { DAY_SECONDS as DAY } from "./dates.js";

const MONTH = 30.4375 * DAY; // on average: only to choose a step
const MONTHS = [1, 2, 3, 6];
const YEARS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];

/** Steps to choose from, in seconds, ascending: those of months and years are their average lengths. */
export const STEPS = [
  ...[1, 2, 4, 7, 14].map((days) => days * DAY),
  ...MONTHS.map((months) => months * MONTH),
  ...YEARS.map((years) => years * 12 * MONTH),
];

const yearOf = (seconds) => new Date(seconds * 1000).getUTCFullYear();

/** The first of a month, counted from January of year 0. */
const monthStart = (month) => new Date(0).setUTCFullYear(Math.floor(month / 12), month % 12, 1) / 1000;

/** Times of a step within [low, high]: whole days from the first one on, else firsts of months, 1 January for years. */
export function ticksBetween(low, high, step) {
  if (step < MONTH) {
    const first = Math.ceil(low / DAY) * DAY;
    return Array.from({ length: Math.max(0, Math.floor((high - first) / step) + 1) }, (_, i) => first + i * step);
  }
  const months = Math.round(step / MONTH);
  const date = new Date(low * 1000);
  const found = [];
  let month = Math.floor((date.getUTCFullYear() * 12 + date.getUTCMonth()) / months) * months;
  for (; monthStart(month) <= high; month += months) if (monthStart(month) >= low) found.push(monthStart(month));
  return found;
}

const dayName = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

/** Texts of ticks: the year alone for steps of years, else day and month, the year below where it begins or changes. */
export function tickNames(times, step) {
  if (step >= 12 * MONTH) return times.map((time) => String(yearOf(time)));
  return times.map((time, i) => {
    const day = dayName.format(new Date(time * 1000));
    return i === 0 || yearOf(time) !== yearOf(times[i - 1]) ? `${day}\n${yearOf(time)}` : day;
  });
}
