/** The search box over all measures: a dialog with a combobox; keyboard first. */
import { button, el, fill, freshId } from "./dom.js";
import { recent, starred } from "../kept.js";
import { formatShort } from "../models/numbers.js";
import { grouped, search } from "../models/search.js";

const MOST = 120;

export class MeasureSearch {
  #dialog;
  #input;
  #list;
  #status;
  #title;
  #entries = [];
  #options = [];
  #at = 0;
  #onPick = null;

  constructor() {
    const id = freshId("measures");
    this.#title = el("h2", { id: `${id}-title` });
    this.#list = el("div", { class: "found", role: "listbox", id, "aria-label": "Measures" });
    this.#input = el("input", {
      type: "text",
      role: "combobox",
      class: "search",
      "aria-expanded": "true",
      "aria-controls": id,
      "aria-autocomplete": "list",
      "aria-label": "Search measures",
      placeholder: "Search names and descriptions",
      autocomplete: "off",
      spellcheck: "false",
      oninput: () => this.#find(),
      onkeydown: (event) => this.#key(event),
    });
    this.#status = el("p", { class: "found-status", role: "status" });
    const head = el(
      "div",
      { class: "dialog-head" },
      this.#title,
      button("Close", () => this.#dialog.close(), { class: "quiet" }),
    );
    this.#dialog = el(
      "dialog",
      { class: "measure-search", "aria-labelledby": `${id}-title` },
      head,
      this.#input,
      this.#status,
      this.#list,
    );
    this.#dialog.addEventListener("click", (event) => event.target === this.#dialog && this.#dialog.close());
    this.element = this.#dialog;
  }

  /** Opens over searchable entries; onPick(name, add) with `add` when it is to join what is shown. */
  open(entries, { title, onPick }) {
    this.#entries = entries;
    this.#onPick = onPick;
    this.#title.textContent = title;
    this.#input.value = "";
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#find();
    this.#input.focus();
  }

  #find() {
    const query = this.#input.value;
    const found = search(this.#entries, query);
    const groups = grouped(found, { starred: starred(), recent: recent(), most: MOST, searching: query.trim() !== "" });
    this.#options = [];
    fill(
      this.#list,
      groups.map((group) => this.#group(group)),
    );
    this.#at = 0;
    this.#mark();
    const more = found.length > MOST ? ` The first ${MOST} are shown; type to narrow.` : "";
    this.#status.textContent = found.length
      ? `${found.length} of ${this.#entries.length} measures.${more}`
      : `No measure's name or description fits “${query}”.`;
  }

  #group({ title, entries }) {
    const id = freshId("group");
    return el(
      "div",
      { role: "group", "aria-labelledby": id },
      el("p", { class: "found-group", id, role: "presentation" }, title),
      entries.map((entry) => this.#option(entry)),
    );
  }

  #option({ name, about }) {
    const volume =
      about.submissions === undefined ? about.kind : `${about.kind} · ${formatShort(about.submissions)} pings`;
    const option = el(
      "div",
      {
        role: "option",
        id: freshId("option"),
        "aria-selected": "false",
        class: "found-option",
        onclick: (event) => this.#pick(name, event.ctrlKey || event.metaKey),
      },
      el("span", { class: "found-name" }, name),
      el("span", { class: "found-volume" }, volume),
      el("span", { class: "found-description" }, about.description ?? ""),
    );
    this.#options.push({ option, name });
    return option;
  }

  #mark() {
    this.#options.forEach(({ option }, i) => option.setAttribute("aria-selected", String(i === this.#at)));
    const active = this.#options[this.#at]?.option;
    if (active) this.#input.setAttribute("aria-activedescendant", active.id);
    else this.#input.removeAttribute("aria-activedescendant");
    active?.scrollIntoView({ block: "nearest" });
  }

  #pick(name, add) {
    this.#dialog.close();
    this.#onPick(name, add);
  }

  #key(event) {
    const last = this.#options.length - 1;
    const moves = { ArrowDown: this.#at + 1, ArrowUp: this.#at - 1, PageDown: this.#at + 10, PageUp: this.#at - 10 };
    if (event.key in moves) {
      event.preventDefault();
      this.#at = Math.max(0, Math.min(last, moves[event.key]));
      this.#mark();
    } else if (event.key === "Enter" && this.#options[this.#at]) {
      event.preventDefault();
      this.#pick(this.#options[this.#at].name, event.ctrlKey || event.metaKey);
    }
  }
}
