import assert from "node:assert/strict";
import test from "node:test";
import { movesOf, shownTree } from "../../research_lib/show/widgets/workbench/logic/code_moves.mjs";

const TREE = shownTree([["a", null], ["a1", "a"], ["a2", "a"], ["b", null]].map(([id, parent_id]) => ({ id, parent_id })));

test("each code has its depth", () => {
  assert.deepEqual(TREE.map((code) => code.depth), [0, 1, 1, 0]);
});

test("a code goes up, down, out of its parent and under the one before it, as far as there is a place", () => {
  assert.deepEqual(movesOf(TREE, "a"), { ArrowDown: { parent: null, before: null } });
  assert.deepEqual(movesOf(TREE, "b"), { ArrowUp: { parent: null, before: "a" }, ArrowRight: { parent: "a", before: null } });
  assert.deepEqual(movesOf(TREE, "a2"), {
    ArrowUp: { parent: "a", before: "a1" }, ArrowRight: { parent: "a1", before: null }, ArrowLeft: { parent: null, before: "b" },
  });
});
