/** The page: its address decides the view and the state; the views ask it for another state. */
import { Explorer } from "./explorer.js";
import { Published, dataBases, lateAfterHours } from "./published.js";
import { formatState, parseState } from "./state.js";
import { freshnessFacts, lateReason, totalsOf } from "./models/freshness.js";
import { ExplorerScreen } from "./views/explorer-screen.js";
import { showBanner, showFailure, showFreshness, showNavigation, showNotices } from "./views/frame.js";
import { HealthView } from "./views/health.js";
import { Share } from "./views/share.js";
import { themeButton } from "./views/theme-button.js";

export class Page {
  #document;
  #published = null;
  #explorer = null;
  #explorerScreen = new ExplorerScreen((change, options) => this.#change(change, options));
  #health = null;
  #state = null;
  #shown = null;

  constructor(document) {
    this.#document = document;
    this.#health = new HealthView();
  }

  #place(id) {
    return this.#document.getElementById(id);
  }

  async start() {
    addEventListener("popstate", () => this.#read());
    this.#place("theme").append(new Share((changes) => this.#address(changes)).element, themeButton());
    this.#document.querySelector("[data-home]").addEventListener("click", (event) => this.#go(event, "#"));
    this.#document.querySelector("[data-skip]").addEventListener("click", (event) => this.#skip(event));
    try {
      this.#published = await Published.open(dataBases());
    } catch (error) {
      showFailure(this.#place("main"), error, () => location.reload());
      return;
    }
    this.#published.onSnapshot(() => this.#renewed());
    this.#explorer = new Explorer(this.#published, this.#explorerScreen);
    await this.#read();
    await this.#showFreshness();
  }

  /** The skip link must not become the state in the address. */
  #skip(event) {
    event.preventDefault();
    this.#place("main").focus();
  }

  #go(event, hash) {
    event.preventDefault();
    history.pushState(null, "", hash === "#" ? location.pathname + location.search : hash);
    return this.#read();
  }

  async #read() {
    const { state, notices } = parseState(location.search, location.hash);
    this.#state = state;
    await this.#show(notices);
  }

  /** A view wants another state: a step in the history, or a correction of the present one. */
  #change(change, { replace = false } = {}) {
    this.#state = { ...this.#state, ...change };
    const hash = formatState(this.#state);
    if (!replace) this.#place("main").setAttribute("aria-busy", "true");
    const address = hash || location.pathname + location.search;
    if (replace) history.replaceState(null, "", address);
    else history.pushState(null, "", address);
    return replace ? undefined : this.#show([]);
  }

  #shows = 0;

  /** Shows the state; while it does, the main part is marked as busy, for screen readers and tests. */
  async #show(notices) {
    if (!this.#published) return;
    const show = ++this.#shows;
    this.#place("main").setAttribute("aria-busy", "true");
    await this.#showView(notices);
    if (show === this.#shows) this.#place("main").setAttribute("aria-busy", "false");
  }

  async #showView(notices) {
    const { view, embed } = this.#state;
    this.#document.documentElement.classList.toggle("embedded", embed);
    showNavigation(this.#place("views"), view, (event, name) =>
      this.#go(event, name === "health" ? "#view=health" : this.#lastExplored()),
    );
    showNotices(this.#place("notices"), notices);
    const main = this.#place("main");
    if (view === "health") {
      await this.#showHealth(main);
    } else {
      if (this.#shown !== "explore") main.replaceChildren(this.#explorerScreen.element);
      this.#shown = "explore";
      const more = await this.#explorer.show(this.#state);
      if (more.length) showNotices(this.#place("notices"), [...notices, ...more]);
      this.#explored = location.hash;
    }
  }

  /** The address of what is shown, with the choices that the page made itself spelled out. */
  #address(changes) {
    const chosen = this.#state.view === "health" ? {} : this.#explorer.chosen;
    return new URL(location.pathname + formatState({ ...this.#state, ...chosen, ...changes }), location.href).href;
  }

  #explored = "";

  #lastExplored() {
    return this.#explored || "#";
  }

  async #showHealth(main) {
    this.#shown = "health";
    this.#document.title = "Health · Telemetry";
    main.replaceChildren(this.#health.element);
    try {
      this.#health.show(await this.#published.health(), this.#published.publishedAt());
    } catch (error) {
      showFailure(main, error, () => this.#read());
    }
  }

  async #showFreshness() {
    let health = null;
    try {
      health = await this.#published.health();
    } catch (error) {
      showNotices(this.#place("notices"), [`How fresh the data are could not be read: ${error.message}`]);
    }
    const totals = totalsOf(health, this.#published.publishedAt());
    const whole = this.#state.embed ? this.#address({ embed: false }) : null;
    showFreshness(
      this.#place("freshness"),
      freshnessFacts(totals, new Date()),
      (event) => this.#go(event, "#view=health"),
      whole,
    );
    showBanner(this.#place("banner"), lateReason(totals, new Date(), lateAfterHours()));
  }

  async #renewed() {
    await this.#show(["New data have been published; the page shows them."]);
    await this.#showFreshness();
  }
}
