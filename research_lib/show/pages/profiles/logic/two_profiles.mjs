// Two profiles: what is said of each, what of both, and in which countries.

/**
 * Opens what is said of each profile.
 * @param {{cells: Object<string, string[]>, countries: Object<string, string>}} model `cells`: ids of statements by profile,
 *   country and dimension, with spaces between them
 * @returns {{told: Function, split: Function}} `told` gives the countries in which a statement is told of a profile, `split`
 *   what is told of both profiles of a pair in some countries, and apart of each
 */
export function cellsOf({ cells, countries }) {
  const cell = (profile, country, dimension) => cells[`${profile} ${country} ${dimension}`] ?? [];
  return {
    told: (id, profile, dimension) => Object.keys(countries).filter((country) => cell(profile, country, dimension).includes(id)),
    split: (pair, dimension, some) => {
      const ids = pair.map((profile) => [...new Set(some.flatMap((country) => cell(profile, country, dimension)))]);
      const shared = ids[0].filter((id) => ids[1].includes(id));
      return { shared, apart: ids.map((own) => own.filter((id) => !shared.includes(id))) };
    },
  };
}

/**
 * The profiles that are chosen after a click on one: at most two, the last ones.
 * @param {string[]} before
 * @param {string} profile
 * @param {boolean} isChosen
 * @returns {string[]}
 */
export function profilesAfter(before, profile, isChosen) {
  const others = before.filter((id) => id !== profile);
  return isChosen ? [...others, profile].slice(-2) : others;
}
