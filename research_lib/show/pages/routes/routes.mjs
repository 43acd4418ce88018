// The routes page: its maps, of which one is shown, the matrix, the steps as a list, and the table.

import { all, having, make } from "../shared/elements.mjs";
import { check, checked, facetForm } from "../shared/forms.mjs";
import { fillFolds, keptParts } from "../shared/kept_parts.mjs";
import { isAllowed } from "../shared/logic/filters.mjs";
import { SAVED } from "../shared/logic/picture_text.mjs";
import { fill } from "../shared/logic/text.mjs";
import { savePicture } from "../shared/pictures.mjs";
import { PAGES } from "../shared/registered.mjs";
import { countSteps, joinedLines, lookOf, mapOf, placesSaid, statusesSaid } from "./logic/counted_steps.mjs";
import { numbersOf, placeIn, tierOf, writtenZoom } from "./logic/map_part.mjs";

const ENLARGED = 1.05; // drawing units in a pixel, below which a crowd of places has room for short lines between them

// ---- the map: its parts, magnification, moving it, and moving between its marks by keyboard

function mapStage(root, whole, moved) {
  const svg = root.querySelector('svg[data-role="map"]');
  const shape = whole[3] / whole[2];
  let [x, y, w] = whole, drawn = svg.clientWidth || 1200, timer, frame;
  const unit = () => w / drawn, texts = [...all(svg, ".place text"), ...all(svg, ".leg .many")];
  // A name or a count that the edge of the map would cut is left out, or that would stand on one before it; its mark stays, and says it where it is pointed at.
  function leaveOutCut() {
    const edge = svg.getBoundingClientRect(), boxes = texts.map((text) => text.getBoundingClientRect()), kept = [];
    boxes.forEach((box, at) => {
      const isCut = box.left < edge.left || box.right > edge.right || box.top < edge.top || box.bottom > edge.bottom;
      const isOn = (other) => box.left < other.right && box.right > other.left && box.top < other.bottom && box.bottom > other.top;
      const isSeen = texts[at].checkVisibility({ visibilityProperty: true }), isLeftOut = isSeen && (isCut || kept.some(isOn));
      texts[at].classList.toggle("cut", isLeftOut);
      if (isSeen && !isLeftOut) kept.push(box);
    });
  }

  function place(left, top, width) {
    [x, y, w] = placeIn(whole, left, top, width);
    svg.setAttribute("viewBox", [x, y, w, w * shape].map((n) => n.toFixed(1)).join(" "));
    svg.style.setProperty("--unit", unit().toFixed(4));
    svg.dataset.tier = tierOf(unit());
    svg.classList.toggle("enlarged", unit() < ENLARGED);
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(leaveOutCut);
  }
  const centred = (middleX, middleY, width) => place(middleX - width / 2, middleY - width * shape / 2, width);
  const written = () => writtenZoom(x + w / 2, y + w * shape / 2, w);

  // One movement of the hand is one step for Back and Forward.
  function tell() {
    clearTimeout(timer);
    timer = setTimeout(() => moved(written()), 350);
  }

  function show([left, top, width, height], zoom) {
    clearTimeout(timer);
    const numbers = numbersOf(zoom);
    if (numbers) return zoom === written() || centred(...numbers);
    centred(left + width / 2, top + height / 2, Math.max(width, height / shape));
  }

  function zoom(factor, [atX, atY] = [x + w / 2, y + w * shape / 2]) {
    const [, , width] = placeIn(whole, x, y, w / factor);
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
    const [atX, atY] = target.querySelector(":scope > [transform]")?.getAttribute("transform").match(/-?[\d.]+/g).map(Number) ?? [];
    if (atX < x || atX > x + w || atY < y || atY > y + w * shape) centred(atX, atY, w);
  });
  // As it is where it is so wide, for as long as a picture of it is made.
  function drawnAs(least, work) {
    const before = drawn;
    drawn = Math.max(least, before);
    place(x, y, w);
    leaveOutCut();
    work();
    drawn = before;
    place(x, y, w);
  }
  new ResizeObserver(() => {
    if (!svg.clientWidth || svg.clientWidth === drawn) return;
    drawn = svg.clientWidth;
    place(x, y, w);
  }).observe(svg);
  return { show, zoom, svg, drawnAs, leaveOutCut };
}

// Arrow keys move between the marks of the map, which is one stop of the Tab key.
function roving(svg, select) {
  const reachable = () => all(svg, "[role=button]").filter((mark) => mark.getAttribute("aria-hidden") !== "true" && mark.checkVisibility());
  const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

  function refresh() {
    for (const mark of all(svg, "[role=button]")) mark.setAttribute("tabindex", "-1");
    reachable()[0]?.setAttribute("tabindex", "0");
  }
  svg.addEventListener("keydown", (event) => {
    const mark = event.target.closest("[role=button]");
    if (!mark) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      select(mark);
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

// ---- the maps of the organisers, of which one is shown, and the matrix: what a choice leaves of them

const legsOf = (mark) => mark.dataset.legs.split(" ").filter(Boolean);

function organiserMaps(root, model, svg) {
  const title = root.querySelector('[data-role="map-title"]'), ofEach = svg.querySelector('[data-organiser="all"] .leg') ? "" : "all";
  const items = new Map(model.items.map((item) => [item.id.slice(4), item]));

  // A line for all organisers has the colour and the dash that all its steps have.
  function colour(mark, legs) {
    const [hue, status] = lookOf(legs.map((leg) => items.get(leg)));
    mark.classList.remove(...Object.keys(model.organisers));
    mark.classList.add(hue);
    mark.dataset.status = status;
    mark.querySelector(".stroke").setAttribute("marker-end", `url(#tip-${hue})`);
  }

  function shownLegs(mark, shown) {
    const legs = legsOf(mark).filter((leg) => shown.has(`leg:${leg}`));
    mark.classList.toggle("out", !legs.length);
    const many = mark.querySelector(".many");
    if (many) many.textContent = legs.length > 1 ? legs.length : "";
    return legs;
  }

  // Marks the steps and places that are seen, and counts the steps by organiser and by legal status.
  function show(map, shown, isFirst) {
    const lines = [], used = new Set();
    for (const mark of all(svg, ".leg")) {
      const { organiser } = mark.parentNode.dataset, { status, ends } = mark.dataset;
      const legs = shownLegs(mark, shown), count = legs.length, isSeen = count && [organiser, ofEach].includes(map);
      if (organiser !== "all") lines.push({ organiser, status, count });
      else if (count) colour(mark, legs);
      mark.setAttribute("aria-hidden", String(!isSeen));
      for (const place of isSeen ? ends.split(" ") : []) used.add(place);
    }
    for (const place of all(svg, ".place")) {
      const isSeen = place.parentNode.dataset.organiser === map && used.has(place.dataset.item.slice(6));
      place.classList.toggle("out", !isSeen);
      place.setAttribute("aria-hidden", String(!isSeen));
    }
    for (const part of all(svg, ".organiser")) part.classList.toggle("out", map !== part.dataset.organiser && (map !== ofEach || !part.querySelector(".leg")));
    const { counts, drawn, statuses } = countSteps(lines, map);
    for (const count of all(root, "[data-count]")) count.textContent = count.dataset.count === "all" ? drawn : counts[count.dataset.count] ?? 0;
    for (const line of all(root, ".maptabs [data-legs]")) shownLegs(line, shown);
    for (const tab of all(root, "[data-set-map]")) tab.setAttribute("aria-pressed", String(tab.dataset.setMap === map));
    title.className = map;
    title.textContent = (isFirst && model.titles[map]) || model.organisers[map];
    root.querySelector('[data-role="said"]').textContent = fill(model.said, { count: map === "all" ? drawn : counts[map] ?? 0, parts: statusesSaid(statuses, model.statuses, model.comma) });
    for (const square of all(root, ".square")) square.classList.toggle("out", !shown.has(`leg:${square.dataset.leg}`));
    for (const cell of all(root, ".steps-matrix .amount")) cell.textContent = legsOf(cell).filter((leg) => shown.has(`leg:${leg}`)).length;
  }

  // What is chosen, with the other steps of its journey.
  function select(id, routes) {
    const leg = id?.startsWith("leg:") && id.slice(4), route = routes.get(leg);
    for (const mark of all(root, "[data-role=map] .leg, .square")) {
      const legs = mark.dataset.legs ? legsOf(mark) : [mark.dataset.leg];
      mark.classList.toggle("selected", legs.includes(leg));
      mark.classList.toggle("along", Boolean(route) && legs.some((each) => routes.get(each) === route));
    }
    for (const journey of all(root, '[data-role="journeys"] button')) journey.setAttribute("aria-pressed", String(Boolean(route) && routes.get(legsOf(journey)[0]) === route));
    for (const line of all(root, '[data-role="lines"] button')) line.setAttribute("aria-pressed", String(legsOf(line).includes(leg)));
  }
  return { show, select };
}

// What is pointed at is said beside it, and the other steps of its journeys light up with it.
function pointing(root, svg, routes) {
  const note = root.querySelector('[data-role="pointer"]');
  const routesOf = (mark) => legsOf(mark).map((leg) => routes.get(leg));

  function light(line) {
    const lit = new Set(line ? routesOf(line) : []);
    svg.classList.toggle("lights", Boolean(line));
    for (const mark of all(svg, ".leg")) mark.classList.toggle("lit", routesOf(mark).some((route) => lit.has(route)));
  }
  function say(event) {
    const mark = event.target.closest?.("[role=button]"), line = mark?.closest(".leg");
    if (line !== svg.querySelector(".leg.lit")) light(line);
    note.hidden = !mark;
    if (!mark) return;
    note.textContent = mark.getAttribute("aria-label");
    const box = note.parentNode.getBoundingClientRect(), at = mark.getBoundingClientRect();
    const { x, y } = event.clientX ? { x: event.clientX, y: event.clientY } : { x: (at.left + at.right) / 2, y: (at.top + at.bottom) / 2 };
    note.style.left = `${Math.max(0, Math.min(x - box.left + 14, box.width - note.offsetWidth))}px`;
    note.style.top = `${y - box.top + 18}px`;
  }
  for (const type of ["pointermove", "focusin", "pointerleave", "focusout"]) svg.addEventListener(type, say);
  for (const list of all(root, ".journeys")) {
    for (const type of ["pointerover", "focusin"]) list.addEventListener(type, ({ target }) => light(target.closest("[data-legs]")));
    for (const type of ["pointerleave", "focusout"]) list.addEventListener(type, () => light());
  }
  svg.addEventListener("click", () => { note.hidden = true; });
}

// ---- the journeys of several steps, of which the map shows one or more; each is chosen by the first of them

function journeyList(root, model) {
  const box = root.querySelector('[data-role="journeys"]');
  const panelOf = new Map(model.items.map(({ id, panel }) => [id.slice(4), panel]));
  let listed;

  // A step that the map lacks stands on another one, or a filter hides it.
  function entry(route, map, seen) {
    const [places, legs] = model.journeys[route], first = Object.keys(legs).find((leg) => seen.has(leg));
    const item = make("li"), button = make("button", places, { type: "button", className: "link" });
    const whereIs = (leg) => ["all", panelOf.get(leg)].includes(map) ? model.filters : model.organisers[panelOf.get(leg)];
    Object.assign(button.dataset, { select: `leg:${first}`, legs: first });
    item.append(button);
    for (const leg of Object.keys(legs).filter((each) => !seen.has(each))) {
      item.append(" ", make("span", fill(model.elsewhere, { step: legs[leg], where: whereIs(leg) }), { className: "note" }));
    }
    return item;
  }
  return (map, shown) => {
    const seen = model.items.filter(({ id, panel }) => shown.has(id) && (map === "all" || map === panel));
    const legs = new Set(seen.map(({ id }) => id.slice(4))), routes = new Set(seen.map(({ route }) => route));
    if (listed === `${map} ${[...legs]}`) return; // so that a journey that is chosen keeps the focus
    listed = `${map} ${[...legs]}`;
    const entries = Object.keys(model.journeys).filter((route) => routes.has(route)).map((route) => entry(route, map, legs));
    box.querySelector("ul").replaceChildren(...entries);
    box.hidden = !entries.length;
  };
}

// ---- where lines join countries: from which to which, those of most steps first

function lineList(root, model, svg) {
  const box = root.querySelector('[data-role="lines"]'), items = new Map(model.items.map((item) => [item.id.slice(4), item]));
  let listed;

  function entry({ ends, legs, parts }, map) {
    const item = make("li"), button = make("button", ends.split(" ").map((place) => model.ends[place]).join(" → "), { type: "button", className: "link" });
    Object.assign(button.dataset, { select: `leg:${legs[0]}`, legs: legs.join(" ") });
    const said = parts.map(([part, count]) => map === "all" ? `${model.organisers[part]} ${count}` : `${count} ${model.statuses[part]}`).join(model.comma);
    item.append(button, " ", make("span", parts.length > 1 ? legs.length + model.colon + said : said, { className: "note" }));
    return item;
  }
  return (map, shown) => {
    const marks = model.gathered.includes(map) ? all(svg, `${having("organiser", map)} .leg`) : [];
    const seen = marks.flatMap((mark) => legsOf(mark).filter((leg) => shown.has(`leg:${leg}`)).map((leg) => {
      const { panel, status } = items.get(leg);
      return { ends: mark.dataset.ends, part: map === "all" ? panel : status, leg };
    }));
    const lines = joinedLines(seen), key = JSON.stringify([map, lines]);
    box.hidden = !lines.length;
    root.querySelector('[data-role="gathered"]')?.toggleAttribute("hidden", box.hidden);
    if (key !== listed) box.querySelector("ul").replaceChildren(...lines.map((line) => entry(line, map)));
    listed = key; // so that a line that is chosen keeps the focus
  };
}

// ---- on a phone: the steps of the map as a list

const PHONE = matchMedia("(max-width: 30rem)");

function stepList(root, model) {
  const box = root.querySelector('[data-role="steps"]'), step = root.querySelector('[data-role="step"]');

  function entry({ id, status, facets }) {
    const row = step.content.firstElementChild.cloneNode(true);
    const cell = (at) => root.querySelector(having("row", id)).cells[at].textContent;
    const write = (selector, text) => { row.querySelector(selector).textContent = text; };
    row.querySelector("button").dataset.select = id;
    write("b", `${cell(1)} → ${cell(2)}`);
    write("button span", cell(0));
    write(".papers", model.papers + model.colon + model.statuses[status]);
    write(".certainty", cell(8));
    row.querySelector(".certainty").classList.add(facets.certainty);
    return row;
  }
  return (map, shown) => {
    if (!PHONE.matches || model.gathered.includes(map)) return box.replaceChildren();
    fillFolds(all(root, '[data-role="legs"] tbody'));
    box.replaceChildren(...model.items.filter(({ id, panel }) => shown.has(id) && (map === "all" || map === panel)).map(entry));
  };
}

// ---- the routes page

function routesPage(root, model, publish) {
  const partOf = (role) => root.querySelector(`[data-role="${role}"]`);
  const form = partOf("filters");
  const cards = keptParts(root, "cards"), legs = keptParts(root, "legs"), places = keptParts(root, "places");
  const defaults = checked(form);
  const stage = mapStage(root, model.boxes.all, (zoom) => apply({ ...state, zoom: [zoom] }));
  const showSteps = stepList(root, model), showJourneys = journeyList(root, model), showLines = lineList(root, model, stage.svg);
  const details = partOf("details");
  let state = {};
  const idsOf = (choices) => model.items.filter((item) => isAllowed(item.facets, choices)).map((item) => item.id);
  const atFirst = String(idsOf(defaults)), chain = partOf("count").textContent;
  const refreshFacets = facetForm(root, form, model.some);
  const maps = organiserMaps(root, model, stage.svg);
  const table = partOf("listing"), rows = table.querySelector("tbody"), more = partOf("more");
  const idOf = (mark) => mark.dataset.item ?? `leg:${legsOf(mark).find((leg) => shownNow.has(`leg:${leg}`)) ?? legsOf(mark)[0]}`;
  const refreshKeys = roving(stage.svg, (mark) => choose(idOf(mark), true));
  const panelOf = new Map(model.items.map(({ id, panel }) => [id, panel]));
  let shownNow = new Set(), seen = "", map = model.first;
  const names = { panel: model.organisers, certainty: model.certainties };
  for (const box of all(form, "input")) (names[box.name] ??= {})[box.value] = box.parentElement.textContent.trim();
  const routes = new Map(model.items.map(({ id, route }) => [id.slice(4), route]));
  pointing(root, stage.svg, routes);

  const empty = [...details.childNodes];

  // A line between two countries stands for many steps: the others on it that are shown, to be chosen in their turn.
  function listLine(key, item) {
    const line = all(stage.svg, '.leg[aria-hidden="false"]').find((mark) => legsOf(mark).includes(key));
    const others = legs(legsOf(line).filter((leg) => leg !== key && shownNow.has(`leg:${leg}`)));
    if (!others.length) return;
    const fold = make("details"), list = fold.appendChild(make("ul"));
    fold.prepend(make("summary", fill(model.on_line, { count: others.length })));
    for (const other of others) {
      const row = list.appendChild(make("li")), button = row.appendChild(make("button", other.querySelector(".step").textContent, { type: "button", className: "link" }));
      button.dataset.select = other.dataset.item;
      row.append(" ", other.querySelector("h2").textContent);
    }
    item.querySelector("dl").before(fold);
  }

  function showDetails(id) {
    const [kind, key] = id?.split(/:(.*)/s) ?? [], [item] = (kind === "leg" ? legs : places)([key]);
    for (const mark of all(root, "[data-item].selected, [data-row].selected")) mark.classList.remove("selected");
    maps.select(id, routes);
    if (!item) return details.replaceChildren(...empty);
    if (kind === "leg" && partOf("gathered")) listLine(key, item);
    for (const list of all(item, "[data-cards]")) list.append(...cards(list.dataset.cards.split(" ")));
    details.replaceChildren(item);
    for (const mark of all(root, `svg ${having("item", id)}, ${having("row", id)}`)) mark.classList.add("selected");
  }

  function choose(id, isMove) {
    const isElsewhere = map !== "all" && panelOf.has(id) && panelOf.get(id) !== map;
    apply({ ...state, select: [id], ...isElsewhere ? { map: [panelOf.get(id)], view: [], zoom: [] } : {} });
    const { top } = details.getBoundingClientRect();
    if (!isMove) return;
    if (top < 0 || top > innerHeight) {
      details.scrollIntoView({ block: "start" });
      details.focus({ preventScroll: true }); // what was chosen may have left the window
    } else if (top > innerHeight - 240) scrollBy(0, top - innerHeight / 2);
  }

  const goTo = (places) => apply({ ...state, ...places, select: [], map: [], view: [], zoom: [] });

  // The button goes with the sentence, so the filters take the focus.
  function chooseInstead(places) {
    goTo(places);
    partOf("filterbox").firstElementChild.focus();
  }

  function filter() {
    const shown = new Set(idsOf(state)), isFirst = String([...shown]) === atFirst;
    map = mapOf(model, state, shown);
    if (!isFirst) fillFolds([rows]);
    for (const row of all(root, "[data-row]")) row.hidden = !shown.has(row.dataset.row);
    more.textContent = fill(model.more, { count: shown.size - model.rows });
    more.hidden = shown.size <= model.rows || !table.classList.contains("folded");
    for (const near of all(root, "[data-destination]")) near.setAttribute("aria-pressed", String(String(state.destination ?? "") === near.dataset.destination));
    partOf("none").hidden = shown.size > 0;
    partOf("hidden").hidden = shown.size === model.items.length;
    maps.show(map, shown, isFirst);
    showSteps(map, shown);
    showJourneys(map, shown);
    showLines(map, shown);
    shownNow = shown;
    const chosen = refreshFacets();
    partOf("chosen").textContent = isFirst ? "" : chosen;
    const said = isFirst ? chain : fill(model.count, { shown: shown.size, all: model.items.length });
    const parts = isFirst ? [] : placesSaid(model.items, state, shown, names, model);
    const [answers, others] = [true, false].map((isAnswer) => parts.filter((each) => Boolean(each.isAnswer) === isAnswer));
    partOf("count").replaceChildren(...answers.flatMap(({ text }) => [make("b", text), make("br")]), said,
      ...others.flatMap(({ text, choose }) => choose ? [make("br"), make("button", text, { type: "button", className: "link", onclick: () => chooseInstead(choose) })] : [text]));
    return shown;
  }

  function apply(choices) {
    state = { ...defaults, ...choices };
    if (state.zoom?.length && !numbersOf(state.zoom[0])) {
      state = { ...state, zoom: [] };
      partOf("left-out").hidden = false;
    }
    check(form, state);
    let shown = filter();
    const isHidden = () => state.select?.[0]?.startsWith("leg:") && !shown.has(state.select[0]);
    if (isHidden() && !choices.kind) {
      // An address that names a step only shows it, though the page hides it at first.
      state = { ...state, kind: model.options.kind };
      check(form, state);
      shown = filter();
    }
    if (isHidden()) state = { ...state, select: [] };
    const view = state.view?.[0], zoomed = state.zoom?.[0], part = `${map} ${view} ${zoomed}`;
    if (seen !== part) stage.show(model.views[view] ?? model.boxes[map] ?? model.boxes.all, zoomed);
    else requestAnimationFrame(stage.leaveOutCut);
    seen = part;
    for (const button of all(root, "[data-set-view]")) {
      button.setAttribute("aria-pressed", String(!zoomed && button.dataset.setView === view));
    }
    showDetails(state.select?.[0]);
    refreshKeys();
    publish(state);
    return state.select?.[0] ? details : null;
  }

  // The button goes, so the first row that it shows takes the focus.
  function showAllRows() {
    fillFolds([rows]);
    const next = all(table, "[data-row]:not([hidden])")[model.rows];
    table.classList.remove("folded");
    more.hidden = true;
    next.querySelector("button").focus();
  }

  // The map with what it shows, what is chosen on it, how its lines are read, and who says it.
  function saveMap(kind) {
    const key = root.appendChild(make("div", "", { className: "unseen" })), step = details.querySelector(".step");
    const drawn = [...shownNow].filter((id) => map === "all" || panelOf.get(id) === map);
    const behind = legs(drawn.map((id) => id.slice(4))).flatMap((item) => all(item, "[data-cards]").flatMap((list) => list.dataset.cards.split(" ")));
    key.append(...empty.map((each) => each.cloneNode(true)), ...cards([...new Set(behind)]));
    const [head, ...lines] = all(partOf("lines"), "h3, li").map((each) => each.textContent);
    const gathered = partOf("lines").hidden ? [] : [partOf("gathered"), make("p", head + model.colon + lines.join(model.semicolon))];
    const said = [partOf("said"), step, partOf("count"), key.querySelector('[data-role="note"]'), ...gathered, partOf("borders")].filter(Boolean);
    stage.drawnAs(SAVED.column, () => savePicture(root, `routes-${map}`, [stage.svg], {
      least: SAVED.column, kicker: root.querySelector("h1").textContent, title: partOf("map-title").textContent, keys: all(key, ".keys li"),
      notes: said.map((each) => each.textContent), sources: all(key, "a.source"),
    }, kind));
    key.remove();
  }

  const part = () => ({ map: state.map ?? [], view: state.view ?? [], zoom: state.zoom ?? [] });
  form.addEventListener("change", () => apply({ ...part(), select: state.select ?? [], kind: model.options.kind, ...checked(form) }));
  form.addEventListener("reset", (event) => { event.preventDefault(); apply({ ...part(), kind: model.options.kind }); });
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("beforeprint", () => fillFolds([rows]));
  PHONE.addEventListener("change", () => showSteps(map, shownNow));
  root.addEventListener("click", (event) => {
    const mark = event.target.closest("svg [data-item], [data-role=map] .leg");
    const row = event.target.closest("[data-select]"), zoom = event.target.closest("[data-zoom]");
    const view = event.target.closest("[data-set-view]"), tab = event.target.closest("[data-set-map]");
    const isReset = event.target.closest('[data-role="reset-map"]');
    if (mark) choose(idOf(mark), true);
    if (row) choose(row.dataset.select, true);
    const near = event.target.closest("[data-destination]");
    if (near) goTo({ destination: [near.dataset.destination] });
    if (tab) apply({ ...state, map: [tab.dataset.setMap], select: [], view: [], zoom: [] });
    if (view || isReset) seen = "";
    if (view) apply({ ...state, view: [view.dataset.setView], zoom: [] });
    if (event.target.closest('[data-role="default"]')) apply(part());
    if (event.target === more) showAllRows();
    const picture = event.target.closest("[data-picture]");
    if (picture) saveMap(picture.dataset.kind);
    if (isReset) apply({ ...state, view: [], zoom: [] });
    if (zoom) stage.zoom(Number(zoom.dataset.zoom));
  });
  return apply;
}

PAGES.routes = routesPage;
