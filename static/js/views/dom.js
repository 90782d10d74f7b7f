/** Elements without markup: everything that comes from data goes in as text. */

/**
 * el("button", {class: "x", type: "button", "aria-label": "…", onclick: f}, "text", otherElement, null)
 * Attributes that are false or null are left out, true is the empty string; `on…` are listeners; others are attributes.
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else setAttribute(element, name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function setAttribute(element, name, value) {
  if (value === false || value === null || value === undefined) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? "" : value);
}

export const button = (label, onclick, attributes = {}) =>
  el("button", { type: "button", onclick, ...attributes }, label);

/** A button that is pressed or not. */
export function toggle(label, onChange) {
  const element = button(label, () => onChange(element.getAttribute("aria-pressed") !== "true"), {
    class: "toggle",
    "aria-pressed": "false",
  });
  return { element, set: (on) => element.setAttribute("aria-pressed", String(on)) };
}

export const fill = (element, ...children) => element.replaceChildren(...children.flat().filter(Boolean));

const SVG = "http://www.w3.org/2000/svg";

export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

let last = 0;

/** An id that no other element has. */
export const freshId = (prefix) => `${prefix}-${++last}`;
