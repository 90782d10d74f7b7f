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
  return el(
    "section",
    { class: "health-version" },
    el("h2", {}, version.replace("/", " ")),
    oddDateLines(facts).map((line) => el("p", { class: "odd" }, line)),
    left,
    missingPart(version, facts),
    unknownPart(facts),
    el("details", {}, el("summary", {}, "Days"), days),
  );
}

function missingPart(version, { missing, missing_files: files }) {
  if (!files?.length) return el("p", {}, "No file is missing.");
  const some = missing > files.length ? ` (the first ${files.length} of ${missing})` : "";
  return table({
    caption: `${version}: missing files${some}`,
    columns: ["File", "Reason"],
    rows: files.map(({ file, reason }) => [file, reason]),
    className: "files",
  });
}

function unknownPart({ unknown_definitions: names }) {
  if (!names?.length) return el("p", {}, "All measures have definitions.");
  const measures = names.length === 1 ? "measure" : "measures";
  const list = el(
    "ul",
    { class: "names" },
    names.map((name) => el("li", {}, name)),
  );
  return el("details", {}, el("summary", {}, `${names.length} ${measures} with unknown definitions`), list);
}
