/** The bar of choices: measures, versions, filters, comparison. */
import { Menu } from "./menu.js";
import { MeasureSearch } from "./measure-search.js";
import { button, el, fill } from "./dom.js";
import { dimensionName, optionName, versionName } from "../models/names.js";
import { formatShort } from "../models/numbers.js";
import { oddButton, oddText } from "../models/odd.js";
import { MOST_SERIES } from "../models/palette.js";
import { filtersOfPin, pinOf } from "../models/pins.js";
import { dimensionsOf, optionsWithCounts } from "../models/populations.js";
import { populationName } from "../models/series.js";

const MOST_PINS = MOST_SERIES - 1; // beside the population that the filters make

/** "Windows, macOS", or "Windows + 3" where that is long. */
function summaryOf(names, none) {
  if (names.length === 0) return none;
  return names.length <= 2 ? names.join(", ") : `${names[0]} + ${names.length - 1}`;
}

/** Versions by channel, newest first; {versions, odd versions by name}: an implausible one says so. */
function versionOptions({ versions, isPlausible }) {
  const channels = [...new Set(versions.map((version) => version.split("/")[0]))];
  const of = (channel) => versions.filter((version) => version.startsWith(`${channel}/`)).reverse();
  const label = (version) => `${versionName(version)}${isPlausible(version) ? "" : " (implausible)"}`;
  return channels.flatMap((channel) =>
    of(channel).map((version) => ({ value: version, label: label(version), group: channel })),
  );
}

export class Controls {
  #change;
  #search = new MeasureSearch();
  #measures = el("div", { class: "chosen" });
  #versions;
  #filters = el("div", { class: "filters", role: "group", "aria-label": "Filters" });
  #pins = el("div", { class: "chosen", role: "group", "aria-label": "Populations kept in the charts" });
  #odd = el("div", { class: "odd" });
  #menus = new Map();
  #compare;
  #shown = null;

  constructor(change) {
    this.#change = change;
    this.#versions = new Menu({ label: "Version", onChange: (version) => change({ version }), anyLabel: "Newest" });
    this.#compare = new Menu({
      label: "Compare by",
      onChange: ([compare]) => change({ compare: compare === "" ? null : compare }),
      single: true,
      anyLabel: null,
    });
    this.element = el(
      "section",
      { class: "controls", "aria-label": "What is shown" },
      this.#measures,
      this.#versions.element,
      this.#filters,
      this.#compare.element,
      this.#pins,
      this.#odd,
      this.#search.element,
    );
    document.addEventListener("keydown", (event) => this.#shortcut(event));
  }

  #shortcut(event) {
    const typing = event.target.closest?.("input, select, textarea, dialog");
    if (event.key !== "/" || typing || !this.element.isConnected) return;
    event.preventDefault();
    this.#openSearch(false);
  }

  /** shown: what loading.js gives, and {versions, entries()}. */
  show(shown) {
    this.#shown = shown;
    this.#showMeasures(shown.state.measure);
    this.#showPins(shown.state);
    const options = versionOptions(shown);
    const missing = shown.state.version
      .filter((version) => !shown.versions.includes(version))
      .map((value) => ({ value, label: `${versionName(value)} (not published)`, group: "not published" }));
    this.#versions.update({
      options: [...options, ...missing],
      selected: shown.state.version,
      summary: summaryOf(shown.state.version.map(versionName), "none"),
    });
    this.#showOdd(shown);
    if (shown.populations) this.showFilters(shown);
  }

  /** What hardly anybody has is said, and shown where it is asked for. */
  #showOdd({ state, odd }) {
    const text = oddText(odd.versions, "version");
    if (!text) return fill(this.#odd);
    const ask = button(
      oddButton(odd.versions, "version", state.implausible),
      () => this.#change({ implausible: !state.implausible }),
      { class: "quiet", "aria-pressed": String(state.implausible) },
    );
    return fill(this.#odd, el("span", {}, `${text}${state.implausible ? "" : " not offered"}.`), ask);
  }

  #showMeasures(names) {
    const chips =
      names.length < 2
        ? []
        : names.map((name) =>
            el(
              "span",
              { class: "chip" },
              name,
              button("×", () => this.#change({ measure: names.filter((other) => other !== name) }), {
                "aria-label": `Remove ${name}`,
              }),
            ),
          );
    const label = el("span", { class: "menu-label" }, "Measure");
    const open = el(
      "button",
      { type: "button", class: "menu-button", "aria-haspopup": "dialog", onclick: () => this.#openSearch(false) },
      label,
      el("span", { class: "menu-summary" }, summaryOf(names, "choose")),
      el("kbd", { "aria-hidden": "true" }, "/"),
    );
    const add =
      names.length < MOST_SERIES
        ? button("+ measure", () => this.#openSearch(true), { class: "quiet", "aria-haspopup": "dialog" })
        : null;
    const focused = this.#measures.contains(document.activeElement);
    fill(this.#measures, open, chips, add);
    if (focused) open.focus();
  }

  /** Pinned populations, and a button that pins the one that the filters make. */
  #showPins({ pin, filters }) {
    const chips = pin.map((text) => this.#pinChip(text, pin));
    const now = pinOf(filters);
    const offered = !pin.includes(now) && pin.length < MOST_PINS;
    const keep = offered
      ? button("Pin population", () => this.#change({ pin: [...pin, now] }), {
          class: "quiet",
          title: "Keeps this population in the charts while the filters change",
        })
      : null;
    fill(this.#pins, chips, keep);
  }

  #pinChip(text, pin) {
    const name = populationName(filtersOfPin(text));
    const remove = button("×", () => this.#change({ pin: pin.filter((other) => other !== text) }), {
      "aria-label": `Unpin ${name}`,
    });
    return el("span", { class: "chip" }, name, remove);
  }

  #openSearch(adding) {
    const { entries, state } = this.#shown;
    const pick = (name, add) =>
      this.#change({
        measure: adding || add ? [...new Set([...state.measure, name])].slice(0, MOST_SERIES) : [name],
      });
    this.#search.open(entries(), { title: adding ? "Add a measure" : "Choose a measure", onPick: pick });
  }

  /** Menus of the dimensions that have data, with pings beside each option. */
  showFilters({ state, populations }) {
    this.#shown = { ...this.#shown, populations };
    const dimensions = [...new Set([...dimensionsOf(populations), ...Object.keys(state.filters)])];
    for (const dimension of dimensions) this.#showFilter(dimension, state, populations);
    const wanted = dimensions.map((dimension) => this.#menus.get(dimension).element);
    const clear = Object.values(state.filters).some((options) => options.length)
      ? [button("Clear filters", () => this.#change({ filters: {} }), { class: "quiet clear" })]
      : [];
    const now = [...this.#filters.children].filter((child) => !child.classList.contains("clear"));
    // replacing elements would close an open menu
    if (now.length !== wanted.length || now.some((child, i) => child !== wanted[i])) fill(this.#filters, wanted, clear);
    else {
      this.#filters.querySelector(".clear")?.remove();
      this.#filters.append(...clear);
    }
    const compared = [
      { value: "", label: "nothing" },
      ...dimensions.map((value) => ({ value, label: dimensionName(value) })),
    ];
    this.#compare.update({
      options: compared,
      selected: [state.compare ?? ""],
      summary: state.compare ? dimensionName(state.compare) : "nothing",
      marked: state.compare !== null,
    });
  }

  #showFilter(dimension, state, populations) {
    if (!this.#menus.has(dimension)) {
      const onChange = (options) => this.#change({ filters: { ...this.#shown.state.filters, [dimension]: options } });
      this.#menus.set(dimension, new Menu({ label: dimensionName(dimension), onChange }));
    }
    const chosen = state.filters[dimension] ?? [];
    const counted = optionsWithCounts(populations, dimension, state.filters);
    const options = counted.map(({ option, submissions }) => ({
      value: option,
      label: optionName(dimension, option),
      count: formatShort(submissions),
    }));
    const summary = summaryOf(
      chosen.map((option) => optionName(dimension, option)),
      options.length === 1 ? options[0].label : `any (${options.length})`,
    );
    this.#menus.get(dimension).update({ options, selected: chosen, summary, marked: chosen.length > 0 });
  }
}
