// The networks page: bars open a network's details, and the directory is searched in the browser.

import { all, bringIntoView, copyText, having } from "../shared/elements.mjs";
import { fillFolds, keptParts } from "../shared/kept_parts.mjs";
import { PAUSE, queryFrom, typed, withQuery } from "../shared/logic/address.mjs";
import { fill, plainWords } from "../shared/logic/text.mjs";
import { savesParts } from "../shared/pictures.mjs";
import { PAGES } from "../shared/registered.mjs";
import { askedWords, entriesFound } from "./logic/directory.mjs";

const NARROW = "(max-width: 56rem)";

function directoryOf(root, model) {
  const form = root.querySelector('[data-role="finder"]');
  if (!form) return { read: () => ({}), show: () => {}, form: null };
  const part = (name) => root.querySelector(`[data-role="${name}"]`);
  const small = new Set(plainWords(model.phrases.small_words).split(" "));
  const entries = all(root, "[data-entry]").map((mark) => ({ mark, codes: mark.dataset }));
  const controls = all(form, "input, select");
  const elsewhere = part("none").querySelector("a");
  let most = model.first, asked;

  function read() {
    const chosen = Object.fromEntries(controls.map(({ name, value }) => [name, typed(value)]));
    return Object.fromEntries(Object.entries(chosen).filter(([, value]) => value.trim()).map(([name, value]) => [name, [value]]));
  }

  // The first search reads them.
  function readWords() {
    for (const entry of entries) {
      entry.name ??= ` ${plainWords(entry.mark.querySelector(".head").textContent)}`;
      entry.text ??= ` ${plainWords(`${entry.mark.textContent} ${entry.mark.dataset.also}`)}`;
    }
  }

  function show(choices) {
    const now = queryFrom({ ...choices, network: [] });
    const isNew = now !== asked;
    if (isNew) most = model.first;
    asked = now;
    for (const control of controls) if (control.value.trim() !== (choices[control.name]?.[0] ?? "").trim()) control.value = choices[control.name]?.[0] ?? "";
    const words = askedWords(choices.q?.[0] ?? "", small);
    if (words.length) readWords();
    const found = entriesFound(entries, choices, words);
    if (isNew) part("entries").append(...found.map(({ mark }) => mark));
    const shown = new Set(found.slice(0, most));
    for (const entry of entries) entry.mark.hidden = !shown.has(entry);
    part("none").hidden = found.length > 0;
    if (elsewhere) elsewhere.search = withQuery(root.dataset.languageQuery, queryFrom({ q: choices.q ?? [] }));
    part("count").textContent = fill(model.phrases.count, { shown: found.length, all: entries.length });
    part("more").hidden = found.length <= most;
    part("more").textContent = fill(model.phrases.more, { count: found.length - most });
    part("unprinted").hidden = part("more").hidden;
    part("unprinted").textContent = fill(model.phrases.unprinted, { count: found.length - most });
  }

  function more(choices) {
    const next = all(root, "[data-entry]:not([hidden])").at(-1);
    most = entries.length;
    show(choices);
    const following = all(root, "[data-entry]:not([hidden])");
    const first = following[following.indexOf(next) + 1];
    first?.setAttribute("tabindex", "-1");
    first?.focus();
  }
  return { read, show, more, form };
}

function networksPage(root, model, publish) {
  const part = (name) => root.querySelector(`[data-role="${name}"]`);
  const details = part("details"), empty = [...details.childNodes];
  const items = keptParts(root, "items");
  const directory = directoryOf(root, model);
  let state = {}, opened, waiting;

  function open(id) {
    if (id === opened) return;
    const parts = id ? items([id]) : empty;
    opened = !id || parts.length ? id : "";
    for (const row of all(root, "[data-network]")) {
      const isChosen = row.dataset.network === id;
      row.classList.toggle("selected", isChosen);
      row.querySelector("[data-pick]").setAttribute("aria-expanded", String(isChosen));
      for (let box = isChosen && row.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    }
    details.replaceChildren(...parts);
    details.scrollTop = 0;
  }

  function show(choices) {
    state = choices;
    open(state.network?.[0]);
    directory.show(state);
  }

  function apply(choices) {
    clearTimeout(waiting);
    show(choices);
    publish(state);
    return opened ? details : Object.keys(choices).length ? directory.form : null;
  }

  const without = ({ network, ...rest }) => rest;
  const filtered = () => ({ ...directory.read(), ...(state.network ? { network: state.network } : {}) });

  // The details take width from the bars: the row of a network stays where it is.
  function choose(id) {
    const row = root.querySelector(having("network", id)), from = row.getBoundingClientRect().top;
    apply({ ...state, network: [id] });
    scrollBy(0, row.getBoundingClientRect().top - from);
    details.focus({ preventScroll: true });
    bringIntoView(details);
  }

  function close() {
    const button = root.querySelector(`${having("network", opened)} [data-pick]`);
    apply(without(state));
    button.focus();
  }

  const blocks = all(root, "details[data-block]");
  if (matchMedia(NARROW).matches) for (const block of blocks) block.open = false;
  root.addEventListener("toggle", ({ target }) => fillFolds([target]), true);
  addEventListener("beforeprint", () => {
    const folds = all(root, ".drawing details, #exchange > .topic, #roles > .topic, #survey > .topic");
    fillFolds(folds);
    for (const fold of folds) fold.open = true;
  });
  directory.form?.addEventListener("input", () => {
    clearTimeout(waiting);
    show(filtered());
    waiting = setTimeout(() => publish(state), PAUSE);
  });
  directory.form?.addEventListener("submit", (event) => { event.preventDefault(); apply(filtered()); });
  directory.form?.addEventListener("reset", (event) => {
    event.preventDefault();
    apply(state.network ? { network: state.network } : {});
    directory.form.querySelector("input").focus();
  });
  root.addEventListener("click", (event) => {
    const button = event.target.closest("button"), unfold = event.target.closest("a[href^='#']:not(.source)");
    if (button?.dataset.pick) choose(button.dataset.pick);
    if (button?.dataset.role === "close") close();
    if (button?.dataset.role === "more") directory.more(state);
    if (button?.dataset.role === "copy") copyText(location.href, part("copied"), model.phrases);
    if (button?.dataset.picture === "networks") {
      for (const each of blocks) each.open = true;
      button.scrollIntoView({ block: "nearest" });
    }
    const target = unfold && root.querySelector(unfold.getAttribute("href"));
    const fold = target?.matches("details") ? target : target?.querySelector(":scope > details");
    if (fold) fold.open = true;
  });
  savesParts(root, (bars) => {
    const rows = all(bars, "[data-network]").filter((row) => row.checkVisibility());
    return items(rows.map((row) => row.dataset.network)).flatMap((item) => all(item, "a.source"));
  });
  details.addEventListener("keydown", (event) => { if (event.key === "Escape" && opened) close(); });
  return apply;
}

PAGES.networks = networksPage;
