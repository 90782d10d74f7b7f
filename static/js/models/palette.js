/** Who gets which colour. The style sheet has eight (--series-1 to --series-8), so at most eight series are drawn. */

export const MOST_SERIES = 8;
export const MOST_SERIES_IN_WORDS = "Eight";

const OF_COUNTS = { submissions: 7, samples: 6 };

/** The first eight of a list, each with its `color`: an index into the palette. */
export const colored = (list) => list.slice(0, MOST_SERIES).map((one, color) => ({ ...one, color }));

/** The colour of the figure at an index, where all lines are of one series. */
export const colorOfFigure = ({ unit, token }, index) => (unit === "count" ? OF_COUNTS[token] : index);

/** The style sheet's name of a colour. */
export const colorName = (index) => `series-${(index % MOST_SERIES) + 1}`;
