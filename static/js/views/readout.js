/** Exact values under the cursor of the line charts: the legend and the hover in one, and spoken when moved by keys. */
import { el, fill } from "./dom.js";
import { swatch } from "./swatch.js";
import { formatDay } from "../models/dates.js";
import { bucketAround } from "../models/lines.js";
import { formatCount, formatFigure } from "../models/numbers.js";
import { readingOf } from "../models/plan.js";

const bucketText = (bucket) => (bucket ? `[${formatFigure(bucket[0])}, ${formatFigure(bucket[1])})` : "");

export class Readout {
  #date = el("caption");
  #body = el("tbody");
  #spoken = el("p", { class: "hidden-visually", role: "status" });
  #plan = null;
  #index = null;

  constructor() {
    const head = ["Line", "Value", "Bucket", "Pings", "Samples", "Note"].map((name) =>
      el("th", { scope: "col" }, name),
    );
    const shown = el("table", { class: "readout" }, this.#date, el("thead", {}, el("tr", {}, head)), this.#body);
    this.element = el(
      "div",
      { class: "table-wrap", tabindex: "0", role: "region", "aria-label": "Values at a date" },
      shown,
      this.#spoken,
    );
  }

  /** plan: as models/plan.js gives it, or null. Starts at the newest date. */
  show(plan) {
    this.#plan = plan;
    this.element.hidden = plan === null || plan.dates.length === 0;
    this.#index = null;
    if (plan) this.at(null, false);
  }

  at(index, byKey) {
    if (!this.#plan) return;
    const at = index ?? this.#plan.dates.length - 1;
    if (at === this.#index && !byKey) return;
    this.#index = at;
    const readings = this.#lines().map((line) => readingOf(line, at, bucketAround));
    this.#date.textContent = `${formatDay(this.#plan.dates[at])}${index === null ? " (newest date)" : ""}`;
    fill(this.#body, readings.map(row));
    if (byKey) this.#spoken.textContent = `${formatDay(this.#plan.dates[at])}: ${readings.map(spoken).join("; ")}`;
  }

  /** Pings and samples have columns of their own; their lines are listed only where there are no others. */
  #lines() {
    const others = this.#plan.lines.filter(({ figure }) => figure.unit !== "count");
    return others.length ? others : this.#plan.lines;
  }
}

const nameOf = ({ series, figure }) => [series.label, figure.label].filter(Boolean).join(" · ");

function row({ line, value, point, bucket, note }) {
  const counts = point ? [formatCount(point.submissions), formatCount(point.samples)] : ["–", "–"];
  const cells = [line.figure.format(value), bucketText(bucket), ...counts, note];
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, swatch(line.color), nameOf(line)),
    cells.map((text) => el("td", {}, text)),
  );
}

function spoken({ line, value, point, bucket, note }) {
  const pings = point ? `${formatCount(point.submissions)} pings` : "";
  return `${nameOf(line)} ${line.figure.format(value)} ${bucketText(bucket)} ${pings} ${note}`;
}
