// Mounts on a finished page and makes it answer: the served page, the exported file and the JupyterLab widget. It needs no
// kernel.

import { all, bringIntoView, readJson, save, whenRead } from "./elements.mjs";
import { choicesFrom, queryFrom, stepOf, withQuery } from "./logic/address.mjs";
import { tableFile } from "./logic/saved_table.mjs";
import { PAGES } from "./registered.mjs";
import { revealSources } from "./sources.mjs";

// Lets the links to other languages lead to the same choices there.
function languageLinks() {
  const links = all(document, "a[data-lang]").map((link) => [link, link.getAttribute("href")]);
  return (query) => { for (const [link, address] of links) link.href = withQuery(address, query); };
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

/**
 * Mounts on a page. Its part gives a function that shows what is chosen and returns the element that the choices name, if any.
 * @param {HTMLElement} root
 * @param {{hasAddress: boolean, chosen?: string, tell?: (choices: Object) => void}} how `chosen`: what a widget begins with;
 *   `tell` hears each choice
 * @returns {(choices: Object) => Element|null}
 */
export function mount(root, { hasAddress, chosen = "", tell = () => {} }) {
  const model = readJson(root, "view-model");
  let published = {}, isBack = false;
  showPart(root, root.dataset.part);
  const { lang } = root, inLanguages = languageLinks();
  const publish = (choices) => {
    const isStep = root.dataset.usable === "true" && !isBack && stepOf(model.steps, choices) !== stepOf(model.steps, published);
    published = choices;
    tell(choices);
    if (!hasAddress) return;
    inLanguages(queryFrom(choices));
    const address = withQuery(root.dataset.languageQuery, queryFrom(choices));
    history[isStep ? "pushState" : "replaceState"](null, "", address || location.pathname);
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
    button.addEventListener("click", () => whenRead(() => saveTable(root, published)));
  }
  const atFirst = queryFrom(published);
  whenRead(() => queryFrom(published) === atFirst || apply(published));
  root.dataset.usable = "true";
  return apply;
}

function saveTable(root, choices) {
  save(...tableFile(root.savedTable?.() ?? readJson(root, "table"), choices, root.foundRows), "text/csv");
}

const standing = document.querySelector("body > main[data-page]");
requestAnimationFrame(showHere);
if (standing?.dataset.usable === "false") {
  const isAsked = standing.dataset.query || /[?&](?!lang=)./.test(location.search);
  const begin = () => mount(standing, { hasAddress: true });
  isAsked ? whenRead(begin) : begin();
}
