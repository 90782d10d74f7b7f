/** Recent and starred measures, kept in this browser. Where storage is forbidden they last as long as the page. */
const KEYS = { recent: "telemetry-recent", starred: "telemetry-starred" };
const MOST_RECENT = 8;
const memory = { recent: [], starred: [] };

function read(kind) {
  try {
    const found = JSON.parse(localStorage.getItem(KEYS[kind]));
    return Array.isArray(found) ? found.filter((name) => typeof name === "string") : memory[kind];
  } catch {
    return memory[kind];
  }
}

function write(kind, names) {
  memory[kind] = names;
  try {
    localStorage.setItem(KEYS[kind], JSON.stringify(names));
  } catch {
    // kept in memory above
  }
}

export const recent = () => read("recent");
export const starred = () => read("starred");

export const remember = (name) =>
  write("recent", [name, ...recent().filter((other) => other !== name)].slice(0, MOST_RECENT));

/** Stars or unstars; gives whether it is starred now. */
export function toggleStar(name) {
  const now = starred();
  write("starred", now.includes(name) ? now.filter((other) => other !== name) : [name, ...now]);
  return !now.includes(name);
}
