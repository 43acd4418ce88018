// Who codes what, how far each has come, and agreement with oneself.

import { make, scrolled } from "./elements.mjs";
import { interval, twoDecimals } from "./logic/coefficients.mjs";

/**
 * Give the function that draws the tab.
 * @param {any} bench
 * @returns {(data: any) => any[]}
 */
export function teamTab(bench) {
  const w = bench.words, say = (key) => w[`team.${key}`], ask = (command) => bench.ask({ tab: "team", ...command });
  const typed = { coders: "", percent: "20", together: "2", seed: "1" };

  /** What one coder has done with one document, in words and not by a colour alone. */
  function cell(document, coder) {
    const found = document.cells.find((one) => one.coder === coder);
    if (!found) return make("td", {}, "");
    const state = found.is_read ? "read" : found.segments ? "begun" : "assigned";
    return make("td", { class: `state ${state}` }, `${say(state)}${found.segments ? ` · ${found.segments}` : ""}`);
  }

  function field(name, kind) {
    const box = make("input", { type: kind, "data-key": `team-${name}`, oninput: () => { typed[name] = box.value; } });
    box.value = typed[name];
    return make("label", {}, say(name), box);
  }

  return (data) => {
    typed.coders ||= data.coders.join(", ");
    const reflexive = make("input", { type: "checkbox", "data-key": "reflexive", checked: data.is_reflexive, onchange: () => ask({ do: "reflexive", is_on: reflexive.checked }) });
    return [
      scrolled(w["tab-team"], make("table", { class: "progress" },
        make("thead", {}, make("tr", {}, make("th", { scope: "col" }, w.document), ...data.coders.map((coder) => make("th", { scope: "col" }, coder)), make("th", { scope: "col" }, say("double")))),
        make("tbody", {}, ...data.documents.map((document) => make("tr", {}, make("th", { scope: "row" }, document.name), ...data.coders.map((coder) => cell(document, coder)), make("td", {}, document.is_double_coded ? say("yes") : "")))))),
      make("div", { class: "two" },
        make("div", { class: "form" }, make("h3", {}, say("divide")), field("coders", "text"), field("percent", "number"), field("together", "number"), field("seed", "number"),
          make("p", { class: "row" }, make("button", { type: "button", "data-key": "assign", onclick: () => ask({ do: "assign", ...typed }) }, say("assign")))),
        make("div", {}, make("h3", {}, say("ceiling")),
          data.ceiling.length ? make("table", {}, make("thead", {}, make("tr", {}, ...[w.code, "α", w.interval, say("days")].map((head) => make("th", { scope: "col" }, head)))),
            make("tbody", {}, ...data.ceiling.map((row) => make("tr", {}, make("th", { scope: "row" }, bench.nameOf(row.code)), make("td", {}, twoDecimals(row.value)), make("td", {}, interval(row)), make("td", {}, row.days === null ? "–" : String(Math.floor(row.days)))))))
            : make("p", { class: "hint" }, `${say("no-ceiling")} ${data.second}`),
          make("h3", {}, say("kind")), make("label", {}, reflexive, ` ${say("reflexive")}`))),
    ];
  };
}
