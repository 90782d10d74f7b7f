/**
 * filter-tree.json: {"_id": 0, "name": "reason", "saved_session": {"_id": 1, "name": "appName", …}}.
 * `name` says which dimension comes next, every other key but `_id` is an option; leaves have `_id` only.
 */
import { TelemetryError } from "./errors.mjs";

const RESERVED = new Set(["_id", "name"]);

/** The options at a node, sorted. */
export const optionsOf = (node) =>
  Object.keys(node)
    .filter((key) => !RESERVED.has(key))
    .sort();

const isLeaf = (node) => !Object.hasOwn(node, "name");

/** The next dimension's name, or null at a leaf. */
export const nextName = (node) => (isLeaf(node) ? null : node.name);

/** The node below one option of the next dimension. */
export function childOf(node, option) {
  if (RESERVED.has(option) || !Object.hasOwn(node, option)) {
    const place = isLeaf(node) ? "there is no filter left" : `'${node.name}' has no such option here`;
    throw new TelemetryError("no-such-option", `cannot filter by '${option}': ${place}`);
  }
  return node[option];
}

/** Ids of a node and of everything below it, as a Set. */
export function idsBelow(node, ids = new Set()) {
  ids.add(node._id);
  for (const option of optionsOf(node)) idsBelow(node[option], ids);
  return ids;
}

/** All leaves as [{id, path: {dimension: option}}], in the order of the tree. */
export function leavesOf(node, path = {}, found = []) {
  if (isLeaf(node)) found.push({ id: node._id, path });
  else for (const option of optionsOf(node)) leavesOf(node[option], { ...path, [node.name]: option }, found);
  return found;
}

function pruned(node, keeps, path) {
  if (isLeaf(node)) return keeps(path) ? node : null;
  const entries = [];
  for (const option of optionsOf(node)) {
    const below = pruned(node[option], keeps, { ...path, [node.name]: option });
    if (below) entries.push([option, below]);
  }
  return entries.length ? Object.fromEntries([["_id", node._id], ["name", node.name], ...entries]) : null;
}

function acceptsOf(node, selection) {
  const wanted = Object.entries(selection).map(([dimension, options]) => [
    dimension,
    new Set(Array.isArray(options) ? options : [options]),
  ]);
  const known = new Map();
  for (const { path } of leavesOf(node)) {
    for (const [dimension, option] of Object.entries(path)) {
      if (!known.has(dimension)) known.set(dimension, new Set());
      known.get(dimension).add(option);
    }
  }
  for (const [dimension, options] of wanted) {
    if (!known.has(dimension)) throw new TelemetryError("no-such-option", `there is no filter '${dimension}' here`);
    for (const option of options) {
      if (!known.get(dimension).has(option)) {
        throw new TelemetryError(
          "no-such-option",
          `cannot filter by '${option}': '${dimension}' has no such option here`,
        );
      }
    }
  }
  return (path) => wanted.every(([dimension, options]) => options.has(path[dimension]));
}

/**
 * The tree narrowed by one option of the next dimension ("WINNT"), by sets of options at any level
 * ({OS: ["WINNT", "Darwin"], arch: "x86"}), or by a predicate over {dimension: option}.
 * A tree in which nothing is left has an id of its own that no row carries.
 */
export function narrowed(node, selection) {
  if (typeof selection === "string") return childOf(node, selection);
  if (typeof selection === "function") return pruned(node, selection, {}) ?? { _id: "nothing" };
  if (selection === null || typeof selection !== "object") {
    throw new TelemetryError(
      "no-such-option",
      `cannot filter by '${selection}': give an option, an object or a function`,
    );
  }
  return pruned(node, acceptsOf(node, selection), {}) ?? { _id: "nothing" };
}
