// Statements as the page's table holds them: their cells, their facets, and the words by which they are found.

import { quoted } from "../../shared/logic/saved_table.mjs";
import { fill, folded } from "../../shared/logic/text.mjs";

/** The columns of a statement. */
export const CELLS = ["id", "kind", "name", "text", "number", "about", "informant", "certainty", "presence", "law", "period",
  "country", "place", "group", "lines", "source"];
const NAMED = ["about", "informant", "country", "place", "group"];

const codesIn = (cell) => cell.split(";").filter(Boolean);
const listed = (names) => [...new Set(names)].join("; ");

/**
 * The values of a statement by filter; a code counts for its theme too, and what names no country of the study is elsewhere.
 * @param {string} kind
 * @param {Object<string, string>} cells
 * @param {{above: Object<string, string>, countries: string[]}} model
 * @returns {Object<string, string[]>}
 */
export function facetsOf(kind, cells, model) {
  const codes = codesIn(cells.about).filter((term) => term.startsWith("codebook.")).map((term) => term.slice("codebook.".length));
  const countries = codesIn(cells.country), isElsewhere = !countries.length || countries.some((code) => !model.countries.includes(code));
  return {
    kind: [kind],
    code: [...new Set(codes.flatMap((code) => [model.above[code], code].filter(Boolean)))],
    country: [...countries, ...isElsewhere ? ["elsewhere"] : []],
    informant: codesIn(cells.informant),
    certainty: codesIn(cells.certainty),
  };
}

// What is searched in a statement is folded at the first search.
class Statement {
  #plain;
  #noted;
  #searched;
  get plain() { return this.#plain ??= folded(`${this.id} ${this.shown}`); }
  get noted() { return this.#noted ??= folded(this.terms.join(" \n")); }
  get searched() { return this.#searched ??= folded([this.plain, this.noted, ...this.beside].join(" \n")); }
}

/**
 * The statements of a page's table, each with its names, its facets, and what is searched in it.
 * @param {Object<string, string[]>} table
 * @param {Object} model
 * @param {(name: string, code: string) => string} nameOf
 * @returns {Object[]}
 */
export function statementRows(table, model, nameOf) {
  const seen = new Set();
  const rows = table.id.map((id, at) => {
    const own = Object.fromEntries(CELLS.map((name) => [name, table[name][at]])), facets = facetsOf(own.kind, own, model);
    for (const name of ["informant", "certainty", "country"]) own[name] = listed(codesIn(own[name]).map((code) => nameOf(name, code)));
    own.about = listed(codesIn(own.about).map((term) => model.abouts[term] ?? nameOf("code", term.slice("codebook.".length))));
    own.lines &&= fill(model.phrases.lines, { lines: own.lines.replaceAll(";", ", ").replaceAll("-", "–") });
    const key = seen.has(id) ? `${own.kind}:${id}` : id;
    seen.add(key);
    return Object.assign(new Statement(), own, { kind: model.kinds[own.kind], at, facets, key, sources: codesIn(own.source), beside: [own.law] });
  });
  for (const [words, places] of model.words) {
    const steps = places.split(";");
    words.split(" ").filter(Boolean).forEach((word, n) => {
      let at = 0;
      for (const step of steps[n].split(",")) rows[at += Number(step)].beside.push(word);
    });
  }
  for (const row of rows) {
    row.shown = [row.name, row.text].filter(Boolean).join(" – ");
    row.terms = NAMED.flatMap((name) => row[name].split("; ")).filter(Boolean).map((name) => [name, model.terms[name]].filter(Boolean).join(" "));
    row.beside.push(row.kind, ...row.sources.map((source) => sectionOf(source, model)));
  }
  return rows;
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
  const placeOf = (list, value) => { const at = list.indexOf(value); return at < 0 ? list.length : at; };
  const kinds = Object.keys(model.kinds);
  const ranks = rows.map(({ facets, at }) => [kinds.indexOf(facets.kind[0]), placeOf(model.findings, at),
    Number(!facets.informant.includes(model.own)), placeOf(model.options.code ?? [], facets.code[0]), at]);
  const compared = (a, b) => a.map((rank, n) => rank - b[n]).find(Boolean) ?? 0;
  return ranks.sort(compared).map((rank) => rows[rank.at(-1)]);
}

/**
 * The section that a source names.
 * @param {string} source such as `key[3.3]`
 * @returns {string}
 */
export const locatorOf = (source) => source.match(/\[(.*)\]/)?.[1] ?? "";

const sectionOf = (source, model) => [locatorOf(source), model.sections[source]].filter(Boolean).join(" ");
