import assert from "node:assert/strict";
import test from "node:test";
import { numbersOf, placeIn, tierOf, writtenZoom } from "../../research_lib/show/pages/routes/logic/map_part.mjs";

const WHOLE = [-100, 50, 1200, 600];

test("a part is written and read again, and what is none has no numbers", () => {
  assert.deepEqual(numbersOf(writtenZoom(412.4, -160.2, 300)), [412, -160, 300]);
  for (const part of ["x", "1_2", "1_2_0", "1e9_2_300", "9999999_2_300", "<b>", "1_2_300_4", " 1_2_300", "", undefined]) assert.equal(numbersOf(part), undefined, part);
});

test("a part stays inside the map", () => {
  assert.deepEqual(placeIn(WHOLE, 0, 100, 300), [0, 100, 300]);
  assert.deepEqual(placeIn(WHOLE, -900, -900, 300), [-100, 50, 300]);
  assert.deepEqual(placeIn(WHOLE, 9000, 9000, 300), [800, 500, 300]);
});

test("a part is never wider than the map, nor narrower than a 24th of it", () => {
  assert.deepEqual(placeIn(WHOLE, 0, 0, 5000), [-100, 50, 1200]);
  assert.equal(placeIn(WHOLE, 0, 100, 1)[2], 50);
});

test("a larger drawing shows more detail", () => assert.deepEqual([2, 1, 0.5, 0.25].map(tierOf), [0, 1, 2, 3]));
