/** Names of lines written beside their ends, without overlap. */
import { FONT } from "./plot.js";
import { color } from "./theme.js";

const HEIGHT = 14;
let ruler;

/** Room in CSS pixels that labels need at the right, at most a share of the chart's width. */
export function labelRoom(labels, width) {
  ruler ??= document.createElement("canvas").getContext("2d");
  const context = ruler;
  context.font = FONT;
  const widest = Math.max(0, ...labels.map((label) => context.measureText(label).width));
  return Math.min(Math.ceil(widest) + 14, Math.floor(width * 0.3));
}

/** Draws [{label, color, y}] (y in canvas pixels) at the right of a plot, pushed apart where they would overlap. */
export function drawLabels(plot, labels, ratio) {
  const { ctx, bbox } = plot;
  const step = HEIGHT * ratio;
  const sorted = [...labels].sort((a, b) => a.y - b.y);
  let lowest = bbox.top - step;
  for (const label of sorted) {
    label.y = Math.max(label.y, lowest + step);
    lowest = label.y;
  }
  let highest = bbox.top + bbox.height + step / 2;
  for (const label of [...sorted].reverse()) {
    label.y = Math.min(label.y, highest);
    highest = label.y - step;
  }
  ctx.save();
  ctx.font = `${12 * ratio}px system-ui, sans-serif`;
  ctx.textBaseline = "middle";
  ctx.textAlign = "left";
  ctx.lineWidth = 3 * ratio;
  ctx.strokeStyle = color("surface");
  const left = bbox.left + bbox.width + 6 * ratio;
  const room = ctx.canvas.width - left;
  for (const { label, color: ink, y } of sorted) {
    const text = shortened(ctx, label, room);
    ctx.strokeText(text, left, y);
    ctx.fillStyle = ink;
    ctx.fillText(text, left, y);
  }
  ctx.restore();
}

function shortened(ctx, label, room) {
  if (ctx.measureText(label).width <= room) return label;
  let kept = label;
  while (kept.length > 1 && ctx.measureText(`${kept}…`).width > room) kept = kept.slice(0, -1);
  return `${kept}…`;
}
