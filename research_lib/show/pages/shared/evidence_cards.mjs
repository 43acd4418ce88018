// Evidence cards: each stands once in a template and is copied where it is wanted.

import { all } from "./elements.mjs";

/**
 * Opens the cards of a page.
 * @param {Element} root
 * @returns {(ids: string[]) => Element[]} copies of cards; ids without a card are left out
 */
export function cardStore(root) {
  const cards = new Map();
  const template = root.querySelector('template[data-role="cards"]');
  for (const card of template ? all(template.content, "[data-card]") : []) cards.set(card.dataset.card, card);
  return (ids) => ids.filter((id) => cards.has(id)).map((id) => cards.get(id).cloneNode(true));
}
