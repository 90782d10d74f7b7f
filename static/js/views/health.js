/** The health of the data: per channel/version and day what was read, what was not, and why. */
import { el, fill } from "./dom.js";
import { table } from "./tables.js";
import { formatMinute } from "../models/dates.js";
import { dayRows, oddDateLines, oddLines, overviewRows, reasonRows } from "../models/health.js";

export class HealthView {
  element = el("div", { class: "health" });

  /** health: health.json, or null where none is published. */
  show(health, publishedAt) {
    const heading = el("h1", {}, "Health of the data");
    const when = el(
      "p",
      {},
      publishedAt ? `Newest snapshot: ${formatMinute(publishedAt)}.` : "The time of the newest snapshot is not known.",
    );
    if (!health) {
      fill(
        this.element,
        heading,
        when,
        el(
          "p",
          { class: "reason" },
          "This bucket has no health.json: it was published without one, so files and bad lines are not known.",
        ),
      );
      return;
    }
    const overview = table({ caption: "All channels and versions", ...overviewRows(health), className: "figures" });
    fill(
      this.element,
      heading,
      when,
      oddLines(health).map((line) => el("p", { class: "odd" }, line)),
      overview,
      Object.entries(health.versions).map(([version, facts]) => versionPart(version, facts)),
    );
  }
}

function versionPart(version, facts) {
  const days = table({ caption: `${version}: by submission date`, ...dayRows(facts), className: "figures" });
  const reasons = reasonRows(facts);
  const left = reasons.rows.length
    ? table({ caption: `${version}: what was left out, by reason`, ...reasons })
    : el("p", {}, "Nothing was left out.");
  const missing = facts.missing_files?.length
    ? table({
        caption: `${version}: missing files${facts.missing > facts.missing_files.length ? ` (the first ${facts.missing_files.length} of ${facts.missing})` : ""}`,
        columns: ["File", "Reason"],
        rows: facts.missing_files.map(({ file, reason }) => [file, reason]),
        className: "files",
      })
    : el("p", {}, "No file is missing.");
  const unknown = facts.unknown_definitions?.length
    ? el(
        "details",
        {},
        el(
          "summary",
          {},
          `${facts.unknown_definitions.length} ${facts.unknown_definitions.length === 1 ? "measure" : "measures"} with unknown definitions`,
        ),
        el(
          "ul",
          { class: "names" },
          facts.unknown_definitions.map((name) => el("li", {}, name)),
        ),
      )
    : el("p", {}, "All measures have definitions.");
  return el(
    "section",
    { class: "health-version" },
    el("h2", {}, version.replace("/", " ")),
    oddDateLines(facts).map((line) => el("p", { class: "odd" }, line)),
    left,
    missing,
    unknown,
    el("details", {}, el("summary", {}, "Days"), days),
  );
}
