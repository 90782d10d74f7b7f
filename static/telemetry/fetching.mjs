import { TelemetryError } from "./errors.mjs";

/**
 * The built-in fetch hook: `callback(error)` or `callback(null, json)`, exactly once. `fresh` revalidates browser
 * caches. With `range`, [begin, end), it gives these bytes as a Uint8Array instead of JSON.
 */
export function fetchUrl(url, callback, { fresh = false, timeout = 60000, range = null } = {}) {
  load(url, fresh, timeout, range).then((found) => callback(null, found), callback);
}

async function load(url, fresh, timeout, range) {
  const signal = AbortSignal.timeout(timeout);
  const headers = range ? { Range: `bytes=${range[0]}-${range[1] - 1}` } : {};
  try {
    const cache = fresh ? "no-cache" : "default";
    const response = await fetch(url, { signal, cache, headers, credentials: "same-origin" });
    if (!response.ok)
      throw new TelemetryError("http", `${url} answers ${response.status}`, { url, status: response.status });
    if (range) return partOf(new Uint8Array(await response.arrayBuffer()), response.status, range, url);
    return parsed(await response.text(), url);
  } catch (error) {
    if (error instanceof TelemetryError) throw error;
    if (signal.aborted)
      throw new TelemetryError("timeout", `${url} did not answer within ${timeout / 1000} s`, { url, cause: error });
    throw new TelemetryError("network", `${url} cannot be reached`, { url, cause: error });
  }
}

/** The bytes asked for: servers without ranges answer with all of them. */
function partOf(bytes, status, [begin, end], url) {
  const part = status === 206 ? bytes : bytes.subarray(begin, end);
  if (part.length === end - begin) return part;
  throw new TelemetryError("bad-data", `${url} has ${part.length} bytes of the ${end - begin} asked for`, { url });
}

function parsed(text, url) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new TelemetryError("bad-data", `${url} is not JSON`, { url, cause: error });
  }
}

/**
 * Runs a fetch hook of anyone's making as a Promise that always settles: a hook that throws or never calls back is an
 * error.
 */
export function hooked(hook, url, options) {
  return new Promise((resolve, reject) => {
    const late = () => reject(new TelemetryError("timeout", `${url}: getUrl did not call back`, { url }));
    const timer = setTimeout(late, options.timeout + 1000);
    timer.unref?.(); // in Node, waiting for a dead hook is no reason to stay alive longer than the program wants
    const settle = (error, json) => {
      clearTimeout(timer);
      if (!error) resolve(json);
      else reject(error instanceof Error ? error : new TelemetryError("network", `${url}: ${error}`, { url }));
    };
    try {
      hook(url, settle, options);
    } catch (error) {
      settle(error);
    }
  });
}
