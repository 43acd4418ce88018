// How many steps are shown: of each place, on each map, of each legal status, and in which words.

import { isAllowed } from "../../shared/logic/filters.mjs";
import { fill } from "../../shared/logic/text.mjs";

/**
 * Of the places that are chosen: how many steps name which one, and how many name only a place around it.
 * @param {{id: string, facets: Object<string, string[]>}[]} items a step's place, and after it those around it
 * @param {Object<string, string[]>} state what is chosen
 * @param {Set<string>} shown ids
 * @param {Object<string, Object<string, string>>} names of the places by `destination` and `origin`, in their order
 * @param {string} only a phrase with `{count}` and `{place}`
 * @returns {string}
 */
export function placesSaid(items, state, shown, names, only) {
  return ["destination", "origin"].filter((name) => state[name]?.length).map((name) => {
    const naming = (place, some) => some.filter(({ facets }) => facets[name][0] === place).length;
    const counted = (some, phrase) => Object.entries(names[name]).map(([place, said]) => [naming(place, some), said]).filter(([count]) => count)
      .sort(([a], [b]) => b - a).map(([count, said]) => phrase(count, said));
    const own = counted(items.filter(({ id }) => shown.has(id)), (count, place) => `${place} ${count}`);
    const around = new Set(items.flatMap(({ facets }) => state[name].filter((place) => facets[name].includes(place))
      .flatMap((place) => facets[name].slice(facets[name].indexOf(place) + 1))));
    const rest = items.filter(({ id, facets }) => !shown.has(id) && around.has(facets[name][0]) && isAllowed(facets, { ...state, [name]: [] }));
    return [own.length ? `: ${own.join(", ")}` : "", ".", ...counted(rest, (count, place) => ` ${fill(only, { count, place })}`)].join("");
  }).join("");
}

/**
 * The map that is asked for, or that of the step that is chosen, or the first, or another where that has no step.
 * @param {{items: {id: string, panel: string}[], first: string, boxes: Object}} model
 * @param {{map?: string[], select?: string[]}} state
 * @param {Set<string>} shown ids
 * @returns {string}
 */
export function mapOf({ items, first, boxes }, state, shown) {
  const count = (map) => items.filter(({ id, panel }) => shown.has(id) && panel === map).length;
  const asked = state.map?.[0] ?? items.find(({ id }) => id === state.select?.[0])?.panel;
  if (asked || count(first) || !shown.size) return asked ?? first;
  return Object.keys(boxes).reduce((one, other) => count(other) > count(one) ? other : one);
}

/**
 * Counts the drawn steps by organiser, and those that are seen by legal status.
 * @param {{organiser: string, status: string, count: number}[]} lines of the maps, each with the steps that it shows
 * @param {string} map an organiser, or `all`
 * @returns {{counts: Object<string, number>, drawn: number, statuses: [string, number][]}} the most frequent status first
 */
export function countSteps(lines, map) {
  const counts = {}, statuses = new Map();
  for (const { organiser, status, count } of lines) {
    counts[organiser] = (counts[organiser] ?? 0) + count;
    if (count && (map === "all" || map === organiser)) statuses.set(status, (statuses.get(status) ?? 0) + count);
  }
  const drawn = Object.values(counts).reduce((one, other) => one + other, 0);
  return { counts, drawn, statuses: [...statuses].sort((a, b) => b[1] - a[1]) };
}

/**
 * Says how many steps have which legal status.
 * @param {[string, number][]} statuses
 * @param {Object<string, string>} names
 * @returns {string}
 */
export const statusesSaid = (statuses, names) => statuses.map(([status, count]) => `${count} ${names[status]}`).join(", ") || "–";
