/** A button with a panel of check boxes: any set of options, counts beside them, searchable when long. */
import { button, el, fill, freshId, setAttribute } from "./dom.js";

const SEARCH_FROM = 9;
let open = null;

document.addEventListener("pointerdown", (event) => {
  if (open && !open.element.contains(event.target)) open.close();
});

export class Menu {
  #label;
  #button;
  #panel;
  #list;
  #search;
  #onChange;
  #single;
  #options = [];
  #selected = [];

  /**
   * onChange([value, …]) after each choice. `single`: one value at a time. `anyLabel`: the button that clears, or null.
   */
  constructor({ label, onChange, single = false, anyLabel = "Any" }) {
    const id = freshId("menu");
    this.#label = label;
    this.#onChange = onChange;
    this.#single = single;
    this.#button = button("", () => this.#toggle(), {
      class: "menu-button",
      "aria-expanded": "false",
      "aria-controls": id,
    });
    this.#search = el("input", {
      type: "search",
      class: "menu-search",
      "aria-label": `Search ${label}`,
      placeholder: "Search",
      oninput: () => this.#fillList(),
    });
    this.#list = el("div", { class: "menu-list", role: "group", "aria-label": label });
    const clear = anyLabel === null ? null : button(anyLabel, () => this.#choose([]), { class: "quiet" });
    this.#panel = el("div", { class: "menu-panel", id, hidden: true }, this.#search, clear, this.#list);
    this.element = el("div", { class: "menu", onkeydown: (event) => this.#key(event) }, this.#button, this.#panel);
  }

  /** options: [{value, label, count?: text, group?: text}]; summary: text of the button. */
  update({ options, selected, summary, marked = false }) {
    this.#options = options;
    this.#selected = selected;
    fill(
      this.#button,
      el("span", { class: "menu-label" }, this.#label),
      el("span", { class: "menu-summary" }, summary),
    );
    setAttribute(this.#button, "data-marked", marked);
    if (!this.#panel.hidden && !this.#refresh()) this.#fillList();
  }

  /** The same options with other counts and marks: the list stands, and the focus in it. */
  #refresh() {
    const inputs = [...this.#list.querySelectorAll("input")];
    if (inputs.length !== this.#options.length || inputs.some((input, i) => input.value !== this.#options[i].value))
      return false;
    inputs.forEach((input, i) => {
      input.checked = this.#selected.includes(input.value);
      const count = input.parentElement.querySelector(".menu-count");
      if (count) count.textContent = this.#options[i].count;
    });
    return true;
  }

  /** Fills the list; a closed one is filled when it opens. */
  #fillList() {
    this.#search.hidden = this.#options.length < SEARCH_FROM;
    const focused = document.activeElement?.closest(".menu-list") === this.#list ? document.activeElement.value : null;
    const wanted = this.#search.value
      .toLowerCase()
      .replace(/[\s_]+/g, " ")
      .trim();
    const shown = this.#options.filter(({ label, value }) =>
      `${label} ${value}`.toLowerCase().replaceAll("_", " ").includes(wanted),
    );
    let group;
    const rows = shown.flatMap((option) => {
      const head =
        option.group !== undefined && option.group !== group ? [el("p", { class: "menu-group" }, option.group)] : [];
      group = option.group;
      return [...head, this.#row(option)];
    });
    fill(this.#list, rows.length ? rows : el("p", { class: "menu-none" }, "Nothing found"));
    if (focused !== null) [...this.#list.querySelectorAll("input")].find((input) => input.value === focused)?.focus();
  }

  #row({ value, label, count }) {
    const input = el("input", {
      type: this.#single ? "radio" : "checkbox",
      name: this.#single ? this.#panel.id : null,
      onchange: () => this.#picked(value, input.checked),
    });
    input.value = value;
    input.checked = this.#selected.includes(value);
    return el(
      "label",
      { class: "menu-row" },
      input,
      el("span", { class: "menu-name" }, label),
      count === undefined ? null : el("span", { class: "menu-count" }, count),
    );
  }

  #picked(value, checked) {
    if (this.#single) return this.#choose([value]);
    return this.#choose(checked ? [...this.#selected, value] : this.#selected.filter((other) => other !== value));
  }

  #choose(values) {
    this.#selected = values;
    this.#onChange(values);
    if (this.#single) this.close();
  }

  #toggle() {
    if (!this.#panel.hidden) return this.close();
    open?.close();
    open = this;
    this.#panel.hidden = false;
    this.#button.setAttribute("aria-expanded", "true");
    this.#search.value = "";
    this.#fillList();
    const first = this.#search.hidden
      ? (this.#list.querySelector("input:checked") ?? this.#list.querySelector("input"))
      : this.#search;
    first?.focus();
    // near the right edge the panel grows to the left
    this.#panel.classList.toggle(
      "leftwards",
      this.#button.getBoundingClientRect().left + this.#panel.offsetWidth > document.documentElement.clientWidth - 8,
    );
    return undefined;
  }

  close() {
    const inside = this.#panel.contains(document.activeElement);
    this.#panel.hidden = true;
    this.#button.setAttribute("aria-expanded", "false");
    if (open === this) open = null;
    if (inside) this.#button.focus();
  }

  #key(event) {
    if (event.key === "Escape" && !this.#panel.hidden) {
      event.stopPropagation();
      this.close();
    }
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !this.#panel.hidden && !this.#single) {
      event.preventDefault();
      const inputs = [...this.#panel.querySelectorAll("input:not([hidden])")];
      const at = inputs.indexOf(document.activeElement);
      inputs[Math.max(0, Math.min(inputs.length - 1, at + (event.key === "ArrowDown" ? 1 : -1)))]?.focus();
    }
  }
}
