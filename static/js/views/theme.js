/** Colours of the style sheet, for the canvas; and the choice of light or dark. */
import { colorName } from "../models/palette.js";

const KEY = "telemetry-theme";
const listeners = new Set();

/** Asking the browser for a style makes it lay out the page again, so each colour is asked for once a theme. */
const known = new Map();

export function color(name) {
  if (!known.has(name))
    known.set(name, getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim());
  return known.get(name);
}

/** The colour of a series, by its index into the palette. */
export const seriesColor = (index) => color(colorName(index));

export function onThemeChange(listener) {
  listeners.add(listener);
}

function changed() {
  known.clear();
  for (const listener of listeners) listener();
}

/** "auto", "light" or "dark". */
export function theme() {
  return document.documentElement.dataset.theme ?? "auto";
}

export function setTheme(name) {
  if (name === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  try {
    localStorage.setItem(KEY, name);
  } catch {
    // storage may be forbidden; the choice then lasts as long as the page
  }
  changed();
}

export function startTheme() {
  let kept = "auto";
  try {
    kept = localStorage.getItem(KEY) ?? "auto";
  } catch {
    // as above
  }
  if (kept !== "auto") document.documentElement.dataset.theme = kept;
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
}
