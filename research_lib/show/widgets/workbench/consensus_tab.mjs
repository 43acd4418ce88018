// Where coders differ, worst first; each difference in its passage, with what each coder gave, and the decision.

import { make, scrolled } from "./elements.mjs";
import { interval, twoDecimals } from "./logic/coefficients.mjs";
import { Positions } from "./logic/positions.mjs";

const KINDS = ["missing", "code", "stacked", "boundaries"];

/**
 * Give the function that draws the tab.
 * @param {any} bench
 * @returns {(data: any) => any[]}
 */
export function consensusTab(bench) {
  const w = bench.words, say = (key) => w[`consensus.${key}`], ask = (command) => bench.ask({ tab: "consensus", ...command });

  function list(data) {
    const filter = (changes) => ask({ do: "filter", kind: data.kind, decided: data.shows_decided, ...changes });
    const kinds = make("select", { "aria-label": say("kind"), "data-key": "kind", onchange: (event) => filter({ kind: event.target.value }) },
      make("option", { value: "" }, say("all-kinds")), ...KINDS.map((kind) => make("option", { value: kind, selected: kind === data.kind }, say(`kind-${kind}`))));
    const decided = make("input", { type: "checkbox", "data-key": "decided", checked: data.shows_decided, onchange: (event) => filter({ decided: event.target.checked }) });
    const rows = data.rows.map((row) => make("li", {}, make("button", {
      type: "button", "data-key": row.difference, "aria-current": row.difference === data.chosen?.difference ? "true" : null,
      onclick: () => ask({ do: "choose", difference: row.difference }),
    }, make("b", {}, row.codes.map((code) => bench.nameOf(code)).join(" / ")), make("span", {}, `${say(`kind-${row.kind}`)} · ${row.document}`),
    row.outcome ? make("span", { class: "mark" }, say(`outcome-${row.outcome}`)) : null)));
    return make("div", {}, make("p", { class: "row" }, make("b", {}, `${say("open")}: ${data.open}`), ` ${say("decided")}: ${data.decided}`),
      make("p", { class: "row" }, kinds, make("label", {}, decided, ` ${say("show-decided")}`)),
      make("ol", { class: "list", "aria-label": say("differences") }, ...rows),
      data.more ? make("p", { class: "hint" }, `${say("more")}: ${data.more}`) : null);
  }

  function passage(chosen) {
    const positions = new Positions(chosen.text), units = (point) => positions.units(point - chosen.first);
    const quote = (one) => chosen.text.slice(units(one.start), units(one.end));
    const text = make("div", { class: "text", contenteditable: "true", tabindex: "0", role: "textbox", "aria-readonly": "true", "aria-multiline": "true", dir: "auto", "aria-label": w.text, lang: chosen.language === "und" ? null : chosen.language, spellcheck: "false" });
    const starts = Math.min(...chosen.segments.map((one) => units(one.start))), ends = Math.max(...chosen.segments.map((one) => units(one.end)));
    text.append(chosen.text.slice(0, starts), make("mark", {}, chosen.text.slice(starts, ends)), chosen.text.slice(ends));
    for (const name of ["beforeinput", "paste", "drop", "cut"]) text.addEventListener(name, (event) => event.preventDefault());
    const own = [], owned = make("ul", { class: "given" });
    const boxes = chosen.segments.map((one, number) => {
      const box = make("input", { type: "checkbox", "data-key": `take-${number}`, value: one.id });
      return make("li", { class: bench.looks(one.code) }, make("label", {}, box, ` ${number + 1} `, make("b", {}, one.coder), ` ${bench.nameOf(one.code)} `, make("q", { dir: "auto", lang: text.lang || null }, quote(one))), one.memo ? make("p", { class: "hint" }, one.memo) : null);
    });
    const taken = () => boxes.map((row) => row.querySelector("input")).filter((box) => box.checked).map((box) => box.value);
    const code = make("select", { "data-key": "own-code", "aria-label": w.code }, ...[...bench.codes.values()].filter((one) => one.is_codable).map((one) => make("option", { value: one.id, selected: one.id === chosen.segments[0].code }, one.name)));
    const add = () => {
      const stretch = selectedIn(text);
      if (!stretch) return bench.report(w["select-first"]);
      const [start, end] = stretch.map((unit) => positions.points(unit) + chosen.first);
      own.push([start, end, code.value]);
      owned.append(make("li", { class: bench.looks(code.value) }, `${bench.nameOf(code.value)} `, make("q", { dir: "auto" }, quote({ start, end }))));
    };
    const reason = make("input", { type: "text", "data-key": "reason", "aria-label": say("reason"), placeholder: say("reason"), value: chosen.decided?.reason ?? "" });
    const decide = (extra) => ask({ do: "decide", difference: chosen.difference, take: taken(), segments: own, reason: reason.value, ...extra });
    const settle = () => (taken().length || own.length ? decide({}) : bench.report(say("choose-first")));
    reason.addEventListener("keydown", (event) => event.key === "Enter" && !event.isComposing && settle());
    const element = make("div", { class: "passage", onkeydown: (event) => {
      const box = /^[1-9]$/.test(event.key) && event.target !== reason ? boxes[Number(event.key) - 1]?.querySelector("input") : null;
      if (box) {
        event.preventDefault();
        box.checked = !box.checked;
      }
    } },
    make("h3", {}, `${say(`kind-${chosen.kind}`)} · ${chosen.document}`), text,
    make("ul", { class: "given" }, ...boxes, ...chosen.silent.map((coder) => make("li", { class: "silent" }, make("b", {}, coder), ` ${say("nothing")}`))),
    owned,
    make("p", { class: "row" }, code, make("button", { type: "button", onclick: add }, say("own"))),
    make("p", { class: "row" }, reason),
    make("p", { class: "row" },
      make("button", { type: "button", "data-key": "decide", class: "main", onclick: settle }, say("decide")),
      make("button", { type: "button", "data-key": "none", onclick: () => decide({ take: [], segments: [] }) }, say("none")),
      make("button", { type: "button", "data-key": "defer", onclick: () => decide({ defer: true }) }, say("defer"))),
    chosen.decided ? make("p", { class: "hint" }, `${say(`outcome-${chosen.decided.outcome}`)} · ${chosen.decided.by}${chosen.decided.segments.map(([start, end, given]) => ` · ${bench.nameOf(given)} “${quote({ start, end })}”`).join("")}${chosen.decided.reason ? `: ${chosen.decided.reason}` : ""}`) : null);
    return element;
  }

  /** What the decisions add up to: pairs of codes, and each coder beside the consensus. */
  function summary(data) {
    const cell = (text) => make("td", {}, text), words = (text) => make("td", { class: "words" }, text);
    const table = (words, heads, rows) => scrolled(heads.join(", "), make("table", {}, make("thead", {}, make("tr", {}, ...heads.map((head, number) => make("th", { scope: "col", class: number < words ? "words" : null }, head)))), make("tbody", {}, ...rows)));
    const code = (id) => (id ? bench.nameOf(id) : say("no-code"));
    const meaning = (one, id) => make("td", { class: "words" }, make("b", {}, code(id)), one ? make("p", {}, one) : null);
    return make("details", { ontoggle: (event) => event.target.open && !data.confusions.length && ask({ do: "sum-up" }), open: data.confusions.length > 0 }, make("summary", {}, say("summary")),
      table(2, [say("decided-as"), say("given"), say("count")], data.confusions.map((row) => make("tr", {}, meaning(row.definition_decided, row.decided), meaning(row.definition_given, row.given), cell(String(row.count))))),
      data.near.length ? table(2, [say("coder"), w.code, "α", w.interval], data.near.map((row) => make("tr", {}, words(row.coder), words(bench.nameOf(row.code)), cell(twoDecimals(row.value)), cell(interval(row))))) : null,
      make("p", { class: "hint" }, say("near-hint")),
      make("button", { type: "button", "data-key": "sum-up", onclick: () => ask({ do: "sum-up" }) }, say("sum-up")));
  }

  return (data) => {
    if (!data.rows.length && !data.decided) return [make("p", { class: "hint" }, say("empty"))];
    requestAnimationFrame(() => bench.panel.querySelector("mark")?.scrollIntoView({ block: "nearest" }));
    return [make("div", { class: "two" }, list(data), data.chosen ? passage(data.chosen) : make("p", { class: "hint" }, say("all-decided"))), summary(data)];
  };
}

/** The stretch that is selected within an element, in UTF-16 units of its text. */
function selectedIn(element) {
  const selection = document.getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  if (!element.contains(range.startContainer) || !element.contains(range.endContainer)) return null;
  const before = document.createRange();
  before.setStart(element, 0);
  before.setEnd(range.startContainer, range.startOffset);
  const start = before.toString().length;
  return [start, start + range.toString().length];
}
