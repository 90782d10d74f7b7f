/** The dates that are shown: two fields and usual choices. The distribution follows them. */
import { button, el } from "./dom.js";
import { addDays, formatDay } from "../models/dates.js";
import { oddButton, oddText } from "../models/odd.js";

const DAYS = [30, 7];

export class DateRange {
  #from;
  #to;
  #last = null;
  #onChange;
  #odd;

  /** onChange(from or null, to or null), days as "YYYY-MM-DD"; onImplausible(whether to show implausible dates). */
  constructor(onChange, onImplausible) {
    this.#onChange = onChange;
    const field = (label) => el("input", { type: "date", "aria-label": label, onchange: () => this.#changed() });
    this.#from = field("First date (UTC)");
    this.#to = field("Last date (UTC)");
    const all = button("All dates", () => onChange(null, null), { class: "quiet" });
    const recent = DAYS.map((days) =>
      button(`Last ${days}`, () => this.#recent(days), { class: "quiet", "aria-label": `Last ${days} days of data` }),
    );
    this.#odd = button("", () => onImplausible(this.#odd.getAttribute("aria-pressed") !== "true"), {
      class: "quiet odd-dates",
      "aria-pressed": "false",
    });
    this.element = el(
      "div",
      { class: "date-range", role: "group", "aria-label": "Dates" },
      this.#from,
      el("span", {}, "to"),
      this.#to,
      all,
      recent,
      this.#odd,
    );
  }

  #changed() {
    this.#onChange(this.#from.value || null, this.#to.value || null);
  }

  #recent(days) {
    if (this.#last) this.#onChange(formatDay(addDays(this.#last, 1 - days)), formatDay(this.#last));
  }

  /**
   * first and last: Dates that data exist for, or undefined; newest: the last plausible one; odd: {number, pings} of
   * implausible dates.
   */
  show({ from, to, implausible }, { first, last, newest, odd }) {
    this.#last = newest ?? null;
    this.#odd.hidden = odd.number === 0;
    this.#odd.textContent = oddButton(odd, "date", implausible);
    this.#odd.title = oddText(odd, "date");
    this.#odd.setAttribute("aria-pressed", String(implausible));
    this.#from.value = from ?? (first ? formatDay(first) : "");
    this.#to.value = to ?? (last ? formatDay(last) : "");
    this.element.toggleAttribute("data-marked", from !== null || to !== null);
  }
}
