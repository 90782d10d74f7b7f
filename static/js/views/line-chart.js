/** Lines over dates: one chart a unit of figures, cursors linked, a range chosen by dragging or by keys. */
import { uPlot, dateAxis, followWidth, fromZero, inUtc, valueAxis } from "./plot.js";
import { drawLabels, labelRoom } from "./labels.js";
import { el } from "./dom.js";
import { drawnLines } from "./svg-export.js";
import { color, seriesColor } from "./theme.js";
import { DAY_SECONDS } from "../models/dates.js";

const KEYS = "Arrow keys move over dates, Shift with arrows selects a range, Escape shows all dates.";
const LINKED = uPlot.sync("dates");
const seconds = (date) => date.getTime() / 1000;

/** The three layers of a line: trusted, still filling, low-volume. */
function layersOf(line) {
  const stroke = seriesColor(line.color);
  const width = line.faint ? 1.25 : 2;
  const joined = { stroke, width, spanGaps: true, alpha: line.faint ? 0.8 : 1 };
  return [
    { ...joined, label: line.label, points: { show: line.solid.length < 100, size: 5, fill: stroke } },
    { ...joined, dash: [4, 4], points: { show: true, size: 5, fill: color("surface") } },
    {
      stroke,
      width: 0,
      paths: () => null,
      alpha: 0.45,
      points: { show: true, size: 6, width: 1.5, fill: color("surface") },
    },
  ];
}

function drawMarks(plot, marks) {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = color("text-quiet");
  ctx.fillStyle = color("text-quiet");
  ctx.setLineDash([2 * ratio, 3 * ratio]);
  ctx.font = `${11 * ratio}px system-ui, sans-serif`;
  ctx.textAlign = "left";
  ctx.textBaseline = "alphabetic";
  marks.forEach(({ date, label }, i) => {
    const x = plot.valToPos(seconds(date), "x", true);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.fillText(label, x + 4 * ratio, bbox.top + (10 + 12 * (i % 3)) * ratio);
  });
  ctx.restore();
}

function drawNames(plot, lines) {
  const labels = lines.flatMap((line) => {
    const values = line.solid.map((value, i) => line.dashed[i] ?? value ?? line.dim[i]);
    const last = values.filter((value) => value !== null).at(-1);
    return last === undefined
      ? []
      : [{ label: line.label, color: seriesColor(line.color), y: plot.valToPos(last, "y", true) }];
  });
  drawLabels(plot, labels, devicePixelRatio);
}

/** What a plot is made for; other data of the same kind go into the plot that stands. */
const shapeOf = ({ lines, unit, axisLabel, small, labels, dates }) =>
  JSON.stringify([
    lines.map(({ label, color: ink, faint }) => [label, ink, faint]),
    unit,
    axisLabel,
    small,
    labels,
    dates.length < 100,
    color("surface"),
  ]);

export class LineChart {
  #host;
  #width = 0;
  #plot = null;
  #shape = null;
  #shown = null;
  #unfollow;
  #events;

  /** events: {onRange(fromDate, toDate), onHover(index or null, byKey), onReset()}. */
  constructor(events) {
    this.#events = events;
    this.#host = el("div", { class: "plot", tabindex: "0", role: "group", onkeydown: (event) => this.#key(event) });
    this.#unfollow = followWidth(this.#host, (width) => this.#resize(width));
  }

  #resize(width) {
    this.#width = width;
    this.#plot?.setSize({ width, height: this.#height() });
  }

  get element() {
    return this.#host;
  }

  get canvas() {
    return this.#plot.ctx.canvas;
  }

  /** For svg-export.js. */
  get panel() {
    const lines = this.#shown.lines.map((line) => ({ ...line, ink: seriesColor(line.color) }));
    const marks = this.#shown.marks.map(({ date, label }) => ({ at: seconds(date), label }));
    return { plot: this.#plot, draw: drawnLines(lines, this.#shown.dates.map(seconds), marks) };
  }

  /**
   * shown: {dates, lines, marks: [{date, label}], unit, title, axisLabel, small, labels}; lines as models/lines.js
   * aligns them. `labels` are those of all charts below each other, so that their dates stand below each other too.
   */
  show(shown) {
    this.#shown = shown;
    this.#host.setAttribute("aria-label", `${shown.title}. ${KEYS}`);
    this.#width ||= this.#host.clientWidth || 600; // later widths are told; asking would lay out the page again
    const data = [shown.dates.map(seconds), ...shown.lines.flatMap(({ solid, dashed, dim }) => [solid, dashed, dim])];
    const shape = shapeOf(shown);
    if (shape === this.#shape) {
      this.#plot.setData(data);
      return;
    }
    this.#plot?.destroy();
    this.#shape = shape;
    this.#plot = new uPlot(this.#options(this.#width), data, this.#host);
  }

  #dateRange() {
    const times = this.#shown.dates.map(seconds);
    return times.length > 1 ? [times[0], times.at(-1)] : [times[0] - DAY_SECONDS, times[0] + DAY_SECONDS];
  }

  #height() {
    const full = Math.min(380, Math.max(220, innerHeight * 0.4));
    return Math.round(this.#shown.small ? full * 0.5 : full);
  }

  #options(width) {
    const { lines, unit, axisLabel, labels } = this.#shown;
    return {
      width,
      height: this.#height(),
      tzDate: inUtc,
      padding: [14, labelRoom(labels, width), 0, 0],
      legend: { show: false },
      scales: { x: { time: true, range: () => this.#dateRange() }, y: { range: fromZero } },
      series: [{}, ...lines.flatMap(layersOf)],
      axes: [dateAxis(), valueAxis(unit, axisLabel)],
      cursor: {
        sync: { key: LINKED.key, setSeries: false },
        drag: { x: true, y: false, setScale: false },
        points: { size: 9, fill: (plot, i) => plot.series[i].stroke(plot, i) },
        y: false,
      },
      hooks: {
        draw: [(plot) => drawMarks(plot, this.#shown.marks), (plot) => drawNames(plot, this.#shown.lines)],
        setCursor: [(plot) => this.#events.onHover(plot.cursor.idx ?? null, false)],
        setSelect: [(plot) => this.#selected(plot)],
      },
    };
  }

  #selected(plot) {
    const { left, width } = plot.select;
    if (width < 4) return;
    const from = plot.posToVal(left, "x");
    const to = plot.posToVal(left + width, "x");
    const inside = this.#shown.dates.filter((date) => from <= seconds(date) && seconds(date) <= to);
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    if (inside.length) this.#events.onRange(inside[0], inside.at(-1));
  }

  #anchor = null;

  #key(event) {
    const count = this.#shown?.dates.length ?? 0;
    const now = this.#plot?.cursor.idx ?? count - 1;
    const targets = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: count - 1 };
    if (event.key === "Escape") this.#events.onReset();
    if (event.key === "Enter" && this.#anchor !== null) this.#keyRange(now);
    if (!(event.key in targets) || count === 0) return;
    event.preventDefault();
    const index = Math.max(0, Math.min(count - 1, targets[event.key]));
    this.#anchor = event.shiftKey ? (this.#anchor ?? now) : null;
    const x = (i) => this.#plot.valToPos(seconds(this.#shown.dates[i]), "x");
    this.#plot.setCursor({ left: x(index), top: 10 });
    this.#events.onHover(index, true);
    if (this.#anchor === null) return;
    const [a, b] = [x(this.#anchor), x(index)].sort((p, q) => p - q);
    this.#plot.setSelect({ left: a, width: b - a, top: 0, height: this.#plot.over.clientHeight }, false);
  }

  #keyRange(now) {
    const ends = [this.#anchor, now].sort((a, b) => a - b).map((i) => this.#shown.dates[i]);
    this.#anchor = null;
    this.#events.onRange(...ends);
  }

  destroy() {
    this.#unfollow();
    this.#plot?.destroy();
    this.#host.remove();
  }
}
