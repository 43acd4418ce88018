// ---- the map: its parts, magnification, moving it, and moving between its marks by keyboard

// The part that is shown stands in the address as the middle and the width in drawing units: `zoom=412_160_300`.
const ZOOM = /^(-?\d{1,5})_(-?\d{1,5})_(\d{2,5})$/;

function mapStage(root, views, whole, moved) {
  const svg = root.querySelector('svg[data-role="map"]');
  const shape = views.journeys[3] / views.journeys[2];
  const [wholeX, wholeY, wholeW, wholeH] = whole;
  const narrowest = views.journeys[2] / 24;
  const within = (value, low, high) => Math.min(Math.max(value, low), Math.max(low, high));
  let [x, y, w] = views.journeys, timer;

  function place(left, top, width) {
    w = within(width, narrowest, wholeW);
    x = within(left, wholeX, wholeX + wholeW - w);
    y = within(top, wholeY, wholeY + wholeH - w * shape);
    svg.setAttribute("viewBox", [x, y, w, w * shape].map((n) => n.toFixed(1)).join(" "));
    const magnification = (svg.clientWidth || svg.parentElement.clientWidth || 1200) / w;
    svg.style.setProperty("--unit", (1 / magnification).toFixed(4));
    svg.dataset.tier = String([0.25, 0.7, 1.6, 3.2].filter((step) => magnification >= step).length);
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

  const unit = () => w / (svg.clientWidth || 1200);
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
  const fingers = ({ touches: [a, b] }) => ({
    clientX: (a.clientX + b.clientX) / 2, clientY: (a.clientY + b.clientY) / 2,
    apart: Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY) || 1,
  });
  svg.addEventListener("touchstart", (event) => { pinched = event.touches.length === 2 ? fingers(event) : null; }, { passive: true });
  svg.addEventListener("touchmove", (event) => {
    if (!pinched || event.touches.length !== 2) return;
    event.preventDefault();
    const fresh = fingers(event);
    pan(fresh.clientX - pinched.clientX, fresh.clientY - pinched.clientY);
    zoom(fresh.apart / pinched.apart, toUnits(fresh));
    pinched = fresh;
  }, { passive: false });
  for (const type of ["touchend", "touchcancel"]) svg.addEventListener(type, () => { pinched = null; });

  svg.addEventListener("keydown", (event) => {
    const factor = { "+": 1.5, "=": 1.5, "-": 1 / 1.5 }[event.key];
    if (!factor || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    zoom(factor);
  });
  // A place that gets the focus is brought into view.
  svg.addEventListener("focusin", ({ target }) => {
    const [, atX, atY] = target.getAttribute("transform")?.match(/\(([-\d.]+),([-\d.]+)\)/)?.map(Number) ?? [];
    if (atX < x || atX > x + w || atY < y || atY > y + w * shape) centred(atX, atY, w);
  });
  new ResizeObserver(() => svg.clientWidth && place(x, y, w)).observe(svg);
  return { show, zoom, svg, isZoom: (text) => ZOOM.test(text) };
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

  function panel(figure, shown) {
    const counts = new Map();
    const used = new Set();
    for (const mark of all(figure, ".leg")) {
      const count = line(mark, shown);
      if (!count) continue;
      counts.set(mark.dataset.status, (counts.get(mark.dataset.status) ?? 0) + count);
      for (const place of mark.dataset.ends.split(" ")) used.add(place);
    }
    for (const place of all(figure, ".place")) place.classList.toggle("out", !used.has(place.dataset.place));
    const parts = [...counts].sort((a, b) => b[1] - a[1]).map(([status, count]) => `${count} ${model.statuses[status]}`);
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
    figure.querySelector("[data-said]").textContent = fill(model.said, { count: total, parts: parts.join(", ") || "–" });
  }

  return {
    drawings: all(root, ".panel"),
    legsOf,
    show(shown) {
      for (const figure of all(root, ".panels figure")) panel(figure, shown);
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

const SVG = "http://www.w3.org/2000/svg";
const drawn = (tag, attributes, ...children) => {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};

function stepList(root, model) {
  const box = root.querySelector('[data-role="steps"]');
  const phone = matchMedia("(max-width: 30rem)");
  const pointOf = (place) => root.querySelector(`svg[data-role="map"] ${having("item", place)}[transform]`)
    .getAttribute("transform").match(/-?[\d.]+/g).map(Number);
  let shownNow = new Set();

  // The land stands once on the page; each map uses it and shows the part around its line.
  function smallMap(id, places) {
    const leg = root.querySelector(`svg[data-role="map"] ${having("item", id)}`);
    const ends = places.map(pointOf);
    const [left, right, top, bottom] = [0, 1].flatMap((axis) => [Math.min, Math.max].map((most) => most(...ends.map((end) => end[axis]))));
    const width = Math.max(150, (right - left) * 1.3, (bottom - top) * 1.3 * 1.5);
    const [x, y] = [(left + right - width) / 2, (top + bottom - width / 1.5) / 2];
    const { status, actor } = leg.dataset;
    const line = drawn("g", { class: "leg", "data-status": status, "data-actor": actor }, leg.querySelector(".stroke").cloneNode());
    const dots = ends.map(([cx, cy]) => drawn("circle", { class: "end", cx, cy, r: width / 40 }));
    const map = drawn("svg", { class: "step-map", viewBox: [x, y, width, width / 1.5].map((n) => n.toFixed(1)).join(" "), "aria-hidden": "true" },
      drawn("use", { href: "#land" }), line, ...dots);
    map.style.setProperty("--unit", (width / 112).toFixed(3));
    return map;
  }

  function entry(item) {
    const cell = (at) => root.querySelector(having("row", item.id)).cells[at].textContent;
    const text = make("button", "", { type: "button", className: "link" });
    text.dataset.select = item.id;
    text.append(make("b", `${cell(1)} → ${cell(2)}`), make("span", cell(0)));
    const facts = make("p", `${model.papers}: ${model.statuses[item.status]} `, { className: "meta" });
    facts.append(make("span", cell(8), { className: `certainty ${item.facets.certainty}` }));
    const words = make("div");
    words.append(text, facts);
    const row = make("li");
    row.append(smallMap(item.id, item.places), words);
    return row;
  }

  function group(panel, name, items) {
    const part = make("details");
    part.open = box.querySelector(having("organiser", panel))?.open ?? !box.children.length;
    part.dataset.organiser = panel;
    const summary = make("summary");
    summary.append(make("b", name, { className: panel }), ` ${items.length}`);
    const list = make("ol");
    list.append(...items.map(entry));
    part.append(summary, list);
    return part;
  }

  function show(shown = shownNow) {
    shownNow = shown;
    if (!phone.matches) return box.replaceChildren();
    const groups = Object.entries(model.organisers).map(([panel, name]) =>
      [panel, name, model.items.filter((item) => item.panel === panel && shown.has(item.id))]);
    const parts = groups.filter(([, , items]) => items.length).map((each) => group(...each));
    if (parts.length && !parts.some((part) => part.open)) parts[0].open = true;
    box.replaceChildren(...parts);
  }
  phone.addEventListener("change", () => show());
  return show;
}

// ---- the routes page

function routesPage(root, model, publish) {
  const form = root.querySelector('[data-role="filters"]');
  const copies = cardStore(root);
  const defaults = checked(form);
  const stage = mapStage(root, model.views, model.whole, (zoom) => apply({ ...state, zoom: [zoom] }));
  const showSteps = stepList(root, model);
  const details = root.querySelector('[data-role="details"]');
  const items = new Map(all(root.querySelector('template[data-role="items"]').content, "[data-item]")
    .map((item) => [item.dataset.item, item]));
  let state = {};
  const refreshFacets = facetForm(root, form, model.some);
  const panels = panelsOf(root, model);
  const large = root.querySelector('[data-role="large"]');
  const idOf = (mark) => mark.dataset.item
    ?? `leg:${panels.legsOf(mark).find((leg) => shownNow.has(`leg:${leg}`)) ?? panels.legsOf(mark)[0]}`;
  const refreshKeys = roving([...panels.drawings, stage.svg], root, (mark) => choose(idOf(mark), true));
  let shownNow = new Set(), partShown = "";

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
    panels.show(shown);
    showSteps(shown);
    shownNow = shown;
    refreshFacets();
    root.querySelector('[data-role="count"]').textContent = fill(model.count, { shown: shown.size, all: model.items.length });
    return shown;
  }

  function apply(choices) {
    state = { ...defaults, ...choices };
    if (state.zoom && !stage.isZoom(state.zoom[0])) {
      state = { ...state, zoom: [] };
      root.querySelector('[data-role="left-out"]').hidden = false;
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
    const zoomed = state.zoom?.[0];
    if (partShown !== `${view} ${zoomed}`) stage.show(view, zoomed);
    partShown = `${view} ${zoomed}`;
    large.open ||= view !== "journeys" || Boolean(zoomed || state.select?.[0]?.startsWith("place:"));
    for (const button of all(root, "[data-set-view]")) {
      button.setAttribute("aria-pressed", String(!zoomed && button.dataset.setView === view));
    }
    showDetails(state.select?.[0]);
    refreshKeys();
    publish(state);
  }

  const part = () => ({ view: state.view ?? [], zoom: state.zoom ?? [] });
  form.addEventListener("change", () => apply({ ...part(), select: state.select ?? [], kind: model.options.kind, touches: model.options.touches, ...checked(form) }));
  form.addEventListener("reset", (event) => { event.preventDefault(); apply({ ...part(), kind: model.options.kind, touches: model.options.touches }); });
  form.addEventListener("submit", (event) => event.preventDefault());
  root.addEventListener("click", (event) => {
    const mark = event.target.closest("svg [data-item], .panel .leg");
    const row = event.target.closest("[data-select]");
    const view = event.target.closest("[data-set-view]");
    const zoom = event.target.closest("[data-zoom]");
    if (mark) choose(idOf(mark), true);
    if (row) choose(row.dataset.select, true);
    const isReset = event.target.closest('[data-role="reset-map"]');
    if (view || isReset) partShown = "";
    if (view) apply({ ...state, view: [view.dataset.setView], zoom: [] });
    if (event.target.closest('[data-role="default"]')) apply(part());
    if (isReset) apply({ ...state, view: [], zoom: [] });
    if (zoom) stage.zoom(Number(zoom.dataset.zoom));
  });
  return apply;
}

PAGES.routes = routesPage;
