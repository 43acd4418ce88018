// The comparison page: steps, provisions and dates open in a panel.

import { all, bringIntoView, having, make } from "../shared/elements.mjs";
import { check, checked } from "../shared/forms.mjs";
import { fill } from "../shared/logic/text.mjs";
import { savesParts } from "../shared/pictures.mjs";
import { PAGES } from "../shared/registered.mjs";
import { printedLine } from "../shared/sources.mjs";
import { countriesShown, isKept, sheetSaid } from "./logic/kept_provisions.mjs";

function comparisonPage(root, model, publish) {
  const store = root.querySelector('template[data-role="items"]').content;
  const items = new Map(all(store, "[data-item]").map((item) => [item.dataset.item, item]));
  const cards = new Map(all(root, "#provisions .topic [data-card]").map((card) => [card.dataset.card, card]));
  const filters = root.querySelector('[data-role="filters"]');
  const panels = all(root, "[data-panel]").map((panel) => ({ panel, hint: panel.firstElementChild, home: new Comment() }));
  const count = root.querySelector('[data-role="count"]');
  let state = {};

  for (const { panel, home } of panels) panel.before(home);
  savesParts(root, () => all(root, ".ways > .country:not([hidden])").flatMap(({ dataset }) => all(store, `[data-item^="step:${dataset.country}:"] > ul a.source`)));
  addEventListener("beforeprint", () => { for (const each of all(root, "details:not(.point *)")) each.open = true; });

  // Marks the station that a step leads to.
  function reach(step) {
    for (const old of all(root, ".reached")) old.classList.remove("reached");
    step?.closest(".country").querySelector(having("number", step.dataset.to)).classList.add("reached");
  }

  function close() {
    for (const { panel, hint, home } of panels) {
      const opened = panel.closest("tr.opened");
      panel.replaceChildren(hint);
      home.after(panel);
      opened?.remove();
    }
    for (const old of all(root, ".selected")) old.classList.remove("selected");
  }

  // A panel opens below the row or the step.
  function place(panel, mark) {
    const row = mark.closest("tr");
    if (row) {
      const opened = make("tr", "", { className: "opened" }), cell = make("td", "", { colSpan: all(row, ":scope > :not([hidden])").length });
      cell.append(panel);
      opened.append(cell);
      row.after(opened);
    } else mark.closest(".step").append(panel);
  }

  function list(ids) {
    const made = document.createElement("ul");
    made.append(...ids.map((id) => cards.get(id)?.cloneNode(true)).filter(Boolean));
    return made;
  }

  function open(id, isMove) {
    const mark = root.querySelector(`:is(.ways, table) ${having("pick", id)}`);
    const panel = mark.closest("section:not(.question)").querySelector("[data-panel]");
    const item = items.get(id).cloneNode(true);
    for (const copies of all(item, "[data-copies]")) copies.append(list(copies.dataset.copies.split(" ")));
    close();
    for (const same of all(root, having("pick", id))) (same.closest("tr, li") ?? same).classList.add("selected");
    for (let folded = mark.closest("details"); folded; folded = folded.parentElement.closest("details")) folded.open = true;
    place(panel, mark);
    const back = make("button", model.back, { type: "button", className: "link back" });
    back.addEventListener("click", () => {
      apply({ ...state, pick: [] });
      (mark.closest("tr") ?? mark).scrollIntoView({ block: "nearest" });
      mark.focus();
    });
    panel.replaceChildren(item, back);
    if (!isMove) return;
    panel.focus({ preventScroll: true });
    bringIntoView(panel, "end");
  }

  function arrange() {
    const { countries } = model, chosen = state.country ?? [], shown = countriesShown(state, model.shown);
    const isShown = (code) => shown.includes(code);
    for (const box of all(root, '[name="country"]')) box.disabled = !(box.checked = chosen.includes(box.value)) && chosen.length >= model.most;
    for (const each of all(root, ".ways > .country")) each.hidden = !isShown(each.dataset.country);
    for (const cell of all(root, ".silent td")) cell.colSpan = countries.filter(isShown).length;
    for (const row of all(root, ":is(.features, .laws) tr:not(.silent), .topic .by-country"))
      [...row.children].slice(-countries.length).forEach((cell, at) => { cell.hidden = !isShown(countries[at]); });
  }

  function filter() {
    const kinds = state.kind ?? [], topic = state.topic?.[0] ?? "";
    const rows = all(root, "tr[data-row]");
    for (const row of rows) row.hidden = !isKept(row.dataset, kinds, topic);
    for (const each of all(root, "details[data-topic]")) each.hidden = topic && each.dataset.topic !== topic;
    for (const each of all(root, "table.features, [data-question]")) each.hidden = !each.querySelector("tr[data-row]:not([hidden]), details[data-topic]:not([hidden])");
    if (kinds.length || topic) for (const folded of all(root, "details:is(.rest, .filtered)")) folded.open = true;
    count.textContent = fill(model.count, { shown: rows.filter((row) => !row.hidden).length, all: rows.length });
  }

  // What a reader of the printed page has to know: where and when it was printed, and what was chosen.
  function sheet() {
    const boxes = all(filters, '[name="kind"]:checked').filter((box) => state[box.name]?.length);
    const lists = all(filters, '[name="topic"]').filter((list) => state[list.name]?.length);
    const words = [...lists.map((list) => list.selectedOptions[0]), ...boxes.map((box) => box.closest("label"))];
    const picked = state.pick?.length ? root.querySelector(".details:not(:has(> .hint)) h3, .details .head")?.textContent : "";
    root.querySelector('[data-role="sheet"]').textContent = sheetSaid(model.sheet, {
      printed: printedLine({ printed: model.sheet.printed, address: root.parentElement === document.body ? model.sheet.address : "" }, root.lang),
      chosen: words.map((each) => each.textContent.trim()).join(model.comma), count: count.textContent, picked,
    });
  }

  function apply(choices) {
    state = choices;
    check(filters, state);
    arrange();
    filters.querySelector("select").value = state.topic?.[0] ?? "";
    filter();
    if (state.pick?.[0]) open(state.pick[0]);
    else close();
    publish(state);
    sheet();
    const panel = state.pick?.[0] && root.querySelector("[data-panel]:not(:has(> .hint))");
    const named = panel || (state.country?.length && root.querySelector("input[name=country]").closest("fieldset, .countries"));
    return named && (named.closest("tr")?.previousElementSibling ?? named);
  }

  root.addEventListener("change", ({ target: { name, form } }) => name === "country" && apply({ ...state, country: [], ...checked(form) }));
  const pick = (mark) => { apply({ ...state, pick: [mark.dataset.pick] }); open(mark.dataset.pick, true); };
  for (const name of ["pointerover", "focusin"]) root.addEventListener(name, (event) => reach(event.target.closest?.(".ways .step")));
  filters.addEventListener("change", () => {
    const topic = filters.querySelector("select").value;
    apply({ ...state, kind: checked(filters).kind ?? [], topic: topic ? [topic] : [] });
  });
  filters.addEventListener("submit", (event) => event.preventDefault());
  root.addEventListener("click", (event) => {
    const mark = event.target.closest("[data-pick]");
    if (mark) pick(mark);
  });
  return apply;
}

PAGES.comparison = comparisonPage;
