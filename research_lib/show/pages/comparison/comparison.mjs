// ---- the comparison page: steps, provisions and dates open in a panel

function comparisonPage(root, model, publish) {
  const store = root.querySelector('template[data-role="items"]').content;
  const items = new Map(all(store, "[data-item]").map((item) => [item.dataset.item, item]));
  const cards = new Map(all(root, "#provisions .topic [data-card]").map((card) => [card.dataset.card, card]));
  const filters = root.querySelector('[data-role="filters"]');
  let state = {};

  function list(ids) {
    const made = document.createElement("ul");
    made.append(...ids.map((id) => cards.get(id)?.cloneNode(true)).filter(Boolean));
    return made;
  }

  function open(id, isMove) {
    const mark = root.querySelector(`svg ${having("pick", id)}, table ${having("pick", id)}`);
    const panel = mark.closest("section").querySelector("[data-panel]");
    const item = items.get(id)?.cloneNode(true) ?? list([id.slice(id.indexOf(":") + 1)]);
    for (const copies of all(item, "[data-copies]")) copies.append(list(copies.dataset.copies.split(" ")));
    for (const old of all(root, ".selected")) old.classList.remove("selected");
    for (const same of all(root, having("pick", id))) (same.closest("tr") ?? same).classList.add("selected");
    const back = Object.assign(document.createElement("button"), { type: "button", className: "link back", textContent: model.back });
    back.addEventListener("click", () => { (mark.closest("tr") ?? mark).scrollIntoView({ block: "center" }); mark.focus(); });
    panel.replaceChildren(item, back);
    if (!isMove) return;
    panel.focus({ preventScroll: true });
    const { top } = panel.getBoundingClientRect();
    if (top < 0 || top > innerHeight - 160) panel.scrollIntoView({ block: "end" });
  }

  function filter() {
    const kinds = state.kind ?? [], topic = state.topic?.[0] ?? "";
    const rows = all(root, "tr[data-row]");
    for (const row of rows) {
      row.hidden = (kinds.length && !kinds.includes(row.dataset.kind)) || (topic && row.dataset.topic !== topic);
    }
    for (const each of all(root, "details[data-topic]")) each.hidden = topic && each.dataset.topic !== topic;
    filters.querySelector("output").textContent = fill(model.count, { shown: rows.filter((row) => !row.hidden).length, all: rows.length });
  }

  // What a reader of the printed page has to know: where and when it was printed, and what was chosen.
  function sheet() {
    const boxes = all(filters, '[name="kind"]:checked').filter((box) => state[box.name]?.length);
    const lists = all(filters, '[name="topic"]').filter((list) => state[list.name]?.length);
    const words = [...lists.map((list) => list.selectedOptions[0]), ...boxes.map((box) => box.closest("label"))];
    const chosen = words.map((each) => each.textContent.trim()).join(", ");
    const picked = state.pick?.length ? root.querySelector(".details:not(:has(> .hint)) h3, .details .head")?.textContent : "";
    root.querySelector('[data-role="sheet"]').textContent = [
      fill(model.sheet.printed, { date: new Intl.DateTimeFormat(model.language, { dateStyle: "long" }).format(new Date()) }),
      location.protocol.startsWith("http") && root.parentElement === document.body ? fill(model.sheet.address, { address: decodeURI(location.href) }) : "",
      chosen ? fill(model.sheet.chosen, { choices: chosen }) : model.sheet.all,
      `${filters.querySelector("output").textContent}.`,
      picked ? fill(model.sheet.picked, { title: picked }) : "",
    ].filter(Boolean).join(" ");
  }

  function apply(choices) {
    state = choices;
    check(filters, state);
    filters.querySelector("select").value = state.topic?.[0] ?? "";
    filter();
    if (state.pick?.[0] && root.querySelector(having("pick", state.pick[0]))) open(state.pick[0]);
    publish(state);
    sheet();
  }

  const pick = (mark) => { apply({ ...state, pick: [mark.dataset.pick] }); open(mark.dataset.pick, true); };
  filters.addEventListener("change", () => {
    const topic = filters.querySelector("select").value;
    apply({ ...state, kind: checked(filters).kind ?? [], topic: topic ? [topic] : [] });
  });
  filters.addEventListener("submit", (event) => event.preventDefault());
  root.addEventListener("click", (event) => {
    const mark = event.target.closest("[data-pick]");
    if (mark) pick(mark);
  });
  root.addEventListener("keydown", (event) => {
    const mark = event.target.closest?.("svg [data-pick]");
    if (!mark || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    pick(mark);
  });
  return apply;
}

PAGES.comparison = comparisonPage;
