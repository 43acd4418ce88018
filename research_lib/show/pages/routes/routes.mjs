// ---- the map: magnification, panning, and moving between marks by keyboard

function mapStage(root, views) {
  const drawings = Object.fromEntries(all(root, 'svg[data-role="map"]').map((svg) => [svg.dataset.frame, svg]));
  const size = (svg) => (svg.dataset.box ??= svg.getAttribute("viewBox")).split(" ").map(Number);
  let current = drawings.journeys;

  const setBox = (svg, [x, y, w, h]) => {
    svg.setAttribute("viewBox", [x, y, w, h].map((n) => n.toFixed(1)).join(" "));
    const pixels = svg.clientWidth || svg.parentElement.clientWidth || 1200;
    const magnification = pixels / w;
    svg.style.setProperty("--unit", (1 / magnification).toFixed(4));
    svg.dataset.tier = String([0.7, 1.6, 3.2].filter((step) => magnification >= step).length);
  };
  const box = (svg) => svg.getAttribute("viewBox").split(" ").map(Number);

  function show(view) {
    current = drawings[view] ?? drawings.journeys;
    for (const svg of Object.values(drawings)) svg.toggleAttribute("hidden", svg !== current);
    const [, , w, h] = size(current);
    const [left, top, width, height] = views[view]?.length ? views[view] : [0, 0, 1, 1];
    setBox(current, [left * w, top * h, width * w, height * h]);
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
  return { show, zoom, all: Object.values(drawings) };
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
        cell.textContent = legsOf(cell).filter((leg) => shown.has(`leg:${leg}`)).length || "–";
      }
    },
    select(id) {
      for (const mark of all(root, ".panel .leg, .square")) {
        mark.classList.toggle("selected", `${mark.dataset.legs ?? mark.dataset.leg} `.split(" ").includes(id?.slice(4)));
      }
    },
  };
}

// ---- the routes page

function routesPage(root, model, publish) {
  const form = root.querySelector('[data-role="filters"]');
  const copies = cardStore(root);
  const defaults = checked(form);
  const stage = mapStage(root, model.views);
  const details = root.querySelector('[data-role="details"]');
  const items = new Map(all(root.querySelector('template[data-role="items"]').content, "[data-item]")
    .map((item) => [item.dataset.item, item]));
  let state = {};
  const refreshFacets = facetForm(root, form, model.some);
  const panels = panelsOf(root, model);
  const large = root.querySelector('[data-role="large"]');
  const idOf = (mark) => mark.dataset.item
    ?? `leg:${panels.legsOf(mark).find((leg) => shownNow.has(`leg:${leg}`)) ?? panels.legsOf(mark)[0]}`;
  const refreshKeys = roving([...panels.drawings, ...stage.all], root, (mark) => choose(idOf(mark), true));
  let shownNow = new Set();

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
    shownNow = shown;
    refreshFacets();
    root.querySelector('[data-role="count"]').textContent = fill(model.count, { shown: shown.size, all: model.items.length });
    return shown;
  }

  function apply(choices) {
    const isNewView = (choices.view?.[0] ?? "journeys") !== (state.view?.[0] ?? "");
    state = { ...defaults, ...choices };
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
    if (isNewView) stage.show(view);
    large.open ||= view !== "journeys" || Boolean(state.select?.[0]?.startsWith("place:"));
    for (const button of all(root, "[data-set-view]")) {
      button.setAttribute("aria-pressed", String(button.dataset.setView === view));
    }
    showDetails(state.select?.[0]);
    refreshKeys();
    publish(state);
  }

  form.addEventListener("change", () => apply({ view: state.view ?? [], select: state.select ?? [], kind: model.options.kind, touches: model.options.touches, ...checked(form) }));
  form.addEventListener("reset", (event) => { event.preventDefault(); apply({ view: state.view ?? [], kind: model.options.kind, touches: model.options.touches }); });
  form.addEventListener("submit", (event) => event.preventDefault());
  root.addEventListener("click", (event) => {
    const mark = event.target.closest("svg [data-item], .panel .leg");
    const row = event.target.closest("[data-select]");
    const view = event.target.closest("[data-set-view]");
    const zoom = event.target.closest("[data-zoom]");
    if (mark) choose(idOf(mark), true);
    if (row) choose(row.dataset.select, true);
    if (view) apply({ ...state, view: [view.dataset.setView] });
    if (event.target.closest('[data-role="default"]')) apply({ view: state.view ?? [] });
    if (zoom) stage.zoom(Number(zoom.dataset.zoom));
  });
  return apply;
}

PAGES.routes = routesPage;
