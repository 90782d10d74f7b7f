/**
 * What the publisher found implausible: versions and dates that hardly anybody has, far from all others
 * (docs/formats.md, "latest-current.json"). The rule is the publisher's; here its verdict is only read.
 */

const NOTHING = Object.freeze({});
const own = (object, key) => (object && Object.hasOwn(object, key) ? object[key] : undefined);

/** The verdict in latest-current.json; `{versions: {}, dates: {}}` where there is none. */
export function verdictOf(latest) {
  const found = latest?.implausible;
  return {
    usual: typeof latest?.usual === "string" ? latest.usual : null,
    versions: found?.versions ?? NOTHING,
    dates: found?.dates ?? NOTHING,
  };
}

/** Whether "channel/version" is not beyond what the verdict's `versions` says of its channel. */
export function isPlausible(version, versions) {
  const [channel, number] = version.split("/");
  const outside = own(versions, channel);
  return !outside || Number(number) <= Number(outside.last);
}

/**
 * {first, last, number, pings} of a version's dates, or null where all are plausible; `by` is "by-build-date" or
 * "by-submission-date".
 */
export const outsideOf = (version, by, dates) => own(own(dates, version), by) ?? null;
