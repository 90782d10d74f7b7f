/** How versions and files are named in the published prefix; docs/formats.md. */

/** {kind of date: the part of a file's name that says it}. */
export const KINDS_OF_DATE = Object.freeze({ build: "by-build-date", submission: "by-submission-date" });

const VERSION = /^\w+\/\d+$/;

/** Whether a name is "channel/version", such as "nightly/28". */
export const isVersion = (name) => VERSION.test(name);
