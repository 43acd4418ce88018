// One module for the Voilà page, the exported file and the JupyterLab widget: it mounts on a finished
// page and makes it answer. A kernel, where there is one, attaches to the same page and adds to it.

const readJson = (root, role) => JSON.parse(root.querySelector(`[data-role="${role}"]`).textContent);
const all = (root, selector) => [...root.querySelectorAll(selector)];
const having = (name, value) => `[data-${name}="${CSS.escape(value)}"]`;
const fill = (phrase, values) => phrase.replace(/\{(\w+)\}/g, (_, key) => values[key]);

// ---- choices: the form, the address, and the state that both stand for

function choicesFrom(query, options) {
  const choices = {};
  for (const [name, text] of new URLSearchParams(query)) {
    const values = text.split(",").filter((value) => Object.hasOwn(options, name) && options[name].includes(value));
    if (values.length) choices[name] = values;
  }
  return choices;
}

function queryFrom(choices) {
  return Object.keys(choices).filter((name) => choices[name].length).sort()
    .map((name) => `${name}=${choices[name].map(encodeURIComponent).join(",")}`).join("&");
}

function checked(form) {
  const choices = {};
  for (const box of all(form, "input:checked")) (choices[box.name] ??= []).push(box.value);
  return choices;
}

function check(form, choices) {
  for (const box of all(form, "input")) box.checked = (choices[box.name] ?? []).includes(box.value);
}

const isAllowed = (facets, choices) => Object.entries(facets).every(
  ([name, values]) => !choices[name]?.length || values.some((value) => choices[name].includes(value)));

// ---- evidence cards: each stands once in a template and is copied where it is wanted

function cardStore(root) {
  const cards = new Map();
  const template = root.querySelector('template[data-role="cards"]');
  for (const card of template ? all(template.content, "[data-card]") : []) cards.set(card.dataset.card, card);
  return (ids) => ids.filter((id) => cards.has(id)).map((id) => cards.get(id).cloneNode(true));
}

// On a page of its own the browser follows the link itself, so that Back leads back to the statement.
function revealSources(root, hasAddress) {
  root.addEventListener("click", (event) => {
    const link = event.target.closest("a.source");
    const target = link && root.querySelector(`#${CSS.escape(link.getAttribute("href").slice(1))}`);
    if (!target) return;
    target.closest("details").open = true;
    for (const old of all(root, ".sources .found")) old.classList.remove("found");
    target.classList.add("found");
    if (hasAddress) return;
    event.preventDefault();
    target.scrollIntoView({ block: "center" });
  });
  addEventListener("beforeprint", () => { for (const list of all(root, ".sources details")) list.open = true; });
}

// ---- the map: magnification, panning, and moving between marks by keyboard

const FRAMES = { eurasia: null, world: null, europe: [0, 0.02, 0.4, 0.6], china: [0.55, 0.18, 0.45, 0.66] };

function mapStage(root) {
  const drawings = Object.fromEntries(all(root, 'svg[data-role="map"]').map((svg) => [svg.dataset.view, svg]));
  const size = (svg) => (svg.dataset.box ??= svg.getAttribute("viewBox")).split(" ").map(Number);
  let current = drawings.eurasia;

  const setBox = (svg, [x, y, w, h]) => {
    svg.setAttribute("viewBox", [x, y, w, h].map((n) => n.toFixed(1)).join(" "));
    const pixels = svg.clientWidth || svg.parentElement.clientWidth || 1200;
    const magnification = pixels / w;
    svg.style.setProperty("--unit", (1 / magnification).toFixed(4));
    svg.dataset.tier = String([0.7, 1.6, 3.2].filter((step) => magnification >= step).length);
  };
  const box = (svg) => svg.getAttribute("viewBox").split(" ").map(Number);

  function show(view) {
    current = drawings[view] ?? drawings.eurasia;
    for (const svg of Object.values(drawings)) svg.toggleAttribute("hidden", svg !== current);
    const [, , w, h] = size(current);
    const frame = FRAMES[view];
    setBox(current, frame ? [frame[0] * w, frame[1] * h, frame[2] * w, frame[3] * h] : [0, 0, w, h]);
  }

  function zoom(factor, at) {
    const [x, y, w, h] = box(current);
    const [, , fullW, fullH] = size(current);
    const newW = Math.min(fullW, Math.max(fullW / 24, w / factor));
    const newH = h * (newW / w);
    const [px, py] = at ?? [x + w / 2, y + h / 2];
    place(px - (px - x) * (newW / w), py - (py - y) * (newH / h), newW, newH, fullW, fullH);
  }

  const within = (value, low, high) => Math.min(Math.max(value, low), Math.max(low, high));
  const place = (x, y, w, h, fullW, fullH) =>
    setBox(current, [within(x, 0, fullW - w), within(y, 0, fullH - h), w, h]);

  function pan(dx, dy) {
    const [x, y, w, h] = box(current);
    const [, , fullW, fullH] = size(current);
    const unit = w / (current.clientWidth || 1200);
    place(x - dx * unit, y - dy * unit, w, h, fullW, fullH);
  }

  function toUnits(event) {
    const [x, y, w] = box(current);
    const rectangle = current.getBoundingClientRect();
    const unit = w / rectangle.width;
    return [x + (event.clientX - rectangle.left) * unit, y + (event.clientY - rectangle.top) * unit];
  }

  for (const svg of Object.values(drawings)) {
    let held = null;
    svg.addEventListener("pointerdown", (event) => { held = { x: event.clientX, y: event.clientY, moved: false }; });
    svg.addEventListener("pointermove", (event) => {
      if (!held || event.buttons !== 1) return;
      const dx = event.clientX - held.x, dy = event.clientY - held.y;
      if (!held.moved && Math.hypot(dx, dy) < 4) return;
      held = { x: event.clientX, y: event.clientY, moved: true };
      svg.setPointerCapture(event.pointerId);
      pan(dx, dy);
    });
    svg.addEventListener("click", (event) => { if (held?.moved) event.stopPropagation(); held = null; }, true);
    svg.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoom(event.deltaY < 0 ? 1.25 : 0.8, toUnits(event));
    }, { passive: false });
    new ResizeObserver(() => svg.clientWidth && setBox(svg, box(svg))).observe(svg);
  }
  return { show, zoom, current: () => current };
}

function roving(stage, root, select) {
  const reachable = () => all(stage.current(), "[data-item][role=button]")
    .filter((mark) => !mark.classList.contains("out") && mark.getAttribute("aria-hidden") !== "true");
  const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

  function refresh() {
    for (const mark of all(root, 'svg[data-role="map"] [role=button]')) mark.setAttribute("tabindex", "-1");
    reachable()[0]?.setAttribute("tabindex", "0");
  }
  root.addEventListener("keydown", (event) => {
    const mark = event.target.closest?.('svg[data-role="map"] [role=button]');
    if (!mark) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      select(mark.dataset.item);
    } else if (steps[event.key] || event.key === "Home" || event.key === "End") {
      event.preventDefault();
      const marks = reachable();
      const index = { Home: 0, End: marks.length - 1 }[event.key]
        ?? (marks.indexOf(mark) + steps[event.key] + marks.length) % marks.length;
      mark.setAttribute("tabindex", "-1");
      marks[index].setAttribute("tabindex", "0");
      marks[index].focus();
    }
  });
  return refresh;
}

// ---- the routes page

function routesPage(root, model, publish) {
  const form = root.querySelector('[data-role="filters"]');
  const copies = cardStore(root);
  const defaults = checked(form);
  const stage = mapStage(root);
  const details = root.querySelector('[data-role="details"]');
  const items = new Map(all(root.querySelector('template[data-role="items"]').content, "[data-item]")
    .map((item) => [item.dataset.item, item]));
  let state = {};
  const refreshKeys = roving(stage, root, (id) => choose(id, true));

  const empty = [...details.childNodes];

  function showDetails(id) {
    const item = items.get(id)?.cloneNode(true);
    for (const mark of all(root, "[data-item].selected, [data-row].selected")) mark.classList.remove("selected");
    if (!item) return details.replaceChildren(...empty);
    for (const list of all(item, "[data-cards]")) list.append(...copies(list.dataset.cards.split(" ")));
    details.replaceChildren(item);
    for (const mark of all(root, `svg ${having("item", id)}, ${having("row", id)}`)) mark.classList.add("selected");
  }

  function choose(id, isMove) {
    apply({ ...state, select: [id] });
    const { top } = details.getBoundingClientRect();
    if (isMove && (top < 0 || top > innerHeight - 120)) details.scrollIntoView({ block: "start" });
  }

  function filter() {
    const shown = new Set(model.items.filter((item) => isAllowed(item.facets, state)).map((item) => item.id));
    for (const leg of all(root, "svg .leg[data-item]")) {
      leg.classList.toggle("out", !shown.has(leg.dataset.item));
      leg.setAttribute("aria-hidden", String(!shown.has(leg.dataset.item)));
    }
    const used = new Set(model.items.filter((item) => shown.has(item.id)).flatMap((item) => item.places));
    for (const place of all(root, "svg .place[data-item]")) {
      place.classList.toggle("out", !used.has(place.dataset.item));
      place.setAttribute("aria-hidden", String(!used.has(place.dataset.item)));
    }
    for (const row of all(root, "[data-row]")) row.hidden = !shown.has(row.dataset.row);
    root.querySelector('[data-role="none"]').hidden = shown.size > 0;
    root.querySelector('[data-role="hidden"]').hidden = shown.size === model.items.length;
    for (const facet of all(form, "[data-facet]")) {
      const names = all(facet, "input:checked").map((box) => box.parentElement.textContent.trim());
      const some = fill(model.some, { chosen: names.length, all: facet.querySelectorAll("input").length });
      facet.querySelector("[data-chosen]").textContent = names.length ? ` · ${names.length === 1 ? names[0] : some}` : "";
      facet.classList.toggle("set", names.length > 0);
    }
    form.querySelector("output").textContent = fill(model.count, { shown: shown.size, all: model.items.length });
    return shown;
  }

  function apply(choices) {
    const isNewView = (choices.view?.[0] ?? "eurasia") !== (state.view?.[0] ?? "");
    state = { ...defaults, ...choices };
    check(form, state);
    const shown = filter();
    if (state.select?.[0]?.startsWith("leg:") && !shown.has(state.select[0])) state = { ...state, select: [] };
    const view = state.view?.[0] ?? "eurasia";
    if (isNewView) stage.show(view);
    for (const button of all(root, "[data-set-view]")) {
      button.setAttribute("aria-pressed", String(button.dataset.setView === view));
    }
    showDetails(state.select?.[0]);
    refreshKeys();
    publish(state);
  }

  form.addEventListener("change", () => apply({ view: state.view ?? [], select: state.select ?? [], kind: model.options.kind, ...checked(form) }));
  form.addEventListener("reset", (event) => { event.preventDefault(); apply({ view: state.view ?? [], kind: model.options.kind }); });
  form.addEventListener("submit", (event) => event.preventDefault());
  root.addEventListener("click", (event) => {
    const mark = event.target.closest("svg [data-item]");
    const row = event.target.closest("[data-select]");
    const view = event.target.closest("[data-set-view]");
    const zoom = event.target.closest("[data-zoom]");
    if (mark) choose(mark.dataset.item, true);
    if (row) choose(row.dataset.select, true);
    if (view) apply({ ...state, view: [view.dataset.setView] });
    if (event.target.closest('[data-role="default"]')) apply({ view: state.view ?? [] });
    if (zoom) stage.zoom(Number(zoom.dataset.zoom));
    for (const open of all(form, "details[open]")) if (!open.contains(event.target)) open.open = false;
  });
  form.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && event.target.closest("details[open]");
    if (open) { open.open = false; open.querySelector("summary").focus(); }
  });
  return apply;
}

// ---- the profiles page

function profilesPage(root, model, publish) {
  const form = root.querySelector('[data-role="filters"]');
  const copies = cardStore(root);
  const defaults = checked(form);

  const element = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });

  function columns(choices) {
    return (choices.profile ?? []).flatMap((profile) => (choices.country ?? []).map((country) => ({
      profile, country, name: `${model.profiles[profile][0]}, ${model.countries[country]}`,
      ids: (dimension) => model.cells[`${profile} ${country} ${dimension}`] ?? [],
    })));
  }

  function drawHeads(list) {
    const heads = root.querySelector('[data-role="heads"]');
    heads.style.setProperty("--columns", list.length);
    heads.replaceChildren(...list.map(({ name, profile }) => {
      const head = document.createElement("div");
      head.append(element("h2", name), element("p", model.profiles[profile][1]));
      return head;
    }));
  }

  function drawDimension(section, list) {
    const sets = list.map((column) => column.ids(section.dataset.dimension));
    const shared = sets.length > 1 ? sets[0].filter((id) => sets.every((ids) => ids.includes(id))) : [];
    const alike = section.querySelector('[data-role="alike"]');
    alike.hidden = !shared.length;
    alike.querySelector("ul").replaceChildren(...copies(shared));
    const differ = section.querySelector('[data-role="differ"]');
    differ.style.setProperty("--columns", list.length);
    differ.replaceChildren(...list.map(({ name, country }, index) => {
      const own = sets[index].filter((id) => !shared.includes(id));
      const column = document.createElement("div");
      const list = document.createElement("ul");
      list.append(...copies(own));
      const nothing = element("p", shared.length ? model.nothing : model.unknown[country]);
      nothing.className = shared.length ? "nothing" : "unknown";
      column.append(element("h3", name), own.length ? list : nothing);
      return column;
    }));
  }

  const order = [];

  function keepLatest(box) {
    order.push(box);
    const chosen = all(box.closest("[data-most]"), "input:checked");
    const oldest = chosen.sort((a, b) => order.lastIndexOf(a) - order.lastIndexOf(b))[0];
    if (chosen.length > Number(box.closest("[data-most]").dataset.most)) oldest.checked = false;
  }

  function apply(choices) {
    const state = { profile: choices.profile ?? defaults.profile, country: choices.country ?? defaults.country };
    check(form, state);
    const list = columns(state);
    drawHeads(list);
    for (const section of all(root, "[data-dimension]")) drawDimension(section, list);
    publish(state);
  }

  form.addEventListener("change", (event) => {
    keepLatest(event.target);
    const choices = checked(form);
    const missing = ["profile", "country"].find((name) => !choices[name]);
    form.querySelector("output").textContent = missing ? model.choose : "";
    if (!missing) apply(choices);
  });
  return apply;
}

// ---- the case-level page: every chart stands finished in a template; choosing shows one

const DRAWN = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "font-family", "font-size", "font-weight", "text-anchor"];
const SAVED_WIDTH = 720;

function casesPage(root, model, publish) {
  const form = root.querySelector('[data-role="filters"]');
  const select = form.querySelector("select");
  const stage = root.querySelector('[data-role="chart"]');
  const charts = new Map(all(root, "template[data-chart]").map((template) => [template.dataset.chart, template.content]));
  const order = [...select.options].map((option) => option.value);

  function apply(choices) {
    const question = choices.question?.[0] ?? model.default;
    select.value = question;
    if (stage.dataset.chart !== question) {
      stage.dataset.chart = question;
      stage.replaceChildren(charts.get(question).cloneNode(true));
      form.querySelector("output").textContent = stage.querySelector("h2").textContent;
    }
    publish({ question: [question] });
  }

  const step = (by) => apply({ question: [order[(order.indexOf(select.value) + by + order.length) % order.length]] });
  select.addEventListener("change", () => apply({ question: [select.value] }));
  form.addEventListener("submit", (event) => event.preventDefault());
  root.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.step) step(Number(button.dataset.step));
    if (button?.dataset.save) save(`${model.stem}-${select.value}.svg`, standingAlone(stage), "image/svg+xml");
  });
  return apply;
}

// The drawing as a file of its own: the same marks with the colours that they have now, and the question above them.
function standingAlone(stage) {
  const svg = stage.querySelector("svg.drawn");
  const copy = svg.cloneNode(true);
  const copies = [copy, ...all(copy, "*")];
  [svg, ...all(svg, "*")].forEach((mark, index) => {
    const style = getComputedStyle(mark);
    for (const name of DRAWN) copies[index].setAttribute(name, style.getPropertyValue(name).replaceAll('"', ""));
    copies[index].removeAttribute("class");
  });
  const height = Number(svg.getAttribute("height"));
  const title = stage.querySelector("h2").textContent.match(/.{1,76}(?:\s|$)|.{1,76}/gu) ?? [];
  const above = 30 + 22 * title.length;
  const make = (tag, attributes, text = "") => {
    const mark = document.createElementNS(svg.namespaceURI, tag);
    for (const [name, value] of Object.entries(attributes)) mark.setAttribute(name, value);
    mark.textContent = text;
    return mark;
  };
  const ink = getComputedStyle(stage).color;
  copy.prepend(make("rect", { x: -16, y: -above, width: SAVED_WIDTH + 32, height: height + above + 16, fill: getComputedStyle(document.body).backgroundColor }),
    ...title.map((line, index) => make("text", { x: 0, y: 30 - above + 22 * index, fill: ink, "font-size": 17, "font-weight": 600 }, line.trim())));
  const box = { width: SAVED_WIDTH + 32, height: height + above + 16, viewBox: `-16 ${-above} ${SAVED_WIDTH + 32} ${height + above + 16}` };
  const inner = make("svg", { width: SAVED_WIDTH, height, overflow: "visible" });
  inner.append(...copy.childNodes);
  const whole = make("svg", { ...box, "font-family": getComputedStyle(stage).fontFamily.replaceAll('"', "'") });
  whole.append(inner);
  return new XMLSerializer().serializeToString(whole);
}

// ---- the comparison page: steps, provisions and dates open in a panel; situations are assessed in the browser

function comparisonPage(root, model, publish) {
  const store = root.querySelector('template[data-role="items"]').content;
  const items = new Map(all(store, "[data-item]").map((item) => [item.dataset.item, item]));
  const cards = new Map(all(root, "#provisions .topic [data-card]").map((card) => [card.dataset.card, card]));
  const filters = root.querySelector('[data-role="filters"]');
  const judge = assessment(root, model.assessment, (choices) => apply({ ...state, ...choices }));
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

  function apply(choices) {
    state = choices;
    check(filters, state);
    filters.querySelector("select").value = state.topic?.[0] ?? "";
    filter();
    judge(state);
    if (state.pick?.[0] && root.querySelector(having("pick", state.pick[0]))) open(state.pick[0]);
    publish(state);
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
    if (shown !== situation) part("told").replaceChildren(templates.get(situation).cloneNode(true));
    shown = situation;
    const assumed = Object.fromEntries((state.assume ?? []).map((each) => each.split(".")));
    const values = {};
    let changed = 0;
    for (const row of all(part("told"), ".indicator")) {
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
    for (const row of all(part("told"), ".indicator")) row.classList.toggle("unlisted", isUnlisted(law, row.dataset.element, row.dataset.indicator));
    const verdict = found === "not-known" && isGap(values, law) ? "not-described" : found;
    part("verdict").dataset.verdict = verdict;
    part("answer").textContent = model.verdict[verdict];
    part("reasons").replaceChildren(...reasons(elements, values, law).map((text) => Object.assign(document.createElement("li"), { textContent: text })));
    const further = { "not-described": "", "not-trafficking": `${model.phrases.no_harm} ` }[verdict];
    part("outlook").textContent = verdict === "not-described" ? "" : `${further ?? ""}${outlook(elements, law)}`;
    part("changed").textContent = changed ? model.phrases.changed : model.phrases.as_told;
    part("as-told").hidden = !changed;
    form.onchange = (event) => {
      if (event.target.name === "situation") change({ situation: [event.target.value], assume: [] });
      else if (event.target.name === "definition") change({ definition: [event.target.value] });
      else {
        const row = event.target.closest(".indicator");
        const others = (state.assume ?? []).filter((each) => !each.startsWith(`${event.target.name}.`));
        change({ assume: event.target.value === row.dataset.value ? others : [...others, `${event.target.name}.${event.target.value}`] });
      }
    };
    part("as-told").onclick = () => change({ assume: [] });
    form.onsubmit = (event) => event.preventDefault();
  };
}

// ---- the networks page: every network stands finished in a template

function networksPage(root, model, publish) {
  const select = root.querySelector("#network");
  const stage = root.querySelector('[data-role="network"]');
  const networks = new Map(all(root, "template[data-network]").map((each) => [each.dataset.network, each.content]));

  function apply(choices) {
    const id = choices.network?.[0] ?? model.default;
    select.value = id;
    if (stage.dataset.shown !== id) stage.replaceChildren(networks.get(id).cloneNode(true));
    stage.dataset.shown = id;
    publish(id === model.default ? {} : { network: [id] });
  }

  select.addEventListener("change", () => apply({ network: [select.value] }));
  return apply;
}

// Voilà calls this while a kernel is slow to start, to keep proxies from giving up.
globalThis.voila_heartbeat ??= () => {};

// ---- mounting, and attaching a kernel

const PAGES = { routes: routesPage, profiles: profilesPage, cases: casesPage, comparison: comparisonPage, networks: networksPage, home: (root, model, publish) => publish };

function languageLinks(query) {
  for (const link of all(document, "a[data-lang]")) {
    const rest = new URLSearchParams(query);
    rest.delete("lang");
    link.href = `?lang=${link.dataset.lang}${rest.size ? `&${decodeURIComponent(rest)}` : ""}`;
  }
}

function mount(root, { hasAddress }) {
  const model = readJson(root, "view-model");
  let query = "";
  const lang = document.documentElement.lang;
  const publish = (choices) => {
    query = queryFrom(choices);
    if (hasAddress) {
      languageLinks(query);
      query = [lang === "en" ? "" : `lang=${lang}`, query].filter(Boolean).join("&");
      history.replaceState(null, "", query ? `?${query}` : location.pathname);
    }
  };
  revealSources(root, hasAddress);
  const apply = PAGES[root.dataset.page](root, model, publish);
  apply(choicesFrom(hasAddress ? location.search : "", model.options));
  root.dataset.usable = "true";
  return { model, apply, query: () => query };
}

function save(name, content, type = "text/csv") {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(type === "text/csv" ? ["\ufeff", content] : [content], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

function attach(root, widget) {
  const page = root.controller;
  const note = root.querySelector('[data-role="live-note"]');
  for (const button of all(root, "[data-download]")) {
    button.disabled = false;
    button.addEventListener("click", () => widget.send({ want: button.dataset.download, query: page.query() }));
  }
  widget.on("msg:custom", (message) => {
    if (message.error && note) note.textContent = message.error;
    if (message.content) save(message.name, message.content);
  });
  if (note) note.textContent = page.model.live.ready;
  root.dataset.live = "true";
}

function render({ model, el }) {
  el.classList.add("research-page");
  el.innerHTML = model.get("html");
  const root = el.querySelector("main");
  root.controller = mount(root, { hasAddress: false });
  attach(root, model);
}

const standing = document.querySelector("body > main[data-page]");
if (standing && !standing.controller) {
  standing.controller = mount(standing, { hasAddress: true });
  standing.attach = (widget) => attach(standing, widget);
}

export default { render };
