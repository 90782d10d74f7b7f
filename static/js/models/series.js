/**
 * The series of a state: every version × measure × (population pinned, option compared), at most eight.
 * A series: {version, measure, filters, label, color}, `color` an index into the palette.
 */
import { accepts, optionsWithCounts } from "./populations.js";
import { dimensionName, optionName, versionName } from "./names.js";
import { colored } from "./palette.js";
import { filtersOfPin, pinOf } from "./pins.js";
import { pathOf } from "./qualified.js";

function compared(populations, dimension, filters) {
  if (!dimension) return [null];
  const chosen = filters[dimension] ?? [];
  const found = optionsWithCounts(populations, dimension, filters).filter(({ submissions }) => submissions > 0);
  const kept = chosen.length
    ? found.filter(({ option }) => accepts({ [dimension]: chosen })(pathOf(dimension, option)))
    : found;
  // with nothing to compare there is still a series: it tells why it is empty
  return kept.length ? kept.map(({ option }) => option) : [null];
}

function labelOf(series, state) {
  const parts = [];
  if (state.measure.length > 1) parts.push(series.measure);
  if (state.version.length > 1) parts.push(versionName(series.version));
  if (series.option !== null) parts.push(optionName(state.compare, series.option));
  else if (state.pin.length) parts.push(populationName(series.filters));
  return parts.join(" · ");
}

/**
 * [{option or null, filters}]: the pinned ones first, so that they keep their colours, then what is filtered or
 * compared.
 */
function populationsOf(state, populations) {
  const pinned = state.pin.map((pin) => ({ option: null, filters: filtersOfPin(pin) }));
  const options = compared(populations, state.compare, state.filters);
  const now = options.map((option) => ({
    option,
    filters: option === null ? state.filters : { ...state.filters, [state.compare]: [option] },
  }));
  return [...pinned, ...now.filter(({ filters }) => !state.pin.includes(pinOf(filters)))];
}

/** {series, left}: `left` counts those beyond eight. `populations` is needed only where the state compares. */
export function seriesOf(state, populations) {
  const found = [];
  for (const measure of state.measure) {
    for (const version of state.version) {
      for (const { option, filters } of populationsOf(state, populations)) {
        const series = { version, measure, option, filters };
        found.push({ ...series, label: labelOf(series, state) });
      }
    }
  }
  const series = colored(found);
  return { series, left: found.length - series.length };
}

/** Whether a series needs every population's rows, not only their total. */
export const isFiltered = ({ filters }) => Object.values(filters).some((options) => options.length > 0);

/** Its population in words: "Windows, macOS; x86 (32-bit)", or "all populations". */
export function populationName(filters) {
  const parts = Object.entries(filters)
    .filter(([, options]) => options.length > 0)
    .map(
      ([dimension, options]) =>
        options.map((option) => optionName(dimension, option)).join(", ") || dimensionName(dimension),
    );
  return parts.length ? parts.join("; ") : "all populations";
}
