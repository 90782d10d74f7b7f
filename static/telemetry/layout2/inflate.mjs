import { TelemetryError } from "../errors.mjs";

/** The bytes of a raw deflate stream. */
export async function inflate(bytes, what) {
  try {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (error) {
    throw new TelemetryError("bad-data", `${what} cannot be inflated`, { cause: error });
  }
}
