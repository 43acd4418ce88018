import assert from "node:assert/strict";
import test from "node:test";
import {
  addWords, facetsOf, inOrder, locatorOf, savedTable, statementRows,
} from "../../research_lib/show/pages/evidence/logic/statements.mjs";
import { tableFile } from "../../research_lib/show/pages/shared/logic/saved_table.mjs";

const MODEL = {
  kinds: { claim: "Claim", figure: "Figure" }, phrases: { lines: "lines {lines}" }, comma: ", ", semicolon: "; ",
  countries: ["FRA", "ITA"], above: { "migration-route": "migration" }, definitions: { "migration-route": "By which way." }, abouts: { "legs.r-1": "China to Italy" }, terms: { Italy: "Italie" },
  sections: { "exchange2007[1.2]": "Papers" }, findings: [2], own: "women",
  options: { code: ["law", "migration"] },
};
const NAMES = { "country:ITA": "Italy", "country:FRA": "France", "informant:women": "the women", "code:migration-route": "Routes" };
const CELLS = {
  id: ["c-1-09", "", "c-1-09"], kind: ["claim", "claim", "figure"], name: ["", "", "=Fee"], text: ["A passport of women", "No passport", "12"], number: ["", "", "12"],
  about: ["codebook.migration-route", "legs.r-1", ""], informant: ["women;police", "", ""], certainty: ["stated", "stated", ""], presence: ["", "", ""],
  law: ["", "", ""], period: ["", "", ""], country: ["ITA", "", "CHN"], place: ["", "", ""], group: ["", "", ""], lines: ["10+2", "5;3+1", ""],
  source: ["exchange2007[1.2]", "exchange2007", "exchange2007"], guarded: { 2: { name: "'=Fee" } }, stem: "evidence", header: "H\n",
};
const rows = () => statementRows(CELLS, MODEL, (name, code) => NAMES[`${name}:${code}`] ?? code);

test("a code counts for its theme, and what names no country of the study is elsewhere", () => {
  assert.deepEqual(facetsOf("claim", { about: "codebook.migration-route;legs.r-1;codebook.law", country: "ITA;CHN", informant: "women", certainty: "" }, MODEL), {
    kind: ["claim"], code: ["migration", "migration-route", "law"], country: ["ITA", "CHN", "elsewhere"], informant: ["women"], certainty: [],
  });
  assert.deepEqual(facetsOf("claim", { about: "", country: "", informant: "", certainty: "" }, MODEL).country, ["elsewhere"]);
  assert.deepEqual(facetsOf("claim", { about: "", country: "FRA", informant: "", certainty: "" }, MODEL).country, ["FRA"]);
});

test("rows are written out: names for codes, lines in words, a key of their own", () => {
  const [first, second, third] = rows();
  assert.deepEqual([first.id, first.text, first.lines, first.about, first.informant], ["c-1-09", "A passport of women", "lines 10–12", "Routes", "the women; police"]);
  assert.deepEqual([second.id, second.about, second.lines], ["c-1-10", "China to Italy", "lines 15, 18–19"]);
  assert.deepEqual([third.key, third.kind, third.shown], ["figure:c-1-09", "Figure", "=Fee – 12"]);
  assert.deepEqual(first.sources, ["exchange2007[1.2]"]);
});

test("a row is found by its text, its names in every language, its section, and words of other languages", () => {
  const [first, second, third] = rows();
  addWords([first, second, third], [["passan passep trafic. visa", "b a b ab"]]);
  for (const word of ["passport", "italy", "italie", "routes", "1.2 papers", "by which way", "passep*", "visa"]) assert.ok(first.searched.includes(word), word);
  assert.ok(!first.plain.includes("italie") && !second.searched.includes("italie"));
  assert.ok(["passan*", "trafic", "visa"].every((word) => second.elsewhere.includes(word)));
});

test("the saved table writes what a spreadsheet would compute as Python guards it", () => {
  const [, text] = tableFile(savedTable(CELLS, rows()), { kind: ["figure"] });
  assert.equal(text, "\ufeffH\nc-1-09,Figure,'=Fee,12,12,,,,,,,CHN,,,,exchange2007\n");
  assert.equal(tableFile(savedTable(CELLS, rows()), { kind: ["claim"], country: ["elsewhere"] })[1].split("\n").length, 3);
});

test("statements are read by kind, findings first, then the people themselves, then by theme", () => {
  const row = (at, kind, informant, code) => ({ at, facets: { kind: [kind], informant, code } });
  const given = [row(0, "figure", ["women"], ["law"]), row(1, "claim", [], ["migration"]), row(2, "claim", [], []), row(3, "claim", ["women"], ["migration"]),
    row(4, "claim", [], ["law"]), row(5, "claim", ["police", "women"], ["law"])];
  assert.deepEqual(inOrder(given, MODEL).map(({ at }) => at), [2, 5, 3, 4, 1, 0]);
});

test("a source names its section, or none", () => {
  assert.equal(locatorOf("exchange2007[3.3.2.a]"), "3.3.2.a");
  assert.equal(locatorOf("exchange2007"), "");
});
