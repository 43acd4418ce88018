import assert from "node:assert/strict";
import test from "node:test";
import { apart, askedFor, hasWord, nearest, placesOf, searcher, spelledOut, stretches, vocabularyOf } from "../../research_lib/show/pages/evidence/logic/search.mjs";
import { folded } from "../../research_lib/show/pages/shared/logic/text.mjs";

const SEARCH = {
  means: { "tratta|tratta di esseri umani|人口贩卖": "traffick", debt: "dette|loan", "卖淫": "prostitut" },
  stop: ["the", "of", "how", "much", "do", "they", "l", "s"],
};
const WORDS = { means: spelledOut(SEARCH.means), stop: SEARCH.stop };
const PHRASES = {
  meant: "No entry has “{words}”. These have “{meant}”.", partial: "None has all.", further: "{found} with all, then most.", near: "{found} near.", unknown: "No entry has {words}.",
};
const ROWS = [
  ["c-1", "Trafficking of women from Wenzhou", "巴黎 France", "claim"],
  ["c-2", "A passport was taken in Italy", "l'Italie passeport", "claim"],
  ["c-3", "Smugglers ask women to pay; she showed a passport", "", "figure"],
  ["c-4", "Workshops in Belleville", "ateliers de Belleville", "claim"],
  ["c-5", "Women in Prostitution, and trafficking", "", "claim"],
].map(([id, text, other, kind]) => {
  const plain = folded(`${id} ${text}`);
  return { id, plain, searched: folded(`${plain} \n${other}`), facets: { kind: [kind] } };
});
const searched = searcher(ROWS, { search: SEARCH, phrases: PHRASES });
const found = (query, choices = {}) => searched(query, choices).hits.map(({ id }) => id);

test("a word begins where it begins, and Han stands anywhere", () => {
  assert.deepEqual(placesOf("showed, owed; owe", "owe"), [[8, 11], [14, 17]]);
  assert.deepEqual(placesOf("在巴黎", "巴黎"), [[1, 3]]);
  assert.deepEqual(placesOf("1.2.1 and 11.2", "1.2"), [[0, 3]]);
  assert.deepEqual(placesOf("a (b) c", "(b"), [[2, 4]]);
  assert.ok(hasWord("from italy to l", "ital") && !hasWord("from italy", "taly"));
});

test("a word that is cut is found by all that begin so", () => {
  assert.deepEqual(placesOf("un passep* perdu", "passeport"), [[3, 10]]);
  assert.deepEqual([placesOf("un passeport", "passep"), placesOf("un passep*", "pass"), placesOf("un passep", "passeport")], [[[3, 9]], [[3, 7]], []]);
});

test("without a query all rows are found in their order", () => {
  assert.deepEqual(found(""), ["c-1", "c-2", "c-3", "c-4", "c-5"]);
  assert.deepEqual(found("", { kind: ["figure"] }), ["c-3"]);
});

test("of phrases the longest counts, with a plural's s too", () => {
  assert.deepEqual(WORDS.means.map(([phrase]) => phrase), ["tratta di esseri umani", "tratta", "人口贩卖", "debt", "卖淫"]);
  assert.deepEqual(askedFor("debts", WORDS), [{ word: "debts", spellings: ["debt", "dette", "loan"], isKnown: true }]);
});

test("a phrase whose meaning no entry has is read word by word", () => {
  const search = { means: { "belleville workshops": "490 projects", "paris workshops": "ateliers", grants: "490 projects" }, stop: [] };
  const asked = searcher(ROWS, { search, phrases: PHRASES });
  assert.deepEqual([asked("belleville workshops", {}).hits[0].id, asked("paris workshops", {}).words[1]], ["c-4", "ateliers"]);
  assert.equal(asked("grants", {}).said, "No entry has grants.");
});

test("a query with a slip is read as the right one, its phrases too", () => {
  const asked = searcher(ROWS, { search: { means: { "workshops in belleville": "passport", "italy passport": "ateliers" }, stop: ["in"] }, phrases: PHRASES });
  const [slip, right] = ["Workshops in belevile", "workshops in belleville"].map((query) => asked(query, {}));
  assert.deepEqual([slip.words, slip.hits], [right.words, right.hits]);
  assert.ok(right.words.includes("passport") && slip.said.startsWith("No entry has “belevile”. These have “belleville”."));
  assert.ok(asked("marseille workshops", {}).said.includes("No entry has marseille"));
});

test("one word of a phrase is not the phrase", () => {
  const asked = searcher(ROWS, { search: { means: { "passport of convenience": "passport" }, stop: [] }, phrases: PHRASES });
  assert.deepEqual([asked("passport of convenience", {}).said, asked("passport", {}).said], ["2 near.", ""]);
});

test("several words are all of them, in any order and in any language of the row", () => {
  assert.deepEqual(found("passport"), ["c-2", "c-3"]);
  assert.deepEqual(found("ITALY passport"), ["c-2", "c-3"]);
  assert.equal(searched("ITALY passport", {}).said, "1 with all, then most.");
  assert.equal(found("l’Italie passeport")[0], "c-2");
  assert.deepEqual(found("巴黎"), ["c-1"]);
});

test("a slip leads to a plural's singular, and not to other words that begin as its stem does", () => {
  const rows = ["Countries of transit", "Countries of origin", "Smugglers", "Aide contre la traite", "A contract"].map((text, at) => ({
    id: `c-${at}`, plain: folded(text), searched: folded(text), facets: { kind: ["claim"] },
  }));
  const search = searcher(rows, { search: { means: {}, stop: [] }, phrases: PHRASES });
  assert.equal(search("smugler", {}).said, "No entry has “smugler”. These have “smuggler”.");
  const many = searcher([...rows, ...Array(9).fill(rows[1]).map((row, at) => ({ ...row, id: `d-${at}` }))], { search: { means: {}, stop: [] }, phrases: PHRASES });
  assert.equal(many("contries", {}).said, "No entry has “contries”. These have “countries”.");
});

test("an id finds its row", () => assert.deepEqual(found("c-4"), ["c-4"]));

test("endings of plurals and verbs do not matter", () => {
  assert.deepEqual(found("passports"), ["c-2", "c-3"]);
  assert.deepEqual(found("workshop's"), ["c-4"]);
  assert.deepEqual(found("smuggling"), ["c-3"]);
});

test("other languages' words and phrases find what they mean, the longest phrase first", () => {
  assert.deepEqual(found("tratta di esseri umani").sort(), ["c-1", "c-5"]);
  assert.deepEqual(askedFor("tratta di esseri umani", WORDS).length, 1);
  assert.deepEqual(found("人口贩卖").sort(), ["c-1", "c-5"]);
  assert.deepEqual(found("卖淫"), ["c-5"]);
});

test("Han without spaces is asked for by pairs of signs, next to a phrase that is known", () => {
  assert.deepEqual(askedFor("护照问题", WORDS).map(({ word }) => word), ["护照", "照问", "问题"]);
  assert.deepEqual(askedFor("卖淫巴黎", WORDS).map(({ word }) => word), ["卖淫", "巴黎"]);
});

test("words that say nothing are left out, unless there are no others", () => {
  assert.deepEqual(askedFor("How much do they pay the smugglers?", WORDS).map(({ word }) => word), ["pay", "smugglers"]);
  assert.deepEqual(askedFor("the", WORDS).map(({ word }) => word), ["the"]);
  assert.deepEqual(askedFor("debt of the", WORDS).map(({ word }) => word), ["debt"]);
});

test("words that say little order what is found by the others", () => {
  const rows = ["a family", "family who know"].map((plain, at) => ({ id: at, plain, searched: plain, facets: {} }));
  const { hits, words } = searcher(rows, { search: { means: {}, stop: ["know"] }, phrases: PHRASES })("know family", {});
  assert.deepEqual([hits.map(({ id }) => id), words], [[1, 0], ["family", "family", "familie"]]);
});

test("a word is found in its forms, and not in another word that begins like it", () => {
  const rows = ["two factories", "a factor", "houses", "housing", "hour"].map((plain, id) => ({ id, plain, searched: plain, facets: {} }));
  const found = (query) => searcher(rows, { search: { means: {}, stop: [] }, phrases: PHRASES })(query, {}).hits.map(({ id }) => id);
  assert.deepEqual([found("factory"), found("houses"), found("factor")], [[0], [2, 3], [1, 0]]);
});

test("where no entry has all words, one with other words than those before it comes sooner", () => {
  const rows = ["debt wage", "debt wage", "debt wage", "debt hotel"].map((plain, id) => ({ id, plain, searched: plain, facets: {} }));
  const { hits } = searcher(rows, { search: { means: {}, stop: [] }, comma: ", ", phrases: PHRASES })("debt wage hotel", {});
  assert.deepEqual([hits[0].id, hits[1].id], [3, 0]);
  const many = searcher([...rows, { ...rows[3], id: 4 }, { ...rows[3], id: 5 }], { search: { means: {}, stop: [] }, comma: ", ", phrases: PHRASES })("debt wage hotel", {});
  assert.deepEqual(many.hits.map(({ plain }) => plain.split(" ")[1]).slice(0, 4).sort(), ["hotel", "hotel", "wage", "wage"]);
});

test("letters are left out, put in, changed, or changed round", () => {
  for (const [one, other, far] of [["wenzou", "wenzhou", 0.9], ["belevile", "belleville", 1.8], ["trafficking", "traficking", 0.9], ["form", "from", 0.9], ["abcd", "abcd", 0], ["kitten", "sitting", 2.9]]) {
    assert.equal(apart(one, other, 3), far, `${one} ${other}`);
    assert.equal(apart(other, one, 3), far, `${other} ${one}`);
  }
  assert.ok(apart("lawer", "lawyer", 2) < apart("lawer", "later", 2));
  assert.ok(apart("kitten", "sitting", 1) > 1 && apart("a", "abcdef", 2) > 2);
});

test("short words are not mended, and of several as near the most frequent is taken", () => {
  const words = new Map([["paris", 1], ["parts", 5], ["visa", 2]]);
  assert.equal(nearest("vix", words, () => true), "");
  assert.equal(nearest("visb", words, () => true), "visa");
  assert.equal(nearest("paric", new Map([["paris", 1], ["parit", 7]]), () => true), "parit");
  assert.equal(nearest("zzyzx", words, () => true), "");
  assert.equal(nearest("fees", new Map([["sees", 9]]), () => true), "", "few slips are in the first letter");
  assert.equal(nearest("visb", words, (word) => word !== "visa"), "", "what no entry tells is not meant");
  assert.equal(nearest("imigration", new Map([["migration", 9], ["immigration", 2]]), () => true), "immigration");
});

test("a misspelt word is mended, and it is said", () => {
  for (const [query, id, meant] of [["traficking", "c-1", "trafficking"], ["wenzou", "c-1", "wenzhou"], ["belevile", "c-4", "belleville"]]) {
    const { hits, said, words } = searched(query, {});
    assert.equal(hits[0].id, id);
    assert.equal(said, `No entry has “${query}”. These have “${meant}”.`);
    assert.equal(words[0], meant);
  }
});

test("of two words as near the one is meant whose forms more rows have", () => {
  const texts = ["Divorce", "Divorced women", "Divorces rise", "Diverse ways", "Ways as diverse"];
  const rows = texts.map((text, at) => ({ id: `c-${at}`, plain: folded(text), searched: folded(text), facets: { kind: [] } }));
  assert.match(searcher(rows, { search: { means: {}, stop: [] }, phrases: PHRASES })("divorse", {}).said, /These have “divorce”/);
});

test("a short word of another language is not meant where another letter stands in it", () => {
  const rows = [{ id: "c-1", plain: "law on nannies", searched: "law on nannies", facets: { kind: [] } }];
  const said = (query) => searcher(rows, { search: { means: { pravo: "law", nanny: "nannies" }, stop: [] }, phrases: PHRASES })(query, {}).said;
  assert.equal(said("prato"), "No entry has prato.");
  assert.match(said("nany"), /These have “nanny”/);
});

test("a word that is found by its first letters alone is taken for the nearest one too", () => {
  const rows = ["passport", "no papers"].map((plain, at) => ({ id: at, plain, searched: at ? `${plain} \npassep*` : plain, facets: {} }));
  const { hits, said } = searcher(rows, { search: { means: {}, stop: [] }, phrases: PHRASES })("passeport", {});
  assert.deepEqual([hits.map(({ id }) => id).sort(), said], [[0, 1], ""]);
});

test("a misspelt word of another language finds what the word means, if an entry has that", () => {
  const { hits, said } = searched("trata", {});
  assert.deepEqual([hits[0].id, said], ["c-1", "No entry has “trata”. These have “tratta”."]);
  assert.equal(searched("debts", {}).said, "No entry has debts.");
});

test("no ending is taken from a short word, so that a slip is not found as the beginning of a name", () => {
  const rows = [["a", "Bari"], ["b", "a language barrier"]].map(([id, plain]) => ({ id, plain: plain.toLowerCase(), searched: plain.toLowerCase(), facets: {} }));
  assert.deepEqual(searcher(rows, { search: SEARCH, phrases: PHRASES })("barier", {}).hits.map(({ id }) => id), ["b"]);
});

test("where no row has all words, those with the rarest come first, and a word of nearly all rows finds none", () => {
  const texts = ["violence", "violence", "client", "women and the rest", ...Array(30).fill("women")];
  const rows = texts.map((plain, at) => ({ id: at, plain, searched: plain, facets: {} }));
  assert.deepEqual(searcher(rows, { search: SEARCH, phrases: PHRASES })("violence client women", {}).hits.map(({ id }) => id), [2, 0, 1]);
});

test("a slip is mended though the word without its ending begins a rare name", () => {
  const rows = ["a consorzio polis", ...Array(20).fill("police")].map((plain, at) => ({ id: at, plain, searched: plain, facets: {} }));
  assert.equal(searcher(rows, { search: SEARCH, phrases: PHRASES })("polise zzzz", {}).said.split(".")[0], "No entry has “polise”");
});

test("where rows have only what the words mean, it is said; a form of a word is the word", () => {
  const rows = ["a loan", "women"].map((plain, id) => ({ id, plain, searched: plain, facets: {} })), of = searcher(rows, { search: SEARCH, phrases: PHRASES });
  assert.deepEqual([of("debt", {}).hits.map(({ id }) => id), of("debt", {}).said, of("loans", {}).said], [[0], "1 near.", ""]);
});

test("after few rows with all of several words come those with most of them, and it is said", () => {
  const { hits, said } = searched("women wenzhou trafficking", {});
  assert.deepEqual([hits.map(({ id }) => id), said], [["c-1", "c-5"], "1 with all, then most."]);
});

test("a word that is found is not taken for another, and a known phrase is never mended", () => {
  assert.equal(searched("workshops women", {}).said, "None has all.");
  assert.deepEqual(searched("debt", {}), { hits: [], words: ["debt", "dette", "loan"], said: "No entry has debt." });
});

test("where no row has all words, those with most of them are found, and the unknown ones are named", () => {
  assert.equal(searched("passport zzzz", {}).said, "None has all. No entry has zzzz.");
  assert.deepEqual(found("passport zzzz"), ["c-2", "c-3"]);
  assert.deepEqual(found("passport belleville italy"), ["c-2", "c-4"]);
  assert.deepEqual(found("zzzz"), []);
  assert.equal(searched("zzzz", {}).said, "No entry has zzzz.");
});

test("a filter is never widened by a search", () => {
  assert.deepEqual(found("passport", { kind: ["figure"] }), ["c-3"]);
  assert.deepEqual(found("belleville", { kind: ["figure"] }), []);
});

test("rows with the word itself stand before rows with a longer one, and those before rows with it elsewhere", () => {
  const rows = [["a", "parisian", ""], ["b", "nothing", "paris"], ["c", "in paris", ""]].map(([id, plain, other]) => ({ id, plain, searched: `${plain} \n${other}`, facets: {} }));
  assert.deepEqual(searcher(rows, { search: SEARCH, phrases: PHRASES })("paris", {}).hits.map(({ id }) => id), ["c", "a", "b"]);
});

test("a word counts more as a kind of entry; a figure and a row on the same lines as one before it stand further down", () => {
  const texts = [["figure", "a visa", "Figure", "7"], ["claim", "a visa", "Claim", "8"], ["same lines", "a visa", "Claim", "8"], ["other lines", "a visa", "Claim", "9"], ["kind", "other", "Visa or permit", ""]];
  const rows = texts.map(([id, plain, kind, lines]) => ({ id, kind, plain, lines, source: "a[1]", noted: "", searched: `${plain} \n${kind.toLowerCase()}`, facets: { kind: [kind.toLowerCase()] } }));
  assert.deepEqual(searcher(rows, { search: SEARCH, phrases: PHRASES })("visa", {}).hits.map(({ id }) => id), ["kind", "claim", "other lines", "same lines", "figure"]);
});

test("the vocabulary counts rows, not places, and words of three letters or more", () => {
  assert.deepEqual([...vocabularyOf([{ plain: "in paris, paris" }, { plain: "paris 2007" }, { plain: "…" }])], [["paris", 2], ["2007", 1]]);
});

test("words are marked where they stand in the text as it is written", () => {
  const marks = (text, ...words) => stretches(text, words).map(([from, to]) => text.slice(from, to));
  assert.deepEqual(marks("Émigrées à Œuvre", "emigre", "oeuv"), ["Émigré", "Œuv"]);
  assert.deepEqual(marks("在巴黎 Paris", "巴黎", "paris"), ["巴黎", "Paris"]);
  assert.deepEqual(marks("𠀀 Paris", "paris"), ["Paris"]);
  assert.deepEqual(marks("Œuvre", "o"), ["Œ"], "half of a sign marks all of it");
  assert.deepEqual(stretches("paris", ["par", "paris"]), [[0, 5], [0, 3]], "the longest first");
  assert.deepEqual(marks("showed", "owe"), []);
});
