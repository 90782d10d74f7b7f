/** What is said of implausible versions and dates: kept, and not shown by default. */
import { formatCount } from "./numbers.js";

const plural = (count, one) => `${formatCount(count)} ${one}${count === 1 ? "" : "s"}`;

/** "3 pings of 2 implausible versions" of {number, pings}; "" where there are none. */
export const oddText = ({ number, pings }, what) =>
  number ? `${plural(pings, "ping")} of ${plural(number, `implausible ${what}`)}` : "";

/** The text of the button that shows or hides them; "" where there are none. */
export const oddButton = ({ number }, what, shown) =>
  number ? `${shown ? "Hide" : "Show"} ${plural(number, `implausible ${what}`)}` : "";

/** Whether a day "YYYY-MM-DD" is not outside of {first, last} as "YYYYMMDD", or of null. */
export function isInside(day, outside) {
  const text = day.replaceAll("-", "");
  return !outside || (outside.first <= text && text <= outside.last);
}
