// Which provisions and countries are shown, and what a printed page says of that.

import { fill } from "../../shared/logic/text.mjs";

/**
 * The countries that are shown: those chosen, or those shown at first, and that of the step that is picked.
 * @param {{country?: string[], pick?: string[]}} state a picked step is `step:COL:…`
 * @param {string[]} first
 * @returns {string[]}
 */
export function countriesShown(state, first) {
  const own = state.pick?.[0]?.split(":")[1], chosen = state.country ?? [];
  return [own, ...(chosen.length ? chosen : first)];
}

/**
 * Whether a provision has a kind and the topic that are chosen.
 * @param {{kind: string, topic: string}} provision
 * @param {string[]} kinds none stands for all
 * @param {string} topic empty stands for all
 * @returns {boolean}
 */
export const isKept = (provision, kinds, topic) => (!kinds.length || kinds.includes(provision.kind)) && (!topic || provision.topic === topic);

/**
 * What a reader of the printed page has to know.
 * @param {Object<string, string>} phrases
 * @param {{printed: string, chosen: string, count: string, picked?: string}} told when and where it was printed, what was
 *   chosen, how much is shown, and the title of what was picked
 * @returns {string}
 */
export const sheetSaid = (phrases, { printed, chosen, count, picked }) => [
  printed,
  chosen ? fill(phrases.chosen, { choices: chosen }) : phrases.all,
  `${count}.`,
  picked ? fill(phrases.picked, { title: picked }) : "",
].filter(Boolean).join(" ");
