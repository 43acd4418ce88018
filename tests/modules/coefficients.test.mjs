import assert from "node:assert/strict";
import test from "node:test";
import { interval, twoDecimals } from "../../research_lib/show/widgets/workbench/logic/coefficients.mjs";

test("a coefficient has two decimals, a real minus, or a dash", () => {
  assert.deepEqual([0.5, -0.166, 1, null].map(twoDecimals), ["0.50", "−0.17", "1.00", "–"]);
});

test("an interval has both ends or none", () => {
  assert.equal(interval({ low: -0.75, high: 1 }), "−0.75 – 1.00");
  assert.equal(interval({ low: null, high: null }), "–");
});
