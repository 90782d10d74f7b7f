/** Numbers as people read them. One place, so that chart, table and hover never disagree. */

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const shortened = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });

/** 1234567 → "1,234,567". */
export const formatCount = (count) => whole.format(count);

/** 1234567 → "1.23M", for axes and menus. */
export const formatShort = (count) => (Math.abs(count) < 10000 ? formatFigure(count) : shortened.format(count));

/** A figure with four significant digits: 0.01234, 12.34, 1,234. "–" where nothing is known. */
export function formatFigure(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  if (Math.abs(value) >= 1000) return whole.format(value);
  return String(Number(value.toPrecision(4)));
}

/** A share of 1 as "12.3 %". */
export function formatShare(share) {
  if (share === null || !Number.isFinite(share)) return "–";
  const percent = share * 100;
  if (percent !== 0 && Math.abs(percent) < 0.01) return `${percent < 0 ? "−" : ""}<0.01 %`;
  return `${Number(percent.toPrecision(3))} %`;
}
