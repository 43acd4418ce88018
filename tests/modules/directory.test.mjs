import assert from "node:assert/strict";
import test from "node:test";
import { askedWords, entriesFound } from "../../research_lib/show/pages/networks/logic/directory.mjs";

const SMALL = new Set(["who", "helps", "in", "qui", "aide", "a"]);
const ENTRIES = [
  { id: "almaterra", name: " almaterra", text: " almaterra turin torino 都灵 italy", codes: { country: "ITA", place: "turin italy", help: "hotline shelter" } },
  { id: "mairie", name: " mairie de paris", text: " mairie de paris france turin", codes: { country: "FRA", place: "paris france", help: "shelter" } },
  { id: "turin", name: " comune di turin", text: " comune di turin italy", codes: { country: "ITA", place: "turin italy", help: "" } },
];
const found = (query, choices = {}) => entriesFound(ENTRIES, choices, askedWords(query, SMALL)).map(({ id }) => id);

test("words that say nothing are left out, unless there are no others", () => {
  assert.deepEqual(askedWords("Who helps in Turin?", SMALL), ["turin"]);
  assert.deepEqual(askedWords("Qui aide à Turin ?", SMALL), ["turin"]);
  assert.deepEqual(askedWords("who helps", SMALL), ["who", "helps"]);
  assert.deepEqual(askedWords(" ", SMALL), []);
});

test("entries with the words in their names stand first", () => {
  assert.deepEqual(found("Who helps in TURIN?"), ["turin", "almaterra", "mairie"]);
  assert.deepEqual(found("turin italy"), ["almaterra", "turin"], "all the words, not one of them");
  assert.deepEqual(found(""), ["almaterra", "mairie", "turin"]);
});

test("a word begins where it begins, in every script", () => {
  assert.deepEqual(found("tor"), ["almaterra"]);
  assert.deepEqual(found("erra"), []);
  assert.deepEqual(found("都灵"), ["almaterra"]);
  assert.deepEqual(found("turin paris"), ["mairie"]);
});

test("country, place and help must all fit, and a place stands within its country", () => {
  assert.deepEqual(found("", { country: ["ITA"] }), ["almaterra", "turin"]);
  assert.deepEqual(found("", { place: ["italy"], help: ["shelter"] }), ["almaterra"]);
  assert.deepEqual(found("", { place: ["turin"], country: ["FRA"] }), []);
  assert.deepEqual(found("", { help: ["shel"] }), [], "a code is whole");
  assert.deepEqual(found("turin", { country: [], help: ["shelter"] }), ["almaterra", "mairie"]);
});
