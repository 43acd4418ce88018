// Filters: which rows pass, and what a filter says of what is chosen in it.

import { fill } from "./text.mjs";

/**
 * Whether a row passes: of each filter with choices, one of the row's values is chosen.
 * @param {Object<string, string[]>} facets the row's values
 * @param {Object<string, string[]>} choices
 * @returns {boolean}
 */
export const isAllowed = (facets, choices) => Object.entries(facets).every(
  ([name, values]) => !choices[name]?.length || values.some((value) => choices[name].includes(value)));

/**
 * What stands beside a filter's name: nothing, the one value that is chosen, or how many of all.
 * @param {string[]} names of the chosen values
 * @param {number} all
 * @param {string} some a phrase with `{chosen}` and `{all}`
 * @returns {string}
 */
export const chosenSaid = (names, all, some) =>
  (names.length ? ` · ${names.length === 1 ? names[0] : fill(some, { chosen: names.length, all })}` : "");
