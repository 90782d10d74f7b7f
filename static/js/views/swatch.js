import { el } from "./dom.js";
import { seriesColor } from "./theme.js";

/** A field in the colour of a series, beside its name. */
export function swatch(index) {
  const made = el("span", { class: "swatch", "aria-hidden": "true" });
  made.style.background = seriesColor(index);
  return made;
}
