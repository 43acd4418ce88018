// One module for the served page, the exported file and the JupyterLab widget: it mounts on a finished
// page and makes it answer. It needs no kernel.

// Each page's own part adds itself here.
const PAGES = {};

const readJson = (root, role) => JSON.parse(root.querySelector(`[data-role="${role}"]`).textContent);
const all = (root, selector) => [...root.querySelectorAll(selector)];
const having = (name, value) => `[data-${name}="${CSS.escape(value)}"]`;
const fill = (phrase, values) => phrase.replace(/\{(\w+)\}/g, (_, key) => values[key]);

const make = (tag, text = "", more = {}) => Object.assign(document.createElement(tag), { textContent: text, ...more });

async function copyText(text, said, phrases) {
  try {
    await navigator.clipboard.writeText(text);
    said.textContent = phrases.copied;
  } catch {
    said.textContent = fill(phrases.copy_yourself, { text });
  }
}

// Text as it is searched: without accents, in small letters.
const MARKS = { "’": "'", "œ": "oe", "æ": "ae", "ß": "ss" };
const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[’œæß]/g, (sign) => MARKS[sign]);
const plainWords = (text) => folded(text).replace(/[^\p{L}\p{N}]+/gu, " ").trim();

// ---- choices: the form, the address, and the state that both stand for

const UNSEEN = /[\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/u;
const LONGEST_WORDS = 100;
const takesWords = (values) => values?.length === 1 && values[0] === "*";
const isKnownValue = (value, values) =>
  (takesWords(values) ? [...value].length <= LONGEST_WORDS && !UNSEEN.test(value) : values.includes(value));

// What an address says that the page does not know is left out, as Python does it; `leftOut` names its parameters.
function choicesFrom(query, options, single) {
  const choices = {};
  const seen = new Set(), leftOut = [];
  for (const [name, text] of new URLSearchParams(query)) {
    const allowed = Object.hasOwn(options, name) ? options[name] : [];
    const given = (takesWords(allowed) ? [text] : text.split(",")).filter((value) => value.trim());
    const isKnown = Object.hasOwn(options, name) && !seen.has(name);
    let values = isKnown ? given.filter((value) => isKnownValue(value, allowed)) : [];
    if (single.includes(name) && values.length > 1) values = [];
    if (!isKnown || values.length < given.length) leftOut.push(name);
    if (values.length) choices[name] = values;
    seen.add(name);
  }
  return { choices, leftOut };
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

// Filters that unfold: each says what is chosen in it; a click elsewhere or Escape folds it.
function facetForm(root, form, some) {
  root.addEventListener("click", (event) => {
    for (const open of all(form, "details[open]")) if (!open.contains(event.target)) open.open = false;
  });
  form.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && event.target.closest("details[open]");
    if (open) { open.open = false; open.querySelector("summary").focus(); }
  });
  return () => {
    for (const facet of all(form, "[data-facet]")) {
      const names = all(facet, "input:checked").map((box) => box.parentElement.textContent.trim());
      const text = fill(some, { chosen: names.length, all: facet.querySelectorAll("input").length });
      facet.querySelector("[data-chosen]").textContent = names.length ? ` · ${names.length === 1 ? names[0] : text}` : "";
      facet.classList.toggle("set", names.length > 0);
    }
  };
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
  addEventListener("beforeprint", () => {
    for (const list of all(root, ".sources details")) list.open = true;
    for (const line of all(root, '[data-role="printed"]')) line.textContent = printedLine(line.dataset, root.lang);
  });
}

// When and where a page was printed; what was chosen stands in its address.
function printedLine({ printed, address }, lang) {
  const date = new Intl.DateTimeFormat(lang, { dateStyle: "long" }).format(new Date());
  const where = location.protocol.startsWith("http") ? fill(address, { address: decodeURI(location.href) }) : "";
  return `${fill(printed, { date })} ${where}`.trim();
}
