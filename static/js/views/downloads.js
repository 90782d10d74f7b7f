/** Files made in the page: what is shown, as CSV, JSON, PNG or SVG. */
import { button, el } from "./dom.js";
import { color } from "./theme.js";

function save(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = el("a", { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

export const saveText = (text, type, name) => save(new Blob([text], { type: `${type};charset=utf-8` }), name);

/** A file name of untrusted parts. */
export const fileName = (parts, extension) =>
  `${parts
    .join("-")
    .replace(/[^\w.-]+/g, "_")
    .slice(0, 120)}.${extension}`;

/** One picture of canvases below each other, under a title. */
export function savePng(canvases, title, name) {
  const ratio = devicePixelRatio;
  const head = 34 * ratio;
  const whole = document.createElement("canvas");
  whole.width = Math.max(...canvases.map(({ width }) => width));
  whole.height = head + canvases.reduce((sum, { height }) => sum + height, 0);
  const context = whole.getContext("2d");
  context.fillStyle = color("surface");
  context.fillRect(0, 0, whole.width, whole.height);
  context.fillStyle = color("text");
  context.font = `600 ${14 * ratio}px system-ui, sans-serif`;
  context.fillText(title, 12 * ratio, 22 * ratio, whole.width - 24 * ratio);
  let top = head;
  for (const canvas of canvases) {
    context.drawImage(canvas, 0, top);
    top += canvas.height;
  }
  whole.toBlob((blob) => save(blob, name), "image/png");
}

/** Buttons for each way to save: [[label, save()], …]. */
export const downloads = (ways) =>
  el(
    "div",
    { class: "downloads", role: "group", "aria-label": "Download" },
    ways.map(([label, run]) => button(label, run, { class: "quiet", "aria-label": `Download as ${label}` })),
  );
