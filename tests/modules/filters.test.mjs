import assert from "node:assert/strict";
import test from "node:test";
import { chosenSaid, isAllowed } from "../../research_lib/show/pages/shared/logic/filters.mjs";

// A step to a place names the places around it too.
const PARIS = { destination: ["paris", "france", "europe"], kind: ["migration"] };
const FRANCE = { destination: ["france", "europe"], kind: ["family"] };

test("a country holds its places, and a place does not hold its country", () => {
  assert.ok(isAllowed(PARIS, { destination: ["france"] }));
  assert.ok(isAllowed(FRANCE, { destination: ["france"] }));
  assert.ok(isAllowed(PARIS, { destination: ["paris"] }));
  assert.ok(!isAllowed(FRANCE, { destination: ["paris"] }));
});

test("of one filter any value is enough, of several each must fit", () => {
  assert.ok(isAllowed(PARIS, { destination: ["italy", "paris"] }));
  assert.ok(!isAllowed(PARIS, { destination: ["paris"], kind: ["family"] }));
  assert.ok(isAllowed(PARIS, { destination: ["paris"], kind: ["family", "migration"] }));
});

test("a filter without a choice lets all pass, and one that rows do not have asks nothing of them", () => {
  assert.ok(isAllowed(PARIS, { destination: [], kind: [] }));
  assert.ok(isAllowed(PARIS, { q: ["x"] }));
  assert.ok(!isAllowed({ destination: [] }, { destination: ["paris"] }));
});

test("a filter names its one value, or counts several", () => {
  assert.equal(chosenSaid([], 9, "{chosen} of {all}"), "");
  assert.equal(chosenSaid(["Paris"], 9, "{chosen} of {all}"), " · Paris");
  assert.equal(chosenSaid(["Paris", "Turin"], 9, "{chosen} of {all}"), " · 2 of 9");
});
