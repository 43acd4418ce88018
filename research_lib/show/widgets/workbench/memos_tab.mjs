// All memos in one list; those on the project and the open document are written here.

import { make } from "./elements.mjs";

/**
 * Give the function that draws the tab.
 * @param {any} bench
 * @returns {(data: any) => any[]}
 */
export function memosTab(bench) {
  const w = bench.words, say = (key) => w[`memos.${key}`];

  function field(about, label, text) {
    const box = make("textarea", { rows: 3, "data-key": about, onchange: () => bench.ask({ tab: "memos", do: "write", about, memo: box.value }) });
    box.value = text;
    return make("label", {}, label, box);
  }

  function entry(row) {
    const isPassage = row.start !== null, by = [row.by, row.at ? row.at.slice(0, 10) : null].filter(Boolean).join(" · ");
    const head = [make("b", {}, say(row.about)), row.name ? ` ${row.name}` : "", by ? make("span", { class: "by" }, by) : null];
    return make("li", {}, isPassage ? make("button", { type: "button", onclick: () => bench.goTo(row.document, row.start, row.end) }, ...head) : make("p", {}, ...head.filter((one) => one !== null)), make("p", { class: "words" }, row.memo));
  }

  return (data) => [make("div", { class: "two" },
    make("ul", { class: "given" }, ...(data.rows.length ? data.rows.map(entry) : [make("li", {}, say("none"))])),
    make("div", { class: "form" }, field("project", say("on-project"), data.own.project), field("position", say("on-position"), data.own.position), data.document ? field("document", `${say("on-document")} (${data.document})`, data.own.document) : null, make("p", { class: "hint" }, say("hint"))))];
}
