import assert from "node:assert/strict";
import test from "node:test";
import { quoted, tableFile } from "../../research_lib/show/pages/shared/logic/saved_table.mjs";

const TABLE = {
  stem: "routes", header: "Id,Source\n", last: ["one [1]\n", "other\n"], facets: [{ kind: ["a"] }, { kind: ["b"] }],
  lines: [[0, "x,", 0], [1, "y,", 0], [0, "z,", 1]],
};

test("cells are quoted where CSV needs it", () => {
  for (const [cell, written] of [["plain", "plain"], ["a,b", '"a,b"'], ['say "no"', '"say ""no"""'], ["two\nlines", '"two\nlines"'], ["cr\r", '"cr\r"'], ["", ""], ["a;b", "a;b"]]) {
    assert.equal(quoted(cell), written);
  }
});

test("the file has the lines whose facets are chosen, each with its last cell, after the mark for Excel", () => {
  assert.deepEqual(tableFile(TABLE, {}), ["routes.csv", "\ufeffId,Source\nx,one [1]\ny,one [1]\nz,other\n"]);
  assert.deepEqual(tableFile(TABLE, { kind: ["a"] })[1], "\ufeffId,Source\nx,one [1]\nz,other\n");
  assert.deepEqual(tableFile(TABLE, { kind: ["none"] })[1], "\ufeffId,Source\n");
});

test("a search leaves only the lines that it found, and an empty one none", () => {
  assert.equal(tableFile(TABLE, { kind: ["a"] }, new Set([1, 2]))[1], "\ufeffId,Source\nz,other\n");
  assert.equal(tableFile(TABLE, {}, new Set())[1], "\ufeffId,Source\n");
  assert.equal(tableFile(TABLE, {}, null)[1].split("\n").length, 5);
});

test("the file is named after the question that is chosen", () => {
  assert.equal(tableFile({ ...TABLE, stem: "cases" }, { question: ["age_band"] })[0], "cases-age_band.csv");
});
