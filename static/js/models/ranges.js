/** Ranges of dates as text, "2013-10-01..2013-10-05": both ends belong to it. */
import { parseDay } from "./dates.js";

const RANGE = /^\d{4}-\d{2}-\d{2}\.\.\d{4}-\d{2}-\d{2}$/;

/** The text of a range, of two days "YYYY-MM-DD" in any order. */
export const rangeOf = (a, b) => [a, b].sort().join("..");

/** [first day, last day] of a range's text. */
export const endsOf = (range) => range.split("..");

/** Whether a text is two days of the calendar, in any order. */
export const isRange = (text) => RANGE.test(text) && endsOf(text).every(parseDay);

/** "2013-10-01 to 2013-10-05". */
export const rangeName = (range) => endsOf(range).join(" to ");
