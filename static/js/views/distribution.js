/** The section of distributions: bars or outlines, how they are drawn, percentiles side by side, tables, files. */
import { DistributionChart } from "./distribution-chart.js";
import { RangeList } from "./range-list.js";
import { Menu } from "./menu.js";
import { el, fill, toggle } from "./dom.js";
import { formatDay } from "../models/dates.js";
import { overlaysOf } from "../models/overlays.js";
import { MOST_SERIES_IN_WORDS } from "../models/palette.js";
import { AXES } from "../models/scales.js";

const AXIS_NAMES = { "": "fits the buckets", ...AXES };
const UNITS = { share: "shares of samples", count: "counts of samples" };

export class DistributionSection {
  #axis;
  #unit;
  #toggles;
  #ranges;
  #charts = [];
  #place = el("div", { class: "distributions" });
  #said = el("div", { class: "reasons" });
  #where = el("p", { class: "where" });

  constructor(change) {
    this.#axis = new Menu({
      label: "Axis",
      onChange: ([axis]) => change({ axis: axis || null }),
      single: true,
      anyLabel: null,
    });
    this.#unit = new Menu({ label: "Bars", onChange: ([unit]) => change({ unit }), single: true, anyLabel: null });
    this.#toggles = {
      cumulative: toggle("Cumulative", (cumulative) => change({ cumulative })),
      difference: toggle("Difference from the first", (difference) => change({ difference })),
      trim: toggle("Trim tails", (trim) => change({ trim })),
    };
    this.#ranges = new RangeList((range) => change({ range }));
    const bar = el(
      "div",
      { class: "toolbar" },
      this.#axis.element,
      this.#unit.element,
      Object.values(this.#toggles).map(({ element }) => element),
      this.#ranges.element,
    );
    this.element = el(
      "section",
      { class: "distribution", "aria-labelledby": "distribution-title" },
      el("h2", { id: "distribution-title" }, "Distribution"),
      this.#where,
      bar,
      this.#said,
      this.#place,
    );
  }

  /** shown: what loading.js gives. */
  show({ state, series }) {
    const there = series.filter(({ reason, evolution }) => evolution && (reason === null || state.range.length));
    const { groups, empty, left } = overlaysOf(state, there);
    const missing = empty.map(({ label, range }) =>
      el("p", { class: "reason" }, `${label}: no samples${range.label ? " in these dates" : ""}.`),
    );
    const reasons = there.length ? [] : series.slice(0, 1).map(({ reason }) => el("p", { class: "reason" }, reason));
    fill(
      this.#said,
      missing,
      reasons,
      left
        ? el("p", { class: "reason" }, `${MOST_SERIES_IN_WORDS} distributions are shown, ${left} more are left out.`)
        : null,
    );
    this.#where.textContent = spanText(state, there);
    this.#showBar(state, groups);
    while (this.#charts.length > groups.length) this.#charts.pop().destroy();
    groups.forEach((group, i) => {
      if (!this.#charts[i]) {
        this.#charts[i] = new DistributionChart();
        this.#place.append(this.#charts[i].element);
      }
      this.#charts[i].show(state, group);
    });
  }

  #showBar(state, groups) {
    const several = groups.some((group) => group.length > 1);
    const axis = {
      options: options(AXIS_NAMES),
      selected: [state.axis ?? ""],
      summary: AXIS_NAMES[state.axis ?? ""],
      marked: state.axis !== null,
    };
    this.#axis.update(axis);
    this.#unit.update({
      options: options(UNITS),
      selected: [state.unit],
      summary: UNITS[state.unit],
      marked: state.unit !== "share",
    });
    for (const [name, { set }] of Object.entries(this.#toggles)) set(state[name]);
    this.#toggles.difference.element.hidden = !several && !state.difference;
    this.#ranges.show(state);
  }
}

/** Which dates are added up, as dates that have data. */
function spanText(state, series) {
  const days = series
    .flatMap(({ evolution }) => evolution.dates().map(formatDay))
    .filter((day) => (!state.from || day >= state.from) && (!state.to || day <= state.to));
  if (days.length === 0) return "";
  days.sort();
  return `All ${state.by === "build" ? "builds" : "submissions"} of ${days[0]} to ${days.at(-1)} (UTC)`;
}

const options = (names) => Object.entries(names).map(([value, label]) => ({ value, label }));
