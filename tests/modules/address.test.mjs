import assert from "node:assert/strict";
import test from "node:test";
import { choicesFrom, queryFrom, stepOf, typed, withQuery } from "../../research_lib/show/pages/shared/logic/address.mjs";

const OPTIONS = { destination: ["france", "italy"], question: ["age"], q: ["*"], lang: ["en", "fr"] };
const read = (query) => choicesFrom(query, OPTIONS, ["question", "lang"]);

test("an address is read and written again", () => {
  for (const query of ["destination=france,italy", "destination=france&q=a%2Cb%20%26%20c", "q=%E5%B7%B4%E9%BB%8E&question=age", ""]) {
    const { choices, leftOut } = read(query);
    assert.deepEqual(leftOut, []);
    assert.equal(queryFrom(choices), query);
  }
});

test("what the page does not have is left out and named, once for each time", () => {
  for (const [query, choices, leftOut] of [
    ["destination=mars", {}, ["destination"]],
    ["destination=mars,france", { destination: ["france"] }, ["destination"]],
    ["x=1&destination=italy", { destination: ["italy"] }, ["x"]],
    ["destination=france&destination=italy", { destination: ["france"] }, ["destination"]],
    ["__proto__=1&toString=2&constructor=3", {}, ["__proto__", "toString", "constructor"]],
    ["question=age,age", {}, ["question"]],
    ["lang=en,fr", {}, ["lang"]],
    ["DESTINATION=france", {}, ["DESTINATION"]],
  ]) assert.deepEqual(read(query), { choices, leftOut }, query);
});

test("no value at all is no choice and nothing wrong", () => {
  for (const query of ["destination=", "destination=,,", "q=+", "q="]) assert.deepEqual(read(query), { choices: {}, leftOut: [] }, query);
});

test("any words are taken whole, unless they are too long or hold signs that cannot be seen", () => {
  assert.deepEqual(read("q=a,b%2Cc").choices.q, ["a,b,c"]);
  assert.deepEqual(read("q=*").choices.q, ["*"]);
  assert.deepEqual(read("q=%3Cscript%3E").choices.q, ["<script>"]);
  assert.deepEqual(read(`q=${"x".repeat(100)}`).leftOut, []);
  for (const words of ["x".repeat(101), "a%00b", "%E2%80%AEx", "%EF%BB%BFx", "%C2%ADx"]) assert.deepEqual(read(`q=${words}`), { choices: {}, leftOut: ["q"] });
  assert.deepEqual(read(`q=${"%F0%A0%80%80".repeat(100)}`).leftOut, [], "characters are counted, not halves of them");
});

test("what is typed is what an address may hold", () => {
  assert.equal(typed("a\u202eb\u0000 c"), "ab c");
  assert.equal([...typed("𠀀".repeat(120))].length, 100);
  const { choices } = read(queryFrom({ q: [typed("\u200bvisa & passport")] }));
  assert.deepEqual(choices.q, ["visa & passport"]);
});

test("choices are written in alphabetical order, without those that are empty", () => {
  assert.equal(queryFrom({ q: ["a b"], kind: [], destination: ["france", "italy"] }), "destination=france,italy&q=a%20b");
});

test("a query is added to an address with or without one", () => {
  assert.equal(withQuery("", "q=x"), "?q=x");
  assert.equal(withQuery("?lang=fr", "q=x"), "?lang=fr&q=x");
  assert.equal(withQuery("evidence.fr.html", "q=x&statement=c-1"), "evidence.fr.html?q=x&statement=c-1");
  assert.equal(withQuery("?lang=fr", ""), "?lang=fr");
  assert.equal(withQuery("", ""), "");
});

test("only what the page names is a step for Back and Forward", () => {
  const before = { statement: ["c-1"], q: ["a"] }, after = { statement: ["c-1"], q: ["b"] };
  assert.equal(stepOf("statement", before), stepOf("statement", after));
  assert.notEqual(stepOf(["statement", "q"], before), stepOf(["statement", "q"], after));
  assert.equal(stepOf(undefined, before), "");
  assert.notEqual(stepOf(["map", "zoom"], { map: ["x"] }), stepOf(["map", "zoom"], { zoom: ["x"] }));
});
