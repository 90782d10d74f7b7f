/** Explores evolutions and distributions: loads what a state asks for, and hands it to the screen. */
import { load, mergedMeasures, pairsOf } from "./loading.js";
import { remember } from "./kept.js";
import { searchable } from "./models/search.js";

/** Milliseconds after which the screen says that it loads. */
const SLOW = 150;

const idle = (work) => (globalThis.requestIdleCallback ?? ((run) => setTimeout(run, 50)))(work);

/** Adds up what a first filter will add up, while nobody waits: the browser compiles that code on its first use. */
const addedUp = (evolution) => idle(() => evolution.filter(() => true).each((date, histogram) => histogram.median()));

export class Explorer {
  #published;
  #screen;
  #asked = 0;
  #shown = null;

  /** `screen`: an `ExplorerScreen`. */
  constructor(published, screen) {
    this.#published = published;
    this.#screen = screen;
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
    const slow = setTimeout(() => asked === this.#asked && this.#screen.loading(), SLOW);
    try {
      const found = await load(this.#published, wanted);
      if (asked !== this.#asked) return [];
      this.#draw({ ...found, wanted });
      this.#after(found, wanted, asked);
      return found.notices;
    } catch (error) {
      if (asked === this.#asked) this.#screen.failed(error, () => this.show(wanted));
      return [];
    } finally {
      clearTimeout(slow);
    }
  }

  #draw(found) {
    this.#shown = found;
    const choices = {
      versions: this.#versions(found.state),
      isPlausible: (version) => this.#published.isPlausible(version),
      entries: () => this.#entries(found.indexes),
    };
    this.#screen.show(found, choices, this.#published.publishedAt());
    for (const { measure, evolution } of found.series) if (evolution) remember(measure);
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
      if (asked === this.#asked && !found.populations) this.#screen.showFilters({ ...found, wanted, populations });
    } catch (error) {
      if (asked === this.#asked) this.#screen.filtersFailed(error);
      return;
    }
    idle(() => {
      // only a head start: a failure shows when the data are asked for
      for (const { version, measure } of pairs)
        this.#published.whole(version, measure, found.state.by).then(addedUp, () => {});
    });
  }
}
