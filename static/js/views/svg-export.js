/** A chart as SVG, from the plot's own scales and ticks; lines and bars stay lines and bars. */
import { svg } from "./dom.js";
import { color } from "./theme.js";

const HEAD = 30;
const TEXT = { "font-family": "system-ui, sans-serif", "font-size": 12 };

/** Ticks as the plot drew them; uPlot keeps them in _splits and _values. */
function ticks(plot, which) {
  const { _splits: splits, _values: values } = plot.axes[which];
  return (splits ?? []).map((at, i) => ({ at, label: String(values[i] ?? "") })).filter(({ label }) => label !== "");
}

function frame(plot, box) {
  const quiet = { ...TEXT, fill: color("text-quiet") };
  const grid = { stroke: color("grid"), "stroke-width": 1 };
  const below = ticks(plot, 0).flatMap(({ at, label }) => {
    const x = box.left + plot.valToPos(at, "x");
    const lines = label
      .split("\n")
      .map((text, i) => svg("text", { ...quiet, x, y: box.bottom + 18 + i * 14, "text-anchor": "middle" }, text));
    return [svg("line", { ...grid, x1: x, x2: x, y1: box.top, y2: box.bottom }), ...lines];
  });
  const beside = ticks(plot, 1).flatMap(({ at, label }) => {
    const y = box.top + plot.valToPos(at, "y");
    return [
      svg("line", { ...grid, x1: box.left, x2: box.right, y1: y, y2: y }),
      svg("text", { ...quiet, x: box.left - 8, y: y + 4, "text-anchor": "end" }, label),
    ];
  });
  return [...below, ...beside];
}

/** One plot, moved down by `top`: its frame and what draw(toX, toY, box) makes of its data. */
function panel({ plot, draw }, top) {
  const ratio = devicePixelRatio;
  const left = plot.bbox.left / ratio;
  const upper = top + plot.bbox.top / ratio;
  const box = { left, top: upper, right: left + plot.bbox.width / ratio, bottom: upper + plot.bbox.height / ratio };
  const toX = (value) => box.left + plot.valToPos(value, "x");
  const toY = (value) => box.top + plot.valToPos(value, "y");
  return svg("g", {}, ...frame(plot, box), ...draw(toX, toY, box));
}

/** The text of an SVG file with plots below each other: panels [{plot, draw}]. */
export function svgText(panels, title) {
  const width = Math.max(...panels.map(({ plot }) => plot.width));
  const height = HEAD + panels.reduce((sum, { plot }) => sum + plot.height, 0);
  const root = svg(
    "svg",
    { xmlns: "http://www.w3.org/2000/svg", viewBox: `0 0 ${width} ${height}`, width, height, role: "img" },
    svg("title", {}, title),
  );
  root.append(
    svg("rect", { width, height, fill: color("surface") }),
    svg("text", { ...TEXT, x: 12, y: 20, "font-weight": 600, fill: color("text") }, title),
  );
  let top = HEAD;
  for (const one of panels) {
    root.append(panel(one, top));
    top += one.plot.height;
  }
  return new XMLSerializer().serializeToString(root);
}

const moves = (points) => points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

function drawnMark({ at, label }, toX, box) {
  const x = toX(at);
  const quiet = color("text-quiet");
  return [
    svg("line", { x1: x, x2: x, y1: box.top, y2: box.bottom, stroke: quiet, "stroke-dasharray": "2 3" }),
    svg("text", { ...TEXT, x: x + 4, y: box.top + 10, fill: quiet }, label),
  ];
}

/** Draws lines over dates: [{label, ink, solid, dashed, dim}] at x values in seconds, and marks [{at, label}]. */
export const drawnLines = (lines, times, marks) => (toX, toY, box) => [
  ...marks.flatMap((mark) => drawnMark(mark, toX, box)),
  ...lines.flatMap((line) => drawnLine(line, times, toX, toY, box)),
];

function drawnLine({ label, ink, solid, dashed, dim }, times, toX, toY, box) {
  const points = (values) => values.flatMap((value, i) => (value === null ? [] : [[toX(times[i]), toY(value)]]));
  const path = { fill: "none", stroke: ink, "stroke-width": 2 };
  const [joined, filling, low] = [points(solid), points(dashed), points(dim)];
  const last = [...joined, ...filling].at(-1) ?? low.at(-1);
  return [
    ...(joined.length ? [svg("path", { ...path, class: "joined", d: moves(joined) })] : []),
    ...(filling.length
      ? [svg("path", { ...path, class: "filling", d: moves(filling), "stroke-dasharray": "4 4" })]
      : []),
    ...low.map(([cx, cy]) => svg("circle", { class: "low", cx, cy, r: 3, fill: "none", stroke: ink, opacity: 0.5 })),
    ...(last ? [svg("text", { ...TEXT, x: box.right + 6, y: last[1] + 4, fill: ink }, label)] : []),
  ];
}

/** Draws bars [[left, right], …] of columns of values; several columns share each bar's place. */
export const drawnBars = (columns, inks, positions) => (toX, toY) =>
  columns.flatMap((values, c) =>
    positions.map(([left, right], i) => {
      const wide = (toX(right) - toX(left)) / columns.length;
      const [a, b] = [toY(values[i]), toY(0)].sort((p, q) => p - q);
      return svg("rect", {
        x: toX(left) + c * wide,
        y: a,
        width: Math.max(0.5, wide - 1),
        height: b - a,
        fill: inks[c],
      });
    }),
  );
