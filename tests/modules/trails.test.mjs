import assert from "node:assert/strict";
import test from "node:test";
import { countClaims } from "../../research_lib/show/pages/evidence/logic/claim_counts.mjs";
import { trails } from "../../research_lib/show/pages/evidence/logic/trails.mjs";

test("what rests on a statement stands by table, and a row that is a statement is followed down", () => {
  const { above, below } = trails([["legs", ["China to Italy", "Italy to France"], [[0, 2], [2]], [3, null]], ["profiles", ["Dongbei"], [[2]], [null]]]);
  assert.deepEqual([...above(2)], [
    ["legs", [{ name: "China to Italy", itself: 3 }, { name: "Italy to France", itself: undefined }]],
    ["profiles", [{ name: "Dongbei", itself: undefined }]],
  ]);
  assert.deepEqual(below(3), [0, 2]);
  assert.deepEqual([[...above(1)], below(0)], [[], []]);
});

test("the first statement of a table can be one that others name", () => assert.deepEqual(trails([["legs", ["a"], [[1]], [0]]]).below(0), [1]));

const claim = (kind, code, country, informant) => ({ facets: { kind: [kind], code, country, informant } });
const ROWS = [
  claim("claim", ["migration", "migration-route"], ["ITA", "FRA"], ["women", "police"]),
  claim("claim", ["migration"], ["ITA"], []),
  claim("figure", ["migration"], ["ITA"], ["women"]),
];

test("a claim counts once in each of its themes and countries, and a figure in none", () => {
  const counts = countClaims(ROWS, []);
  assert.deepEqual(counts.get("migration ITA"), { count: 2, by: { women: 1, police: 1 } });
  assert.deepEqual(counts.get("migration-route FRA"), { count: 1, by: { women: 1, police: 1 } });
  assert.equal(counts.size, 4);
});

test("of the informants that are chosen only their claims are counted", () => {
  assert.equal(countClaims(ROWS, ["women"]).get("migration ITA").count, 1);
  assert.equal(countClaims(ROWS, ["court", "police"]).get("migration ITA").count, 1);
  assert.equal(countClaims(ROWS, ["court"]).size, 0);
});
