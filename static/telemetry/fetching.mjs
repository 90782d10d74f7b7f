import { TelemetryError } from "./errors.mjs";

/**
 * The built-in fetch hook: `callback(error)` or `callback(null, json)`, exactly once. `fresh` revalidates browser
 * caches.
 */
export function fetchUrl(url, callback, { fresh = false, timeout = 60000 } = {}) {
  load(url, fresh, timeout).then((json) => callback(null, json), callback);
}

async function load(url, fresh, timeout) {
  const signal = AbortSignal.timeout(timeout);
  try {
    const response = await fetch(url, { signal, cache: fresh ? "no-cache" : "default", credentials: "same-origin" });
    if (!response.ok)
      throw new TelemetryError("http", `${url} answers ${response.status}`, { url, status: response.status });
    return parsed(await response.text(), url);
  } catch (error) {
    if (error instanceof TelemetryError) throw error;
    if (signal.aborted)
      throw new TelemetryError("timeout", `${url} did not answer within ${timeout / 1000} s`, { url, cause: error });
    throw new TelemetryError("network", `${url} cannot be reached`, { url, cause: error });
  }
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
