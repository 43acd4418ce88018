// The table that a page saves, as the text of a file.

import { isAllowed } from "./filters.mjs";

/**
 * Quotes a cell where CSV needs it.
 * @param {string} cell
 * @returns {string}
 */
export const quoted = (cell) => (/[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

/**
 * The file of the lines whose facets are chosen. Python has written each line, safe for a spreadsheet, or the page writes
 * them itself; the mark at the start lets Excel read it as UTF-8.
 * @param {{stem: string, header: string, lines: Array, last: string[], facets: Object[]}} table a line is the place of its
 *   facets, its text, and the place of its last cell
 * @param {Object<string, string[]>} choices
 * @param {Set<number>|null} [found] the lines that a search found
 * @returns {[string, string]} the file's name and its text
 */
export function tableFile({ stem, header, lines, last, facets }, choices, found) {
  const chosen = lines.filter(([place], at) => isAllowed(facets[place], choices) && (found?.has(at) ?? true)).map(([, start, end]) => start + last[end]);
  return [`${[stem, ...choices.question ?? []].join("-")}.csv`, `\ufeff${header}${chosen.join("")}`];
}
