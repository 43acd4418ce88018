// The evidence page: statements are searched and filtered in the browser, and one is followed to its source.

import { all, bringIntoView, copyText, having, make, readApart, readJson } from "../shared/elements.mjs";
import { check, checked, facetForm } from "../shared/forms.mjs";
import { PAUSE, choicesFrom, queryFrom, typed, withQuery } from "../shared/logic/address.mjs";
import { fill, folded } from "../shared/logic/text.mjs";
import { PAGES } from "../shared/registered.mjs";
import { countClaims } from "./logic/claim_counts.mjs";
import { hasWord, searcher, stretches } from "./logic/search.mjs";
import { CELLS, addWords, inOrder, locatorOf, savedTable, statementRows } from "./logic/statements.mjs";
import { trails } from "./logic/trails.mjs";

const FACTS = ["id", "kind", "number", "about", "presence", "law", "period", "country", "place", "group"];

function marked(text, words) {
  const nodes = [];
  let at = 0;
  for (const [start, end] of stretches(text, words)) {
    if (end <= at) continue;
    nodes.push(text.slice(at, Math.max(start, at)), make("mark", text.slice(Math.max(start, at), end).replace("*", "…")));
    at = end;
  }
  return [...nodes, text.slice(at)];
}

function evidencePage(root, model, publish) {
  const part = (name, within = root) => within.querySelector(`[data-role="${name}"]`);
  const form = part("filters"), details = part("details"), list = part("results"), search = form.querySelector("#search");
  const names = Object.fromEntries(all(form, "[data-facet] input").map((box) => [`${box.name}:${box.value}`, box.parentElement.textContent.trim()]));
  const table = readJson(root, "table"), { labels } = table;
  const rows = statementRows(table, model, (name, code) => names[`${name}:${code}`] ?? code), places = new Map(rows.map((row) => [row.key, row.at]));
  const ordered = inOrder(rows, model), asWritten = searcher(ordered, { ...model, search: { means: {}, stop: [] } });
  const trail = trails(model.rests), empty = [...details.childNodes];
  const refresh = facetForm(root, form, model.some);
  model.options.statement = [...places.keys()];
  root.savedTable = () => savedTable(table, rows);
  let state = {}, shown = model.first, hits = ordered, words = [], said = "", opened, previewed, waiting, drawn, searched, isAsked = false;

  const address = (key) => withQuery(root.dataset.languageQuery, queryFrom({ statement: [key] }));
  const linkTo = (at) => make("a", rows[at].shown, { href: address(rows[at].key), lang: model.told });

  function badge(item, row) {
    const mark = item.querySelector(".certainty"), code = row.facets.certainty[0] ?? "";
    Object.assign(mark, { textContent: row.certainty, className: `certainty ${code}` });
    if (mark.dataset.about) mark.href = `${mark.dataset.about}#certainty-${code}`;
  }

  function result(row, words) {
    const item = part("result").content.firstElementChild.cloneNode(true);
    const put = (name, nodes) => { const place = item.querySelector(`[data-part="${name}"]`); place.replaceChildren(...nodes); place.hidden = !nodes.some((node) => node.textContent ?? node); };
    item.dataset.row = row.key;
    item.querySelector("[data-select]").href = address(row.key);
    put("name", marked(row.name && row.text ? `${row.name} – ` : row.name, words));
    for (const name of ["kind", "country", "number", "certainty"]) put(name, [row[name]]);
    put("text", marked(row.text, words));
    item.querySelector('[data-part="said"]').hidden = !row.informant;
    put("informant", marked(row.informant, words));
    badge(item, row);
    put("sources", row.sources.flatMap((source) => [sourceLink(source), " "]));
    put("found", elsewhere(row, words));
    return item;
  }

  function sourceLink(source) {
    const key = source.split("[")[0], locator = locatorOf(source);
    return make("a", locator ? `${model.labels[key]} §\u00a0${locator}` : model.labels[key], { className: "source", href: `#source-${key}` });
  }

  // The names and the words of another language in which a word stands that the text does not have.
  function elsewhere(row, words) {
    const missing = words.filter((word) => !hasWord(folded(`${row.shown} ${row.informant}`), word));
    const told = (word) => [row.id, ...row.terms, ...row.beside].filter((text) => hasWord(folded(text), word)).slice(0, 2);
    return [...new Set(missing.flatMap(told))].flatMap((text, n) => [n ? " · " : "", ...marked(text, missing)]);
  }

  function drawResults(from = 0) {
    const next = hits.slice(from, shown).map((row) => result(row, words));
    if (from) list.append(...next);
    else list.replaceChildren(...next);
    part("none").hidden = hits.length > 0;
    part("actions").hidden = !hits.length;
    part("note").textContent = said;
    part("note").hidden = !said;
    part("count").textContent = fill(model.phrases.count, { shown: number(hits.length), all: number(rows.length) })
      + (hits.length > shown ? ` ${fill(model.phrases.shown_of, { shown: number(shown) })}` : "");
    part("more").hidden = hits.length <= shown;
    part("more").textContent = fill(model.phrases.more, { count: number(Math.min(model.first, hits.length - shown)) });
    showChosen();
    return next[0];
  }

  const number = new Intl.NumberFormat(root.lang).format;

  function showChosen() {
    details.classList.toggle("beside", Boolean(list.querySelector(having("row", opened ?? previewed ?? ""))));
    for (const item of all(list, "[data-row]")) {
      const isChosen = item.dataset.row === state.statement?.[0];
      item.classList.toggle("selected", isChosen);
      item.querySelector("[data-select]").toggleAttribute("aria-current", isChosen);
    }
  }

  // ---- one statement

  function open(key) {
    opened = key;
    details.classList.toggle("open", key !== undefined);
    details.hidden = false;
    if (key === undefined) return preview();
    details.replaceChildren(key === null ? make("p", model.phrases.missing, { className: "unknown" }) : article(rows[places.get(key)]));
    details.scrollTop = 0;
  }

  // Where there is room beside the list, its first statement stands open until another is chosen.
  function preview() {
    const first = matchMedia("(min-width: 56.01rem)").matches && hits[0];
    previewed = first?.key;
    details.hidden = !hits.length;
    details.replaceChildren(...first ? [article(first)] : empty);
    for (const button of all(details, '[data-role="close"]')) button.hidden = true;
  }

  function article(row) {
    const item = part("trail").content.firstElementChild.cloneNode(true);
    const put = (name) => item.querySelector(`[data-part="${name}"]`);
    put("title").textContent = row.name || `${row.kind} ${row.id}`;
    put("text").textContent = row.text;
    put("text").classList.toggle("repeated", row.text === row.shown);
    put("said").hidden = !row.informant;
    put("informant").textContent = row.informant;
    item.querySelector(".certainty").hidden = !row.certainty;
    badge(item, row);
    put("meaning").textContent = model.meanings[row.facets.certainty[0]] ?? "";
    for (const source of row.sources) put("trail").append(inItem(sourceLink(source), model.sections[source] ? ` ${model.sections[source]}` : ""));
    if (row.lines) put("trail").append(inItem(fill(model.phrases.cite_lines, row)));
    put("facts").append(...facts(row));
    put("sources").append(...row.sources.map((source) => make("li", written(source))));
    const named = trail.below(row.at);
    put("names").hidden = !named.length;
    put("names").querySelector("ul").append(...named.map((at) => inItem(linkTo(at))));
    const rested = [...trail.above(row.at)];
    put("rests-title").textContent = fill(model.phrases.rests_count, { count: number(rested.reduce((sum, [, each]) => sum + each.length, 0)) });
    put("rests").append(...resting(rested));
    put("as-text").textContent = citation(row);
    item.querySelector("pre").textContent = [...new Set(row.sources.map((source) => source.split("[")[0]))].map((key) => sourceOf(key).querySelector("template").content.textContent).join("\n\n");
    return item;
  }

  function facts(row) {
    return FACTS.filter((name) => row[name]).map((name) => holding("div", make("dt", labels[CELLS.indexOf(name)]), make("dd", row[name])));
  }

  const sourceOf = (key) => root.querySelector(`#source-${CSS.escape(key)}`);

  function written(source) {
    const key = source.split("[")[0], locator = locatorOf(source);
    const cited = sourceOf(key).textContent;
    const title = model.sections[source];
    return title ? `${cited} ${fill(model.phrases.cite_section, { locator, title })}` : [cited, locator && `${locator}.`].filter(Boolean).join(" ");
  }

  const holding = (tag, ...nodes) => { const item = make(tag); item.append(...nodes); return item; };
  const inItem = (...nodes) => holding("li", ...nodes);

  // On a narrow window the groups stay folded, so that all of them stand on the first screen.
  function resting(groups) {
    if (!groups.length) return [make("p", model.phrases.nothing_rests, { className: "unknown" })];
    const isWide = matchMedia("(min-width: 56rem)").matches;
    return groups.map(([name, rested]) => {
      const items = rested.map((each) => inItem(each.itself === undefined ? each.name : linkTo(each.itself)));
      const title = make("summary", fill(model.phrases.by_table, { table: name, count: rested.length }));
      return Object.assign(holding("details", title, holding("ul", ...items)), { open: isWide && rested.length <= 5 });
    });
  }

  const citation = (row) => [row.shown, `[${row.id}]`, row.lines && fill(model.phrases.cite_lines, row), ...row.sources.map(written), `${model.title}.`].filter(Boolean).join(" ");

  // ---- the matrix

  for (const row of all(root, ".matrix tr.below")) row.append(...all(row.parentElement, "tr:first-child td").map((cell) => cell.cloneNode(true)));
  for (const row of all(root, ".matrix tr[data-theme]")) for (const cell of all(row, "[data-country]")) cell.dataset.code = row.dataset.theme;
  const cells = all(root, ".matrix [data-code]");

  // As long as the number; what the people themselves say is the dark part.
  function bar(count, own) {
    const whole = make("span", "", { className: "parts" });
    whole.style.width = `${Math.round(100 * count / model.largest)}%`;
    for (const [length, className] of [[own, "own"], [count - own, ""]].filter(([each]) => each)) {
      whole.append(make("i", "", { className }));
      whole.lastChild.style.flex = length;
    }
    return whole;
  }

  // In words where there is room, else a number at the mark of the dark part.
  function ownPart(own) {
    const said = make("span", fill(model.phrases.own_part, { count: number(own), informant: model.phrases.women }));
    return Object.assign(holding("span", said, make("i", number(own))), { className: "own-part" });
  }

  function drawMatrix() {
    const claims = countClaims(rows, state.informant ?? []), order = Object.keys(model.informants);
    for (const cell of cells) {
      const { count, by } = claims.get(`${cell.dataset.code} ${cell.dataset.country}`) ?? { count: 0, by: {} };
      const said = order.filter((who) => by[who]);
      const own = by[model.own] ?? 0;
      cell.replaceChildren(make("b", number(count)), ...(own ? [ownPart(own)] : []), ...(count ? [bar(count, own)] : []));
      cell.disabled = !count;
      const parts = said.map((who) => `${model.informants[who]} ${by[who]}`).join(model.comma);
      cell.setAttribute("aria-label", fill(model.phrases.cell, { count, theme: names[`code:${cell.dataset.code}`], country: names[`country:${cell.dataset.country}`], said: parts && fill(model.phrases.said, { parts }) }));
    }
  }

  // ---- what is chosen

  function apply(choices, leftOut = []) {
    clearTimeout(waiting);
    show(choices, leftOut);
    publish(state);
  }

  function show(choices, leftOut = []) {
    const wasSaid = String(state.informant ?? "");
    state = choices;
    check(form, state);
    const q = state.q?.[0] ?? "";
    if (search.value.trim() !== q.trim()) search.value = q;
    const { statement, ...asked } = state, now = queryFrom(asked);
    form.querySelector('[type="reset"]').hidden = !now;
    if (now !== drawn) drawFound();
    drawn = now;
    part("chosen").textContent = refresh();
    if (!cells[0]?.hasAttribute("aria-label") || wasSaid !== String(state.informant ?? "")) drawMatrix();
    const key = leftOut.includes("statement") ? null : state.statement?.[0];
    if (key !== opened || key === null) open(key);
    showChosen();
  }

  // The words of a search come with the first one; without them, words are found as they are written.
  function prepareSearch() {
    if (isAsked) return;
    isAsked = true;
    readApart(root, "kept-search", (index) => {
      addWords(rows, index?.words ?? []);
      searched = index ? searcher(ordered, { ...model, search: index }) : asWritten;
      if (list.ariaBusy === "true") drawFound();
    });
  }

  // A statement that is chosen leaves the results as they are.
  function drawFound() {
    const isSearch = Boolean(search.value.trim());
    if (isSearch) prepareSearch();
    list.ariaBusy = String(isSearch && !searched);
    if (isSearch && !searched) return;
    ({ hits, words, said } = (searched ?? asWritten)(search.value, state));
    if (isSearch && searched === asWritten) said = `${model.phrases.as_written} ${said}`;
    shown = model.first;
    root.foundRows = words.length ? new Set(hits.map(({ at }) => at)) : null;
    drawResults();
    if (opened === undefined) preview();
  }

  function choose(key) {
    const { statement, ...rest } = state;
    apply(key ? { ...rest, statement: [key] } : rest);
    if (!key) return;
    details.focus({ preventScroll: true });
    bringIntoView(details, "nearest");
  }

  function close() {
    const link = list.querySelector(`${having("row", opened ?? "")} [data-select]`);
    choose();
    (link?.isConnected ? link : list.querySelector("[data-select]"))?.focus();
  }

  const filtered = () => {
    const q = typed(search.value);
    return { ...checked(form), ...(q.trim() ? { q: [q] } : {}), ...(state.statement ? { statement: state.statement } : {}) };
  };
  form.addEventListener("change", ({ target }) => { if (target !== search) apply(filtered()); });
  search.addEventListener("focus", prepareSearch);
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    show(filtered());
    waiting = setTimeout(() => publish(state), PAUSE);
  });
  form.addEventListener("submit", (event) => { event.preventDefault(); apply(filtered()); });
  form.addEventListener("reset", (event) => { event.preventDefault(); search.value = ""; apply(state.statement ? { statement: state.statement } : {}); search.focus(); });
  root.addEventListener("click", (event) => {
    const link = event.target.closest('a[href*="statement="]'), counted = event.target.closest(".counted a"), cell = event.target.closest(".matrix [data-code]");
    const button = event.target.closest("button"), role = button?.dataset.role;
    const isOwn = !(event.ctrlKey || event.metaKey || event.shiftKey || event.button);
    if (isOwn && (link || counted)) event.preventDefault();
    if (isOwn && link) choose(new URLSearchParams(link.getAttribute("href")).get("statement"));
    if (isOwn && counted) {
      const { choices: { lang, ...asked } } = choicesFrom(counted.getAttribute("href").slice(1), { ...model.options, lang: ["*"] }, []);
      apply({ ...asked, ...(state.q ? { q: state.q } : {}) });
      list.querySelector("[data-select]")?.focus({ preventScroll: true });
      part("count").scrollIntoView({ block: "center" });
    }
    if (cell) {
      search.value = "";
      apply({ kind: ["claim"], code: [cell.dataset.code], country: [cell.dataset.country], ...(state.informant ? { informant: state.informant } : {}), ...(state.statement ? { statement: state.statement } : {}) });
      root.querySelector("#results").scrollIntoView();
      list.querySelector("[data-select]").focus({ preventScroll: true });
    }
    const isOpen = button?.getAttribute("aria-expanded") === "true";
    if (button?.hasAttribute("aria-expanded")) button.setAttribute("aria-expanded", String(!isOpen));
    if (button?.hasAttribute("data-unfold")) for (const row of all(button.closest("tbody"), "tr.below")) row.hidden = isOpen;
    if (role === "more") { shown += model.first; drawResults(shown - model.first)?.querySelector("[data-select]").focus(); }
    if (role === "close") close();
    if (role === "copy") copyText(new URL(address(opened ?? previewed), location.href.split(/[?#]/)[0]).href, part("copied", details), model.phrases);
    if (role === "cite") details.querySelector('[data-part="cite"]').hidden = isOpen;
  });
  details.addEventListener("keydown", ({ key }) => { if (key === "Escape" && opened) close(); });
  for (const kind of ["focusin", "pointerover"]) {
    root.addEventListener(kind, ({ target }) => {
      const cell = target.closest?.(".matrix [data-code]");
      if (cell) part("pointed").textContent = cell.getAttribute("aria-label");
    });
  }
  return apply;
}

PAGES.evidence = evidencePage;
