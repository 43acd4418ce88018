// The address of a page and the choices that it stands for.

const UNSEEN = /[\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/u;
const LONGEST_WORDS = 100;
const takesWords = (values) => values?.length === 1 && values[0] === "*";
const isKnownValue = (value, values) =>
  (takesWords(values) ? [...value].length <= LONGEST_WORDS && !UNSEEN.test(value) : values.includes(value));

/** Milliseconds without a key until the address says what is searched for. */
export const PAUSE = 250;

/**
 * What a person typed, as an address may hold it: no signs that cannot be seen, and not too long.
 * @param {string} text
 * @returns {string}
 */
export const typed = (text) => [...text].filter((sign) => !UNSEEN.test(sign)).slice(0, LONGEST_WORDS).join("");

/**
 * Reads choices. What an address says that the page does not know is left out, as Python does it; `leftOut` names its parameters.
 * @param {string} query
 * @param {Object<string, string[]>} options the values of each choice; `["*"]` stands for any words
 * @param {string[]} single the choices that take one value
 * @returns {{choices: Object<string, string[]>, leftOut: string[]}}
 */
export function choicesFrom(query, options, single) {
  const choices = {};
  const seen = new Set(), leftOut = [];
  for (const [name, text] of new URLSearchParams(query)) {
    const allowed = Object.hasOwn(options, name) ? options[name] : [];
    const given = (takesWords(allowed) ? [text] : text.split(",")).filter((value) => value.trim());
    const isKnown = Object.hasOwn(options, name) && !seen.has(name);
    let values = isKnown ? given.filter((value) => isKnownValue(value, allowed)) : [];
    if (single.includes(name) && values.length > 1) values = [];
    if (!isKnown || values.length < given.length) leftOut.push(name);
    if (values.length) choices[name] = values;
    seen.add(name);
  }
  return { choices, leftOut };
}

/**
 * Writes choices as the part of an address after `?`, in alphabetical order; empty where nothing is chosen.
 * @param {Object<string, string[]>} choices
 * @returns {string}
 */
export function queryFrom(choices) {
  return Object.keys(choices).filter((name) => choices[name].length).sort()
    .map((name) => `${name}=${choices[name].map(encodeURIComponent).join(",")}`).join("&");
}

/**
 * Adds a query to an address, which may have one already.
 * @param {string} address
 * @param {string} query
 * @returns {string}
 */
export const withQuery = (address, query) => `${address}${query && `${address.includes("?") ? "&" : "?"}${query}`}`;

/**
 * The step of Back and Forward that choices are: the values of what the page names in `steps`, one choice or several.
 * @param {string|string[]|undefined} steps
 * @param {Object<string, string[]>} choices
 * @returns {string}
 */
export const stepOf = (steps, choices) => [steps ?? []].flat().map((name) => choices[name] ?? "").join("&");
