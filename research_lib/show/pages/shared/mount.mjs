// ---- mounting, and saving the table of a page

function languageLinks(query) {
  for (const link of all(document, "a[data-lang]")) {
    const rest = new URLSearchParams(query);
    rest.delete("lang");
    link.href = `?lang=${link.dataset.lang}${rest.size ? `&${decodeURIComponent(rest)}` : ""}`;
  }
}

function mount(root, { hasAddress }) {
  const model = readJson(root, "view-model");
  let published = {};
  const lang = document.documentElement.lang;
  const publish = (choices) => {
    published = choices;
    if (!hasAddress) return;
    languageLinks(queryFrom(choices));
    const query = [lang === "en" ? "" : `lang=${lang}`, queryFrom(choices)].filter(Boolean).join("&");
    history.replaceState(null, "", query ? `?${query}` : location.pathname);
  };
  revealSources(root, hasAddress);
  const apply = PAGES[root.dataset.page](root, model, publish);
  const options = { ...model.options, lang: [lang, ...all(document, "a[data-lang]").map((link) => link.dataset.lang)] };
  const { choices, isPartial } = choicesFrom(hasAddress ? location.search : "", options, ["lang", ...model.single]);
  delete choices.lang;
  root.querySelector('[data-role="left-out"]').hidden = !isPartial;
  apply(choices);
  for (const button of all(root, "[data-download]")) {
    button.addEventListener("click", () => saveTable(root, published));
  }
  root.dataset.usable = "true";
}

function save(name, content, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

// Python has written each line, safe for a spreadsheet; the mark at the start lets Excel read it as UTF-8.
function saveTable(root, choices) {
  const { stem, header, lines, last } = readJson(root, "table");
  const chosen = lines.filter(([facets]) => isAllowed(facets, choices)).map(([, start, place]) => start + last[place]);
  save(`${[stem, ...choices.question ?? []].join("-")}.csv`, `\ufeff${header}${chosen.join("")}`, "text/csv");
}

function render({ model, el }) {
  el.classList.add("research-page");
  el.innerHTML = model.get("html");
  mount(el.querySelector("main"), { hasAddress: false });
}

const standing = document.querySelector("body > main[data-page]");
if (standing?.dataset.usable === "false") mount(standing, { hasAddress: true });

export default { render };
