/** Writes layout 2 by docs/layout-2.md alone, from plain lines: what the library's reader is checked against. */
import { createHash } from "node:crypto";
import { crc32 as zlibCrc32, deflateRawSync } from "node:zlib";

const KINDS = ["build", "submission", "version"];
const UNITS = 1n << 40n;
const RANGE = "2013-11";

/** CRC-32 by its table: the library computes it bit by bit. */
const TABLE = Array.from({ length: 256 }, (_, byte) => {
  for (let i = 0; i < 8; i++) byte = byte & 1 ? 0xedb88320 ^ (byte >>> 1) : byte >>> 1;
  return byte >>> 0;
});
const crc32 =
  zlibCrc32 ?? ((text) => ~[...Buffer.from(text)].reduce((crc, b) => TABLE[(crc ^ b) & 255] ^ (crc >>> 8), -1) >>> 0);

export function varint(number) {
  const bytes = [];
  for (let rest = BigInt(number); ; rest >>= 7n) {
    if (rest < 128n) return [...bytes, Number(rest)];
    bytes.push(Number(rest & 127n) | 128);
  }
}

export const zigzag = (number) => varint(BigInt(number) < 0n ? -2n * BigInt(number) - 1n : 2n * BigInt(number));

/** [integer rounded down, rest in units of 2^-40] of an integer, a BigInt, or a double. */
function split(number) {
  if (typeof number === "bigint" || Number.isInteger(number)) return [BigInt(number), 0n];
  return [BigInt(Math.floor(number)), BigInt(Math.floor((number - Math.floor(number)) * Number(UNITS)))];
}

function numbers(all) {
  const parts = all.map(split);
  const fractional = parts.some(([, rest]) => rest);
  return [
    fractional,
    parts.flatMap(([whole]) => zigzag(whole)),
    fractional ? parts.flatMap(([, rest]) => varint(rest)) : [],
  ];
}

const gaps = (positions) => positions.flatMap((p, i) => varint(i ? p - positions[i - 1] - 1 : p));

function index(lines, withPopulations) {
  const before = (i) => (i ? lines[i - 1] : { date: 0, population: 0 });
  const dates = lines.flatMap(({ date }, i) => varint(date - before(i).date));
  const populations = lines.flatMap(({ date, population }, i) =>
    varint(i && before(i).date === date ? population - before(i).population - 1 : population),
  );
  return [
    ...varint(lines.length),
    ...dates,
    ...(withPopulations ? populations : []),
    ...lines.flatMap(({ records }) => varint(records)),
  ];
}

function sparse(rows) {
  const [fractional, whole, rest] = numbers(rows.flatMap((row) => Object.values(row)));
  const places = rows.map((row) => Object.keys(row).map(Number));
  return [
    ...varint(fractional ? 40 : 0),
    ...places.flatMap((p) => varint(p.length)),
    ...places.flatMap(gaps),
    ...whole,
    ...rest,
  ];
}

function column(values) {
  const [fractional, whole, rest] = numbers(values.map(([value]) => value));
  return [...varint(fractional ? 40 : 0), ...whole, ...rest, ...values.flatMap(([, unknown]) => varint(unknown))];
}

/** Populations of a date added up. A line: {date: its index, population, records, cells: {position: number}, sums}. */
function total(lines, names) {
  return [...new Set(lines.map(({ date }) => date))].map((date) => {
    const of = lines.filter((line) => line.date === date);
    const cells = {};
    for (const line of of) for (const [p, n] of Object.entries(line.cells)) cells[p] = p in cells ? cells[p] + n : n;
    const add = (values) => values.reduce(([a, b], [value, unknown]) => [a + value, b + unknown]);
    const sums = Object.fromEntries(names.map((name) => [name, add(of.map((line) => line.sums[name]))]));
    return { date, population: 0, records: of.reduce((sum, { records }) => sum + records, 0), cells, sums };
  });
}

function totals(byKind, kinds, names) {
  const rows = kinds.flatMap((kind) => {
    const lines = total(byKind[kind], names);
    const columns = names.flatMap((name) => column(lines.map(({ sums }) => sums[name])));
    return [...index(lines, false), ...sparse(lines.map(({ cells }) => cells)), ...columns];
  });
  const populations = kinds.flatMap((kind) => {
    const found = [...new Set(byKind[kind].map(({ population }) => population))].sort((a, b) => a - b);
    const records = (p) => byKind[kind].reduce((sum, line) => sum + (line.population === p ? line.records : 0), 0);
    return [...varint(found.length), ...gaps(found), ...found.flatMap((p) => varint(records(p)))];
  });
  return [...rows, ...populations];
}

export const section = (bytes) => deflateRawSync(Uint8Array.from(bytes));
export const digestOf = (bytes) => createHash("sha256").update(bytes).digest("hex").slice(0, 40);

/** The bytes of a pack, {body, head}. `entries`: [{measure, key, shape: its number, lines: {kind: [line]}}]. */
export function pack({ dates, populations, shapes, entries, block = "0", schema = 2 }) {
  const kinds = KINDS.filter((kind) => kind in dates);
  const all = entries.map(({ shape: number, lines }) => {
    const shape = shapes[number];
    const [first, rest] = [section(totals(lines, kinds, shape.sums.flat())), []];
    for (const kind of kinds) {
      const of = lines[kind];
      const parts = [of[0]?.raw ?? [...index(of, true), ...sparse(of.map(({ cells }) => cells))]]; // raw: odd bytes
      for (const group of shape.sums) parts.push(group.flatMap((name) => column(of.map(({ sums }) => sums[name]))));
      if (shape.shares) parts.push(sparse(of.map(() => ({ 0: 1 }))));
      if (shape.clients) parts.push(sparse(of.map(() => ({ 65: 2 }))));
      rest.push(...parts.map((part) => (of.length ? section(part) : Buffer.alloc(0))));
    }
    return [first, ...rest];
  });
  const lengths = all.map((parts) => parts.map(({ length }) => length));
  const named = entries.map(({ measure, key = "", shape }, i) => [measure, key, shape, lengths[i], {}]);
  const value = { schema, range: RANGE, block, blocks: 1, populations, dates, shapes, entries: named };
  const head = deflateRawSync(JSON.stringify(value));
  const body = Buffer.concat([head, ...all.map(([first]) => first), ...all.flatMap(([, ...rest]) => rest)]);
  return { body, head: head.length };
}

/** Objects of a bucket {path: JSON or Buffer}: one channel/version of one range, whose measures are in blocks. */
export function bucketOf({ table, tree, measures, dates, blocks = 1, stamp = "20131201120000", usual, implausible }) {
  const objects = {};
  const put = (folder, bytes, value = bytes) => {
    const digest = digestOf(bytes);
    objects[`${folder}/${digest}`] = value;
    return digest;
  };
  const blockOf = (name) => String((crc32(name) % 64) % blocks);
  const refs = {};
  for (const block of new Set(measures.map(({ name }) => blockOf(name)))) {
    const inside = measures.filter(({ name }) => blockOf(name) === block).sort((a, b) => (a.name < b.name ? -1 : 1));
    const shapes = [...new Set(inside.map(({ shape }) => JSON.stringify(shape)))];
    const entries = inside.map(({ name, key, shape, lines }) => ({
      measure: name,
      key,
      shape: shapes.indexOf(JSON.stringify(shape)),
      lines,
    }));
    const { body, head } = pack({ dates, populations: "t", shapes: shapes.map(JSON.parse), entries, block });
    refs[block] = { pack: put("packs", body), size: body.length, head, input: "" };
  }
  const about = Object.fromEntries(
    measures.map(({ name, shape, definition }) => [
      name,
      { definition, shapes: [shape], newest: { build_id: "", revision: "", shape: 0 }, volume: { submissions: 1 } },
    ]),
  );
  const manifest = {
    schema: 2,
    channel_version: "nightly/28",
    records: 9,
    dimensions: ["OS"],
    tree,
    populations: { t: table },
    measures: about,
    blocks,
    ranges: { [RANGE]: refs },
    facts: {},
  };
  const digest = put("manifests", JSON.stringify(manifest), manifest);
  const health = put("documents", '{"schema":1}', { schema: 1 });
  objects["latest.json"] = {
    schema: 2,
    stamp,
    token: 1,
    versions: { "nightly/28": { manifest: digest, records: 9 }, "nightly/29": { manifest: null, records: 0 } },
    documents: { "health.json": health },
    ...(usual ? { usual } : {}),
    ...(implausible ? { implausible } : {}),
  };
  return objects;
}

/** {getUrl, requests}: answers from `objects` below http://data/; requests are "path" or "path begin-end". */
export function servingObjects(objects, requests = []) {
  const getUrl = (url, callback, { range } = {}) => {
    const path = url.replace("http://data/", "");
    requests.push(range ? `${path} ${range.join("-")}` : path);
    queueMicrotask(() => {
      if (!(path in objects)) callback(Object.assign(new Error(`${url} answers 404`), { code: "http", status: 404 }));
      else callback(null, range ? new Uint8Array(objects[path].subarray(...range)) : structuredClone(objects[path]));
    });
  };
  return { getUrl, requests };
}
