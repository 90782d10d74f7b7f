/** A link to exactly what is shown, and the code of an iframe with it. */
import { button, el, fill } from "./dom.js";

function copyable(label, text) {
  const field = el("input", {
    type: "text",
    readonly: true,
    "aria-label": label,
    class: "search",
    onfocus: () => field.select(),
  });
  field.value = text;
  const copy = button("Copy", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(text);
      copy.textContent = "Copied";
    } catch {
      copy.textContent = "Press Ctrl+C"; // pages without https may not write to the clipboard; the text is selected
    }
  });
  return el("div", { class: "copyable" }, el("span", {}, label), field, copy);
}

const FRAME = 'title="Telemetry" width="800" height="600" loading="lazy"';

export class Share {
  #dialog = el("dialog", { class: "share", "aria-label": "Share" });
  #address;

  /** address(changes) → the full URL of what is shown, with changes to its state. */
  constructor(address) {
    this.#address = address;
    this.element = el(
      "div",
      {},
      button("Share", () => this.#open(), { class: "quiet", "aria-haspopup": "dialog" }),
      this.#dialog,
    );
    this.#dialog.addEventListener("click", (event) => event.target === this.#dialog && this.#dialog.close());
  }

  #open() {
    const embedded = this.#address({ embed: true }).replaceAll('"', "%22");
    const frame = `<iframe src="${embedded}" ${FRAME}></iframe>`;
    const close = button("Close", () => this.#dialog.close(), { class: "quiet" });
    fill(
      this.#dialog,
      el("div", { class: "dialog-head" }, el("h2", {}, "Share"), close),
      copyable("Link", this.#address({ embed: false })),
      copyable("Embed", frame),
    );
    this.#dialog.showModal();
  }
}
