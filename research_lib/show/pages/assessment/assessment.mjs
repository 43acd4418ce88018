// The assessment page: a situation is chosen in the table or the list, and assessed in the browser.

import { all } from "../shared/elements.mjs";
import { savesParts } from "../shared/pictures.mjs";
import { PAGES } from "../shared/registered.mjs";
import { verdictsOf } from "./logic/verdicts.mjs";

function assessment(root, model, change) {
  const form = root.querySelector('[data-role="assess"]');
  const part = (role) => form.querySelector(`[data-role="${role}"]`);
  const templates = new Map(all(root, "template[data-situation]").map((each) => [each.dataset.situation, each.content]));
  const { assessed, isUnlisted } = verdictsOf(model);
  let shown = "";

  return (state) => {
    const situation = state.situation?.[0] ?? form.situation.options[0].value;
    const code = state.definition?.[0] ?? model.first;
    form.situation.value = situation;
    for (const box of all(form, '[name="definition"]')) box.checked = box.value === code;
    if (shown !== situation) part("indicators").replaceChildren(templates.get(situation).cloneNode(true));
    shown = situation;
    const assumed = Object.fromEntries((state.assume ?? []).map((each) => each.split(".")));
    const values = {};
    let changed = 0;
    for (const row of all(part("indicators"), ".indicator")) {
      const boxes = all(row, "input"), name = boxes[0].name;
      values[name] = assumed[name] ?? row.dataset.value;
      for (const box of boxes) box.checked = box.value === values[name];
      row.classList.toggle("changed", values[name] !== row.dataset.value);
      if (values[name] !== row.dataset.value) row.closest("details")?.setAttribute("open", "");
      changed += values[name] !== row.dataset.value;
    }
    const law = model.definitions[code];
    const { verdict, elements, reasons, outlook } = assessed(values, law, changed > 0);
    for (const row of all(part("indicators"), ".indicator")) row.classList.toggle("unlisted", isUnlisted(law, row.dataset.element, row.dataset.indicator));
    part("verdict").dataset.verdict = verdict;
    part("supposed").hidden = !changed;
    part("answer").textContent = model.verdict[verdict];
    for (const light of all(form, "[data-light]")) {
      const name = light.dataset.light, told = law.listed[name] ? elements[name] : "not-described";
      for (const each of all(light, "[data-truth]")) each.hidden = each.dataset.truth !== told;
    }
    for (const row of all(root, "tr[data-row]")) {
      const isChosen = row.dataset.row === state.situation?.[0];
      row.classList.toggle("selected", isChosen);
      row.querySelector("[data-select]").setAttribute("aria-current", isChosen);
    }
    part("reasons").replaceChildren(...reasons.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
    part("outlook").textContent = outlook;
    part("reset").hidden = !changed;
    form.onchange = (event) => {
      if (event.target.name === "situation") change({ situation: [event.target.value], assume: [] });
      else if (event.target.name === "definition") change({ definition: [event.target.value] });
      else {
        const row = event.target.closest(".indicator");
        const others = (state.assume ?? []).filter((each) => !each.startsWith(`${event.target.name}.`));
        change({ assume: event.target.value === row.dataset.value ? others : [...others, `${event.target.name}.${event.target.value}`] });
      }
    };
    part("reset").onclick = () => change({ assume: [] });
    form.onsubmit = (event) => event.preventDefault();
  };
}

function assessmentPage(root, model, publish) {
  if (!model.first) return publish;
  savesParts(root);
  let state = {};
  addEventListener("beforeprint", () => { for (const folded of all(root, ".untold")) folded.open = true; });
  const judge = assessment(root, model, (choices) => apply({ ...state, ...choices }));
  function apply(choices) {
    state = choices;
    judge(state);
    publish(state);
    return state.situation || state.assume || state.definition ? root.querySelector("#assess-title") : null;
  }
  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-select]");
    if (!button) return;
    apply({ ...state, situation: [button.dataset.select], assume: [] });
    const title = root.querySelector("#assess-title");
    title.scrollIntoView({ block: "start" });
    title.focus({ preventScroll: true });
  });
  return apply;
}

PAGES.assessment = assessmentPage;
