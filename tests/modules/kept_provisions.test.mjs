import assert from "node:assert/strict";
import test from "node:test";
import { countriesShown, isKept, sheetSaid } from "../../research_lib/show/pages/comparison/logic/kept_provisions.mjs";

test("the chosen countries are shown, else the first, and always that of the picked step", () => {
  assert.deepEqual(countriesShown({}, ["FRA", "ITA"]), [undefined, "FRA", "ITA"]);
  assert.deepEqual(countriesShown({ country: ["SVK"] }, ["FRA", "ITA"]), [undefined, "SVK"]);
  assert.deepEqual(countriesShown({ country: [], pick: ["step:COL:a:b"] }, ["FRA"]), ["COL", "FRA"]);
});

test("kind and topic must both fit, and none stands for all", () => {
  const provision = { kind: "differs", topic: "permit" };
  assert.ok(isKept(provision, [], "") && isKept(provision, ["open", "differs"], "") && isKept(provision, ["differs"], "permit"));
  assert.ok(!isKept(provision, ["open"], "") && !isKept(provision, [], "work") && !isKept(provision, ["differs"], "work"));
});

test("a printed page says what was chosen and picked", () => {
  const phrases = { all: "All provisions.", chosen: "Chosen: {choices}.", picked: "Open: {title}." };
  assert.equal(sheetSaid(phrases, { printed: "Printed.", chosen: "", count: "9 of 9", picked: "" }), "Printed. All provisions. 9 of 9.");
  assert.equal(sheetSaid(phrases, { printed: "Printed.", chosen: "Permit", count: "2 of 9", picked: "Work" }), "Printed. Chosen: Permit. 2 of 9. Open: Work.");
});
