/**
 * Finding measures: fuzzy over names and descriptions; "_", "-", "." and space are alike, letter case does not matter.
 */

const plain = (text) =>
  text
    .toLowerCase()
    .replace(/[\s_\-.]+/g, " ")
    .trim();

/**
 * The rank of a text for a word: whole word 4, start of a word 3, inside 2, letters in order 1 (names only), else 0.
 */
function rank(text, word, loosely) {
  const at = text.indexOf(word);
  if (at >= 0) {
    const startsWord = at === 0 || text[at - 1] === " ";
    const endsWord = at + word.length === text.length || text[at + word.length] === " ";
    return startsWord ? (endsWord ? 4 : 3) : 2;
  }
  return loosely && inOrder(text, word) ? 1 : 0;
}

/** Whether the letters of a word come in this order, without large gaps: "gcms" finds "gc ms". */
function inOrder(text, word) {
  if (word.length < 3) return false;
  let from = -1;
  let first = -1;
  for (const letter of word) {
    from = text.indexOf(letter, from + 1);
    if (from < 0) return false;
    if (first < 0) first = from;
  }
  return from - first < word.length * 2;
}

/** Makes measures {NAME: {description, submissions}} ready to be searched many times. */
export function searchable(measures) {
  return Object.entries(measures).map(([name, about]) => ({
    name,
    about,
    plainName: plain(name),
    joinedName: plain(name).replaceAll(" ", ""),
    plainDescription: plain(about.description ?? ""),
  }));
}

function scoreOf(entry, words, joined) {
  let score = 0;
  for (const word of words) {
    const inName = Math.max(rank(entry.plainName, word, false), inOrder(entry.joinedName, word) ? 1 : 0);
    const inDescription = rank(entry.plainDescription, word, false);
    if (inName === 0 && inDescription === 0) return joined.length > 2 && entry.joinedName.includes(joined) ? 5 : 0;
    score += inName * 4 + inDescription;
  }
  if (entry.joinedName === joined) score += 100;
  else if (entry.joinedName.startsWith(joined)) score += 10;
  return score;
}

/** Entries that fit a query, best first, busier first among equals; all of them, by name, for an empty query. */
export function search(entries, query) {
  const words = plain(query).split(" ").filter(Boolean);
  if (words.length === 0) return entries;
  const joined = words.join("");
  const scored = entries
    .map((entry) => ({ entry, score: scoreOf(entry, words, joined) }))
    .filter(({ score }) => score > 0);
  scored.sort(
    (a, b) =>
      b.score - a.score ||
      (b.entry.about.submissions ?? 0) - (a.entry.about.submissions ?? 0) ||
      (a.entry.name < b.entry.name ? -1 : 1),
  );
  return scored.map(({ entry }) => entry);
}

/** The family of a measure: what it shares with its neighbours in the list. */
export function groupOf(name) {
  const known = ["SIMPLE_MEASURES", "STARTUP"].find((prefix) => name.startsWith(`${prefix}_`));
  return known ?? name.split("_")[0];
}

/** Entries as groups [{title, entries}]: starred and recent ones first when nothing is searched. */
export function grouped(entries, { starred, recent, most, searching }) {
  const groups = [];
  const taken = new Set();
  const take = (title, found) => {
    for (const { name } of found) taken.add(name);
    if (found.length) groups.push({ title, entries: found });
  };
  if (!searching) {
    const byName = new Map(entries.map((entry) => [entry.name, entry]));
    take("Starred", starred.map((name) => byName.get(name)).filter(Boolean));
    take(
      "Recent",
      recent
        .filter((name) => !taken.has(name))
        .map((name) => byName.get(name))
        .filter(Boolean),
    );
  }
  const families = new Map();
  const rest = entries.filter(({ name }) => !taken.has(name)).slice(0, most);
  for (const entry of rest) families.set(groupOf(entry.name), [...(families.get(groupOf(entry.name)) ?? []), entry]);
  for (const [title, found] of families) groups.push({ title, entries: found });
  return groups;
}

/**
 * The measure to open with: a well-known one that not only a client or two sent, else the busiest with ranges for
 * buckets, else the busiest.
 */
export function usualMeasure(measures) {
  const busiest = Object.entries(measures).sort(
    ([a, x], [b, y]) => (y.submissions ?? 0) - (x.submissions ?? 0) || (a < b ? -1 : 1),
  );
  if (Object.hasOwn(measures, "GC_MS") && (measures.GC_MS.submissions ?? 0) * 100 >= (busiest[0][1].submissions ?? 0))
    return "GC_MS";
  const ranged = busiest.find(([, { kind }]) => kind === "exponential" || kind === "linear");
  return (ranged ?? busiest[0])?.[0] ?? null;
}

/**
 * The version to open with where the publisher chose none: the newest nightly, else the last of all (versions come
 * sorted).
 */
export const usualVersion = (versions) =>
  versions.filter((version) => version.startsWith("nightly/")).at(-1) ?? versions.at(-1) ?? null;
