// ---- mounting, and saving the table of a page

function languageLinks(query) {
  for (const link of all(document, "a[data-lang]")) {
    const rest = new URLSearchParams(query);
    rest.delete("lang");
    link.href = `?lang=${link.dataset.lang}${rest.size ? `&${String(rest).replaceAll("%2C", ",").replaceAll("%3A", ":")}` : ""}`;
  }
}

// Brings the name of this page into the middle of a menu that is wider than its row.
function showHere() {
  const here = document.querySelector('.masthead .wide [aria-current="page"]'), row = here?.closest("nav");
  if (!row) return;
  const [name, part] = [here, row].map((each) => each.getBoundingClientRect());
  row.scrollLeft += (name.left + name.right - part.left - part.right) / 2;
}

// Shows one part of a page only, with its sources.
function showPart(root, part) {
  for (const child of part ? root.children : []) {
    child.hidden = !child.matches(`#${CSS.escape(part)}, .sources, template, script`) || child.hidden;
  }
}

// Scrolls to a part of the page unless it begins in the window.
function bringIntoView(part, block = "start") {
  const { top } = part.getBoundingClientRect();
  if (top < 0 || top > innerHeight - 120) part.scrollIntoView({ block });
}

// A page's part gives a function that shows what is chosen and returns the element that the choices name, if any.
function mount(root, { hasAddress, chosen = "", tell = () => {} }) {
  const model = readJson(root, "view-model");
  let published = {}, isBack = false;
  showPart(root, root.dataset.part);
  const { lang } = root;
  // What the model names in `steps`, one choice or several, is a step of its own for Back and Forward.
  const stepOf = (choices) => [model.steps ?? []].flat().map((name) => choices[name] ?? "").join("&");
  const publish = (choices) => {
    const isStep = root.dataset.usable === "true" && !isBack && stepOf(choices) !== stepOf(published);
    published = choices;
    tell(choices);
    if (!hasAddress) return;
    languageLinks(queryFrom(choices));
    const query = [lang === "en" ? "" : `lang=${lang}`, queryFrom(choices)].filter(Boolean).join("&");
    history[isStep ? "pushState" : "replaceState"](null, "", query ? `?${query}` : location.pathname);
  };
  revealSources(root, hasAddress);
  const apply = PAGES[root.dataset.page](root, model, publish);
  const options = { ...model.options, lang: [lang, ...all(document, "a[data-lang]").map((link) => link.dataset.lang)] };
  const read = (query) => {
    const { choices: { lang: _, ...choices }, leftOut } = choicesFrom(query, options, ["lang", ...model.single]);
    return { choices, leftOut };
  };
  const first = read((hasAddress && location.search) || root.dataset.query || chosen);
  root.querySelector('[data-role="left-out"]').hidden = !first.leftOut.length;
  const named = apply(first.choices, first.leftOut);
  if (hasAddress && named && !location.hash) bringIntoView(named);
  if (hasAddress && model.steps) addEventListener("popstate", () => {
    const { choices } = read(location.search);
    if (queryFrom(choices) === queryFrom(published)) return;
    isBack = true;
    apply(choices);
    isBack = false;
  });
  for (const button of all(root, "[data-download]")) {
    button.addEventListener("click", () => saveTable(root, published));
  }
  root.dataset.usable = "true";
  return apply;
}

function save(name, content, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

// Python has written each line, safe for a spreadsheet, or the page writes them itself; the mark at the start lets Excel
// read it as UTF-8.
function saveTable(root, choices) {
  const { stem, header, lines, last, facets } = root.savedTable?.() ?? readJson(root, "table");
  const isFound = (at) => root.foundRows?.has(at) ?? true;
  const chosen = lines.filter(([place], at) => isAllowed(facets[place], choices) && isFound(at)).map(([, start, end]) => start + last[end]);
  save(`${[stem, ...choices.question ?? []].join("-")}.csv`, `\ufeff${header}${chosen.join("")}`, "text/csv");
}

const standing = document.querySelector("body > main[data-page]");
showHere();
if (standing?.dataset.usable === "false") mount(standing, { hasAddress: true });
