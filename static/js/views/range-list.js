/** More date ranges to compare in the distribution. */
import { button, el, fill } from "./dom.js";
import { MOST_SERIES } from "../models/palette.js";
import { rangeName, rangeOf } from "../models/ranges.js";

const MOST = MOST_SERIES - 1; // beside the range of the page

export class RangeList {
  #onChange;
  #ranges = [];
  #chips = el("span");
  #from = el("input", { type: "date", "aria-label": "First date to compare (UTC)" });
  #to = el("input", { type: "date", "aria-label": "Last date to compare (UTC)" });
  #form;

  /** onChange(["YYYY-MM-DD..YYYY-MM-DD", …]). */
  constructor(onChange) {
    this.#onChange = onChange;
    const add = button("Add", () => this.#add(), { class: "quiet" });
    this.#form = el(
      "details",
      { class: "range-form" },
      el("summary", {}, "Compare dates"),
      el("div", { class: "range-fields" }, this.#from, el("span", {}, "to"), this.#to, add),
    );
    this.element = el(
      "div",
      { class: "range-list", role: "group", "aria-label": "Date ranges compared" },
      this.#chips,
      this.#form,
    );
  }

  #add() {
    if (!this.#from.value || !this.#to.value) return;
    const range = rangeOf(this.#from.value, this.#to.value);
    this.#onChange([...new Set([...this.#ranges, range])].slice(0, MOST));
  }

  show({ range, from, to }) {
    this.#ranges = range;
    if (!this.#from.value) this.#from.value = from ?? "";
    if (!this.#to.value) this.#to.value = to ?? "";
    fill(
      this.#chips,
      range.map((text) =>
        el(
          "span",
          { class: "chip" },
          rangeName(text),
          button("×", () => this.#onChange(range.filter((other) => other !== text)), {
            "aria-label": `Remove ${rangeName(text)}`,
          }),
        ),
      ),
    );
  }
}
