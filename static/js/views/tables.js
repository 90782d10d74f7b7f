/** Tables of text; the first column names the row. */
import { el } from "./dom.js";

/** columns: [text]; rows: [[text or element, …]]; the caption is read to screen readers and shown. */
export function table({ caption, columns, rows, className = "" }) {
  const head = el(
    "tr",
    {},
    columns.map((name) => el("th", { scope: "col" }, name)),
  );
  const body = rows.map(([first, ...rest]) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, first),
      rest.map((value) => el("td", {}, value)),
    ),
  );
  const made = el(
    "table",
    { class: className },
    el("caption", {}, caption),
    el("thead", {}, head),
    el("tbody", {}, body),
  );
  // wide tables scroll by themselves, also by keyboard
  return el("div", { class: "table-wrap", tabindex: "0", role: "region", "aria-label": caption }, made);
}
