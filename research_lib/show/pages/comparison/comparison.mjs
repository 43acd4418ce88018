// ---- the comparison page: steps, provisions and dates open in a panel; situations are assessed in the browser

function comparisonPage(root, model, publish) {
  const store = root.querySelector('template[data-role="items"]').content;
  const items = new Map(all(store, "[data-item]").map((item) => [item.dataset.item, item]));
  const cards = new Map(all(root, "#provisions .topic [data-card]").map((card) => [card.dataset.card, card]));
  const filters = root.querySelector('[data-role="filters"]');
  const judge = model.assessment ? assessment(root, model.assessment, (choices) => apply({ ...state, ...choices })) : () => {};
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
    const choosers = '[data-role="filters"] [name="kind"]:checked, [data-role="assess"] [name="definition"]:checked';
    const boxes = all(root, choosers).filter((box) => state[box.name]?.length);
    const lists = all(root, '[name="topic"], [name="situation"]').filter((list) => state[list.name]?.length);
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
    judge(state);
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

// Three values as text: "true", "false", "not-known". The truth table of the verdicts comes from Python.
function assessment(root, model, change) {
  const form = root.querySelector('[data-role="assess"]');
  const part = (role) => form.querySelector(`[data-role="${role}"]`);
  const templates = new Map(all(root, "template[data-situation]").map((each) => [each.dataset.situation, each.content]));
  const word = (value) => (value === "not-known" ? "unknown" : value);
  const any = (values) => (values.includes("true") ? "true" : values.includes("not-known") || !values.length ? "not-known" : "false");
  let shown = "";

  const isUnlisted = (law, name, indicator) => name in model.protocol && !law.listed[name]?.includes(indicator);
  const NAMES = ["act", "means", "purpose", "child"];

  function element(values, law, name) {
    const listed = law.listed[name];
    if (!listed) return "not-known";
    const of = (names) => any(names.map((each) => values[each] ?? "not-known"));
    const found = of(listed);
    const others = model.protocol[name].filter((each) => !listed.includes(each));
    if (found === "false" && (model.beyond[name] ?? []).some((each) => values[each] === "true")) return "not-known";
    return found === "true" || !others.length || of(others) === "false" ? found : "not-known";
  }

  const elementsOf = (values, law) => ({
    ...Object.fromEntries(["act", "means", "purpose"].map((name) => [name, element(values, law, name)])), child: values.child ?? "not-known",
  });

  function judged(elements, rule) {
    const exempt = [elements.child, rule].includes("false") ? "false" : rule === "true" ? elements.child : "not-known";
    return model.verdicts[[elements.act, elements.means, elements.purpose, exempt].join(" ")];
  }

  // Whether the verdict would stay open if all facts were known, so that only the law's description is missing.
  function isGap(values, law) {
    return ["true", "false"].every((fill) => {
      const filled = Object.fromEntries(Object.values(model.protocol).flat().concat("child").map((name) => [name, fill]));
      const known = Object.entries(values).filter(([, value]) => value !== "not-known");
      return judged(elementsOf({ ...filled, ...Object.fromEntries(known) }, law), law.childRule) === "not-known";
    });
  }

  function reasons(elements, values, law) {
    const said = ["act", "means", "purpose"].filter((name) => law.listed[name]).map((name) => `${name}-${word(elements[name])}`);
    const unlisted = model.protocol.means.filter((each) => isUnlisted(law, "means", each));
    if (elements.means === "not-known" && law.listed.means && unlisted.some((each) => values[each] === "true")) said.push("means-unlisted");
    const needsNoMeans = elements.means !== "true";
    if (law.childRule === "true" && elements.child !== "false" && needsNoMeans) said.push(`child-${word(elements.child)}`);
    const isExempt = elements.child === "true" && law.childRule === "true";
    if (values.consent === "true" && law.consentRule && (elements.means === "true" || isExempt)) said.push("consent-irrelevant");
    const isSilent = law.childRule === "not-known" && elements.child === "true" && needsNoMeans;
    if (Object.values(law.listed).includes(null) || isSilent) said.push("not-described");
    return said.map((code) => model.reasons[code]);
  }

  function outlook(elements, law) {
    const open = NAMES.filter((name) => elements[name] === "not-known");
    const [yes, no] = ["true", "false"].map((value) => judged(
      { ...elements, ...Object.fromEntries(open.map((name) => [name, value])) }, law.childRule === "not-known" ? value : law.childRule));
    if (yes === no) return model.phrases.settled;
    const now = judged(elements, law.childRule);
    const decisive = open.filter((name) => ["true", "false"].some((value) => judged({ ...elements, [name]: value }, law.childRule) !== now));
    const names = decisive.map((name) => model.elements[name]).join(", ");
    return [fill(model.phrases.if_true, { verdict: model.verdict[yes] }), fill(model.phrases.if_false, { verdict: model.verdict[no] }),
      names ? fill(model.phrases.decisive, { elements: names }) : ""].filter(Boolean).join(" ");
  }

  return (state) => {
    const situation = state.situation?.[0] ?? form.situation.options[0].value;
    const code = state.definition?.[0] ?? model.first;
    form.situation.value = situation;
    for (const box of all(form, '[name="definition"]')) box.checked = box.value === code;
    if (shown !== situation) part("indicators").replaceChildren(templates.get(situation).cloneNode(true));
    shown = situation;
    const assumed = Object.fromEntries((state.assume ?? []).map((each) => each.split(".")));
    const values = {};
    let changed = 0;
    for (const row of all(part("indicators"), ".indicator")) {
      const boxes = all(row, "input"), name = boxes[0].name;
      values[name] = assumed[name] ?? row.dataset.value;
      for (const box of boxes) box.checked = box.value === values[name];
      row.classList.toggle("changed", values[name] !== row.dataset.value);
      if (values[name] !== row.dataset.value) row.closest("details")?.setAttribute("open", "");
      changed += values[name] !== row.dataset.value;
    }
    const law = model.definitions[code];
    const elements = elementsOf(values, law);
    const found = judged(elements, law.childRule);
    for (const row of all(part("indicators"), ".indicator")) row.classList.toggle("unlisted", isUnlisted(law, row.dataset.element, row.dataset.indicator));
    const verdict = found === "not-known" && isGap(values, law) ? "not-described" : found;
    part("verdict").dataset.verdict = verdict;
    part("answer").textContent = model.verdict[verdict];
    part("reasons").replaceChildren(...reasons(elements, values, law).map((text) => Object.assign(document.createElement("li"), { textContent: text })));
    const further = { "not-described": "", "not-trafficking": `${model.phrases.no_harm} ` }[verdict];
    part("outlook").textContent = verdict === "not-described" ? "" : `${further ?? ""}${outlook(elements, law)}`;
    part("changed").textContent = changed ? model.phrases.changed : model.phrases.as_stated;
    part("reset").hidden = !changed;
    form.onchange = (event) => {
      if (event.target.name === "situation") change({ situation: [event.target.value], assume: [] });
      else if (event.target.name === "definition") change({ definition: [event.target.value] });
      else {
        const row = event.target.closest(".indicator");
        const others = (state.assume ?? []).filter((each) => !each.startsWith(`${event.target.name}.`));
        change({ assume: event.target.value === row.dataset.value ? others : [...others, `${event.target.name}.${event.target.value}`] });
      }
    };
    part("reset").onclick = () => change({ assume: [] });
    form.onsubmit = (event) => event.preventDefault();
  };
}

PAGES.comparison = comparisonPage;
