/** Which layout a bucket is in: the one place that knows that there are two. */
import { Layout1 } from "./layout1/documents.mjs";
import { LATEST } from "./layout2/names.mjs";
import { Layout2 } from "./layout2/snapshots.mjs";

/** Fetch hooks of others need not say why they failed: then too layout 1 is tried, as before there were two. */
function isAbsent({ code, status, cause }) {
  if (code === "http") return status === 404 || status === 403;
  return code === undefined || (code === "network" && cause === undefined);
}

/** `get(path, fresh, range)` reads a bucket. Layout 2 where it is published, else layout 1. */
export async function layoutOf(get) {
  try {
    return new Layout2(get, await get(LATEST, true));
  } catch (error) {
    if (isAbsent(error)) return new Layout1(get);
    throw error;
  }
}
