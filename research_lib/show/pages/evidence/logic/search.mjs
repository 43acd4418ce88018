// Search that forgives: plurals, slips of a letter or two, other languages' words, and words that no entry has.

import { isAllowed } from "../../shared/logic/filters.mjs";
import { fill, folded, plainWords, wordsOf } from "../../shared/logic/text.mjs";

const FEW = 12, // entries with all words, for each word; where there are not as many, others follow
  SHORT = 5, // letters; a word that no entry has, as short as this, is not meant where another letter stands in it
  ALIKE = 3, // first letters that two forms of one word share
  NEARLY = 0.5; // of the weight of the best entry, where none has all words
// What a word counts: as it was asked for, as a kind of entry, as what an entry is about, beside it, and in the other language by its first letters; else 1.
const WHOLE = 1.4, OF_KIND = 1.6, NOTED = 0.6, BESIDE = 0.6, BEGUN = 0.8;
const SHARE = 0.018; // of the rows: a word that fewer have is no rarer
const RARER = 9; // times: where the words with a stem are as much rarer than a word nearby, that one is meant
const SLIP = 0.9; // beside 1 for another letter
const FAINT = 0.25; // a word that says little, beside any other, where it has four letters or more
const WEIGHTS = { role: 0.7, profession: 0.7, figure: 0.7 }; // of many short rows that say the same words, and of a number beside the statement that it stands in
const AGAIN = 0.8; // of the weight of a row on the same lines of a source as one before it
const SAME = 0.9; // of the weight of a row that has the same of the words as one before it, where none has all
/** How many letters are kept of a word of another language. */
export const CUT = 6;
const starts = new Map();

/**
 * Where a spelling stands in a text: at the beginning of a word, since "owe" is no part of "showed"; of Han, anywhere. A word
 * that is cut, such as "passep*", is found by all that begin so.
 * @param {string} text folded
 * @param {string} spelling folded
 * @returns {[number, number][]} where each place begins and ends
 */
export function placesOf(text, spelling) {
  const cut = spelling.slice(0, CUT);
  if (!text.includes(cut)) return [];
  if (!starts.has(spelling)) {
    const begins = /^(?!\p{Script=Han})[\p{L}\p{N}]/u.test(spelling) ? "(?<![\\p{L}\\p{N}])" : "";
    const ways = [spelling, `${cut}*`].map((way) => way.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&"));
    starts.set(spelling, new RegExp(`${begins}(?:${ways.join("|")})`, "gu"));
  }
  return [...text.matchAll(starts.get(spelling))].map(({ 0: found, index }) => [index, index + found.length]);
}

/**
 * Whether a text has a word.
 * @param {string} text folded
 * @param {string} word folded
 * @returns {boolean}
 */
export const hasWord = (text, word) => placesOf(text, word).length > 0;

const partsOf = (query) => wordsOf(query.replace(/['’]|[?!.,;:"“”«»()]+(?=\s|$)/g, " "));

// A word without the ending of a plural or of a verb, where enough letters are left.
const stemOf = (word) => word.replace(/^(.{4,}?)(ings?|ies|ed|es|s|e|y)$|^(.{5,}?)(?:ers?|ions?)$/u, "$1$3");
// What the forms of a word begin with; where few letters are left, with the endings of each form: "factor" is another word.
function formsOf(word) {
  const stem = stemOf(word), ending = word.slice(stem.length);
  if (/^(y|ies)$/.test(ending) && stem.length < 7) return [`${stem}y`, `${stem}ie`];
  if (/^es?$/.test(ending) && stem.length < 6) return [`${stem}e`, `${stem}ing`];
  return [stem];
}

// Sorts rows by weight, of which each counts less the more rows of the same key come before it.
function spread(weighted, keyOf, share) {
  const inOrder = (rows) => rows.sort(([one], [other]) => other - one), told = new Map();
  return inOrder(inOrder(weighted).map(([weight, row]) => {
    const key = keyOf(row), before = told.get(key) ?? 0;
    if (key) told.set(key, before + 1);
    return [weight * share ** before, row];
  }));
}

const pairsOf = (word) => (/^\p{Script=Han}{3,}$/u.test(word) ? [...word].slice(1).map((sign, at) => [...word][at] + sign) : [word]);

/**
 * Each phrase with what else it is called, the longest first.
 * @param {Object<string, string>} means phrases, and what they are called, each joined by `|`
 * @returns {[string, string[]][]}
 */
export function spelledOut(means) {
  const all = Object.entries(means).flatMap(([phrases, others]) => phrases.replaceAll("'", " ").split("|").map((phrase) => [phrase, others.split("|")]));
  return all.sort(([one], [other]) => other.length - one.length);
}

/**
 * The words of a query, each as the spellings that count for it; words that say nothing are left out, unless all do.
 * @param {string} query
 * @param {{means: [string, string[]][], stop: string[], isTold?: (one: Object) => number}} lists `means`: phrases with what
 *   else they are called; one of several words that is not told is read word by word
 * @returns {{word: string, spellings: string[], isKnown?: boolean}[]}
 */
export function askedFor(query, { means, stop, isTold = () => 1 }) {
  let left = ` ${partsOf(query).join(" ")} `;
  const asked = [];
  for (const [phrase, others] of means) {
    const found = (/\p{Script=Han}/u.test(phrase) ? [phrase] : [` ${phrase} `, ` ${phrase}s `]).find((each) => left.includes(each));
    const one = found && { word: found.trim(), spellings: [phrase, ...others], isKnown: true };
    if (!one || (phrase.includes(" ") && !isTold(one))) continue;
    asked.push(one);
    left = left.replace(found, " ");
  }
  const rest = left.split(" ").filter(Boolean), telling = rest.filter((word) => !stop.includes(word));
  const kept = telling.length || asked.length ? telling : rest;
  return [...asked, ...kept.flatMap(pairsOf).map((word) => ({ word, spellings: [word, ...formsOf(word)] }))];
}

/**
 * How many slips two words are apart: a letter left out or put in, two changed round, or another letter, which is rarer; more
 * than `most` is not counted.
 * @param {string} one
 * @param {string} other
 * @param {number} most
 * @returns {number}
 */
export function apart(one, other, most) {
  if (Math.abs(one.length - other.length) > most) return most + 1;
  let [two, before] = [[], Array.from({ length: other.length + 1 }, (_, at) => at * SLIP)];
  for (let i = 1; i <= one.length; i += 1) {
    const row = [i * SLIP];
    for (let j = 1; j <= other.length; j += 1) {
      const isSame = one[i - 1] === other[j - 1];
      row[j] = Math.min(before[j] + SLIP, row[j - 1] + SLIP, before[j - 1] + !isSame);
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) row[j] = Math.min(row[j], two[j - 2] + SLIP);
    }
    if (Math.min(...row) > most) return most + 1;
    [two, before] = [before, row];
  }
  return before[other.length];
}

/**
 * How many rows have each word of three letters or more, a plural in s as its singular too.
 * @param {{plain: string}[]} rows
 * @returns {Map<string, number>}
 */
export function vocabularyOf(rows) {
  const counts = new Map();
  const add = (word, count) => counts.set(word, (counts.get(word) ?? 0) + count);
  for (const row of rows) for (const word of new Set(row.plain.match(/[\p{L}\p{N}]{3,}/gu))) add(word, 1);
  for (const [word, count] of [...counts]) if (/\p{L}{5,}s$/u.test(word)) add(word.replace(/ies$/, "y").replace(/s$/, ""), count);
  return counts;
}

/**
 * The known word that is nearest to one that no entry has, of those nearly as near rather a frequent one; empty if none is near.
 * Few slips are in the first letter, so another one counts as a letter more.
 * @param {string} word
 * @param {Map<string, number>} vocabulary
 * @param {(known: string, slips: number) => boolean} isTold whether an entry tells of a known word that is so many slips away; asked of the near ones only
 * @returns {string}
 */
export function nearest(word, vocabulary, isTold) {
  const most = Math.min(2, Math.floor(word.length / 4));
  let best = "", least = Infinity;
  for (const [known, count] of vocabulary) {
    const slips = apart(word, known, most) + (word[0] !== known[0]), far = slips - Math.log10(count) / 10;
    if (slips <= most && far < least && isTold(known, slips)) [best, least] = [known, far];
  }
  return best;
}

/**
 * Searches rows.
 * @param {{plain: string, searched: string, facets: Object}[]} rows
 * @param {{search: Object, comma: string, phrases: Object<string, string>}} model
 * @returns {(query: string, choices: Object) => {hits: Object[], words: string[], said: string}} the hits in order, the
 *   spellings that were found, and a sentence where not all was found as written
 */
export function searcher(rows, model) {
  const { stop } = model.search, lists = { means: spelledOut(model.search.means), stop, isTold: count }, means = new Map(lists.means), kept = new Map(), stems = new Map();
  let vocabulary;

  // For each row that has a spelling how near it stands to it.
  function nearness(spelling) {
    const level = ({ plain, kind, noted, searched }) => {
      if (!hasWord(searched, spelling)) return 0;
      if (hasWord(plain, spelling)) return 1;
      if (hasWord(folded(kind ?? ""), spelling)) return OF_KIND;
      return hasWord(noted ?? "", spelling) ? NOTED : searched.includes(spelling) ? BESIDE : BEGUN;
    };
    if (!kept.has(spelling)) kept.set(spelling, new Map(rows.map((row) => [row, level(row)]).filter(([, near]) => near)));
    return kept.get(spelling);
  }
  const isIn = (row, { spellings }) => spellings.some((each) => nearness(each).has(row));
  function count(asked) { return rows.filter((row) => isIn(row, asked)).length; }
  // Whether a row has a word itself, or a form of it, and not only what it means; one word of a phrase is not the phrase.
  const isNamedIn = (row, { word, spellings }) => {
    const alike = (each) => each.slice(0, ALIKE) === word.slice(0, ALIKE) && each.includes(" ") >= word.includes(" ");
    const forms = [stemOf(word), ...spellings.filter(alike)];
    return forms.some((each) => hasWord(folded([row.plain, row.country, row.place, row.group, row.about].join(" ")), each));
  };
  const isWritten = (...spellings) => spellings.some((each) => [...nearness(each).values()].some((near) => near !== BEGUN));

  // How well a row answers: the rarer a word, and the nearer it stands to how it was asked for, the more; less on the lines of a row before it.
  function ranked(found, words) {
    if (!words.length) return found.map((row) => [0, row]);
    const rarity = words.map((each) => (stop.includes(each.word) ? FAINT : 1) * Math.log(1 + 1 / (SHARE + count(each) / rows.length)));
    const near = (row, { word, spellings }) => {
      const most = Math.max(...spellings.map((each) => nearness(each).get(row) ?? 0));
      return most && ` ${plainWords(row.plain)} `.includes(` ${word} `) ? most + WHOLE - 1 : most;
    };
    const weight = (row) => (WEIGHTS[row.facets.kind] ?? 1) * words.reduce((sum, each, at) => sum + rarity[at] * near(row, each), 0);
    return spread(found.map((row) => [weight(row), row]), (row) => row.lines && row.source + row.lines, AGAIN);
  }

  // How many rows have words with the stem of a word.
  const stemmed = (word) => stems.get(stemOf(word)) ?? 0;

  // A word that no entry has as it is: where its first letters or its stem lead to few entries, to other words or to none, another is meant.
  function mended(asked) {
    const isTold = (known, slips) => !means.has(known) || ((known.length > SHORT || slips < 1) && isWritten(known, ...means.get(known)));
    if (!vocabulary) {
      const written = vocabularyOf(rows);
      written.forEach((count, word) => stems.set(stemOf(word), stemmed(word) + count));
      vocabulary = new Map([...means.keys()].map((phrase) => [phrase, 1]));
      written.forEach((_, word) => vocabulary.set(word, stemmed(word)));
    }
    return asked.map((each) => {
      const better = each.isKnown || isWritten(each.word) ? "" : nearest(each.word, vocabulary, isTold);
      if (!better) return each;
      const found = count(each), others = [better, ...formsOf(better), ...means.get(better) ?? []];
      if (found && !isWritten(...each.spellings)) return { ...each, spellings: [...each.spellings, ...others] };
      return !found || vocabulary.get(better) > RARER * stemmed(each.word) ? { word: better, spellings: others, instead: each.word } : each;
    });
  }

  return (query, choices) => {
    const fits = rows.filter((row) => isAllowed(row.facets, choices)), said = [];
    const say = (phrase, values) => said.push(fill(model.phrases[phrase], values)), named = (words, by = "word") => words.map((each) => each[by]).join(model.comma);
    const faint = askedFor(query, { means: [], stop: [] }).filter(({ word }) => word.length > 3 && stop.includes(word));
    let asked = askedFor(query, lists);
    const best = (found) => ranked(found, [...asked, ...faint]);
    const all = () => best(fits.filter((row) => asked.every((each) => isIn(row, each)))).map(([, row]) => row);
    let hits = all();
    if (!hits.length || !asked.every((each) => each.isKnown || isWritten(each.word))) {
      asked = mended(asked);
      const instead = asked.filter((each) => each.instead);
      if (instead.length) {
        say("meant", { words: named(instead, "instead"), meant: named(instead) });
        asked = askedFor(partsOf(query).map((word) => instead.find((each) => each.instead === word)?.word ?? word).join(" "), lists);
      }
      hits = all();
    }
    const isNamed = hits.some((row) => asked.every((each) => isNamedIn(row, each)));
    if (hits.length && asked.length && !isNamed) say("near", { found: hits.length });
    if (asked.length > (hits.length ? 1 : 0) && hits.length < FEW * Math.max(1, asked.length - 1)) {
      const some = best(fits.filter((row) => !hits.includes(row) && asked.some((each) => isIn(row, each)))), missing = asked.filter((each) => !count(each));
      if (some.length && (isNamed || !hits.length)) say(hits.length ? "further" : "partial", { found: hits.length });
      if (missing.length) say("unknown", { words: named(missing) });
      const near = some.filter(([weight]) => weight >= NEARLY * some[0][0]), had = (row) => asked.map((each) => isIn(row, each)).join("");
      hits.push(...spread(near, had, SAME).map(([, row]) => row));
    }
    return { hits, words: asked.flatMap(({ spellings }) => spellings), said: said.join(" ") };
  };
}

/**
 * Where words stand in a text, from the longest stretch on; a sign that folds into several keeps its place.
 * @param {string} text as it is written
 * @param {string[]} words folded
 * @returns {[number, number][]}
 */
export function stretches(text, words) {
  const places = [], signs = [...text];
  let plain = "", at = 0;
  for (const sign of signs) {
    const fold = folded(sign);
    places.push(...Array(fold.length).fill([at, at + sign.length]));
    plain += fold;
    at += sign.length;
  }
  const found = [];
  for (const word of words) {
    for (const [from, to] of placesOf(plain, word)) found.push([places[from][0], places[to - 1][1]]);
  }
  return found.sort((a, b) => a[0] - b[0] || b[1] - a[1]);
}
