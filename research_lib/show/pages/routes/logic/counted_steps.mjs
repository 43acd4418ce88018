// How many steps are shown: of each place, on each map, of each legal status, and in which words.

import { isAllowed } from "../../shared/logic/filters.mjs";
import { fill } from "../../shared/logic/text.mjs";

const NOBODY = "unnamed";
const counted = (some, codeOf, names) => Object.entries(names)
  .map(([code, name]) => [some.filter((item) => codeOf(item) === code).length, name, code]).filter(([count]) => count).sort(([a], [b]) => b - a);

/**
 * Of the places that are chosen: how many steps name which one, who organises them and how sure that is; and how many
 * name only a place around it, by organiser. A part with `choose` is a place that can be chosen in their stead, one with
 * `isAnswer` says who organises.
 * @param {{id: string, panel: string, facets: Object<string, string[]>}[]} items a step's place, and after it those around it
 * @param {Object<string, string[]>} state what is chosen
 * @param {Set<string>} shown ids
 * @param {Object<string, Object<string, string>>} names by `destination`, `origin`, `certainty` and `panel`, in their order
 * @param {{only: string, enclosed: string, sure: string, organised: string, nobody: string, comma: string, stop: string}} phrases with `{count}`, `{place}`, `{organisers}` and `{certainties}`
 * @returns {{text: string, choose?: Object<string, string[]>, isAnswer?: boolean}[]}
 */
export function placesSaid(items, state, shown, names, phrases) {
  const named = (...some) => counted(...some).map(([count, name]) => `${name} ${count}`).join(phrases.comma);
  const own = items.filter(({ id }) => shown.has(id)), panels = (some) => named(some, ({ panel }) => panel, names.panel);
  const chosen = ["destination", "origin"].filter((name) => state[name]?.length);
  if (!chosen.length) return [];
  const parts = chosen.flatMap((name) => {
    const placeOf = ({ facets }) => facets[name][0];
    const around = new Set(items.flatMap(({ facets }) => state[name].filter((place) => facets[name].includes(place))
      .flatMap((place) => facets[name].slice(facets[name].indexOf(place) + 1))));
    const rest = items.filter((item) => !shown.has(item.id) && around.has(placeOf(item)) && isAllowed(item.facets, { ...state, [name]: [] }));
    return counted(rest, placeOf, names[name]).flatMap(([count, place, code]) => [
      { text: fill(phrases.only, { count, place }), choose: { [name]: [code] } },
      { text: fill(phrases.enclosed, { organisers: panels(rest.filter((item) => placeOf(item) === code)) }) },
    ]);
  });
  const places = own.length ? ` – ${chosen.map((name) => named(own, ({ facets }) => facets[name][0], names[name])).join(phrases.semicolon)}` : "";
  const certainties = named(own, ({ facets }) => facets.certainty[0], names.certainty);
  const sure = own.length ? ` ${fill(phrases.sure, { certainties })}` : "";
  const place = chosen.map((name) => state[name].map((code) => names[name][code]).join(phrases.comma)).join(phrases.semicolon);
  const answer = fill(own.some(({ panel }) => panel !== NOBODY) ? phrases.organised : phrases.nobody, { place, organisers: panels(own) });
  return [...own.length ? [{ text: answer, isAnswer: true }] : [], { text: `${places}${phrases.stop}${sure} ` }, ...parts];
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
 * The organiser and the legal status that all of some steps have, or `all` and `several`.
 * @param {{panel: string, status: string}[]} items
 * @returns {[string, string]}
 */
export function lookOf(items) {
  const [{ panel, status }] = items;
  return [items.every((item) => item.panel === panel) ? panel : "all", items.every((item) => item.status === status) ? status : "several"];
}

/**
 * Joins the steps of a map that have the same ends, and counts them by a part, such as their legal status.
 * @param {{ends: string, part: string, leg: string}[]} steps
 * @returns {{ends: string, legs: string[], parts: [string, number][]}[]} of most steps first, and so the parts
 */
export function joinedLines(steps) {
  const byCount = (one, other) => other[1] - one[1];
  return [...new Set(steps.map(({ ends }) => ends))].map((ends) => {
    const counts = {}, here = steps.filter((step) => step.ends === ends);
    for (const { part } of here) counts[part] = (counts[part] ?? 0) + 1;
    return { ends, legs: here.map(({ leg }) => leg), parts: Object.entries(counts).sort(byCount) };
  }).sort((one, other) => other.legs.length - one.legs.length);
}

/**
 * Says how many steps have which legal status.
 * @param {[string, number][]} statuses
 * @param {Object<string, string>} names
 * @param {string} comma
 * @returns {string}
 */
export const statusesSaid = (statuses, names, comma) => statuses.map(([status, count]) => `${count} ${names[status]}`).join(comma) || "–";
