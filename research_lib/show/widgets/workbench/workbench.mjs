// The workbench in JupyterLab: read, select, code. Positions that travel to Python count code points.

import { make } from "./elements.mjs";
import { TABS } from "./tabs.mjs";
import { codesFor } from "./logic/code_search.mjs";
import { interval, twoDecimals } from "./logic/coefficients.mjs";
import { codingsAt, inLanes, nextCoding } from "./logic/marked_stretches.mjs";
import { rulesOf } from "./logic/own_colours.mjs";
import { Positions, stretchAt } from "./logic/positions.mjs";

const HUES = 5;
const STYLES = 3;
const PATIENCE = 6000;
const LONG = 600_000;
const LEARNING = new Set(["suggestions"]);
const painted = new Map();

export default { render };

function render({ model, el }) {
  const bench = new Bench(model, el);
  return () => bench.leave();
}

/** Marks are shared by all workbenches of a page: one Highlight for each look. */
function mark(look) {
  if (!globalThis.Highlight) return null;
  if (!painted.has(look)) {
    painted.set(look, new Highlight());
    CSS.highlights.set(`desk-${look}`, painted.get(look));
  }
  return painted.get(look);
}

class Bench {
  constructor(model, el) {
    this.model = model;
    this.words = model.get("words");
    this.ranges = [];
    this.recent = "";
    this.chosen = null;
    this.kept = [0, 0];
    this.patience = PATIENCE;
    this.drafts = new Map();
    el.classList.add("desk-host");
    this.root = make("section", { class: "desk", lang: this.words.language, "aria-label": `${this.words.title}, ${model.get("state").coder}`, "data-lm-suppress-shortcuts": "true" });
    this.ownColours = make("style");
    el.append(this.ownColours, this.root);
    this.build();
    this.listeners = [
      ["change:document", () => this.read()],
      ["change:state", () => this.draw()],
      ["change:tab", () => this.showTab()],
      ["msg:custom", (content) => this.hear(content)],
    ];
    for (const [name, does] of this.listeners) model.on(name, does);
    this.watch = new ResizeObserver(() => this.margin());
    this.watch.observe(this.text);
    this.onselect = () => this.follow();
    document.addEventListener("selectionchange", this.onselect);
    this.onfocus = () => this.ask({ do: "look" });
    window.addEventListener("focus", this.onfocus);
    this.read();
    this.draw();
  }

  leave() {
    clearTimeout(this.waiting);
    for (const [name, does] of this.listeners) this.model.off(name, does);
    document.removeEventListener("selectionchange", this.onselect);
    window.removeEventListener("focus", this.onfocus);
    this.watch.disconnect();
    this.unpaint();
  }

  /** Send a command; whoever gets no answer is informed, since nothing is known to be kept then. */
  ask(command) {
    clearTimeout(this.waiting);
    if (command.do !== "look") this.waiting = setTimeout(() => this.report(this.words["no-answer"], true), this.patience);
    try {
      this.model.send(command);
    } catch {
      this.report(this.words["no-answer"], true);
    }
  }

  build() {
    const w = this.words;
    this.documents = make("select", { "aria-label": w.document, onchange: (event) => this.ask({ do: "open", document: event.target.value }) });
    this.finish = make("button", { type: "button", onclick: () => this.ask({ do: "finish", document: this.model.get("document").id, done: this.finish.getAttribute("aria-pressed") !== "true" }) });
    this.undo = make("button", { type: "button", onclick: () => this.ask({ do: "undo" }) }, w.undo);
    this.redo = make("button", { type: "button", onclick: () => this.ask({ do: "redo" }) }, w.redo);
    this.others = make("button", { type: "button", onclick: () => this.ask({ do: "others", show: !this.model.get("state").shows_others }) });
    this.who = make("span", { class: "who" });
    this.status = make("p", { class: "status", role: "status", "aria-live": "polite" });
    this.text = make("div", {
      class: "text", contenteditable: "true", tabindex: "0", role: "textbox", "aria-readonly": "true", "aria-multiline": "true", dir: "auto",
      spellcheck: "false", autocorrect: "off", "aria-label": w.text, "data-gramm": "false",
    });
    this.bars = make("div", { class: "bars", "aria-hidden": "true" });
    this.page = make("div", { class: "page" }, this.text, this.bars);
    this.search = make("input", { type: "text", role: "combobox", "aria-expanded": "true", "aria-autocomplete": "list", autocomplete: "off", "aria-label": w.search, placeholder: w.search });
    this.options = make("ul", { role: "listbox", class: "options", "aria-label": w.codes });
    this.options.id = `desk-options-${Math.random().toString(36).slice(2)}`;
    this.search.setAttribute("aria-controls", this.options.id);
    this.none = make("p", { class: "none", hidden: true }, w.none);
    this.stretch = make("p", { class: "stretch" });
    this.definition = make("input", { type: "text", hidden: true, "aria-label": w["new-code-definition"], placeholder: w["new-code-definition"] });
    this.palette = make("div", { class: "palette", hidden: true }, this.stretch, this.search, this.options, this.none, this.definition);
    this.here = make("div", { class: "here" });
    this.unit = make("select", { "aria-label": w.unit, onchange: () => this.ask({ do: "agreement", unit: this.unit.value }) },
      ...["sentence", "paragraph", "token", "character"].map((unit) => make("option", { value: unit }, w[unit])));
    this.table = make("div", { class: "agreement" });
    this.agreement = make("details", { ontoggle: () => this.agreement.open && this.ask({ do: "agreement", unit: this.unit.value }) },
      make("summary", {}, w.agreement), make("label", {}, `${w.unit} `, this.unit), this.table);
    const keys = make("details", { class: "keys" }, make("summary", {}, w.keys),
      make("dl", {}, ...["shift", "enter", "letters", "alt", "delete", "memo", "undo", "escape"].flatMap((key) => [
        make("dt", {}, make("kbd", {}, w[`key-${key}`])), make("dd", {}, w[`does-${key}`])])));
    this.sheet = make("div", { class: "sheet" }, this.page, make("aside", {}, this.palette, this.here, this.agreement, keys));
    this.tabs = make("div", { class: "tabs", role: "tablist", "aria-label": w.tabs, onkeydown: (event) => this.stepTab(event) },
      ...["", ...w.names].map((name) => make("button", { type: "button", role: "tab", "data-tab": name, "aria-selected": String(!name), tabindex: name ? "-1" : "0", onclick: () => this.openTab(name) }, w[`tab-${name || "text"}`])));
    this.panel = make("div", { class: "panel", role: "tabpanel", hidden: true });
    this.root.append(
      this.tabs,
      make("div", { class: "bar" }, this.documents, this.finish, this.undo, this.redo, this.others, this.who),
      this.status,
      this.sheet,
      this.panel,
    );
    this.text.addEventListener("beforeinput", (event) => event.preventDefault());
    this.text.addEventListener("input", () => this.restore());
    for (const name of ["paste", "drop", "cut"]) this.text.addEventListener(name, (event) => event.preventDefault());
    this.text.addEventListener("mousedown", () => {
      if (this.palette.hidden) return;
      this.close(false);
      this.paint();
    });
    this.text.addEventListener("keydown", (event) => this.key(event));
    this.search.addEventListener("input", () => this.offer());
    this.search.addEventListener("keydown", (event) => this.choose(event));
    this.definition.addEventListener("keydown", (event) => this.define(event));
  }

  /** Show a tab, or the text for an empty name. */
  openTab(name) {
    this.patience = LEARNING.has(name) ? LONG : PATIENCE;
    this.ask({ tab: name, do: "show" });
    if (LEARNING.has(name)) this.report(this.words["suggestions.learning"]);
  }

  stepTab(event) {
    const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!way) return;
    event.preventDefault();
    const all = [...this.tabs.children], next = all[(all.indexOf(document.activeElement) + way + all.length) % all.length];
    next.focus();
    next.click();
  }

  /** Draw the tab that Python sent; the element that had the focus gets it again by its `data-key`. */
  showTab() {
    const { name = "", data } = this.model.get("tab");
    for (const button of this.tabs.children) {
      button.setAttribute("aria-selected", String(button.dataset.tab === name));
      button.tabIndex = button.dataset.tab === name ? 0 : -1;
    }
    this.sheet.hidden = Boolean(name);
    this.panel.hidden = !name;
    this.documents.hidden = this.finish.hidden = Boolean(name);
    this.report("");
    if (!name) {
      this.view = null;
      this.panel.replaceChildren();
      this.margin();
      return;
    }
    if (this.view?.name !== name) this.view = { name, draw: TABS[name](this) };
    const held = this.panel.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    this.panel.replaceChildren(...this.view.draw(data));
    if (held) this.panel.querySelector(`[data-key="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
  }

  /** Go to a stretch of a document, in code points, and select it there. */
  goTo(documentId, start, end) {
    this.target = { documentId, start, end };
    this.openTab("");
    this.ask({ do: "open", document: documentId });
  }

  reach() {
    if (this.target?.documentId !== this.model.get("document").id || !this.panel.hidden) return;
    const [from, to] = [this.target.start, this.target.end].map((point) => this.positions.units(point));
    this.target = null;
    this.text.focus({ preventScroll: true });
    this.select(from, to);
    const box = this.range(from, to).getBoundingClientRect(), window = this.page.getBoundingClientRect();
    this.page.scrollTop += box.top - window.top - window.height / 3;
  }

  /** Put another document on the desk. */
  read() {
    const { text, language, sentences } = this.model.get("document");
    this.node = document.createTextNode(text);
    this.text.replaceChildren(this.node);
    this.text.lang = language === "und" ? "" : language;
    this.positions = new Positions(text);
    this.sentences = sentences.map((ends) => ends.map((point) => this.positions.units(point)));
    this.kept = [0, 0];
    this.chosen = null;
    this.close(false);
  }

  restore() {
    if (this.text.firstChild === this.node && this.node.data === this.model.get("document").text) return;
    this.node = document.createTextNode(this.model.get("document").text);
    this.text.replaceChildren(this.node);
    this.draw();
  }

  draw() {
    const state = this.model.get("state"), w = this.words;
    this.codes = new Map(state.codes.map((code) => [code.id, code]));
    this.ownColours.textContent = rulesOf(state.codes.map((code) => code.color));
    this.codings = state.codings.map((coding) => ({ ...coding, from: this.positions.units(coding.start), to: this.positions.units(coding.end) }));
    this.documents.replaceChildren(...state.documents.map((one) =>
      make("option", { value: one.id, selected: one.id === state.open }, `${one.done ? "✓ " : ""}${one.name} · ${one.count}`)));
    const fresh = this.known && this.codings.find((coding) => coding.mine && !this.known.has(coding.id));
    if (fresh) [this.chosen, this.known] = [fresh.id, null];
    const done = state.documents.find((one) => one.id === state.open)?.done ?? false;
    this.finish.setAttribute("aria-pressed", done);
    this.finish.textContent = done ? w.finished : w.finish;
    this.others.setAttribute("aria-pressed", state.shows_others);
    this.others.textContent = state.shows_others ? w.hide : w.show;
    this.who.textContent = `${w.coder} ${state.coder}`;
    this.agreement.hidden = state.is_reflexive;
    this.text.hidden = !state.open;
    if (!state.open) this.report(w.empty);
    this.paint();
    this.margin();
    this.list();
    if (!this.palette.hidden) this.offer();
  }

  range(from, to) {
    const range = document.createRange();
    range.setStart(this.node, Math.min(from, this.node.length));
    range.setEnd(this.node, Math.min(to, this.node.length));
    return range;
  }

  unpaint() {
    for (const [look, range] of this.ranges) mark(look)?.delete(range);
    this.ranges = [];
  }

  paint() {
    this.unpaint();
    for (const coding of this.codings) this.lay(this.look(coding.code).join("-"), coding.from, coding.to);
    const chosen = this.codings.find((coding) => coding.id === this.chosen);
    if (chosen) this.lay("chosen", chosen.from, chosen.to);
    if (!this.palette.hidden) this.lay("picked", ...this.kept);
  }

  lay(look, from, to) {
    const range = this.range(from, to);
    this.ranges.push([look, range]);
    mark(look)?.add(range);
  }

  nameOf(code) {
    return this.codes.get(code)?.name ?? code;
  }

  /** The hue and the style of a code: a colour that somebody chose, or the number of its family's. */
  look(code) {
    const { family = 0, color = "" } = this.codes.get(code) ?? {};
    return color ? [color.slice(1), 0] : [family % HUES, Math.floor(family / HUES) % STYLES];
  }

  looks(code) {
    const [hue, style] = this.look(code);
    return `hue-${hue} style-${style}`;
  }

  /** Draw each coding as a bar beside its lines; those that overlap stand side by side, labels never on each other. */
  margin() {
    if (!this.codings) return;
    const top = this.text.getBoundingClientRect().top, notes = [];
    const { bars, lanes } = inLanes(this.codings.map((coding) => {
      const box = this.range(coding.from, coding.to).getBoundingClientRect();
      return { coding, from: box.top - top, to: Math.max(box.bottom - top, box.top - top + 4) };
    }));
    let free = 0;
    this.bars.replaceChildren(...bars.flatMap(({ coding, from, to, lane }) => {
      const name = this.nameOf(coding.code), look = `${this.looks(coding.code)}${coding.mine ? "" : " other"}${coding.id === this.chosen ? " chosen" : ""}`;
      free = Math.max(free, from);
      const note = make("span", { class: `note ${look}`, style: `top:${free}px` }, coding.mine ? name : `${name} · ${coding.coder}`);
      free += 20;
      notes.push(note);
      const bar = make("i", { class: look, style: `top:${from}px;height:${to - from}px;left:calc(${lane} * var(--lane))`, title: name, onclick: () => this.pick(coding.id) });
      note.addEventListener("click", () => this.pick(coding.id));
      return [bar, note];
    }));
    this.page.style.setProperty("--lanes", lanes);
  }

  /** The stretch that is selected in the text, in UTF-16 units. */
  selected() {
    const selection = document.getSelection();
    if (!selection.rangeCount) return null;
    const range = selection.getRangeAt(0);
    if (!this.text.contains(range.startContainer) || !this.text.contains(range.endContainer)) return null;
    const measure = (container, offset) => {
      if (container === this.node) return offset;
      return offset === 0 ? 0 : this.node.length;
    };
    return [measure(range.startContainer, range.startOffset), measure(range.endContainer, range.endOffset)];
  }

  follow() {
    const found = this.selected();
    if (!found || !this.palette.hidden) return;
    if (found[0] === this.kept[0] && found[1] === this.kept[1]) return;
    this.kept = found;
    const here = this.codings.find((coding) => coding.id === this.chosen);
    if (here && !(here.from <= found[1] && found[0] <= here.to)) this.chosen = null;
    this.list();
  }

  select(from, to) {
    this.kept = [from, to];
    document.getSelection().setBaseAndExtent(this.node, from, this.node, to);
    this.list();
  }

  key(event) {
    if (event.key === "Tab" || (event.ctrlKey && "ac".includes(event.key.toLowerCase()))) return;
    if ((event.ctrlKey || event.metaKey) && event.shiftKey && event.key.toLowerCase() === "z") {
      event.preventDefault();
      this.ask({ do: "redo" });
    } else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
      event.preventDefault();
      this.ask({ do: "undo" });
    } else if (event.altKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      this.step(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.openPalette();
    } else if ((event.key === "Delete" || event.key === "Backspace") && this.chosen) {
      event.preventDefault();
      this.remove(this.codings.find((coding) => coding.id === this.chosen));
    } else if (event.key === "F2" && this.chosen) {
      event.preventDefault();
      this.here.querySelector(`[data-id="${CSS.escape(this.chosen)}"] textarea`)?.focus();
    } else if (event.key === "Escape") {
      this.chosen = null;
      this.draw();
    } else if (event.isComposing || event.keyCode === 229) {
      this.openPalette("");
    } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && event.key !== " ") {
      event.preventDefault();
      this.openPalette(event.key);
    }
  }

  /** Go to the next or previous coding in the text. */
  step(way) {
    const next = nextCoding(this.codings, this.chosen, (this.selected() ?? this.kept)[0], way);
    if (next) this.pick(next.id);
  }

  pick(id) {
    const coding = this.codings.find((one) => one.id === id);
    this.chosen = id;
    this.text.focus({ preventScroll: true });
    this.select(coding.from, coding.to);
    const box = this.range(coding.from, coding.to).getBoundingClientRect(), window = this.page.getBoundingClientRect();
    if (box.top < window.top || box.bottom > window.bottom) this.page.scrollTop += box.top - window.top - window.height / 3;
    this.draw();
    const code = this.codes.get(coding.code);
    this.report(`${code?.name ?? coding.code}, ${coding.coder}${coding.memo ? `: ${coding.memo}` : ""}`);
  }

  openPalette(typed = "") {
    const picked = stretchAt(this.node.data, this.sentences, this.selected() ?? this.kept);
    if (picked[0] === picked[1]) return this.report(this.words["select-first"]);
    this.kept = picked;
    const words = this.node.data.slice(...picked);
    this.stretch.textContent = words.length > 90 ? `${words.slice(0, 60)} … ${words.slice(-24)}` : words;
    this.stretch.lang = this.text.lang;
    this.palette.hidden = false;
    this.search.value = typed;
    this.at = 0;
    this.search.focus();
    this.offer();
    this.paint();
  }

  offer() {
    this.found = codesFor([...this.codes.values()], this.search.value, this.recent);
    const typed = this.search.value.trim(), isKnown = [...this.codes.values()].some((code) => code.name.toLowerCase() === typed.toLowerCase());
    if (typed && !isKnown) this.found.push({ id: "", name: typed, above: this.words["new-code"] });
    this.definition.hidden = true;
    this.at = Math.min(this.at, Math.max(this.found.length - 1, 0));
    this.options.replaceChildren(...this.found.map((code, number) =>
      make("li", { role: "option", id: `${this.options.id}-${number}`, "aria-selected": String(number === this.at), class: this.looks(code.id), onclick: () => this.give(code) },
        make("b", {}, code.name), code.above ? make("span", { class: "above" }, code.above) : null,
        number === this.at && code.definition ? make("p", {}, code.definition) : null,
        number === this.at && code.exclude ? make("p", { class: "exclude" }, `${this.words.not}: ${code.exclude}`) : null)));
    this.none.hidden = this.found.length > 0;
    this.options.hidden = !this.found.length;
    this.search.setAttribute("aria-expanded", String(this.found.length > 0));
    this.search.setAttribute("aria-activedescendant", this.found.length ? `${this.options.id}-${this.at}` : "");
    this.options.children[this.at]?.scrollIntoView({ block: "nearest" });
  }

  choose(event) {
    if (event.isComposing) return;
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    if (event.key in steps) {
      event.preventDefault();
      this.at = Math.max(0, Math.min(this.at + steps[event.key], this.found.length - 1));
      this.offer();
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (this.found[this.at]) this.give(this.found[this.at]);
    } else if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      this.close();
    }
  }

  define(event) {
    if (event.isComposing || !["Enter", "Escape"].includes(event.key)) return;
    event.preventDefault();
    if (event.key === "Escape") this.close();
    else this.code({ name: this.search.value.trim() }, { new_code: { name: this.search.value, definition: this.definition.value } });
  }

  give(code) {
    if (code.id) return this.code(code, { code: code.id });
    this.definition.hidden = false;
    this.definition.value = "";
    this.definition.focus();
  }

  code(code, given) {
    const [from, to] = this.kept;
    this.recent = code.id ?? "";
    this.known = new Set(this.codings.map((coding) => coding.id));
    this.naming = code.name;
    this.ask({ do: "add", document: this.model.get("document").id, start: this.positions.points(from), end: this.positions.points(to), ...given });
    this.close();
    this.report(`${code.name} …`);
  }

  /** Put the palette away and go back to the text, with the same stretch selected. */
  close(back = true) {
    this.palette.hidden = true;
    if (back) {
      this.text.focus({ preventScroll: true });
      this.select(...this.kept);
      this.paint();
    }
  }

  /** List the codings at the caret or selection, each with its memo. */
  list() {
    const [from, to] = this.kept, w = this.words;
    const focused = this.here.contains(document.activeElement) ? document.activeElement : null;
    const held = focused && [focused.closest("[data-id]")?.dataset.id, focused.tagName];
    if (focused?.tagName === "TEXTAREA" && this.codings.some((coding) => coding.id === held[0])) return;
    const found = codingsAt(this.codings, this.chosen, from, to);
    const code = from < to && this.palette.hidden ? make("button", { type: "button", onclick: () => this.openPalette() }, w["code-this"]) : null;
    this.here.replaceChildren(make("h3", {}, found.length ? w.here : w["nothing-here"]), ...(code ? [code] : []), ...found.map((coding) => {
      const code = this.codes.get(coding.code), memo = make("textarea", { rows: 2, "aria-label": `${w.memo}: ${code?.name ?? coding.code}`, placeholder: w.memo });
      memo.value = this.drafts.get(coding.id) ?? coding.memo;
      memo.addEventListener("change", () => {
        this.drafts.set(coding.id, memo.value);
        const now = this.codings.find((one) => one.id === coding.id) ?? coding;
        this.ask({ do: "change", id: coding.id, version: now.version, memo: memo.value });
      });
      memo.addEventListener("focus", () => { this.chosen = coding.id; });
      memo.addEventListener("keydown", (event) => {
        if (event.key === "Escape" || (event.key === "Enter" && (event.ctrlKey || event.metaKey))) {
          event.preventDefault();
          if (event.key === "Escape") memo.value = coding.memo;
          this.text.focus({ preventScroll: true });
          this.select(coding.from, coding.to);
        }
      });
      return make("div", { class: `card ${this.looks(coding.code)}${coding.id === this.chosen ? " chosen" : ""}`, "data-id": coding.id },
        make("p", {}, make("b", {}, code?.name ?? coding.code), " ", make("span", { class: "above" }, code?.above ?? ""), coding.mine ? null : make("span", { class: "by" }, coding.coder)),
        coding.mine ? memo : make("p", {}, coding.memo),
        coding.mine ? make("button", { type: "button", onclick: () => this.remove(coding) }, w.remove) : null);
    }));
    if (held) (this.here.querySelector(`[data-id="${CSS.escape(held[0])}"] ${held[1]}`) ?? this.text).focus({ preventScroll: true });
  }

  remove(coding) {
    if (!coding?.mine) return this.report(this.words["not-yours"]);
    this.ask({ do: "remove", id: coding.id, version: coding.version });
    this.chosen = null;
    this.text.focus({ preventScroll: true });
    this.select(coding.from, coding.from);
  }

  compare() {
    const rows = this.model.get("agreement"), w = this.words;
    if (!rows.length) return this.table.replaceChildren(make("p", {}, w["no-agreement"]));
    this.table.replaceChildren(make("table", {}, make("thead", {}, make("tr", {}, ...[w.code, "α", w.interval, w.given].map((head) => make("th", { scope: "col" }, head)))),
      make("tbody", {}, ...rows.map((row) => make("tr", {}, make("th", { scope: "row" }, this.nameOf(row.code)),
        make("td", {}, twoDecimals(row.value)), make("td", {}, interval(row)), make("td", {}, `${row.given} / ${row.units}`))))),
    make("p", { class: "hint" }, w.alpha));
  }

  hear(content) {
    clearTimeout(this.waiting);
    if (content.done === "opened") this.reach();
    if (content.done === "compared") this.compare();
    if (content.done === "changed") this.drafts.clear();
    if (content.done === "coded") this.report(`${this.words.coded}: ${this.naming}`);
    else if (content.error) this.report(content.error, true);
    else if (content.done && this.words[`done-${content.done}`]) this.report(this.words[`done-${content.done}`]);
  }

  report(text, wrong = false) {
    this.status.classList.toggle("wrong", wrong);
    this.status.textContent = text;
  }
}
