// Suggestions: each is dotted, says why, and counts for nothing until somebody accepts it.

import { make } from "./elements.mjs";

/**
 * Give the function that draws the tab.
 * @param {any} bench
 * @returns {(data: any) => any[]}
 */
export function suggestionsTab(bench) {
  const w = bench.words, say = (key) => w[`suggestions.${key}`], ask = (command) => bench.ask({ tab: "suggestions", ...command });

  function entry(row, code, number) {
    const { document, start, end } = row, answer = (does) => ask({ do: does, document, start, end, code });
    const button = (does) => make("button", { type: "button", "data-key": `${does}-${number}`, onclick: () => answer(does) }, say(does));
    return make("li", {},
      make("button", { type: "button", class: "found", dir: "auto", onclick: () => bench.goTo(document, start, end) }, row.text),
      make("p", { class: "hint" }, row.name, row.words.length ? ` · ${say("words")}: ${row.words.join(", ")}` : ""),
      make("p", { class: "hint" }, `${say("nearest")}: `, make("q", { dir: "auto" }, row.nearest_text)),
      make("p", { class: "row" }, button("accept"), button("reject")));
  }

  return (data) => {
    if (data.none) return [make("p", { class: "hint" }, say(`none-${data.none}`)), data.refused ? make("p", { class: "hint" }, data.refused) : ""];
    return [
      make("p", {}, make("b", {}, say("read"))),
      make("p", { class: "hint" }, `${say("counts-nothing")} ${say("without")}: ${data.without}`),
      ...Object.entries(data.drawn).map(([key, [some, all]]) => make("p", { class: "hint" }, `${say(key)}: ${some} / ${all}`)),
      data.model ? make("p", {}, make("label", {}, make("input", { type: "checkbox", "data-key": "meanings", checked: data.has_meanings, onchange: (event) => {
        ask({ do: "meanings", is_on: event.target.checked });
        bench.report(say("learning"));
      } }), ` ${say("meanings")}`)) : "",
      make("p", { class: "row" }, make("select", { "aria-label": w.code, "data-key": "suggested-code", onchange: (event) => ask({ do: "choose", code: event.target.value }) },
        ...data.codes.map(([code, count]) => make("option", { value: code, selected: code === data.code }, `${bench.nameOf(code)} · ${count}`)))),
      make("ol", { class: "suggested" }, ...data.rows.map((row, number) => entry(row, data.code, number))),
    ];
  };
}
