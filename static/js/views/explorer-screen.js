/** What the explorer fills: controls, head, status line and the two sections, each in its place. */
import { versionName } from "../models/names.js";
import { Controls } from "./controls.js";
import { DistributionSection } from "./distribution.js";
import { button, el, fill } from "./dom.js";
import { EvolutionSection } from "./evolution.js";
import { MeasureHead } from "./measure-head.js";
import { onThemeChange } from "./theme.js";

export class ExplorerScreen {
  #controls;
  #head = new MeasureHead();
  #evolution;
  #distribution;
  #status = el("p", { class: "loading", role: "status" });
  #charts;
  #shown = null;

  /** change(partOfState, {replace}) asks the page for another state. */
  constructor(change) {
    this.#controls = new Controls(change);
    this.#evolution = new EvolutionSection(change);
    this.#distribution = new DistributionSection(change);
    this.#charts = el("div", { class: "sections" }, this.#evolution.element, this.#distribution.element);
    const parts = [this.#controls.element, this.#head.element, this.#status, this.#charts];
    this.element = el("div", { class: "explorer" }, ...parts);
    onThemeChange(() => this.#shown && this.#draw());
  }

  loading() {
    fill(this.#status, "Loading…");
  }

  /** Draws what `load` found; `choices` is what the controls offer: {versions, isPlausible, entries}. */
  show(found, choices, publishedAt) {
    this.#shown = { found, choices, publishedAt };
    this.#hide(false);
    this.#draw();
    fill(this.#status);
  }

  showFilters(found) {
    this.#controls.showFilters(found);
  }

  filtersFailed({ message }) {
    fill(this.#status, `The filters could not be read: ${message}`);
  }

  /** Nothing could be read: says why, and offers another try. */
  failed({ message }, again) {
    this.#hide(true);
    const told = el("span", { role: "alert" }, `The data could not be read: ${message} `);
    fill(this.#status, told, button("Try again", again));
  }

  #hide(hidden) {
    this.#charts.hidden = hidden;
    this.#head.element.hidden = hidden;
  }

  #draw() {
    const { found, choices, publishedAt } = this.#shown;
    const { measure, version } = found.state;
    document.title = `${measure.join(", ")} · ${version.map(versionName).join(", ")} · Telemetry`;
    this.#head.show(found);
    this.#evolution.show({ ...found, publishedAt });
    this.#distribution.show({ ...found, publishedAt });
    this.#controls.show({ ...found, ...choices });
  }
}
