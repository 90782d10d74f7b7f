/**
 * Populations kept beside the one that is filtered, as text in the address: "OS:WINNT Linux;arch:x86"; "*" is all
 * populations. Names and options are escaped like parts of a URL, but for their slashes.
 */

const escaped = (text) => encodeURIComponent(text).replaceAll("%2F", "/");
const plain = (text) => decodeURIComponent(text);

/** The text of filters, the same for the same population. */
export function pinOf(filters) {
  const parts = Object.entries(filters).filter(([, options]) => options.length > 0);
  const texts = parts.map(
    ([dimension, options]) => `${escaped(dimension)}:${[...options].sort().map(escaped).join(" ")}`,
  );
  return texts.sort().join(";") || "*";
}

/** The filters of a text, null if it does not name any. */
export function filtersOfPin(text) {
  if (text === "*") return {};
  try {
    const parts = text.split(";").map((part) => part.split(":"));
    if (parts.some((part) => part.length !== 2 || part.includes(""))) return null;
    return Object.fromEntries(parts.map(([dimension, options]) => [plain(dimension), options.split(" ").map(plain)]));
  } catch {
    return null;
  }
}
