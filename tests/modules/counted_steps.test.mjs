import assert from "node:assert/strict";
import test from "node:test";
import { countSteps, joinedLines, lookOf, mapOf, placesSaid, statusesSaid } from "../../research_lib/show/pages/routes/logic/counted_steps.mjs";
import { isAllowed } from "../../research_lib/show/pages/shared/logic/filters.mjs";

const step = (id, panel, destination, origin = ["china"]) => ({ id: `leg:${id}`, panel, facets: { destination, origin, certainty: [id === "5" ? "hearsay" : "stated"] } });
const ITEMS = [
  step("1", "kin", ["paris", "france", "europe"]), step("2", "kin", ["france", "europe"]), step("3", "agency", ["france", "europe"]),
  step("4", "agency", ["turin", "italy", "europe"]), step("5", "smuggler", ["europe"], ["wenzhou", "china"]),
];
const NAMES = { destination: { europe: "Europe", france: "France", paris: "Paris", italy: "Italy", turin: "Turin" }, origin: { china: "China", wenzhou: "Wenzhou" },
  panel: { kin: "Relatives", agency: "Agencies", smuggler: "Smugglers" }, certainty: { stated: "stated", hearsay: "hearsay" } };
const PHRASES = { comma: ", ", semicolon: "; ", stop: ".", enclosed: " ({organisers}). ", only: "{count} more name only {place}", organised: "{place} by {organisers}.", nobody: "{place} by nobody.", sure: "Sure: {certainties}." };
const ids = (choices) => new Set(ITEMS.filter(({ facets }) => isAllowed(facets, choices)).map(({ id }) => id));
const partsOf = (choices) => placesSaid(ITEMS, choices, ids(choices), NAMES, PHRASES);
const said = (choices) => partsOf(choices).map(({ text }) => text).join("").trim();

test("a country says which of its places are named, the most frequent first, who organises and how sure that is", () => {
  assert.equal(said({ destination: ["france"] }), "France by Relatives 2, Agencies 1. – France 2, Paris 1. Sure: stated 3. 1 more name only Europe (Smugglers 1).");
});

test("a place says how many steps name only what lies around it, by organiser, and each can be chosen in its stead", () => {
  assert.equal(said({ destination: ["paris"] }),
    "Paris by Relatives 1. – Paris 1. Sure: stated 1. 2 more name only France (Relatives 1, Agencies 1). 1 more name only Europe (Smugglers 1).");
  assert.deepEqual(partsOf({ destination: ["paris"] }).flatMap(({ choose }) => choose ?? []), [{ destination: ["france"] }, { destination: ["europe"] }]);
});

test("where nobody is named, the answer says so", () => {
  const items = [step("6", "unnamed", ["paris"])];
  assert.equal(placesSaid(items, { destination: ["paris"] }, new Set(["leg:6"]), NAMES, PHRASES)[0].text, "Paris by nobody.");
});

test("where no step names a place, only those around are told", () => {
  const none = placesSaid(ITEMS, { destination: ["paris"], origin: [] }, new Set(), NAMES, PHRASES);
  assert.equal(none[0].text.trim(), ".");
  assert.equal(none[1].text, "2 more name only France");
});

test("another filter holds for those around too", () => {
  assert.equal(said({ destination: ["paris"], origin: ["wenzhou"] }), ". 1 more name only Europe (Smugglers 1). 1 more name only China (Relatives 1).");
});

test("without a place nothing is said", () => assert.deepEqual(placesSaid(ITEMS, { kind: ["x"] }, ids({}), NAMES, PHRASES), []));

const MODEL = { items: ITEMS, first: "kin", boxes: { all: [], kin: [], agency: [], smuggler: [] } };

test("the map is that which is asked for, or that of the chosen step, or the first with steps", () => {
  const every = ids({});
  assert.equal(mapOf(MODEL, { map: ["agency"] }, new Set()), "agency");
  assert.equal(mapOf(MODEL, { map: [], select: ["leg:5"] }, every), "smuggler");
  assert.equal(mapOf(MODEL, { select: ["place:paris"] }, every), "kin");
  assert.equal(mapOf(MODEL, {}, every), "kin");
  assert.equal(mapOf(MODEL, {}, new Set(["leg:3", "leg:4", "leg:5"])), "agency", "the map with most steps");
  assert.equal(mapOf(MODEL, {}, new Set(["leg:1", "leg:3", "leg:4"])), "kin", "the first has one, which is enough");
  assert.equal(mapOf(MODEL, {}, new Set()), "kin");
});

const LINES = [["kin", "regular", 2], ["kin", "irregular", 0], ["agency", "irregular", 3], ["agency", "regular", 1], ["smuggler", "irregular", 0]]
  .map(([organiser, status, count]) => ({ organiser, status, count }));

test("every organiser is counted, legal statuses only on the map that is shown", () => {
  assert.deepEqual(countSteps(LINES, "all"), { counts: { kin: 2, agency: 4, smuggler: 0 }, drawn: 6, statuses: [["regular", 3], ["irregular", 3]] });
  assert.deepEqual(countSteps(LINES, "agency").statuses, [["irregular", 3], ["regular", 1]]);
  assert.deepEqual(countSteps(LINES, "smuggler"), { counts: { kin: 2, agency: 4, smuggler: 0 }, drawn: 6, statuses: [] });
  assert.deepEqual(countSteps([], "all"), { counts: {}, drawn: 0, statuses: [] });
});

test("statuses are said with their numbers, or a dash", () => {
  assert.equal(statusesSaid([["irregular", 3], ["regular", 1]], { regular: "with papers", irregular: "without" }, ", "), "3 without, 1 with papers");
  assert.equal(statusesSaid([], {}, ", "), "–");
});

test("steps with the same ends are joined, those of most steps first", () => {
  const some = [["china italy", "regular", "1"], ["italy china", "regular", "2"], ["italy china", "regular", "3"], ["china italy", "irregular", "5"], ["china italy", "irregular", "6"]]
    .map(([ends, part, leg]) => ({ ends, part, leg }));
  assert.deepEqual(joinedLines(some), [
    { ends: "china italy", legs: ["1", "5", "6"], parts: [["irregular", 2], ["regular", 1]] },
    { ends: "italy china", legs: ["2", "3"], parts: [["regular", 2]] },
  ]);
  assert.deepEqual(joinedLines([]), []);
});

test("a line looks as all its steps do, or as one of several", () => {
  const kin = { panel: "kin", status: "regular" };
  assert.deepEqual(lookOf([kin, kin]), ["kin", "regular"]);
  assert.deepEqual(lookOf([kin, { ...kin, panel: "agency" }]), ["all", "regular"]);
  assert.deepEqual(lookOf([kin, { ...kin, status: "irregular" }]), ["kin", "several"]);
});
