import assert from "node:assert/strict";
import test from "node:test";
import { fill, folded, plainWords, wordsOf } from "../../research_lib/show/pages/shared/logic/text.mjs";

test("values take the places that a phrase names, each as often as it is named", () => {
  assert.equal(fill("{count} of {all}, {count} more", { count: 2, all: 10 }), "2 of 10, 2 more");
  assert.equal(fill("{place}", { place: "{count} $& $1" }), "{count} $& $1");
});

test("accents, capitals and joined letters are folded, other scripts stay", () => {
  for (const [text, plain] of [
    ["Émigrées ŒUVRE", "emigrees oeuvre"], ["l’Italie", "l'italie"], ["Straße", "strasse"], ["Žilina ľuďmi", "zilina ludmi"],
    ["巴黎 Paris", "巴黎 paris"], ["ＡＢ１", "ab1"], ["İstanbul", "istanbul"], ["ﬁn", "fin"],
  ]) assert.equal(folded(text), plain);
});

test("only letters and digits are plain words", () => {
  assert.equal(plainWords("  Who helps — in “Turin”? (2007) "), "who helps in turin 2007");
  assert.equal(plainWords("…"), "");
});

test("a search is cut at any white space", () => {
  assert.deepEqual(wordsOf("\t Visa\u3000护照\n l’Italie "), ["visa", "护照", "l'italie"]);
  assert.deepEqual(wordsOf("  "), []);
});
