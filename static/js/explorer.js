/**
 * The view of evolutions and distributions: loads what a state asks for, and hands it to the controls and the two
 * sections.
 */
import { load, mergedMeasures, pairsOf } from "./loading.js";
import { remember } from "./kept.js";
import { searchable } from "./models/search.js";
import { versionName } from "./models/names.js";
import { Controls } from "./views/controls.js";
import { DistributionSection } from "./views/distribution.js";
import { EvolutionSection } from "./views/evolution.js";
import { MeasureHead } from "./views/measure-head.js";
import { el, fill, button } from "./views/dom.js";
import { onThemeChange } from "./views/theme.js";

const idle = (work) => (globalThis.requestIdleCallback ?? ((run) => setTimeout(run, 50)))(work);

/** Adds up what a first filter will add up, while nobody waits: the browser compiles that code on its first use. */
const addedUp = (evolution) => idle(() => evolution.filter(() => true).each((date, histogram) => histogram.median()));

export class Explorer {
  #published;
  #controls;
  #head;
  #evolution;
  #distribution;
  #status = el("p", { class: "loading", role: "status" });
  #charts;
  #asked = 0;
  #shown = null;

  /** change(partOfState, {replace}) asks the page for another state. */
  constructor(published, change) {
    this.#published = published;
    this.#controls = new Controls(change);
    this.#head = new MeasureHead();
    this.#evolution = new EvolutionSection(change);
    this.#distribution = new DistributionSection(change);
    this.#charts = el("div", { class: "sections" }, this.#evolution.element, this.#distribution.element);
    this.element = el(
      "div",
      { class: "explorer" },
      this.#controls.element,
      this.#head.element,
      this.#status,
      this.#charts,
    );
    onThemeChange(() => this.#shown && this.#draw(this.#shown));
  }

  /** The part of the state that the page chose where the address left it open. */
  get chosen() {
    if (!this.#shown) return {};
    const { version, measure } = this.#shown.state;
    return { version, measure };
  }

  /** Shows a state; gives notices. An answer that comes after a newer question is dropped. */
  async show(wanted) {
    const asked = ++this.#asked;
    const slow = setTimeout(() => fill(this.#status, "Loading…"), 150);
    try {
      const found = await load(this.#published, wanted);
      if (asked !== this.#asked) return [];
      this.#draw({ ...found, wanted });
      this.#after(found, wanted, asked);
      return found.notices;
    } catch (error) {
      if (asked === this.#asked) this.#failed(error, wanted);
      return [];
    } finally {
      clearTimeout(slow);
      if (asked === this.#asked && !this.#status.querySelector("button")) fill(this.#status);
    }
  }

  #draw(found) {
    this.#shown = found;
    const { state, series } = found;
    this.#charts.hidden = false;
    this.#head.element.hidden = false;
    document.title = `${state.measure.join(", ")} · ${state.version.map(versionName).join(", ")} · Telemetry`;
    const shared = { ...found, publishedAt: this.#published.publishedAt() };
    this.#head.show(found);
    this.#evolution.show(shared);
    this.#distribution.show(shared);
    const isPlausible = (version) => this.#published.isPlausible(version);
    this.#controls.show({
      ...found,
      versions: this.#versions(state),
      isPlausible,
      entries: () => this.#entries(found.indexes),
    });
    for (const { measure, evolution } of series) if (evolution) remember(measure);
  }

  /** Those to choose from: implausible ones where they are asked for, or shown already. */
  #versions({ implausible, version }) {
    return this.#published
      .versions()
      .filter((name) => implausible || this.#published.isPlausible(name) || version.includes(name));
  }

  #searched = { indexes: null, entries: [] };

  /** Made when the search box opens, and again only for other indexes. */
  #entries(indexes) {
    const now = [...indexes.values()];
    if (now.length !== this.#searched.indexes?.length || now.some((index, i) => index !== this.#searched.indexes[i])) {
      this.#searched = { indexes: now, entries: searchable(mergedMeasures(indexes)) };
    }
    return this.#searched.entries;
  }

  /** Filters are offered once the chart stands, and their data fetched before anyone asks. */
  async #after(found, wanted, asked) {
    const pairs = pairsOf(found.state, found.indexes);
    try {
      const populations = found.populations ?? (await this.#published.populationsOf(pairs, found.state.by));
      if (asked === this.#asked && !found.populations) this.#controls.showFilters({ ...found, wanted, populations });
    } catch (error) {
      if (asked === this.#asked) fill(this.#status, `The filters could not be read: ${error.message}`);
      return;
    }
    idle(() => {
      // only a head start: a failure shows when the data are asked for
      for (const { version, measure } of pairs)
        this.#published.whole(version, measure, found.state.by).then(addedUp, () => {});
    });
  }

  #failed(error, wanted) {
    this.#charts.hidden = true;
    this.#head.element.hidden = true;
    fill(
      this.#status,
      el("span", { role: "alert" }, `The data could not be read: ${error.message} `),
      button("Try again", () => this.show(wanted)),
    );
  }
}
