// Coded passages: what is asked for, the passages, and how often each code stands in each document or case.

import { codeChoice, inContext, make, saveFile, scrolled } from "./elements.mjs";

const RELATIONS = ["near", "inside", "overlapping", "without"];
const SHADES = 4;

/**
 * Give the function that draws the tab.
 * @param {any} bench
 * @returns {(data: any) => any[]}
 */
export function passagesTab(bench) {
  const w = bench.words, ask = (command) => bench.ask({ tab: "passages", ...command });
  const retrieve = (asked) => ask({ do: "retrieve", ...asked });
  let saved = 0;

  const labelled = (label, control) => make("label", {}, make("span", {}, label), control);

  function choice(key, any, value, options, change = (chosen) => ({ [key]: chosen })) {
    return labelled(w[`passages.${key}`], make("select", { "data-key": key, onchange: (event) => retrieve(change(event.target.value)) },
      make("option", { value: "" }, w[any]), ...options.map(([id, name]) => make("option", { value: id, selected: id === value }, name))));
  }

  function form(data) {
    const { asked } = data, { documents, coder, shows_others: isOpen } = bench.model.get("state"), cases = Object.entries(data.cases);
    const pairs = Object.entries(data.attributes).flatMap(([name, values]) => values.map((value) => [name, value]));
    const at = pairs.findIndex(([name, value]) => name === asked.attribute && value === asked.value);
    const code = (key, label, any) => labelled(label, codeChoice(bench, { label, any, value: asked[key], key, onchange: (event) => retrieve({ [key]: event.target.value }) }));
    const other = code("other", w["passages.other"]);
    other.querySelector("select").disabled = !asked.relation;
    return make("div", { class: "row choices" }, code("code", w.code, w["passages.code"]),
      asked.code ? make("label", {}, make("input", { type: "checkbox", "data-key": "below", checked: asked.below, onchange: (event) => retrieve({ below: event.target.checked }) }), ` ${w["passages.below"]}`) : null,
      choice("relation", "passages.alone", asked.relation, RELATIONS.map((name) => [name, w[`passages.${name}`]])),
      other,
      choice("document", "passages.all-documents", asked.document, documents.map((one) => [one.id, one.name])),
      cases.length ? choice("case", "passages.all-cases", asked.case, cases) : null,
      pairs.length ? choice("attribute", "passages.all-attributes", String(at), pairs.map(([name, value], number) => [String(number), `${name}: ${value}`]), (chosen) => {
        const [attribute, value] = pairs[chosen] ?? ["", ""];
        return { attribute, value };
      }) : null,
      isOpen ? choice("coder", "passages.all-coders", asked.coder, data.coders.map((each) => [each, each]))
        : labelled(w["passages.coder"], make("select", { disabled: true }, make("option", {}, `${coder} (${w["passages.others-hidden"]})`))));
  }

  function passage(one) {
    return make("li", { class: bench.looks(one.code) }, inContext(bench, one),
      make("p", { class: "hint" }, [bench.nameOf(one.code), one.name, one.coder].join(" · ")), one.memo ? make("p", { class: "hint" }, `${w.memo}: `, make("i", {}, one.memo)) : null);
  }

  /** A table of counts; a cell that is not zero shows the passages behind it. */
  function matrix({ by, codes, rows, counts, of }, { asked, cases }) {
    const documents = bench.model.get("state").documents.map((one) => [one.id, one.name]);
    const names = new Map(by === "case" ? Object.entries(cases) : documents);
    const most = Math.max(1, ...counts.flat());
    const cell = (row, code, count) => make("td", { class: `shade-${Math.ceil(SHADES * count / most)}` }, count ? make("button", {
      type: "button", "data-key": `cell-${row}-${code}`, "aria-label": `${names.get(row)}, ${bench.nameOf(code)}: ${count}`, "aria-pressed": String(asked[by] === row && asked.code === code),
      onclick: () => retrieve({ code, document: "", case: "", [by]: row, below: false, relation: "" }),
    }, String(count)) : "");
    return [make("p", { class: "hint" }, w["passages.hint-matrix"]), scrolled(w[`passages.by-${by}`], make("table", { class: "heat" },
      make("thead", {}, make("tr", {}, make("td"), ...codes.map((code) => make("th", { scope: "col" }, bench.nameOf(code))))),
      make("tbody", {}, ...rows.map((id, row) => make("tr", {}, make("th", { scope: "row" }, names.get(id)), ...counts[row].map((count, at) => cell(id, codes[at], count)))))),
    of > rows.length ? make("p", { class: "hint" }, `${w["passages.first"]} ${rows.length} / ${of}`) : null)];
  }

  return (data) => {
    if (data.file && data.file.number !== saved) {
      saved = data.file.number;
      saveFile(data.file.name, data.file.text, data.file.type);
    }
    const by = data.matrix?.by ?? "", units = Object.keys(data.cases).length ? ["document", "case"] : ["document"];
    const button = (key, does, more = {}) => make("button", { type: "button", "data-key": key, onclick: does, ...more }, w[`passages.${key}`]);
    return [
      form(data),
      make("div", { class: "row" },
        make("span", { "aria-live": "polite" }, data.count ? `${w["passages.count"]} ${data.count} · ${w["search.documents"]} ${data.documents}` : w["passages.none"]),
        ...(data.count ? ["csv", "html"].map((format) => button(format, () => ask({ do: "save", format }))) : [])),
      make("div", { class: "row" },
        ...units.map((unit) => button(`by-${unit}`, () => ask({ do: "matrix", by: unit === by ? "" : unit }), { "aria-pressed": String(unit === by) }))),
      ...by ? matrix(data.matrix, data) : [],
      make("ol", { class: "passages" }, ...data.passages.map(passage)),
      data.count > data.passages.length ? make("p", { class: "hint" }, `${w["search.first"]} ${data.passages.length}`) : null,
    ].filter(Boolean);
  };
}
