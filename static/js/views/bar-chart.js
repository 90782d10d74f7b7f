/** A distribution: bars for one series, outlines for several, on any axis; bars may hang below zero (differences). */
import { uPlot, axis, followWidth, fromZero, valueAxis } from "./plot.js";
import { el } from "./dom.js";
import { drawnBars } from "./svg-export.js";
import { color, seriesColor } from "./theme.js";

function barPaths(positions, values) {
  return (plot) => {
    const fill = new Path2D();
    const zero = plot.valToPos(0, "y", true);
    positions.forEach(([left, right], i) => {
      const x = plot.valToPos(left, "x", true);
      const y = plot.valToPos(values[i], "y", true);
      const wide = plot.valToPos(right, "x", true) - x;
      fill.rect(x, Math.min(y, zero), Math.max(1, wide - Math.min(2, wide * 0.15)), Math.abs(zero - y));
    });
    return { fill, stroke: null, clip: null, band: null, gaps: null, flags: 0 };
  };
}

function outlinePaths(positions, values) {
  return (plot) => {
    const stroke = new Path2D();
    stroke.moveTo(plot.valToPos(positions[0][0], "x", true), plot.valToPos(0, "y", true));
    positions.forEach(([left, right], i) => {
      const y = plot.valToPos(values[i], "y", true);
      stroke.lineTo(plot.valToPos(left, "x", true), y);
      stroke.lineTo(plot.valToPos(right, "x", true), y);
    });
    stroke.lineTo(plot.valToPos(positions.at(-1)[1], "x", true), plot.valToPos(0, "y", true));
    return { stroke, fill: null, clip: null, band: null, gaps: null, flags: 0 };
  };
}

/** Several series over named categories: thin bars beside each other. */
function groupedPaths(positions, values, place, count) {
  const slots = positions.map(([left, right]) => {
    const wide = ((right - left) * 0.86) / count;
    return [left + (right - left) * 0.07 + place * wide, left + (right - left) * 0.07 + (place + 1) * wide];
  });
  return barPaths(slots, values);
}

export class BarChart {
  #host;
  #plot = null;
  #shown = null;
  #onHover;
  #unfollow;
  #at = null;

  constructor(onHover) {
    this.#onHover = onHover;
    this.#host = el("div", { class: "plot", tabindex: "0", role: "group", onkeydown: (event) => this.#key(event) });
    this.#unfollow = followWidth(this.#host, (width) => this.#draw(width));
  }

  get element() {
    return this.#host;
  }

  get canvas() {
    return this.#plot.ctx.canvas;
  }

  /** For svg-export.js. */
  get panel() {
    const { columns, colors, positions } = this.#shown;
    return { plot: this.#plot, draw: drawnBars(columns, colors.map(seriesColor), positions) };
  }

  /** shown: {columns: [[value per bar] per series], colors, positions, ticksFor(most) → ticks or null, unit, grouped, title}. */
  show(shown) {
    this.#shown = shown;
    this.#at = null;
    this.#host.setAttribute("aria-label", `${shown.title}. Arrow keys move over buckets.`);
    this.#draw(this.#host.clientWidth || 600);
  }

  #draw(width) {
    this.#plot?.destroy();
    const { columns, positions } = this.#shown;
    const x = [...positions.map(([left]) => left), positions.at(-1)[1]];
    this.#plot = new uPlot(this.#options(width), [x, ...columns.map((values) => [...values, null])], this.#host);
  }

  #series() {
    const { columns, colors, positions, grouped } = this.#shown;
    return columns.map((values, i) => {
      const ink = seriesColor(colors[i]);
      const points = { show: false };
      if (columns.length === 1) return { stroke: null, fill: ink, points, paths: barPaths(positions, values) };
      if (grouped) return { stroke: null, fill: ink, points, paths: groupedPaths(positions, values, i, columns.length) };
      return { stroke: ink, width: 2, points, paths: outlinePaths(positions, values) };
    });
  }

  #options(width) {
    const { positions, ticksFor, unit, axisLabel } = this.#shown;
    const ticks = ticksFor(Math.max(4, Math.floor(width / 60)));
    const custom = ticks && { splits: () => ticks.map(({ at }) => at), values: () => ticks.map(({ label }) => label), filter: null };
    const ends = [positions[0][0], positions.at(-1)[1]];
    return {
      width,
      height: Math.round(Math.min(360, Math.max(220, innerHeight * 0.38))),
      padding: [12, 12, 0, 0],
      legend: { show: false },
      scales: { x: { time: false, range: () => ends }, y: { range: fromZero } },
      series: [{}, ...this.#series()],
      axes: [axis({ size: 36, ...custom }), valueAxis(unit, axisLabel)],
      cursor: { drag: { x: false, y: false }, y: false, points: { show: false } },
      hooks: { setCursor: [(plot) => this.#hovered(plot)], draw: [drawZero] },
    };
  }

  #hovered(plot) {
    const { left } = plot.cursor;
    const x = left >= 0 ? plot.posToVal(left, "x") : NaN;
    const index = this.#shown.positions.findIndex(([from, to]) => from <= x && x < to);
    this.#at = index < 0 ? null : index;
    this.#onHover(this.#at, false);
  }

  #key(event) {
    const count = this.#shown?.positions.length ?? 0;
    const now = this.#at ?? -1;
    const targets = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: count - 1 };
    if (!(event.key in targets) || count === 0) return;
    event.preventDefault();
    const index = Math.max(0, Math.min(count - 1, targets[event.key]));
    const [left, right] = this.#shown.positions[index];
    this.#plot.setCursor({ left: this.#plot.valToPos((left + right) / 2, "x"), top: 10 }, false);
    this.#at = index;
    this.#onHover(index, true);
  }

  destroy() {
    this.#unfollow();
    this.#plot?.destroy();
    this.#host.remove();
  }
}

function drawZero(plot) {
  if (plot.scales.y.min >= 0) return;
  const { ctx, bbox } = plot;
  const y = Math.round(plot.valToPos(0, "y", true));
  ctx.save();
  ctx.strokeStyle = color("text-quiet");
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
}
