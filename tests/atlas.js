// The part of the atlas that works in the opened page: it finds what can be acted on, acts, and says what is wrong.
(() => {
  const ACTED = "main select, main input, main button, main summary, main a[href], main svg [role=button], main svg [tabindex], nav a[href^='#']";
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const seen = (mark) => mark.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true }) && mark.getBoundingClientRect().width > 1;
  const words = (text, most = 60) => text.replace(/\s+/g, " ").trim().slice(0, most);
  const stylesOf = new Map();
  const style = (mark) => stylesOf.get(mark) ?? stylesOf.set(mark, getComputedStyle(mark)).get(mark);
  const says = (mark) => [...mark.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
  const overflows = (mark, values) => values.test(style(mark).overflowX);
  const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));

  // A short name: the mark itself, and the nearest part around it that has a name.
  function selector(mark) {
    const own = [mark.localName, mark.id && `#${mark.id}`, ...[...mark.classList].slice(0, 2).map((name) => `.${name}`), mark.dataset?.role && `[data-role=${mark.dataset.role}]`].filter(Boolean).join("");
    const around = mark.id ? null : mark.parentElement?.closest("[id], [data-role], svg[class]");
    return around && around.id !== "main" ? `${selector(around).split(" ").at(-1)} ${own}` : own;
  }

  // Marks of one kind differ in their values only.
  function kind(mark) {
    const part = mark.closest("nav, section, figure, form, table, svg, aside");
    const names = [...mark.attributes].map(({ name }) => name).filter((name) => name.startsWith("data-"));
    const classes = [...mark.classList].filter((name) => !/\d|selected|out/.test(name)).slice(0, 2);
    const own = mark.matches("input") ? [mark.name || mark.dataset.element || part?.className] : [...classes, ...names, mark.dataset.role ?? "", part?.localName, part?.classList[0] ?? ""];
    return [mark.localName, mark.type ?? "", ...own].join(" ");
  }

  const nameOf = (mark) => words(mark.getAttribute("aria-label") || mark.labels?.[0]?.textContent || mark.textContent || mark.name || "", 44);

  function actions(mark) {
    if (mark.matches("select")) return [...mark.options].map((option) => ["select", option.value, words(option.text, 44)]);
    if (mark.matches("[type=search], [type=text]")) return [["type", "zzzz"], ["type", words(document.querySelector("h1").textContent).split(" ").at(-1)]];
    if (mark.matches("svg *, svg")) return [["hover"], ["focus"], ["press"]];
    if (mark.matches("summary")) return mark.parentElement.open ? [] : [["unfold"]];
    return mark.matches("a") ? [["follow"], ["focus"]] : mark.matches("input") ? [["check"]] : [["press"], ["focus"]];
  }

  const spread = (list, most) => (list.length <= most ? list : Array.from({ length: most }, (_, n) => list[Math.floor(n * list.length / most)]));

  // Every action, at most so many of a kind; hover and focus are tried on the first of a kind.
  function find({ values, others, every = Infinity }) {
    const kinds = new Map();
    all(ACTED).forEach((mark, at) => {
      if (mark.matches("a") && (mark.pathname !== location.pathname || mark.host !== location.host) || mark.disabled || mark.closest("[hidden]") || mark.closest("[aria-hidden=true], .out")) return;
      const folded = around(mark).filter((box) => !box.open);
      for (const box of folded) box.open = true;
      const isSeen = seen(mark) || mark.matches("svg *") && mark.checkVisibility();
      for (const box of folded) box.open = false;
      if (isSeen) for (const [act, value = "", said = nameOf(mark)] of actions(mark)) {
        const same = `${act} ${kind(mark)}`;
        kinds.set(same, [...kinds.get(same) ?? [], { at, act, value, said, kind: same }]);
      }
    });
    const most = (same) => (/^(hover|focus|press g )/.test(same) ? 1 : /^(select|check)/.test(same) ? values : others);
    return spread([...kinds].flatMap(([same, list]) => spread(list, most(same)).map((one) => ({ ...one, of: list.length }))), every);
  }

  function middle(mark) {
    const path = mark.ownerSVGElement && mark.querySelector("path, line, polyline, circle, rect");
    if (path?.getTotalLength && path.getScreenCTM()) {
      const { x, y } = path.getPointAtLength(path.getTotalLength() / 2).matrixTransform(path.getScreenCTM());
      return [x, y];
    }
    const { left, top, width, height } = mark.getBoundingClientRect();
    return [left + width / 2, top + height / 2];
  }

  // The parts that unfold around a mark, without the one that it unfolds itself.
  function around(mark) {
    const found = [];
    for (let box = mark.parentElement.closest("details"); box; box = box.parentElement.closest("details")) if (!mark.matches("summary") || box !== mark.parentElement) found.push(box);
    return found;
  }

  // Open what is around a mark and bring it into the window.
  async function reach(at) {
    const mark = all(ACTED)[at];
    for (const box of around(mark)) box.open = true;
    mark.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
    await drawn();
    return [mark, middle(mark)];
  }

  // Act, and say what is wrong with the answer: a control that is covered, or a button that does nothing.
  async function act({ at, act: how, value }) {
    const [mark, [x, y]] = await reach(at), faults = [], before = [location.href, scrollY, document.activeElement];
    if (how === "hover") { atlas.undo = () => true; return [x, y]; }
    const hit = document.elementFromPoint(x, y), isField = mark.matches("input, svg *, a");
    if (hit && !isField && !mark.contains(hit) && !hit.contains(mark)) faults.push(["covered", selector(mark), `by ${selector(hit)}`]);
    let changes = 0;
    const answers = new Set(), live = (target) => (target.closest ? target : target.parentElement).closest("output, [role=status], [aria-live]");
    const watch = new MutationObserver((list) => { for (const { target } of list) if (live(target)) answers.add(live(target)); else changes += 1; });
    watch.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
    atlas.saved = false;
    const old = mark.value;
    atlas.undo = () => {
      if (mark.type === "checkbox") mark.click();
      else if (how === "select") { mark.value = old; tell("change"); }
      else if (!["focus", "unfold", "hover"].includes(how)) return false;
      document.activeElement.blur();
      for (const box of all("main details")) box.open = atlas.opened.has(box);
      return location.href === atlas.address;
    };
    const tell = (type) => mark.dispatchEvent(new Event(type, { bubbles: true }));
    if (how === "select") { mark.value = value; tell("input"); tell("change"); }
    if (how === "type") { mark.value = value; tell("input"); await new Promise((done) => setTimeout(done, 300)); }
    if (how === "focus") mark.focus({ preventScroll: true });
    if (how === "unfold" || how === "check") mark.click();
    if (how === "follow") { setTimeout(() => mark.click()); return faults; }
    if (how === "press") { if (mark.focus) mark.focus({ preventScroll: true }); mark.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true })); }
    await drawn();
    const isAnswered = () => changes || answers.size || atlas.saved || before[0] !== location.href || Math.abs(before[1] - scrollY) > 1 || ![mark, before[2]].includes(document.activeElement);
    for (let n = 0; how === "press" && !isAnswered() && n < 10; n += 1) await new Promise((done) => setTimeout(done, 100));
    if (how === "press" && !isAnswered()) faults.push(["does nothing", selector(mark), nameOf(mark)]);
    watch.disconnect();
    if (how === "press" && answers.size && !changes && ![...answers].some(isInWindow)) faults.push(["out of the window", selector([...answers][0]), "it answers"]);
    return faults;
  }

  // What has the focus, and what the address names, is in the window.
  function inView() {
    const focused = document.activeElement, hash = decodeURIComponent(location.hash.slice(1)), target = hash && document.getElementById(hash), faults = [];
    if (focused !== document.body && !focused.matches("main") && !isInWindow(focused)) faults.push(["out of the window", selector(focused), "it has the focus"]);
    if (target && !isInWindow(target)) faults.push(["out of the window", location.hash, "the address names it"]);
    return faults;
  }

  // After an address that names a choice, what is chosen is in the window.
  function isChoiceInView() {
    const fields = all("main select, main input:not([type=checkbox], [type=radio])").filter((field) => field.value);
    return [...fields, ...all("main :is(.selected, .set, .unfolded:not(:empty), [aria-current], [aria-pressed=true], [aria-expanded=true], :checked, :focus, article, [data-panel], h2[tabindex], [data-role=chosen]:not(:empty))")].some(isInWindow);
  }

  const isInWindow = (mark) => { const { top, bottom } = mark.getBoundingClientRect(); return mark.checkVisibility() && bottom > 0 && top < innerHeight - 20; };

  // ---- what has to hold in every state

  function cutTexts() {
    const hides = /hidden|clip/;
    return all("body *").filter((mark) => !mark.ownerSVGElement && mark.localName !== "svg" && mark.clientWidth > 1 && style(mark).clipPath === "none" && seen(mark) && mark.textContent.trim())
      .filter((mark) => (hides.test(style(mark).overflowX) && mark.scrollWidth > mark.clientWidth + 1) || (hides.test(style(mark).overflowY) && mark.scrollHeight > mark.clientHeight + 1))
      .map((mark) => ["text cut", selector(mark), words(mark.textContent)]);
  }

  function smallTexts() {
    return all("body *").filter((mark) => says(mark) && !mark.closest("script, style") && seen(mark)).filter((mark) => {
      const drawn = mark.getScreenCTM?.();
      return parseFloat(style(mark).fontSize) * (drawn ? Math.hypot(drawn.a, drawn.b) : 1) < 11.9;
    }).map((mark) => ["text small", selector(mark), words(mark.textContent)]);
  }

  // A word of a heading or a control that goes on in the next line; Chinese goes on anywhere.
  function brokenWords() {
    const range = document.createRange();
    return all("main :is(button, summary, h1, h2, h3, h4, th, dt, label)").filter((mark) => says(mark) && seen(mark) && style(mark).hyphens !== "auto" && !mark.closest("[lang]").lang.startsWith("zh")).filter((mark) => [...mark.childNodes].some((child) => {
      if (child.nodeType !== 3 || !child.textContent.trim()) return false;
      range.selectNodeContents(child);
      return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > child.textContent.trim().split(/[\s\u00ad-]+|[-/–]/u).length;
    })).map((mark) => ["word broken", selector(mark), words(mark.textContent)]);
  }

  function drawnTexts() {
    return all("svg").filter((svg) => !svg.parentElement.closest("svg") && seen(svg)).flatMap((svg) => {
      const stage = svg.getBoundingClientRect(), faults = [];
      const texts = all("text", svg).filter((text) => text.textContent.trim() && seen(text) && Math.abs(text.getScreenCTM()?.b ?? 0) < .01).map((text) => {
        const { left, right, top, bottom } = text.getBoundingClientRect(), rim = (bottom - top) * .18;
        return { text, left: left + 1, right: right - 1, top: top + rim, bottom: bottom - rim };
      });
      const isClipped = overflows(svg, /hidden|clip/);
      const edge = isClipped ? stage : { left: 0, right: document.documentElement.clientWidth, top: -Infinity, bottom: Infinity };
      for (const { text, left, right, top, bottom } of texts) {
        if (left < edge.left - 2 || right > edge.right + 2 || top < edge.top - 2 || bottom > edge.bottom + 2) faults.push(["drawn outside", selector(text), words(text.textContent)]);
      }
      texts.sort((a, b) => a.top - b.top);
      texts.forEach((one, n) => {
        for (let m = n + 1; m < texts.length && texts[m].top < one.bottom; m += 1) {
          const other = texts[m], wide = Math.min(one.right, other.right) - Math.max(one.left, other.left), high = Math.min(one.bottom, other.bottom) - other.top;
          if (wide > 2 && high > 2) faults.push(["texts overlap", selector(one.text), `${words(one.text.textContent, 28)} / ${words(other.text.textContent, 28)}`]);
        }
      });
      return faults;
    });
  }

  // The lines of a text, inside the nearest box that is drawn around it.
  function stickingOut() {
    const range = document.createRange();
    return all("main *, header *, footer *").filter((mark) => !mark.ownerSVGElement && says(mark) && seen(mark)).flatMap((mark) => {
      const rims = [...mark.childNodes].filter((child) => child.nodeType === 3 && child.textContent.trim()).map((child) => { range.selectNodeContents(child); return range.getBoundingClientRect(); });
      const left = Math.min(...rims.map((each) => each.left)), right = Math.max(...rims.map((each) => each.right));
      for (let box = mark; box && box !== document.body; box = box.parentElement) {
        const { borderLeftWidth, borderRightWidth, backgroundColor, position, display } = style(box);
        if (overflows(box, /auto|scroll|hidden|clip/)) return [];
        const isDrawn = display !== "inline" && (parseFloat(borderLeftWidth) + parseFloat(borderRightWidth) > 0 || !/, 0\)$|transparent/.test(backgroundColor));
        const around = isDrawn && box.getBoundingClientRect();
        if (around && (right > around.right + 1 || left < around.left - 1)) return [["out of its box", selector(mark), words(mark.textContent)]];
        if (isDrawn || position === "absolute") return [];
      }
      return [];
    });
  }

  // A text in the window that something else lies upon, unless that is held in place or lies on a layer of its own.
  function coveredTexts() {
    const isLayer = (mark) => { for (let each = mark; each; each = each.parentElement) if (/sticky|fixed/.test(style(each).position) || style(each).zIndex !== "auto") return true; return false; };
    const isScrolledAway = (mark, x, y) => { for (let each = mark.parentElement; each; each = each.parentElement) { if (style(each).overflowY === "visible") continue; const { left, right, top, bottom } = each.getBoundingClientRect(); if (x < left || x > right || y < top || y > bottom) return true; } return false; };
    return all("main *").filter((mark) => !mark.ownerSVGElement && says(mark) && style(mark).pointerEvents !== "none" && seen(mark)).flatMap((mark) => {
      const { left, top, width, height } = mark.getClientRects()[0] ?? {};
      const hit = left >= 0 && top >= 0 && document.elementFromPoint(left + width / 2, top + height / 2);
      return !hit || isScrolledAway(mark, left + width / 2, top + height / 2) || mark.contains(hit) || hit.contains(mark) || isLayer(hit) || hit.closest("label")?.contains(mark) ? [] : [["text covered", selector(mark), `by ${selector(hit)}: ${words(mark.textContent, 30)}`]];
    });
  }

  // What the page counts in words is what it shows: rows that are not left out, lines of the map, cards.
  function counts() {
    const numbers = (text) => (text.replace(/(\d)[\s\u202f\u00a0,](?=\d{3}\b)/gu, "$1").match(/\d+/g) ?? []).map(Number);
    const said = document.querySelector("main [data-role=count]"), found = document.querySelector("main [data-role=found]"), faults = [];
    const compare = (mark, shown, what) => { const told = numbers(mark.textContent); if (told.length && ![shown].flat().some((count) => told.includes(count))) faults.push(["count differs", selector(mark), `${words(mark.textContent, 40)}: ${[shown].flat().join(" or ")} ${what}`]); };
    const rows = all("main [data-row]:not([hidden]), main [data-entry]:not([hidden])").filter((row) => row.checkVisibility() || row.closest(".folded, details:not([open])"));
    const more = numbers(document.querySelector("main [data-role=more]:not([hidden])")?.textContent ?? "")[0] ?? 0;
    if (said && document.querySelector("main [data-row], main [data-entry], [data-role=results]")) compare(said, [rows.length, rows.length + more], "rows");
    const legs = all("svg[data-role=map] .leg[data-item]");
    if (said && legs.length) compare(said, legs.filter((leg) => !leg.classList.contains("out")).length, "lines of the map");
    if (found?.textContent) compare(found, all(".terms details:not([hidden])").length, "terms");
    for (const figure of all(".panels figure")) {
      const told = figure.querySelector("[data-said]"), shown = all(".leg:not(.out)", figure).map((leg) => Number(leg.querySelector(".many")?.textContent || 1));
      if (told && shown.reduce((sum, count) => sum + count, 0) !== numbers(told.textContent)[0]) faults.push(["count differs", selector(told), `${words(told.textContent, 40)}: ${shown.reduce((sum, count) => sum + count, 0)} drawn`]);
    }
    return faults;
  }

  function check() {
    stylesOf.clear();
    const notices = all("main [data-role=left-out], [role=alert]").filter((mark) => seen(mark) && mark.textContent.trim()).map((mark) => selector(mark));
    const wide = document.documentElement.scrollWidth > innerWidth ? [["wider than the window", "html", `${document.documentElement.scrollWidth} px`]] : [];
    return { notices, faults: [...wide, ...cutTexts(), ...brokenWords(), ...(matchMedia("print").matches ? [] : smallTexts()), ...drawnTexts(), ...stickingOut(), ...coveredTexts(), ...counts()] };
  }

  // The colours of the theme in this scheme, and addresses that name what the page does not have, or that find nothing.
  function facts() {
    atlas.address = location.href;
    atlas.opened = new Set(all("main details").filter((box) => box.open));
    const [{ cssRules }] = document.styleSheets, theme = [...cssRules].find((rule) => rule.selectorText === ":root").style;
    const dot = document.body.appendChild(document.createElement("i"));
    const colours = [...theme].filter((name) => theme.getPropertyValue(name).trim().startsWith("#")).map((name) => { dot.style.color = `var(${name})`; return getComputedStyle(dot).color.match(/\d+/g).map(Number); });
    dot.remove();
    const { options = {} } = JSON.parse(document.querySelector('[data-role="view-model"]').textContent);
    const names = Object.keys(options).filter((name) => Array.isArray(options[name]) && options[name][0] !== "*");
    const narrow = names.filter((name) => all(`main input[type=checkbox][name="${CSS.escape(name)}"]`).length).map((name) => `${name}=${encodeURIComponent(options[name].at(-1))}`);
    const lost = all("a[href^='#']").map((link) => link.getAttribute("href")).filter((href) => href.length > 1 && !document.getElementById(href.slice(1)));
    return { colours, wrong: [...names.map((name) => `${name}=no-such-value`), "unknown=1"], nothing: narrow.length > 1 ? narrow.join("&") : null, lost: [...new Set(lost)], tall: document.documentElement.scrollHeight };
  }

  HTMLAnchorElement.prototype.click = function click() {
    if (this.download) { atlas.saved = true; return; }
    HTMLElement.prototype.click.call(this);
  };
  window.atlas = { born: Math.random(), inView, isChoiceInView, find, act, check, facts, drawn };
})();
