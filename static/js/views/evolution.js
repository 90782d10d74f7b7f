/** The section of lines over dates: figures and dates to choose, charts, exact values, a table, files. */
import { LineChart } from "./line-chart.js";
import { Menu } from "./menu.js";
import { Readout } from "./readout.js";
import { el, fill, toggle } from "./dom.js";
import { downloads, fileName, savePng, saveText } from "./downloads.js";
import { svgText } from "./svg-export.js";
import { table } from "./tables.js";
import { DATE_NAMES, formatDay } from "../models/dates.js";
import { evolutionTable, toCsv, toJson } from "../models/export.js";
import { UNITS, figureOf, offeredFigures } from "../models/figures.js";
import { legendOf, planOf } from "../models/plan.js";
import { formatCount } from "../models/numbers.js";
import { isInside } from "../models/odd.js";
import { DateRange } from "./date-range.js";

const TITLES = { value: "Value", share: "Share of samples", count: "Volume" };

export class EvolutionSection {
  #change;
  #figures;
  #by;
  #range;
  #table;
  #low;
  #charts = new Map();
  #place = el("div", { class: "charts" });
  #readout = new Readout();
  #legend = el("p", { class: "legend" });
  #rows = el("div");
  #files = el("div");
  #reasons = el("div", { class: "reasons" });

  constructor(change) {
    this.#change = change;
    this.#figures = new Menu({ label: "Show", onChange: (show) => change({ show }), anyLabel: "Usual figures" });
    this.#by = new Menu({
      label: "Over",
      onChange: ([by]) => change({ by, from: null, to: null }),
      single: true,
      anyLabel: null,
    });
    this.#range = new DateRange(
      (from, to) => change({ from, to }),
      (implausible) => change({ implausible }),
    );
    this.#table = toggle("Table", (table) => change({ table }));
    this.#low = toggle("Join low-volume days", (all) => change({ lowvolume: all ? "all" : "dim" }));
    const bar = el(
      "div",
      { class: "toolbar" },
      this.#figures.element,
      this.#by.element,
      this.#range.element,
      this.#low.element,
      this.#table.element,
    );
    this.element = el(
      "section",
      { class: "evolution", "aria-labelledby": "evolution-title" },
      el("h2", { id: "evolution-title" }, "Evolution"),
      bar,
      this.#reasons,
      this.#place,
      this.#legend,
      this.#readout.element,
      this.#rows,
      this.#files,
    );
  }

  /** shown: what loading.js gives, and publishedAt. */
  show({ state, series, odd, publishedAt }) {
    const there = series.filter(({ reason }) => reason === null);
    fill(
      this.#reasons,
      series
        .filter(({ reason }) => reason !== null)
        .map((one) => el("p", { class: "reason" }, one.label ? `${one.label}: ` : "", one.reason)),
    );
    this.#by.update({
      options: Object.entries(DATE_NAMES).map(([value, label]) => ({ value, label })),
      selected: [state.by],
      summary: DATE_NAMES[state.by],
    });
    this.#table.set(state.table);
    this.#low.set(state.lowvolume === "all");
    const dates = datesOf(series);
    const plausible = datesOf(series, (date, outside) => isInside(formatDay(date), outside));
    this.#range.show(state, { first: dates[0], last: dates.at(-1), newest: plausible.at(-1), odd: odd.dates });
    if (there.length === 0) this.#empty(state, series);
    else this.#draw(state, there, planOf(state, there, publishedAt));
  }

  #empty(state, series) {
    this.#showCharts([], [], state);
    for (const part of [this.#legend, this.#rows, this.#files]) fill(part);
    this.#readout.show(null);
    const known = series.find(({ about }) => about);
    this.#showFigures(state, [], known);
  }

  #showFigures(state, figures, first) {
    const starts = first?.evolution ? first.evolution.range().map((count, start) => start) : [];
    const labels = first?.evolution ? first.evolution.labels() : [];
    const tokens = first
      ? [...new Set([...offeredFigures(first.about.kind, starts, labels), ...state.show])]
      : state.show;
    const options = tokens.map((token) => ({
      value: token,
      label: figureOf(token, first?.about.kind, labels)?.label ?? token,
    }));
    const names = figures.map(({ short }) => short);
    const summary = names.length > 3 ? `${names.slice(0, 2).join(", ")} + ${names.length - 2}` : names.join(", ");
    this.#figures.update({
      options,
      selected: figures.map(({ token }) => token),
      summary,
      marked: state.show.length > 0,
    });
  }

  #draw(state, series, plan) {
    this.#showFigures(state, plan.figures, series[0]);
    this.#showCharts(plan.charts, plan.dates, state);
    fill(
      this.#legend,
      legendOf(plan.lines).map((said) => el("span", {}, said)),
    );
    this.#readout.show(plan);
    fill(this.#rows, state.table ? pointTable(plan, DATE_NAMES[state.by]) : null);
    fill(this.#files, this.#downloads(state, plan));
  }

  #showCharts(charts, dates, state) {
    const wanted = new Set(charts.map(({ unit }) => unit));
    for (const [unit, chart] of this.#charts) {
      if (wanted.has(unit)) continue;
      chart.destroy();
      this.#charts.delete(unit);
      this.#place.querySelector(`[data-unit="${unit}"]`)?.remove();
    }
    const labels = charts.flatMap(({ lines }) => lines.map(({ label }) => label));
    for (const chart of charts) this.#showChart(chart, dates, state, labels);
  }

  #showChart({ unit, lines, marks }, dates, state, labels) {
    const figures = [...new Set(lines.map(({ figure }) => figure.label))].join(", ");
    const title = `${TITLES[unit]}: ${figures} over ${DATE_NAMES[state.by]}`;
    if (!this.#charts.has(unit)) {
      const events = {
        onRange: (from, to) => this.#change({ from: formatDay(from), to: formatDay(to) }),
        onReset: () => this.#change({ from: null, to: null }),
        onHover: (index, byKey) => this.#readout.at(index, byKey),
      };
      this.#charts.set(unit, new LineChart(events));
      const order = UNITS.indexOf(unit);
      this.#place.append(
        el("figure", { "data-unit": unit, "data-order": order }, el("figcaption"), this.#charts.get(unit).element),
      );
    }
    this.#place.querySelector(`[data-unit="${unit}"] figcaption`).textContent = title;
    this.#charts.get(unit).show({
      dates,
      lines,
      marks,
      unit,
      title,
      labels,
      axisLabel: unit !== "count" && figures.length < 34 ? figures : TITLES[unit],
      small: unit === "count",
    });
  }

  #downloads(state, plan) {
    const about = {
      measures: state.measure,
      versions: state.version,
      filters: state.filters,
      by: state.by,
      from: state.from,
      to: state.to,
      figures: plan.figures.map(({ token }) => token),
    };
    const name = (extension) => fileName([...state.measure.slice(0, 2), ...state.version, "evolution"], extension);
    const rows = () => evolutionTable(plan.lines, about);
    const drawn = () => plan.charts.map(({ unit }) => this.#charts.get(unit));
    return downloads([
      ["CSV", () => saveText(toCsv(rows()), "text/csv", name("csv"))],
      ["JSON", () => saveText(toJson(rows()), "application/json", name("json"))],
      [
        "PNG",
        () =>
          savePng(
            drawn().map(({ canvas }) => canvas),
            document.title,
            name("png"),
          ),
      ],
      [
        "SVG",
        () =>
          saveText(
            svgText(
              drawn().map(({ panel }) => panel),
              document.title,
            ),
            "image/svg+xml",
            name("svg"),
          ),
      ],
    ]);
  }
}

/** Dates of all series, ascending. */
const datesOf = (series, keeps = () => true) =>
  series
    .flatMap(({ evolution, outside }) => (evolution?.dates() ?? []).filter((date) => keeps(date, outside)))
    .sort((a, b) => a - b);

function pointTable({ lines, dates }, by) {
  const told = lines.some(({ figure }) => figure.token === "submissions"); // the lines are the pings themselves
  const columns = [
    by,
    ...lines.map(({ series, figure }) => [series.label, figure.short].filter(Boolean).join(" ")),
    ...(told ? [] : ["pings"]),
    "note",
  ];
  const rows = dates.map((date, i) => {
    const points = lines.map(({ at }) => at[i]);
    const first = points.find(Boolean);
    const values = lines.map((line, l) => (points[l] ? line.figure.format(points[l].value) : "–"));
    const pings = [...new Map(lines.map(({ series }, l) => [series, points[l]])).values()]
      .filter(Boolean)
      .map(({ submissions }) => formatCount(submissions));
    return [
      formatDay(date),
      ...values,
      ...(told ? [] : [pings.join(" / ")]),
      [first?.low && "low volume", first?.filling && "still filling"].filter(Boolean).join(", "),
    ];
  });
  return table({ caption: "Evolution, one row a date", columns, rows, className: "figures" });
}
