/**
 * Bytes of packs that were read before. Packs never change, so what is kept stays right: in Cache Storage, which
 * outlives the page (Firefox keeps no ranges in its own cache); in memory where there is none: in Node, over plain
 * HTTP, in frames without an origin.
 */
const NAME = "telemetry-tasks-packs";
const MOST_SECTIONS = 4096;
const MOST_BYTES = 32 << 20; // in memory

async function opened() {
  try {
    const cache = await globalThis.caches?.open(NAME);
    if (!cache) return null;
    const keys = await cache.keys(); // in the order in which they came
    if (keys.length > MOST_SECTIONS)
      await Promise.all(keys.slice(0, keys.length - MOST_SECTIONS / 2).map((key) => cache.delete(key)));
    return cache;
  } catch {
    return null; // storage is forbidden, or full
  }
}

/** {read(url, begin, end, load)}: the bytes [begin, end) of an object; `load()` gets them where they are not kept. */
export function keptBytes() {
  const memory = new Map();
  const loading = new Map();
  let size = 0;
  let cache;

  function remember(key, bytes) {
    memory.set(key, bytes);
    size += bytes.length;
    for (const [oldest, { length }] of memory) {
      if (size <= MOST_BYTES) break;
      memory.delete(oldest);
      size -= length;
    }
  }

  async function find(key, load) {
    const storage = await (cache ??= opened());
    if (!storage) {
      if (!memory.has(key)) remember(key, await load());
      return memory.get(key) ?? load(); // one that is larger than all that may be kept
    }
    const found = await storage.match(key).catch(() => undefined);
    if (found) return new Uint8Array(await found.arrayBuffer());
    const bytes = await load();
    storage.put(key, new Response(bytes)).catch(() => {}); // full: the next page load asks again
    return bytes;
  }

  return {
    read(url, begin, end, load) {
      const key = `${url}?${begin}-${end}`;
      if (!loading.has(key)) {
        const found = find(key, load);
        loading.set(key, found);
        found.finally(() => loading.delete(key)).catch(() => {});
      }
      return loading.get(key);
    },
  };
}
