/** One chart of distributions with the same buckets, its readout, its figures and its files. */
import { BarChart } from "./bar-chart.js";
import { swatch } from "./swatch.js";
import { el, fill } from "./dom.js";
import { downloads, fileName, savePng, saveText } from "./downloads.js";
import { svgText } from "./svg-export.js";
import { table } from "./tables.js";
import { distributionOf, trimNotice } from "../models/distribution.js";
import { distributionTable, toCsv, toJson } from "../models/export.js";
import { isCategorical } from "../../telemetry.mjs";
import { categoryName } from "../models/figures.js";
import { formatCount, formatFigure, formatShare } from "../models/numbers.js";
import { axisOf, positionsOf, ticksOf } from "../models/scales.js";
import { summaryRows } from "../models/summary.js";

const MOST_COLUMNS = 3;

export class DistributionChart {
  #chart;
  #caption = el("figcaption");
  #readout = el("p", { class: "bar-readout" });
  #spoken = el("p", { class: "hidden-visually", role: "status" });
  #notice = el("p", { class: "legend" });
  #side = el("div", { class: "side" });
  #below = el("div");
  #group = [];
  #state = null;
  #distribution = null;

  constructor() {
    this.#chart = new BarChart((index, byKey) => this.#hovered(index, byKey));
    const figure = el("figure", {}, this.#caption, this.#chart.element, this.#readout, this.#spoken, this.#notice);
    this.element = el("div", { class: "distribution-chart" }, figure, this.#side, this.#below);
  }

  /** group: series with histograms, from models/overlays.js. */
  show(state, group) {
    this.#group = group;
    this.#state = state;
    const histograms = group.map(({ histogram }) => histogram);
    const kind = histograms[0].kind();
    const difference = state.difference && group.length > 1;
    this.#distribution = distributionOf(histograms, { ...state, difference });
    const { bars, trimmed } = this.#distribution;
    const axis = axisOf(kind, state.axis);
    const positions = positionsOf(bars, axis);
    const unit = state.unit === "count" && !difference ? "count" : "share";
    const title = titleOf(state, group, unit, difference);
    this.#caption.textContent = title;
    this.#chart.show({
      columns: group.map((_, s) => bars.map(({ values }) => values[s])),
      colors: group.map(({ color }) => color),
      positions,
      unit,
      title,
      axisLabel: unit === "count" ? "samples" : difference ? "difference of shares" : "share of samples",
      grouped: isCategorical(kind) && !state.cumulative,
      ticksFor: (most) => ticksOf(bars, positions, axis, kind, most, histograms[0].labels()),
    });
    this.#notice.textContent = trimNotice(trimmed);
    this.#hovered(null, false);
    this.element.classList.toggle("wide", group.length > MOST_COLUMNS);
    fill(this.#side, figuresTable(group, kind));
    fill(this.#below, state.table ? this.#bucketTable() : null, this.#downloads());
  }

  #hovered(index, byKey) {
    const bar = index === null ? null : this.#distribution.bars[index];
    if (!bar) {
      this.#readout.textContent = "Hover or use the arrow keys for exact values.";
      return;
    }
    const several = this.#group.length > 1;
    const values = this.#group.flatMap((one, s) => {
      const said = `${formatCount(bar.counts[s])} samples, ${formatShare(bar.shares[s])}${this.#drawn(bar, s)}`;
      return [several ? swatch(one.color) : "", el("span", {}, several ? `${one.label}: ${said}` : said)];
    });
    fill(this.#readout, el("b", {}, rangeText(this.#group[0].histogram, bar)), ...values);
    if (byKey) this.#spoken.textContent = this.#readout.textContent;
  }

  /** The value as drawn, where that is not the share itself. */
  #drawn(bar, s) {
    if (this.#state.difference && this.#group.length > 1) return ` (${formatShare(bar.values[s])} more than the first)`;
    if (!this.#state.cumulative) return "";
    return ` (up to here ${this.#state.unit === "count" ? formatCount(bar.values[s]) : formatShare(bar.values[s])})`;
  }

  #bucketTable() {
    const { cumulative, difference, unit } = this.#state;
    const more = difference && this.#group.length > 1 ? "difference" : cumulative ? "cumulative" : null;
    const heads = ["samples", "share", more].filter(Boolean);
    const names = this.#group.flatMap(({ label }) =>
      heads.map((head) => (this.#group.length > 1 ? `${label}: ${head}` : head)),
    );
    const drawn = (value) => (unit === "count" && more !== "difference" ? formatCount(value) : formatShare(value));
    const cells = (bar, s) =>
      [formatCount(bar.counts[s]), formatShare(bar.shares[s]), drawn(bar.values[s])].slice(0, heads.length);
    const rows = this.#distribution.bars.map((bar) => [
      rangeText(this.#group[0].histogram, bar),
      ...this.#group.flatMap((_, s) => cells(bar, s)),
    ]);
    return table({
      caption: "Distribution, one row a bucket",
      columns: ["Bucket", ...names],
      rows,
      className: "figures",
    });
  }

  #downloads() {
    const { measure, version, from, to, by, filters } = this.#state;
    const { unit, cumulative, difference, trim } = this.#state;
    const rows = () =>
      distributionTable(this.#distribution, this.#group.map(describedBy), {
        measure,
        version,
        from,
        to,
        by,
        filters,
        unit,
        cumulative,
        difference,
        trim,
      });
    const title = () => `${this.#caption.textContent} · ${this.#group.map(({ label }) => label).join(", ")}`;
    const name = (extension) => fileName([this.#group[0].measure, ...version, "distribution"], extension);
    return downloads([
      ["CSV", () => saveText(toCsv(rows()), "text/csv", name("csv"))],
      ["JSON", () => saveText(toJson(rows()), "application/json", name("json"))],
      ["PNG", () => savePng([this.#chart.canvas], title(), name("png"))],
      ["SVG", () => saveText(svgText([this.#chart.panel], title()), "image/svg+xml", name("svg"))],
    ]);
  }

  destroy() {
    this.#chart.destroy();
    this.element.remove();
  }
}

const describedBy = (one) => ({ ...one, population: [one.population, one.range.label].filter(Boolean).join("; ") });

function titleOf(state, group, unit, difference) {
  const measures = [...new Set(group.map(({ measure }) => measure))].join(", ");
  const what = difference ? `Difference from ${group[0].label}` : unit === "count" ? "Samples" : "Share of samples";
  return `${measures}: ${what}${state.cumulative ? ", cumulative" : ""}`;
}

const rangeText = (histogram, { start, end }) =>
  isCategorical(histogram.kind())
    ? categoryName(histogram.kind(), start, histogram.labels())
    : `[${formatFigure(start)}, ${formatFigure(end)})`;

/** Figures side by side: a column a series, or a row a series where they are many. */
function figuresTable(group, kind) {
  const names = group.map((one) => el("span", {}, group.length > 1 ? swatch(one.color) : "", one.label));
  const figures = summaryRows(kind);
  const caption = isCategorical(kind) ? "Figures" : "Figures (percentiles are estimates)";
  const heads = figures.map(({ label, why }) => el("span", { title: why }, label));
  if (group.length > MOST_COLUMNS) {
    const rows = group.map(({ histogram }, i) => [names[i], ...figures.map(({ of }) => of(histogram))]);
    return table({ caption, columns: ["Series", ...heads], rows, className: "figures" });
  }
  const rows = figures.map(({ of }, i) => [heads[i], ...group.map(({ histogram }) => of(histogram))]);
  return table({ caption, columns: ["Figure", ...names], rows, className: "figures" });
}
