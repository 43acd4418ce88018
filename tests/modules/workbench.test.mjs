import assert from "node:assert/strict";
import test from "node:test";
import { codesFor } from "../../research_lib/show/widgets/workbench/logic/code_search.mjs";
import { codingsAt, inLanes, nextCoding } from "../../research_lib/show/widgets/workbench/logic/marked_stretches.mjs";
import { Positions, stretchAt } from "../../research_lib/show/widgets/workbench/logic/positions.mjs";
import { rulesOf } from "../../research_lib/show/widgets/workbench/logic/own_colours.mjs";

test("code points and UTF-16 units lead to each other at every character", () => {
  for (const text of ["plain", "来的人多半", "a𠀀b😀😀c", "😀", "", "𠀀".repeat(50)]) {
    const positions = new Positions(text);
    let unit = 0;
    [...text, ""].forEach((sign, point) => {
      assert.equal(positions.points(unit), point, text);
      assert.equal(positions.units(point), unit, text);
      unit += sign.length;
    });
  }
});

const TEXT = "One day. 😀 Two days!  Three.";
const SENTENCES = [[0, 8], [9, 21], [23, 29]];
const words = (selected) => TEXT.slice(...stretchAt(TEXT, SENTENCES, selected));

test("a selection loses the white space at its edges", () => {
  assert.equal(words([3, 9]), "day.");
  assert.equal(words([20, 24]), "!  T");
});

test("a caret stands for its sentence", () => {
  assert.equal(words([2, 2]), "One day.");
  assert.equal(words([8, 8]), "One day.");
  assert.equal(words([15, 15]), "😀 Two days!");
  assert.deepEqual(stretchAt("", [], [0, 0]), [0, 0]);
});

test("no character is cut in half", () => {
  assert.equal(words([9, 10]), "😀");
  assert.equal(words([10, 14]), "😀 Tw");
});

test("white space alone is no stretch", () => {
  const [from, to] = stretchAt(TEXT, SENTENCES, [21, 23]);
  assert.equal(from, to);
});

const CODES = [
  { id: "steam", name: "Steam", above: "", is_codable: true },
  { id: "team", name: "The team itself", above: "People", is_codable: true },
  { id: "obstacle-money", name: "Money", above: "Obstacles", is_codable: true },
  { id: "obstacles", name: "Obstacles", above: "", is_codable: false },
  { id: "ecole", name: "École", above: "Lieux", is_codable: true },
  { id: "people", name: "Others", above: "Team", is_codable: true },
];
const offered = (typed, recent = "") => codesFor(CODES, typed, recent).map(({ id }) => id);

test("codes whose name begins with the word stand first, then words within, then letters within, then the rest", () => {
  assert.deepEqual(offered("team"), ["team", "steam", "people"]);
  assert.deepEqual(offered("the"), ["team", "people"]);
  assert.deepEqual(offered("TEAM it"), ["team"]);
});

test("accents and capitals do not matter, and the name above counts", () => {
  assert.deepEqual(offered("ecole"), ["ecole"]);
  assert.deepEqual(offered("ÉCOLE lieux"), ["ecole"]);
  assert.deepEqual(offered("obstacle"), ["obstacle-money"], "a code that cannot be given is not offered");
  assert.deepEqual(offered("nothing"), []);
});

test("without words all codes are offered, the last one given first, and never more than forty", () => {
  assert.deepEqual(offered("", "ecole"), ["ecole", "steam", "team", "obstacle-money", "people"]);
  const many = Array.from({ length: 60 }, (_, n) => ({ id: `${n}`, name: `Code ${n}`, above: "", is_codable: true }));
  assert.equal(codesFor(many, "code", "").length, 40);
});

const CODINGS = [{ id: "b", from: 10, to: 20 }, { id: "a", from: 0, to: 10 }, { id: "c", from: 12, to: 15 }];
const at = (from, to, chosen = null) => codingsAt(CODINGS, chosen, from, to).map(({ id }) => id);

test("codings are found that touch the caret or the selection", () => {
  assert.deepEqual(at(10, 10), ["b", "a"]);
  assert.deepEqual(at(13, 13), ["b", "c"]);
  assert.deepEqual(at(16, 30), ["b"]);
  assert.deepEqual(at(20, 25), ["b"]);
  assert.deepEqual(at(21, 25), []);
  assert.deepEqual(at(40, 41), []);
  assert.deepEqual(at(40, 41, "a"), ["a"], "the chosen one stays");
});

test("steps lead through the codings in the order of the text and end there", () => {
  const next = (chosen, caret, way) => nextCoding(CODINGS, chosen, caret, way)?.id;
  assert.deepEqual([next("a", 0, 1), next("b", 0, 1), next("c", 0, 1)], ["b", "c", undefined]);
  assert.deepEqual([next("c", 0, -1), next("a", 0, -1)], ["b", undefined]);
  assert.deepEqual([next(null, 11, 1), next(null, 11, -1), next(null, 0, -1)], ["c", "b", undefined]);
});

test("bars that overlap have lanes of their own, and a lane is used again below", () => {
  const { bars, lanes } = inLanes([{ from: 30, to: 40 }, { from: 0, to: 20 }, { from: 5, to: 10 }, { from: 0, to: 29 }]);
  assert.deepEqual(bars.map(({ from, to, lane }) => [from, to, lane]), [[0, 29, 0], [0, 20, 1], [5, 10, 2], [30, 40, 0]]);
  assert.equal(lanes, 3);
  assert.equal(inLanes([]).lanes, 0);
});

test("a colour of one's own marks bars and words, once, in a lightness that is read", () => {
  const rules = rulesOf(["#aabbcc", "", "#aabbcc", "#00ff00"]);
  assert.equal(rules.match(/\.hue-aabbcc /g)?.length, 1);
  assert.ok(rules.includes("desk-00ff00-0) { text-decoration: underline solid 2px oklch(from #00ff00 var(--readable) c h)"));
  assert.equal(rulesOf([]), "");
});
