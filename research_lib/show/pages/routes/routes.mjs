// ---- the map: its parts, magnification, moving it, and moving between its marks by keyboard

// The part that is shown stands in the address as the middle and the width in drawing units: `zoom=412_160_300`.
const ZOOM = /^(-?\d{1,5})_(-?\d{1,5})_(\d{2,5})$/;

function mapStage(root, views, whole, moved) {
  const svg = root.querySelector('svg[data-role="map"]');
  const shape = views.journeys[3] / views.journeys[2];
  const [wholeX, wholeY, wholeW, wholeH] = whole, narrowest = views.journeys[2] / 24;
  const unit = () => w / (svg.clientWidth || 1200);
  const within = (value, low, high) => Math.min(Math.max(value, low), Math.max(low, high));
  let [x, y, w] = views.journeys, timer;

  function place(left, top, width) {
    w = within(width, narrowest, wholeW);
    x = within(left, wholeX, wholeX + wholeW - w);
    y = within(top, wholeY, wholeY + wholeH - w * shape);
    svg.setAttribute("viewBox", [x, y, w, w * shape].map((n) => n.toFixed(1)).join(" "));
    svg.style.setProperty("--unit", unit().toFixed(4));
    svg.dataset.tier = [0.25, 0.7, 1.6, 3.2].filter((step) => 1 / unit() >= step).length;
  }
  const centred = (middleX, middleY, width) => place(middleX - width / 2, middleY - width * shape / 2, width);
  const written = () => [x + w / 2, y + w * shape / 2, w].map((n) => n.toFixed(0)).join("_");

  // One movement of the hand is one step for Back and Forward.
  function tell() {
    clearTimeout(timer);
    timer = setTimeout(() => moved(written()), 350);
  }

  function show(view, zoom) {
    clearTimeout(timer);
    const numbers = zoom?.match(ZOOM)?.slice(1).map(Number);
    if (numbers) return zoom === written() || centred(...numbers);
    const [left, top, width, height] = views[view] ?? views.journeys;
    centred(left + width / 2, top + height / 2, Math.max(width, height / shape));
  }

  function zoom(factor, [atX, atY] = [x + w / 2, y + w * shape / 2]) {
    const width = within(w / factor, narrowest, wholeW);
    place(atX - (atX - x) * width / w, atY - (atY - y) * width / w, width);
    tell();
  }

  function pan(dx, dy) {
    place(x - dx * unit(), y - dy * unit(), w);
    tell();
  }
  function toUnits({ clientX, clientY }) {
    const { left, top } = svg.getBoundingClientRect();
    return [x + (clientX - left) * unit(), y + (clientY - top) * unit()];
  }

  let held = null;
  svg.addEventListener("pointerdown", (event) => { held = { x: event.clientX, y: event.clientY, moved: false }; });
  svg.addEventListener("pointermove", (event) => {
    if (!held || pinched || event.buttons !== 1) return;
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

  // Two fingers enlarge and move the map; one finger scrolls the page.
  let pinched = null;
  const fingers = ({ touches: [a, b] }) => b && {
    clientX: (a.clientX + b.clientX) / 2, clientY: (a.clientY + b.clientY) / 2,
    apart: Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY) || 1,
  };
  for (const type of ["touchstart", "touchend", "touchcancel"]) {
    svg.addEventListener(type, (event) => { pinched = fingers(event); }, { passive: true });
  }
  svg.addEventListener("touchmove", (event) => {
    const fresh = fingers(event);
    if (!pinched || !fresh) return;
    event.preventDefault();
    pan(fresh.clientX - pinched.clientX, fresh.clientY - pinched.clientY);
    zoom(fresh.apart / pinched.apart, toUnits(fresh));
    pinched = fresh;
  }, { passive: false });

  svg.addEventListener("keydown", (event) => {
    const factor = { "+": 1.5, "=": 1.5, "-": 1 / 1.5 }[event.key];
    if (!factor || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    zoom(factor);
  });
  // A place that gets the focus is brought into view.
  svg.addEventListener("focusin", ({ target }) => {
    const [atX, atY] = target.getAttribute("transform")?.match(/-?[\d.]+/g).map(Number) ?? [];
    if (atX < x || atX > x + w || atY < y || atY > y + w * shape) centred(atX, atY, w);
  });
  new ResizeObserver(() => svg.clientWidth && place(x, y, w)).observe(svg);
  return { show, zoom, svg };
}

// Arrow keys move between the marks of one drawing; each drawing is one stop of the Tab key.
function roving(drawings, root, select) {
  const reachable = (svg) => all(svg, "[role=button]")
    .filter((mark) => !mark.classList.contains("out") && mark.getAttribute("aria-hidden") !== "true");
  const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

  function refresh() {
    for (const svg of drawings) {
      for (const mark of all(svg, "[role=button]")) mark.setAttribute("tabindex", "-1");
      reachable(svg)[0]?.setAttribute("tabindex", "0");
    }
  }
  root.addEventListener("keydown", (event) => {
    const mark = event.target.closest?.("svg [role=button]");
    const svg = drawings.find((each) => each.contains(mark));
    if (!mark || !svg) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      select(mark);
    } else if (steps[event.key] || event.key === "Home" || event.key === "End") {
      event.preventDefault();
      const marks = reachable(svg);
      const index = { Home: 0, End: marks.length - 1 }[event.key]
        ?? (marks.indexOf(mark) + steps[event.key] + marks.length) % marks.length;
      mark.setAttribute("tabindex", "-1");
      marks[index].setAttribute("tabindex", "0");
      marks[index].focus();
    }
  });
  return refresh;
}

// ---- the small maps and the matrix: what a choice leaves of them

// How many steps of an organiser are shown, of those that are chosen wherever they lead, and why some are left out; empty for none.
function leftOut(model, panel, state, shown) {
  const every = model.items.filter((item) => item.panel === panel && isAllowed(item.facets, { ...state, touches: [] }));
  const left = every.filter(({ id }) => !shown.has(id)), rest = left.length;
  const why = left.every(({ facets }) => facets.touches.includes("elsewhere")) ? "left" : "left_mixed";
  const shownOf = rest ? fill(model.left.shown_of, { shown: every.length - rest, all: every.length }) : String(every.length);
  return { shownOf, said: rest ? fill(model.left[why], { rest }) : "" };
}

function panelsOf(root, model) {
  const pointed = root.querySelector('[data-role="pointed"]');
  const hint = pointed?.textContent;
  const legsOf = (mark) => mark.dataset.legs.split(" ").filter(Boolean);
  const say = (event) => {
    const line = event.target.closest?.(".panel .leg");
    if (line) pointed.textContent = line.getAttribute("aria-label");
    else if (event.type === "pointerover" && event.target.closest?.(".panel")) pointed.textContent = hint;
  };
  for (const type of ["pointerover", "focusin"]) root.addEventListener(type, say);

  function line(mark, shown) {
    const legs = legsOf(mark).filter((leg) => shown.has(`leg:${leg}`));
    mark.classList.toggle("out", !legs.length);
    const many = mark.querySelector(".many");
    if (many) many.textContent = legs.length > 1 ? legs.length : "";
    return legs.length;
  }

  function panel(figure, shown, state) {
    const counts = new Map();
    const used = new Set(), drawn = new Set();
    for (const mark of all(figure, ".leg")) {
      const count = line(mark, shown);
      if (!count) continue;
      counts.set(mark.dataset.status, (counts.get(mark.dataset.status) ?? 0) + count);
      for (const place of mark.dataset.ends.split(" ")) used.add(place);
      for (const leg of legsOf(mark)) if (shown.has(`leg:${leg}`)) drawn.add(`leg:${leg}`);
    }
    for (const place of all(figure, ".place")) place.classList.toggle("out", !used.has(place.dataset.place));
    const parts = [...counts].sort((a, b) => b[1] - a[1]).map(([status, count]) => `${count} ${model.statuses[status]}`);
    const { shownOf, said } = leftOut(model, figure.dataset.panel, state, drawn);
    figure.querySelector("[data-said]").textContent = fill(model.said, { count: shownOf, parts: parts.join(", ") || "–" });
    const left = figure.querySelector(".left");
    left.firstChild.textContent = said;
    left.hidden = !said;
  }

  return {
    drawings: all(root, ".panel"),
    legsOf,
    show(shown, state) {
      for (const figure of all(root, ".panels figure")) panel(figure, shown, state);
      for (const square of all(root, ".square")) square.classList.toggle("out", !shown.has(`leg:${square.dataset.leg}`));
      for (const cell of all(root, ".steps-matrix .amount")) {
        cell.textContent = legsOf(cell).filter((leg) => shown.has(`leg:${leg}`)).length;
      }
    },
    select(id) {
      for (const mark of all(root, ".panel .leg, .square")) {
        mark.classList.toggle("selected", `${mark.dataset.legs ?? mark.dataset.leg} `.split(" ").includes(id?.slice(4)));
      }
    },
  };
}

// ---- on a phone: the steps as a list, each with a small map of its two ends

function stepList(root, model) {
  const box = root.querySelector('[data-role="steps"]'), step = root.querySelector('[data-role="step"]');
  const phone = matchMedia("(max-width: 30rem)");
  const onMap = (id, more = "") => root.querySelector(`svg ${having("item", id)}${more}`);
  const pointOf = (place) => onMap(place, "[transform]").getAttribute("transform").match(/-?[\d.]+/g).map(Number);
  let shownNow = new Set(), stateNow = {};

  function entry({ id, places, status, facets }) {
    const row = step.content.firstElementChild.cloneNode(true);
    const cell = (at) => root.querySelector(having("row", id)).cells[at].textContent;
    const write = (selector, text) => { row.querySelector(selector).textContent = text; };
    row.querySelector("button").dataset.select = id;
    write("b", `${cell(1)} → ${cell(2)}`);
    write("button span", cell(0));
    write(".papers", `${model.papers}: ${model.statuses[status]}`);
    write(".certainty", cell(8));
    row.querySelector(".certainty").classList.add(facets.certainty);
    cut(row.querySelector("svg"), onMap(id), places.map(pointOf));
    return row;
  }

  // The land stands once on the page; each small map uses it and shows the part around its line.
  function cut(map, leg, ends) {
    const [x, y] = [0, 1].map((axis) => ends.map((end) => end[axis]));
    const width = Math.max(150, Math.abs(x[0] - x[1]) * 1.3, Math.abs(y[0] - y[1]) * 2);
    const box = [(x[0] + x[1] - width) / 2, (y[0] + y[1] - width / 1.5) / 2, width, width / 1.5];
    map.setAttribute("viewBox", box.map((n) => n.toFixed(1)).join(" "));
    map.style.setProperty("--unit", width / 112);
    Object.assign(map.querySelector(".leg").dataset, { status: leg.dataset.status, actor: leg.dataset.actor });
    const line = leg.querySelector(".stroke").cloneNode(), long = line.getTotalLength();
    map.querySelector(".leg").append(line);
    const [last, before] = [long, long * .95].map((at) => line.getPointAtLength(at));
    const turn = Math.atan2(last.y - before.y, last.x - before.x) * 180 / Math.PI;
    all(map, ".end").forEach((mark, at) => mark.setAttribute("transform", `translate(${ends[at]})rotate(${at * turn})scale(${width / 40})`));
  }

  function group(panel, name, items) {
    const part = make("details", "", { open: box.querySelector(having("organiser", panel))?.open });
    part.dataset.organiser = panel;
    const list = make("ol"), summary = make("summary"), note = make("p", "", { className: "left" });
    const { shownOf, said } = leftOut(model, panel, stateNow, shownNow);
    summary.append(make("b", name, { className: panel }), ` ${shownOf}`);
    list.append(...items.map(entry));
    const button = make("button", model.left.list_all, { className: "link" });
    button.dataset.role = "show-all";
    note.append(said, button);
    part.append(summary, ...(said ? [note] : []), list);
    return part;
  }

  function show(shown = shownNow, state = stateNow) {
    [shownNow, stateNow] = [shown, state];
    const parts = !phone.matches ? [] : Object.entries(model.organisers).flatMap(([panel, name]) => {
      const items = model.items.filter((item) => item.panel === panel && shown.has(item.id));
      return items.length ? group(panel, name, items) : [];
    });
    box.replaceChildren(...parts);
    if (!box.querySelector("[open]") && parts[0]) parts[0].open = true;
  }
  phone.onchange = () => show();
  return show;
}

// ---- the routes page

function routesPage(root, model, publish) {
  const partOf = (role) => root.querySelector(`[data-role="${role}"]`);
  const form = partOf("filters");
  const copies = cardStore(root);
  const defaults = checked(form);
  const stage = mapStage(root, model.views, model.whole, (zoom) => apply({ ...state, zoom: [zoom] }));
  const showSteps = stepList(root, model);
  const details = partOf("details");
  const items = new Map(all(partOf("items").content, "[data-item]")
    .map((item) => [item.dataset.item, item]));
  let state = {};
  const idsOf = (choices) => model.items.filter((item) => isAllowed(item.facets, choices)).map((item) => item.id);
  const atFirst = String(idsOf(defaults)), chain = partOf("count").textContent;
  const refreshFacets = facetForm(root, form, model.some);
  const panels = panelsOf(root, model);
  const large = partOf("large"), table = partOf("listing"), more = partOf("more");
  const idOf = (mark) => mark.dataset.item
    ?? `leg:${panels.legsOf(mark).find((leg) => shownNow.has(`leg:${leg}`)) ?? panels.legsOf(mark)[0]}`;
  const refreshKeys = roving([...panels.drawings, stage.svg], root, (mark) => choose(idOf(mark), true));
  let shownNow = new Set(), seen = "";

  const empty = [...details.childNodes];

  function showDetails(id) {
    const item = items.get(id)?.cloneNode(true);
    for (const mark of all(root, "[data-item].selected, [data-row].selected")) mark.classList.remove("selected");
    panels.select(id);
    if (!item) return details.replaceChildren(...empty);
    for (const list of all(item, "[data-cards]")) list.append(...copies(list.dataset.cards.split(" ")));
    details.replaceChildren(item);
    for (const mark of all(root, `svg ${having("item", id)}, ${having("row", id)}`)) mark.classList.add("selected");
  }

  function choose(id, isMove) {
    apply({ ...state, select: [id] });
    const { top } = details.getBoundingClientRect();
    if (!isMove) return;
    if (top < 0 || top > innerHeight) details.scrollIntoView({ block: "start" });
    else if (top > innerHeight - 240) scrollBy(0, top - innerHeight / 2);
  }

  // Of the places that are chosen: how many steps name which one, and how many name only a place around it.
  function placesSaid(shown) {
    const nameOf = (box) => box.parentElement.textContent.trim();
    return ["destination", "origin"].filter((name) => state[name]?.length).map((name) => {
      const boxes = all(form, `input[name=${name}]`);
      const naming = (box, items) => items.filter(({ facets }) => facets[name][0] === box.value).length;
      const counted = (items, phrase) => boxes.map((box) => [naming(box, items), nameOf(box)]).filter(([count]) => count)
        .sort(([a], [b]) => b - a).map(([count, place]) => phrase(count, place));
      const own = counted(model.items.filter(({ id }) => shown.has(id)), (count, place) => `${place} ${count}`);
      const around = new Set(model.items.flatMap(({ facets }) => state[name].filter((place) => facets[name].includes(place))
        .flatMap((place) => facets[name].slice(facets[name].indexOf(place) + 1))));
      const rest = model.items.filter(({ id, facets }) => !shown.has(id) && around.has(facets[name][0]) && isAllowed(facets, { ...state, [name]: [] }));
      return [own.length ? `: ${own.join(", ")}` : "", ".", ...counted(rest, (count, place) => ` ${fill(model.only, { count, place })}`)].join("");
    }).join("");
  }

  function filter() {
    const shown = new Set(idsOf(state));
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
    more.textContent = fill(model.more, { count: shown.size - model.rows });
    more.hidden = shown.size <= model.rows || !table.classList.contains("folded");
    partOf("none").hidden = shown.size > 0;
    partOf("hidden").hidden = shown.size === model.items.length;
    panels.show(shown, state);
    if (String([...shown]) !== String([...shownNow])) showSteps(shown, state);
    shownNow = shown;
    refreshFacets();
    partOf("count").textContent = String([...shown]) === atFirst ? chain : fill(model.count, { shown: shown.size, all: model.items.length }) + placesSaid(shown);
    return shown;
  }

  function apply(choices) {
    state = { ...defaults, ...choices };
    if (state.zoom?.length && !ZOOM.test(state.zoom[0])) {
      state = { ...state, zoom: [] };
      partOf("left-out").hidden = false;
    }
    check(form, state);
    let shown = filter();
    const isHidden = () => state.select?.[0]?.startsWith("leg:") && !shown.has(state.select[0]);
    if (isHidden() && !choices.kind && !choices.touches) {
      // An address that names a step only shows it, though the page hides it at first.
      state = { ...state, kind: model.options.kind, touches: model.options.touches ?? [] };
      check(form, state);
      shown = filter();
    }
    if (isHidden()) state = { ...state, select: [] };
    const view = state.view?.[0] ?? "journeys";
    const zoomed = state.zoom?.[0], part = `${view} ${zoomed}`;
    if (seen !== part) stage.show(view, zoomed);
    seen = part;
    large.open ||= view !== "journeys" || Boolean(zoomed || state.select?.[0]?.startsWith("place:"));
    for (const button of all(root, "[data-set-view]")) {
      button.setAttribute("aria-pressed", String(!zoomed && button.dataset.setView === view));
    }
    showDetails(state.select?.[0]);
    refreshKeys();
    publish(state);
    return state.select?.[0] ? details : null;
  }

  // All steps of the first kinds, wherever they lead: on the large map, or on a phone in the list that was asked.
  function showEverywhere(button) {
    const { organiser } = button.closest("[data-organiser]")?.dataset ?? {};
    apply({ ...part(), kind: defaults.kind, touches: model.options.touches });
    large.open = true;
    (organiser ? root.querySelector(having("organiser", organiser)) : large).querySelector("summary").focus();
  }

  table.classList.add("folded");

  // The button goes, so the first row that it shows takes the focus.
  function showAllRows() {
    const next = all(table, "[data-row]:not([hidden])")[model.rows];
    table.classList.remove("folded");
    more.hidden = true;
    next.querySelector("button").focus();
  }

  // A small map or the large one, with what is chosen and how its lines are read.
  function savePanel(figure) {
    const title = root.querySelector("h1").textContent, name = figure.dataset.panel ?? "map";
    const told = all(figure, "figcaption > *:not(:has(button)), .left").filter((each) => !each.hidden).map((each) => each.firstChild.textContent);
    savePicture(root, `routes-${name}`, [figure.querySelector("svg.panel, svg[data-role=map]")], {
      kicker: figure.dataset.panel ? told.shift() : "", title, keys: all(root, ".phone-key li"), notes: [...told, partOf("count").textContent, root.querySelector(".below > .note").textContent],
    });
  }

  const part = () => ({ view: state.view ?? [], zoom: state.zoom ?? [] });
  form.addEventListener("change", () => apply({ ...part(), select: state.select ?? [], kind: model.options.kind, touches: model.options.touches, ...checked(form) }));
  form.addEventListener("reset", (event) => { event.preventDefault(); apply({ ...part(), kind: model.options.kind, touches: model.options.touches }); });
  form.addEventListener("submit", (event) => event.preventDefault());
  root.addEventListener("click", (event) => {
    const mark = event.target.closest("svg [data-item], .panel .leg");
    const row = event.target.closest("[data-select]");
    const view = event.target.closest("[data-set-view]"), isReset = event.target.closest('[data-role="reset-map"]');
    const zoom = event.target.closest("[data-zoom]");
    if (mark) choose(idOf(mark), true);
    if (row) choose(row.dataset.select, true);
    if (view || isReset) seen = "";
    if (view) apply({ ...state, view: [view.dataset.setView], zoom: [] });
    if (event.target.closest('[data-role="default"]')) apply(part());
    if (event.target.dataset.role === "show-all") showEverywhere(event.target);
    if (event.target === more) showAllRows();
    if (event.target.closest("[data-picture]")) savePanel(event.target.closest("figure, .mapbox"));
    if (isReset) apply({ ...state, view: [], zoom: [] });
    if (zoom) stage.zoom(Number(zoom.dataset.zoom));
  });
  return apply;
}

PAGES.routes = routesPage;
