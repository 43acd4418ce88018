// The page about the study: the glossary is filtered, and citations are copied.

import { all } from "../shared/elements.mjs";
import { queryFrom, typed } from "../shared/logic/address.mjs";
import { fill, folded, wordsOf } from "../shared/logic/text.mjs";
import { PAGES } from "../shared/registered.mjs";

function aboutPage(root, model, publish) {
  const search = root.querySelector("#glossary-q"), terms = all(root, ".terms details");

  let asked = "";

  // Words that are looked for open what they find: the terms that have them, else those whose text has them. Without any,
  // the address keeps the part of the page that it names.
  function apply(choices) {
    if (queryFrom(choices) !== asked) publish(choices);
    asked = queryFrom(choices);
    if (!search) return null;
    const words = wordsOf(choices.q?.[0] ?? "");
    if (!words.length || search.value.trim() !== choices.q[0].trim()) search.value = choices.q?.[0] ?? "";
    const having = (part) => terms.filter((term) => words.every((word) => folded(part(term).textContent).includes(word)));
    const named = having((term) => term.querySelector("summary")), found = named.length ? named : having((term) => term);
    for (const term of terms) {
      term.hidden = !found.includes(term);
      term.open = words.length > 0 && !term.hidden;
    }
    root.querySelector('[data-role="found"]').textContent = words.length ? fill(model.glossary_found, { shown: found.length, all: terms.length }) : "";
    return words.length ? root.querySelector("#glossary") : null;
  }

  function look() {
    const q = typed(search.value);
    apply(q.trim() ? { q: [q] } : {});
  }
  search?.addEventListener("input", look);
  search?.form.addEventListener("submit", (event) => { event.preventDefault(); look(); });
  addEventListener("beforeprint", () => { for (const each of all(root, ".terms details, #cite details")) each.open = true; });
  root.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const text = root.querySelector(`#${CSS.escape(button.dataset.copy)}`);
    const said = root.querySelector('[data-role="copied"]');
    button.parentElement.append(said);
    try {
      await navigator.clipboard.writeText(text.textContent);
      said.textContent = model.copied;
    } catch {
      if (text.parentElement.localName === "details") text.parentElement.open = true;
      getSelection().selectAllChildren(text);
      said.textContent = model.copy_yourself;
    }
  });
  return apply;
}

PAGES.about = aboutPage;
