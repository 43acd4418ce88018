import assert from "node:assert/strict";
import test from "node:test";
import { cellsOf, profilesAfter } from "../../research_lib/show/pages/profiles/logic/two_profiles.mjs";

const { split, told } = cellsOf({
  countries: { FRA: "France", ITA: "Italy" },
  cells: { "dongbei FRA age": ["c-1", "c-2"], "dongbei ITA age": ["c-2", "c-3"], "zhejiang ITA age": ["c-3"], "zhejiang FRA way": ["c-9"] },
});

test("what both have stands once, the rest apart", () => {
  assert.deepEqual(split(["dongbei", "zhejiang"], "age", ["FRA", "ITA"]), { shared: ["c-3"], apart: [["c-1", "c-2"], []] });
  assert.deepEqual(split(["zhejiang", "dongbei"], "age", ["FRA", "ITA"]), { shared: ["c-3"], apart: [[], ["c-1", "c-2"]] });
});

test("only the chosen countries count", () => {
  assert.deepEqual(split(["dongbei", "zhejiang"], "age", ["FRA"]), { shared: [], apart: [["c-1", "c-2"], []] });
  assert.deepEqual(split(["dongbei", "zhejiang"], "work", ["FRA"]), { shared: [], apart: [[], []] });
});

test("a statement names the countries in which it is told of the group", () => {
  assert.deepEqual(told("c-2", "dongbei", "age"), ["FRA", "ITA"]);
  assert.deepEqual(told("c-3", "dongbei", "age"), ["ITA"]);
  assert.deepEqual(told("c-3", "dongbei", "way"), []);
});

test("of three groups the last two are compared, and a second click takes one away", () => {
  assert.deepEqual(profilesAfter(["a"], "b", true), ["a", "b"]);
  assert.deepEqual(profilesAfter(["a", "b"], "c", true), ["b", "c"]);
  assert.deepEqual(profilesAfter(["a", "b"], "a", false), ["b"]);
  assert.deepEqual(profilesAfter(["a", "b"], "a", true), ["b", "a"]);
});
