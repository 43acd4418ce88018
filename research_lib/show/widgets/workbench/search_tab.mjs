// Search in all documents: frequent words, hits as keyword in context, and all of them coded at once.

import { codeChoice, inContext, make } from "./elements.mjs";

const MODES = ["words", "phrase", "regex"];

/**
 * Give the function that draws the tab.
 * @param {any} bench
 * @returns {(data: any) => any[]}
 */
export function searchTab(bench) {
  const w = bench.words, ask = (command) => bench.ask({ tab: "search", ...command });

  function form(data) {
    const hint = make("p", { class: "hint" }, w[`search.hint-${data.mode}`]);
    const go = () => ask({ do: "search", query: query.value, mode: mode.value });
    const query = make("input", { type: "search", "data-key": "query", "aria-label": w["search.query"], placeholder: w["search.query"], onkeydown: (event) => {
      if (event.key === "Enter" && !event.isComposing) go();
    } });
    query.value = data.query;
    const mode = make("select", { "aria-label": w["search.mode"], "data-key": "mode", onchange: () => { hint.textContent = w[`search.hint-${mode.value}`]; } },
      ...MODES.map((name) => make("option", { value: name, selected: name === data.mode }, w[`search.${name}`])));
    const frequent = make("button", { type: "button", "data-key": "words", "aria-pressed": String(Boolean(data.frequent)), onclick: () => ask({ do: "words", show: !data.frequent }) }, w["search.frequent"]);
    return [make("div", { class: "row", role: "search" }, query, mode, make("button", { type: "button", "data-key": "go", onclick: go }, w["search.go"]), frequent), hint];
  }

  /** The most frequent words with their count; a word is searched for. */
  const frequentWords = (words, of) => [
    make("p", { class: "hint" }, w["search.hint-frequent"]),
    make("ol", { class: "row frequent" }, ...words.map(({ word, count }) => make("li", {}, make("button", { type: "button", "data-key": `word-${word}`, onclick: () => ask({ do: "search", query: word, mode: "words" }) }, word, make("small", {}, ` ${count}`))))),
    of > words.length ? make("p", { class: "hint" }, `${w["search.first"]} ${words.length} / ${of}`) : null,
  ];

  /** One code for all hits: how many codings it brings is shown before it is given. */
  function coding(data) {
    const preview = () => ask({ do: "preview", code: code.value, unit: unit.value });
    const code = codeChoice(bench, { label: w["search.code"], value: data.code, key: "code", onchange: preview, isCodable: true });
    const unit = make("select", { "aria-label": w["search.unit"], "data-key": "unit", onchange: preview },
      ...["sentence", "hit"].map((name) => make("option", { value: name, selected: name === data.unit }, w[`search.by-${name}`])));
    return make("div", { class: "row" }, code, unit,
      data.code ? make("span", { "aria-live": "polite" }, `${w["search.new"]} ${data.made} · ${w["search.there"]} ${data.there}`) : null,
      data.made ? make("button", { type: "button", "data-key": "code-hits", onclick: () => ask({ do: "code-hits" }) }, w["search.code-all"]) : null);
  }

  return (data) => {
    const groups = Map.groupBy(data.hits, (hit) => hit.document);
    return [
      ...form(data),
      ...(data.frequent ? frequentWords(data.frequent, data.different) : []),
      data.is_answered ? make("p", { "aria-live": "polite" }, data.count ? `${w["search.hits"]} ${data.count} · ${w["search.documents"]} ${data.documents}` : w["search.none"]) : null,
      data.count ? coding(data) : null,
      ...[...groups.values()].flatMap((hits) => [
        make("h3", {}, hits[0].name),
        make("ol", { class: "kwic" }, ...hits.map((hit) => make("li", {}, inContext(bench, hit)))),
      ]),
      data.count > data.hits.length ? make("p", { class: "hint" }, `${w["search.first"]} ${data.hits.length}`) : null,
    ].filter(Boolean);
  };
}
