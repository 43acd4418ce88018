// Forms: what is checked in them, and filters that unfold.

import { all } from "./elements.mjs";
import { chosenSaid } from "./logic/filters.mjs";

/**
 * The choices that are checked in a form.
 * @param {Element} form
 * @returns {Object<string, string[]>}
 */
export function checked(form) {
  const choices = {};
  for (const box of all(form, "input:checked")) (choices[box.name] ??= []).push(box.value);
  return choices;
}

/**
 * Checks the boxes of what is chosen, and no others.
 * @param {Element} form
 * @param {Object<string, string[]>} choices
 */
export function check(form, choices) {
  for (const box of all(form, "input")) box.checked = (choices[box.name] ?? []).includes(box.value);
}

/**
 * Makes filters fold when a click lands elsewhere or Escape is pressed.
 * @param {Element} root
 * @param {Element} form
 * @param {string} some a phrase with `{chosen}` and `{all}`
 * @returns {() => string} lets each filter say what is chosen in it, and gives what is chosen in all
 */
export function facetForm(root, form, some) {
  root.addEventListener("click", (event) => {
    for (const open of all(form, "details[open]")) if (!open.contains(event.target)) open.open = false;
  });
  form.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && event.target.closest("details[open]");
    if (open) { open.open = false; open.querySelector("summary").focus(); }
  });
  return () => all(form, "[data-facet]").map((facet) => {
    const names = all(facet, "input:checked").map((box) => box.parentElement.textContent.trim());
    const said = chosenSaid(names, facet.querySelectorAll("input").length, some);
    facet.querySelector("[data-chosen]").textContent = said;
    facet.classList.toggle("set", names.length > 0);
    return names.length < 2 ? said : ` · ${facet.querySelector("legend").textContent}${said}`;
  }).join("");
}
