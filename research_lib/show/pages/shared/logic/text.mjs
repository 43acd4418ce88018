// Text: phrases with places for values, and texts as they are searched.

const MARKS = { "’": "'", "œ": "oe", "æ": "ae", "ß": "ss" };

/**
 * Puts values in the places that a phrase names, such as `{count}`.
 * @param {string} phrase
 * @param {Object<string, string|number>} values
 * @returns {string}
 */
export const fill = (phrase, values) => phrase.replace(/\{(\w+)\}/g, (_, key) => values[key]);

/**
 * Text as it is searched: without accents, in small letters.
 * @param {string} text
 * @returns {string}
 */
export const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[’œæß]/g, (sign) => MARKS[sign]);

/**
 * The words of a text, folded, with one space between two.
 * @param {string} text
 * @returns {string}
 */
export const plainWords = (text) => folded(text).replace(/[^\p{L}\p{N}]+/gu, " ").trim();

/**
 * The parts of a search between spaces, folded.
 * @param {string} query
 * @returns {string[]}
 */
export const wordsOf = (query) => folded(query).split(/\s+/).filter(Boolean);
