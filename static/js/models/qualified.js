/**
 * Dimensions whose options mean nothing without another's: 6.1 is Windows 7 and a Linux kernel, so an OS version is
 * chosen as "WINNT/6.1".
 */
const QUALIFIED_BY = { osVersion: "OS" };

const parentOf = (dimension) => (Object.hasOwn(QUALIFIED_BY, dimension) ? QUALIFIED_BY[dimension] : null);

/** The option by which a dimension of a population's path is chosen. */
export function optionOf(path, dimension) {
  const parent = parentOf(dimension);
  return parent && parent in path ? `${path[parent]}/${path[dimension]}` : path[dimension];
}

/**
 * {parent, own} of an option: "WINNT/6.1" of osVersion is {parent: "WINNT", own: "6.1"}; of others `parent` is null.
 */
export function partsOf(dimension, option) {
  const slash = parentOf(dimension) === null ? -1 : option.indexOf("/");
  return slash < 0 ? { parent: null, own: option } : { parent: option.slice(0, slash), own: option.slice(slash + 1) };
}

/** The path that an option stands for, {OS: "WINNT", osVersion: "6.1"}: the inverse of optionOf. */
export function pathOf(dimension, option) {
  const { parent, own } = partsOf(dimension, option);
  return parent === null ? { [dimension]: own } : { [parentOf(dimension)]: parent, [dimension]: own };
}
