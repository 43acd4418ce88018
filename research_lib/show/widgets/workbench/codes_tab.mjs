// The codebook as a tree: by keyboard (Alt and arrows move a code) and by pointer (drag it onto another).

import { make } from "./elements.mjs";
import { movesOf, shownTree } from "./logic/code_moves.mjs";

const FIELDS = ["definition", "include", "exclude", "example", "memo"];

/**
 * Give the function that draws the tab.
 * @param {any} bench
 * @returns {(data: any) => any[]}
 */
export function codesTab(bench) {
  const w = bench.words, ask = (command) => bench.ask({ tab: "codes", ...command });
  let dragged = "";

  function row(code, data) {
    const isAbove = data.codes.some((other) => other.parent_id === code.id), counted = bench.codes.get(code.id)?.count ?? 0;
    const item = make("li", {
      role: "treeitem", tabindex: code.id === data.chosen || (!data.chosen && code === data.codes[0]) ? "0" : "-1", draggable: "true",
      "aria-level": String(code.depth + 1), "aria-selected": String(code.id === data.chosen), "data-key": `code-${code.id}`,
      class: `${bench.looks(code.id)} depth-${Math.min(code.depth, 5)}${code.is_codable ? "" : " retired"}`,
      onclick: () => ask({ do: "choose", code: code.id }),
      onkeydown: (event) => key(event, code, data),
      ondragstart: () => { dragged = code.id; },
      ondragover: (event) => event.preventDefault(),
      ondrop: (event) => {
        event.preventDefault();
        if (dragged && dragged !== code.id) ask({ do: "move-code", code: dragged, parent: code.id });
      },
    }, make("b", {}, code.name), make("span", { class: "count" }, code.is_codable ? String(counted) : w[isAbove ? "codes.groups" : "codes.retired"]));
    return item;
  }

  function key(event, code, data) {
    const shown = [...event.currentTarget.parentNode.children], at = shown.indexOf(event.currentTarget);
    const move = event.altKey ? movesOf(data.codes, code.id)[event.key] : null;
    if (move) {
      event.preventDefault();
      ask({ do: "move-code", code: code.id, ...move });
    } else if (!event.altKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      shown[at + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
    } else if (["Enter", " ", "F2"].includes(event.key)) {
      event.preventDefault();
      ask({ do: "choose", code: code.id });
    }
  }

  /** The fields of the chosen code; each is saved when it is left. */
  function form(code, data) {
    const change = (changes) => ask({ do: "change-code", code: code.id, changes });
    const field = (name, tag) => {
      const box = make(tag, { "data-key": `field-${name}`, rows: tag === "textarea" ? 2 : null, onchange: (event) => change({ [name]: event.target.value }) });
      box.value = code[name];
      return make("label", {}, w[`codes.${name}`], box);
    };
    const proposed = make("datalist", { id: "desk-hues" }, ...data.hues.map((color) => make("option", { value: color })));
    const { color, family } = bench.codes.get(code.id);
    const hue = make("input", { type: "color", "data-key": "field-color", list: "desk-hues", value: color || data.hues[family % data.hues.length], onchange: (event) => change({ color: event.target.value }) });
    const asAbove = make("button", { type: "button", "data-key": "hue-above", onclick: () => change({ color: "" }) }, w["codes.hue-above"]);
    const others = data.codes.filter((other) => other.id !== code.id && other.is_codable);
    const into = make("select", { "aria-label": w["codes.into"] }, make("option", { value: "" }, w["codes.into"]), ...others.map((other) => make("option", { value: other.id }, other.name)));
    return make("div", { class: "form" }, field("name", "input"), ...FIELDS.map((name) => field(name, "textarea")), make("p", { class: "row colour" }, make("label", {}, w["codes.hue"], hue, proposed), code.color ? asAbove : null),
      make("p", { class: "row" },
        make("button", { type: "button", onclick: () => change({ is_codable: !code.is_codable }) }, code.is_codable ? w["codes.retire"] : w["codes.restore"]),
        into,
        make("button", { type: "button", onclick: () => into.value && ask({ do: "merge-codes", code: code.id, into: into.value }) }, w["codes.merge"]),
        make("button", { type: "button", "data-key": "split", "aria-pressed": String(data.segments !== null), onclick: () => ask({ do: "choose", code: code.id, split: data.segments === null }) }, w["codes.split"])),
    data.segments ? split(code, data.segments) : null);
  }

  /** The segments of a code, of which some go to a new one. */
  function split(code, segments) {
    const rows = segments.map((one) => make("li", {}, make("label", { class: "across" }, make("input", { type: "checkbox", value: one.id }),
      make("span", { dir: "auto", lang: one.language === "und" ? null : one.language }, one.before, make("b", {}, one.text), one.after), make("span", { class: "by" }, `${one.name} · ${one.coder}`))));
    const name = make("input", { type: "text", "data-key": "split-name", "aria-label": w["codes.split-name"], placeholder: w["codes.split-name"] });
    const chosen = () => rows.map((row) => row.querySelector("input")).filter((box) => box.checked).map((box) => box.value);
    return make("div", {}, make("ul", { class: "given" }, ...rows), make("p", { class: "row" }, name,
      make("button", { type: "button", "data-key": "split-code", onclick: () => ask({ do: "split-code", code: code.id, name: name.value, codings: chosen() }) }, w["codes.split"])));
  }

  return (data) => {
    const codes = shownTree(data.codes), chosen = codes.find((code) => code.id === data.chosen);
    const name = make("input", { type: "text", "data-key": "new-code", "aria-label": w["codes.new"], placeholder: w["codes.new"], onkeydown: (event) => {
      if (event.key === "Enter" && !event.isComposing && name.value.trim()) ask({ do: "new-code", name: name.value, parent: under.checked ? data.chosen : null });
    } });
    const under = make("input", { type: "checkbox" });
    return [
      make("div", { class: "two" },
        make("div", {},
          make("p", { class: "row" }, name, chosen ? make("label", {}, under, ` ${w["codes.under"]} ${chosen.name}`) : null),
          make("ul", { role: "tree", class: "tree", "aria-label": w.codes }, ...codes.map((code) => row(code, { ...data, codes }))),
          make("p", { class: "hint" }, w["codes.keys"])),
        chosen ? form(chosen, data) : make("p", { class: "hint" }, w["codes.choose"])),
    ];
  };
}
