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
  #width = 0;
  #plot = null;
  #shape = null;
  #shown = null;
  #onHover;
  #unfollow;
  #at = null;

  constructor(onHover) {
    this.#onHover = onHover;
    this.#host = el("div", { class: "plot", tabindex: "0", role: "group", onkeydown: (event) => this.#key(event) });
    this.#unfollow = followWidth(this.#host, (width) => this.#resize(width));
  }

  #resize(width) {
    this.#width = width;
    if (this.#shown) this.#draw();
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

  /**
   * shown: {columns: [[value per bar] per series], colors, positions, ticksFor(most) → ticks or null, unit, grouped,
   * title}.
   */
  show(shown) {
    this.#shown = shown;
    this.#at = null;
    this.#host.setAttribute("aria-label", `${shown.title}. Arrow keys move over buckets.`);
    this.#width ||= this.#host.clientWidth || 600; // later widths are told; asking would lay out the page again
    this.#draw();
  }

  /** Other data of the same kind go into the plot that stands; its paths read what is shown when they are drawn. */
  #draw() {
    const width = this.#width;
    const { columns, positions, colors, unit, axisLabel, grouped } = this.#shown;
    const data = [
      [...positions.map(([left]) => left), positions.at(-1)[1]],
      ...columns.map((values) => [...values, null]),
    ];
    const shape = JSON.stringify([
      width,
      this.#shown.ticksFor(10) === null,
      colors,
      unit,
      axisLabel,
      grouped,
      color("surface"),
    ]);
    if (shape === this.#shape) {
      this.#plot.setData(data);
      return;
    }
    this.#plot?.destroy();
    this.#shape = shape;
    this.#plot = new uPlot(this.#options(width), data, this.#host);
  }

  #paths(i) {
    const { columns, positions, grouped } = this.#shown;
    if (columns.length === 1) return barPaths(positions, columns[i]);
    return grouped ? groupedPaths(positions, columns[i], i, columns.length) : outlinePaths(positions, columns[i]);
  }

  #series() {
    const { colors, grouped } = this.#shown;
    return colors.map((index, i) => {
      const ink = seriesColor(index);
      const filled = colors.length === 1 || grouped;
      return {
        stroke: filled ? null : ink,
        fill: filled ? ink : null,
        width: 2,
        points: { show: false },
        paths: (plot) => this.#paths(i)(plot),
      };
    });
  }

  #options(width) {
    const { unit, axisLabel } = this.#shown;
    return {
      width,
      height: Math.round(Math.min(360, Math.max(220, innerHeight * 0.38))),
      padding: [12, 12, 0, 0],
      legend: { show: false },
      scales: {
        x: { time: false, range: () => [this.#shown.positions[0][0], this.#shown.positions.at(-1)[1]] },
        y: { range: fromZero },
      },
      series: [{}, ...this.#series()],
      axes: [this.#bucketAxis(width), valueAxis(unit, axisLabel)],
      cursor: { drag: { x: false, y: false }, y: false, points: { show: false } },
      hooks: { setCursor: [(plot) => this.#hovered(plot)], draw: [drawZero] },
    };
  }

  #bucketAxis(width) {
    const ticks = () => this.#shown.ticksFor(Math.max(4, Math.floor(width / 60)));
    if (ticks() === null) return axis({ size: 36 });
    return axis({
      size: 36,
      splits: () => ticks().map(({ at }) => at),
      values: () => ticks().map(({ label }) => label),
      filter: null,
    });
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
