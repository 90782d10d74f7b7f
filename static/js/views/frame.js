/** What surrounds every view: navigation, notices, the line of freshness, a failure in place of everything. */
import { button, el, fill } from "./dom.js";

export function showNavigation(place, current, go) {
  const link = (name, label) => {
    const href = name === "health" ? "#view=health" : "#";
    return el(
      "a",
      { href, "aria-current": current === name ? "page" : null, onclick: (event) => go(event, name) },
      label,
    );
  };
  fill(place, link("explore", "Explore"), link("health", "Health"));
}

export function showNotices(place, notices) {
  const close = button("Dismiss", () => place.replaceChildren(), { class: "quiet" });
  const shown = [...new Set(notices)].map((notice) => el("p", {}, notice));
  fill(place, shown.length ? el("div", { class: "notice" }, el("div", {}, shown), close) : null);
}

export function showBanner(place, reason) {
  fill(place, reason ? el("p", { class: "banner" }, reason) : null);
}

/** `whole`: the address of the whole page, where this is a frame in another, else null. */
export function showFreshness(place, facts, go, whole) {
  const shown = facts.map(({ label, value, bad }) =>
    el("span", { class: bad ? "bad" : null }, `${label}: `, el("b", {}, value)),
  );
  const link = whole
    ? el("a", { href: whole, target: "_blank", rel: "noopener" }, "Open the dashboard")
    : el("a", { href: "#view=health", onclick: go }, "Health of the data");
  fill(place, shown, link);
}

export function showFailure(place, error, retry) {
  const heading = el("h1", {}, "The data cannot be read");
  const why = el("p", {}, error.message);
  const hint = el(
    "p",
    {},
    "The page looks for versions.json at the addresses named in its head (telemetry-data-base). " +
      "Is the bucket published and reachable?",
  );
  fill(place, el("div", { class: "failure", role: "alert" }, heading, why, hint, button("Try again", retry)));
}
