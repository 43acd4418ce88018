// Coefficients in words: two decimals, a minus that is one, a dash for what cannot be said.

/**
 * A coefficient with two decimals.
 * @param {number | null} value
 * @returns {string}
 */
export const twoDecimals = (value) => (value === null ? "–" : value.toFixed(2).replace("-", "−"));

/**
 * An interval, or a dash where it has no ends.
 * @param {{low: number | null, high: number | null}} row
 * @returns {string}
 */
export const interval = ({ low, high }) => (low === null || high === null ? "–" : `${twoDecimals(low)} – ${twoDecimals(high)}`);
