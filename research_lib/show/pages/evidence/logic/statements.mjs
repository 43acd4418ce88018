// Statements as the page's table holds them: their cells, their facets, and the words by which they are found.

import { quoted } from "../../shared/logic/saved_table.mjs";
import { fill, folded } from "../../shared/logic/text.mjs";
import { CUT } from "./search.mjs";

/** The columns of a statement. */
export const CELLS = ["id", "kind", "name", "text", "number", "about", "informant", "certainty", "presence", "law", "period",
  "country", "place", "group", "lines", "source"];
const NAMED = ["about", "informant", "country", "place", "group"];
const MADE = ["about", "informant", "certainty", "country", "lines"]; // cells that are written out when they are asked for
const GIVEN = CELLS.filter((name) => !MADE.includes(name));

const split = new Map(); // cells, of which many are alike
function codesIn(cell) {
  if (!split.has(cell)) split.set(cell, cell.split(";").filter(Boolean));
  return split.get(cell);
}
const numberOf = (letters) => [...letters].reduce((sum, letter) => 26 * sum + parseInt(letter, 36) - 10, 0);
const nextId = (id) => id.replace(/[0-9]{0,9}$/, (number) => String(Number(number) + 1).padStart(number.length, "0"));

/**
 * The values of a statement by filter; a code counts for its theme too, and what names no country of the study is elsewhere.
 * @param {string} kind
 * @param {Object<string, string>} cells
 * @param {{above: Object<string, string>, countries: string[]}} model
 * @returns {Object<string, string[]>}
 */
export function facetsOf(kind, cells, model) {
  const codes = codesIn(cells.about).flatMap((term) => term.split("codebook.")[1] ?? []);
  const countries = codesIn(cells.country), isElsewhere = !countries.length || countries.some((code) => !model.countries.includes(code));
  return {
    kind: [kind],
    code: [...new Set(codes.flatMap((code) => [model.above[code], code].filter(Boolean)))],
    country: [...countries, ...isElsewhere ? ["elsewhere"] : []],
    informant: codesIn(cells.informant),
    certainty: codesIn(cells.certainty),
  };
}

// The names of codes and what is searched are made when they are first asked for.
class Statement {
  #cells;
  #said;
  #names = {};
  #plain;
  #noted;
  #searched;

  constructor(cells, said, at, key) {
    this.#cells = cells;
    this.#said = said;
    for (const name of GIVEN) this[name] = cells[name];
    this.kind = said.model.kinds[cells.kind];
    this.facets = facetsOf(cells.kind, cells, said.model);
    this.at = at;
    this.key = key;
    this.elsewhere = [];
  }

  #named(name, nameOf = (code) => this.#said.nameOf(name, code)) { return this.#names[name] ??= [...new Set(codesIn(this.#cells[name]).map(nameOf))].join(this.#said.model.semicolon); }
  get informant() { return this.#named("informant"); }
  get certainty() { return this.#named("certainty"); }
  get country() { return this.#named("country"); }
  get about() { return this.#named("about", (term) => this.#said.model.abouts[term] ?? this.#said.nameOf("code", term.split(".")[1])); }
  get lines() { return this.#cells.lines && fill(this.#said.model.phrases.lines, { lines: this.#cells.lines.replaceAll(";", this.#said.model.comma).replaceAll("-", "–") }); }
  get sources() { return codesIn(this.source); }
  get shown() { return [this.name, this.text].filter(Boolean).join(" – "); }
  get plain() { return this.#plain ??= folded(`${this.id} ${this.shown}`); }
  get terms() { return NAMED.flatMap((name) => this[name].split(this.#said.model.semicolon)).filter(Boolean).map((name) => [name, this.#said.model.terms[name]].filter(Boolean).join(" ")); }
  get beside() { return [this.kind, this.law, ...this.sources.map((source) => sectionOf(source, this.#said.model)), ...this.elsewhere]; }
  get noted() { return this.#noted ??= folded([...this.terms, ...this.#defined()].join(" \n")); }
  #defined() { return codesIn(this.#cells.about).map((term) => this.#said.model.definitions[term.split(".")[1]] ?? ""); }
  get searched() { return this.#searched ??= folded([this.plain, this.noted, ...this.beside].join(" \n")); }
}

/**
 * The statements of a page's table, each with its names and its facets.
 * @param {Object<string, string[]>} table
 * @param {Object} model
 * @param {(name: string, code: string) => string} nameOf
 * @returns {Object[]}
 */
export function statementRows(table, model, nameOf) {
  const seen = new Set(), said = { model, nameOf };
  let id = "", line = 0;
  const lineNumbers = (_, step, more) => { line += Number(step); return more ? `${line}-${line + Number(more)}` : String(line); };
  return table.id.map((given, at) => {
    id = given || nextId(id);
    const cells = {};
    for (const name of CELLS) cells[name] = table[name][at];
    cells.id = id;
    cells.lines = cells.lines.replace(/(-?\d+)(?:\+(\d+))?/g, lineNumbers);
    const key = seen.has(id) ? `${cells.kind}:${id}` : id;
    seen.add(key);
    return new Statement(cells, said, at, key);
  });
}

/**
 * Adds to statements the words by which other languages find them.
 * @param {Object[]} rows
 * @param {[string, string][]} languages of each its words, and the places of each word
 */
export function addWords(rows, languages) {
  for (const [words, places] of languages) {
    const steps = places.split(" ");
    words.split(" ").filter(Boolean).forEach((word, n) => {
      let at = 0;
      for (const step of steps[n].match(/[A-Z]*[a-z]/g)) rows[at += numberOf(step)].elsewhere.push(word.length === CUT ? `${word}*` : word.replace(".", ""));
    });
  }
}

/**
 * The saved table: a cell that a spreadsheet would compute is written as Python guards it.
 * @param {{stem: string, header: string, guarded: Object<number, Object<string, string>>}} table
 * @param {Object[]} rows
 * @returns {Object} as `tableFile` takes it
 */
export function savedTable({ stem, header, guarded }, rows) {
  const lineOf = (row) => `${CELLS.map((name) => quoted(guarded[row.at]?.[name] ?? row[name])).join(",")}\n`;
  return { stem, header, last: [""], facets: rows.map((row) => row.facets), lines: rows.map((row) => [row.at, lineOf(row), 0]) };
}

/**
 * The order in which statements are read: by kind; in each what the findings rest on, what the people themselves say, by theme.
 * @param {Object[]} rows
 * @param {Object} model
 * @returns {Object[]}
 */
export function inOrder(rows, model) {
  const placeOf = (list, value) => list.indexOf(value) + 1 || Infinity;
  const kinds = Object.keys(model.kinds);
  const ranks = rows.map(({ facets, at }) => [kinds.indexOf(facets.kind[0]), placeOf(model.findings, at),
    Number(!facets.informant.includes(model.own)), placeOf(model.options.code ?? [], facets.code[0]), at]);
  const compared = (a, b) => {
    const n = a.findIndex((rank, place) => rank !== b[place]);
    return n < 0 ? 0 : a[n] - b[n];
  };
  return ranks.sort(compared).map((rank) => rows[rank.at(-1)]);
}

/**
 * The section that a source names.
 * @param {string} source such as `key[3.3]`
 * @returns {string}
 */
export const locatorOf = (source) => source.match(/\[(.*)\]/)?.[1] ?? "";

const sectionOf = (source, model) => [locatorOf(source), model.sections[source]].filter(Boolean).join(" ");
