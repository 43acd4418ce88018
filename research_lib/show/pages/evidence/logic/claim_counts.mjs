// How many claims there are of each theme and country.

import { isAllowed } from "../../shared/logic/filters.mjs";

/**
 * How many claims there are of each theme and country, and how many of them each kind of informant says.
 * @param {Object[]} rows
 * @param {string[]} informants of whom claims are counted; none stands for all
 * @returns {Map<string, {count: number, by: Object<string, number>}>} by theme and country with a space between them
 */
export function countClaims(rows, informants) {
  const claims = new Map();
  for (const row of rows.filter(({ facets }) => facets.kind[0] === "claim" && isAllowed({ informant: facets.informant }, { informant: informants }))) {
    for (const theme of row.facets.code) for (const country of row.facets.country) {
      const key = `${theme} ${country}`, said = claims.get(key) ?? { count: 0, by: {} };
      said.count += 1;
      for (const who of row.facets.informant) said.by[who] = (said.by[who] ?? 0) + 1;
      claims.set(key, said);
    }
  }
  return claims;
}
