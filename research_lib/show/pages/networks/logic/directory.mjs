// The directory of organisations: which entries a search finds, and in which order.

import { plainWords } from "../../shared/logic/text.mjs";

/**
 * Words of a search without those that say nothing, such as "who helps in", unless there are no others.
 * @param {string} query
 * @param {Set<string>} small
 * @returns {string[]}
 */
export function askedWords(query, small) {
  const words = plainWords(query).split(" ").filter(Boolean);
  const telling = words.filter((word) => !small.has(word));
  return telling.length ? telling : words;
}

/**
 * The entries that have all words and what is chosen, those with the words in their name first.
 * @param {{name: string, text: string, codes: Object<string, string>}[]} entries plain words, with a space before each word
 * @param {Object<string, string[]>} choices
 * @param {string[]} words
 * @returns {Object[]}
 */
export function entriesFound(entries, choices, words) {
  const isFound = ({ codes, text }) => words.every((word) => text.includes(` ${word}`))
    && ["country", "place", "help"].every((name) => !choices[name]?.length || codes[name].split(" ").includes(choices[name][0]));
  const isNamed = ({ name }) => words.every((word) => name.includes(` ${word}`));
  const fits = entries.filter(isFound);
  return [...fits.filter(isNamed), ...fits.filter((entry) => !isNamed(entry))];
}
