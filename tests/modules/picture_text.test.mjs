import assert from "node:assert/strict";
import test from "node:test";
import { SAVED, boxIn, inLines, measured, referredIn, sourcesNamed } from "../../research_lib/show/pages/shared/logic/picture_text.mjs";

test("a text is broken between words, and a word that is too long within", () => {
  assert.deepEqual(inLines("the way to Italy and France", 12), ["the way to", "Italy and", "France"]);
  assert.deepEqual(inLines("abcdefghij", 4), ["abcd", "efgh", "ij"]);
  assert.deepEqual(inLines("  ", 10), []);
  assert.deepEqual(inLines("一二三四五六", 4), ["一二三四", "五六"]);
  assert.ok(inLines("𠀀𠀀𠀀", 2).every((line) => line.isWellFormed()), "no character is cut in half");
});

test("no letter of a text is lost in its lines", () => {
  const text = "Relatives: from China to Italy and France, with papers and without · 2007";
  for (let letters = 3; letters < 80; letters += 1) {
    const lines = inLines(text, letters);
    assert.equal(lines.join("").replaceAll(" ", ""), text.replaceAll(" ", ""));
    assert.ok(lines.every((line) => [...line].length <= letters));
  }
});

test("what a drawing refers to is found in links, in attributes and in styles", () => {
  const markup = '<svg><use href="#ship"/><path style="fill: url(&quot;#hatch&quot;)"/><g clip-path="url(#cut)"/><a href="x#no"/></svg>';
  assert.deepEqual(referredIn(markup), ["ship", "hatch", "cut"]);
});

test("a view box is four numbers, whatever stands between them", () => {
  assert.deepEqual(boxIn(" 0 0, 300 200 "), [0, 0, 300, 200]);
});

test("every line has room, above the drawing and below it", () => {
  const words = { kicker: "Routes", title: "From China to Italy", texts: ["one", "", " two\n lines "], keys: 3 };
  const { above, below, top, under, width, height } = measured(words, 640, 300);
  assert.deepEqual(above, [["Routes", 13, 700], ["From China to Italy", 19, 600]]);
  assert.deepEqual(below, [["one", 13, 400], ["two lines", 13, 400]]);
  assert.equal(width, 640 + 2 * SAVED.margin);
  assert.ok(top >= SAVED.margin + 2 * SAVED.line && under >= top + 300 + SAVED.line);
  assert.ok(height >= under + SAVED.line * 5);
});

test("a narrower picture has more lines, and a title fewer letters in each", () => {
  const words = { kicker: "", title: "word ".repeat(40), texts: ["word ".repeat(40)], keys: 0 };
  const narrow = measured(words, 640, 1), wide = measured(words, 1280, 1);
  assert.ok(narrow.below.length > wide.below.length && narrow.above.length > narrow.below.length);
});

test("each work is named once, with its sections", () => {
  const labels = ["Report 2007 §\u00a03.1, lines 2–5, 9", "Report 2007 §\u00a03.1, lines 8", "Four mediators", "Report 2007 §\u00a01.a", "Law §\u00a02, line 1"];
  assert.equal(sourcesNamed(labels), "Report 2007 §§\u00a03.1, 1.a; Four mediators; Law §\u00a02");
  assert.equal(sourcesNamed([]), "");
});
