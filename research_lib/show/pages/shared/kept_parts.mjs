// Parts that a choice asks for: the page holds their markup as text, which is read when the first is wanted.

import { isRead, make, readJson } from "./elements.mjs";

/**
 * Opens the parts of one kind.
 * @param {Element} root
 * @param {string} kind
 * @returns {(ids: string[]) => Element[]} new elements; ids without a part are left out, and all until the page is read
 */
export function keptParts(root, kind) {
  const template = make("template");
  let markup;
  return (ids) => {
    if (!isRead()) return [];
    markup ??= readJson(root, `kept-${kind}`);
    template.innerHTML = ids.filter((id) => Object.hasOwn(markup, id)).map((id) => markup[id]).join("");
    return [...template.content.children];
  };
}

/**
 * Puts into folds what is text until then.
 * @param {Iterable<Element>} folds
 */
export function fillFolds(folds) {
  for (const fold of folds) {
    const text = fold.querySelector(':scope > script[data-role="fold"]');
    if (text) text.outerHTML = JSON.parse(text.textContent);
  }
}
