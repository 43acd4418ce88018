// The profiles page: cards of a few words, and two of them compared row by row.

import { all, copyText, make } from "../shared/elements.mjs";
import { check, checked } from "../shared/forms.mjs";
import { keptParts } from "../shared/kept_parts.mjs";
import { choicesFrom } from "../shared/logic/address.mjs";
import { fill } from "../shared/logic/text.mjs";
import { savesParts } from "../shared/pictures.mjs";
import { PAGES } from "../shared/registered.mjs";
import { cellsOf, profilesAfter } from "./logic/two_profiles.mjs";

function profilesPage(root, model, publish) {
  const part = (name, within = root) => within.querySelector(`[data-role="${name}"]`);
  const copies = keptParts(root, "cards");
  const comparison = part("comparison"), every = Object.keys(model.countries), { told, split } = cellsOf(model);
  const hint = part("count").textContent, nameOf = (profile) => model.profiles[profile][0];
  let state = {};

  savesParts(root);

  // ---- two groups side by side

  const countries = () => (state.country?.length ? state.country : every);

  // A statement that does not hold in all the countries names its own.
  function placed(card, profile, dimension) {
    const own = told(card.dataset.card, profile, dimension);
    const names = own.map((country) => model.countries[country]).join(model.comma);
    if (own.length < every.length) card.querySelector(".meta").prepend(make("b", names), " ");
    return card;
  }

  function listed(ids, profile, dimension) {
    const cards = copies(ids).map((card) => placed(card, profile, dimension));
    const first = make("ul"), more = make("ul"), rest = make("details");
    first.append(...cards.slice(0, 2));
    if (cards.length <= 2) return [first];
    more.append(...cards.slice(2));
    rest.append(make("summary", fill(model.phrases.more, { count: cards.length - 2 })), more);
    return [first, rest];
  }

  function drawDimension(section, pair) {
    const dimension = section.dataset.dimension;
    const { shared, apart } = split(pair, dimension, countries());
    part("alike", section).hidden = !shared.length;
    part("both", section).replaceChildren(...(shared.length ? listed(shared, pair[0], dimension) : []));
    part("differ", section).replaceChildren(...pair.map((profile, at) => {
      const own = apart[at], column = make("div");
      const kind = shared.length ? "nothing" : "unknown", nothing = make("p", model.phrases[kind], { className: kind });
      column.append(make("h4", nameOf(profile)), ...(own.length ? listed(own, profile, dimension) : [nothing]));
      return column;
    }));
  }

  function drawComparison(pair) {
    comparison.hidden = pair.length < 2;
    if (pair.length < 2) return;
    part("heads").replaceChildren(...pair.map((profile) => {
      const head = make("div");
      head.append(make("h3", nameOf(profile)), make("p", model.profiles[profile][1]));
      return head;
    }));
    for (const section of all(comparison, "[data-dimension]")) drawDimension(section, pair);
  }

  function drawChosen(pair) {
    const [first, second] = pair.map(nameOf);
    const told = first ? fill(model.phrases[second ? "two_chosen" : "one_more"], { first, second }) : hint;
    part("count").textContent = told;
    if (part("compare")) part("compare").textContent = second ? fill(model.phrases.compare, { first, second }) : told;
    part("see").hidden = !second;
    part("clear").hidden = !first;
    part("chosen").classList.toggle("set", Boolean(first));
    all(root, '[data-role="example"]').forEach((button) => { button.hidden = first; });
    for (const card of all(root, "[data-profile]")) card.classList.toggle("selected", pair.includes(card.dataset.profile));
  }

  // ---- the statements behind a slot

  // In a narrow window they stand below their own row.
  function drawSlot(key) {
    const isNarrow = matchMedia("(max-width: 63.99rem)").matches;
    for (const button of all(root, "button[data-slot]")) button.setAttribute("aria-expanded", String(button.dataset.slot === key));
    for (const card of all(root, "[data-profile]")) {
      const said = part("unfolded", card), button = card.querySelector('button[data-slot][aria-expanded="true"]'), slot = button?.closest(".slot");
      (isNarrow && slot ? slot.querySelector("dd") : card).append(said);
      said.replaceChildren();
      if (!slot) continue;
      const list = make("ul"), title = [card.querySelector(".name label"), slot.querySelector("dt")].map((each) => each.textContent.trim()).join(" · ");
      list.append(...copies(model.slots[key]));
      said.append(make("p", title, { className: "title" }), list);
    }
  }

  // ---- what is chosen

  function apply(choices) {
    const profile = (choices.profile ?? []).slice(0, 2);
    state = { ...choices, profile };
    check(root, { profile, country: countries() });
    drawSlot(state.slot?.[0]);
    drawComparison(profile);
    drawChosen(profile);
    publish(state);
    return state.slot?.length ? root.querySelector(".unfolded:not(:empty)") : profile.length > 1 ? comparison : root.querySelector("[data-profile].selected");
  }

  function changed({ name, value, checked: isChosen }) {
    if (name === "profile") return apply({ ...state, profile: profilesAfter(state.profile, value, isChosen) });
    const { country = [] } = checked(comparison);
    apply({ ...state, country: country.length < every.length ? country : [] });
  }

  function see() {
    if (comparison.hidden) return root.querySelector("[name=profile]:not(:checked)").focus();
    comparison.scrollIntoView();
    comparison.focus({ preventScroll: true });
  }

  root.addEventListener("change", (event) => changed(event.target));
  part("filters").addEventListener("submit", (event) => event.preventDefault());
  root.addEventListener("click", (event) => {
    const { role, slot, query } = event.target.closest("button")?.dataset ?? {};
    if (slot) apply({ ...state, slot: state.slot?.[0] === slot ? [] : [slot] });
    if (role === "example") apply(choicesFrom(query, model.options, []).choices);
    if (["example", "see", "compare"].includes(role)) see();
    if (role === "copy") copyText(location.href, part("copied"), model.phrases);
    if (role === "clear") {
      apply({ ...state, profile: [] });
      root.querySelector("[name=profile]").focus();
    }
  });
  addEventListener("beforeprint", () => { for (const rest of [...all(comparison, "details"), ...all(root, ".frame details")]) rest.open = true; });
  if (!root.matches("body > main")) part("copy").remove();
  return apply;
}

PAGES.profiles = profilesPage;
