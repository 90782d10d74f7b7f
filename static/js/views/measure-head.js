/** Name, kind and description of what is shown, with a star for each measure. */
import { button, el, fill } from "./dom.js";
import { starred, toggleStar } from "../kept.js";
import { formatCount } from "../models/numbers.js";
import { definitionWarning } from "../models/reasons.js";
import { populationName } from "../models/series.js";
import { versionName } from "../models/names.js";

function star(name) {
  const made = button("", () => draw(toggleStar(name)), { class: "star", "aria-label": `Star ${name}` });
  const draw = (on) => {
    made.textContent = on ? "★" : "☆";
    made.setAttribute("aria-pressed", String(on));
  };
  draw(starred().includes(name));
  return made;
}

const kindOf = ({ kind, original_kind: original }) => (original ? `${original}, published as ${kind}` : kind);

function reportedBy(pings, about) {
  if (!pings || about.submissions === undefined) return null;
  return `in ${formatCount(about.submissions)} of ${formatCount(pings)} pings`;
}

export class MeasureHead {
  constructor() {
    this.element = el("div", { class: "measure-head" });
  }

  /** found: as loading.js gives it. */
  show({ state, series, indexes }) {
    const names = [...new Set(series.map(({ measure }) => measure))];
    const heads = names.map((name) =>
      this.#head(
        name,
        series.find((one) => one.measure === name),
        indexes,
      ),
    );
    const where = el(
      "p",
      { class: "where" },
      `${state.version.map(versionName).join(", ")} · ${populationName(state.filters)}`,
    );
    fill(this.element, heads, where);
  }

  #head(name, { about, version }, indexes) {
    const warning = definitionWarning(about);
    const facts = about
      ? [kindOf(about), reportedBy(indexes.get(version)?.pings, about)].filter(Boolean).join(" · ")
      : "";
    return el(
      "div",
      { class: "measure" },
      el("h1", {}, star(name), el("span", {}, name)),
      el("p", { class: "description" }, about?.description ?? "", facts ? el("span", { class: "facts" }, facts) : null),
      warning ? el("p", { class: "warning" }, warning) : null,
    );
  }
}
