/**
 * What went wrong, with a `code` that programs can branch on:
 * "not-initialised", "no-such-version", "no-such-measure", "no-such-option", "http", "network", "timeout", "bad-data".
 * `url` and `status` are set where a request was involved.
 */
export class TelemetryError extends Error {
  constructor(code, message, { url, status, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "TelemetryError";
    this.code = code;
    if (url !== undefined) this.url = url;
    if (status !== undefined) this.status = status;
  }
}
