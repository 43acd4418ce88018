// The case-level page: every chart stands finished in a template; choosing shows one.

import { all, copyText } from "../shared/elements.mjs";
import { savesParts } from "../shared/pictures.mjs";
import { PAGES } from "../shared/registered.mjs";

function casesPage(root, model, publish) {
  const form = root.querySelector('[data-role="filters"]');
  const select = form.querySelector("select");
  const stage = root.querySelector('[data-role="chart"]');
  const charts = new Map(all(root, "template[data-chart]").map((template) => [template.dataset.chart, template.content]));
  const order = [...select.options].map((option) => option.value);

  function apply(choices) {
    const named = choices.question?.[0] ?? model.default, question = model.renamed[named] ?? named;
    select.value = question;
    if (stage.dataset.chart !== question) {
      stage.dataset.chart = question;
      stage.replaceChildren(charts.get(question).cloneNode(true));
      form.querySelector("output").textContent = stage.querySelector("h2").textContent;
    }
    for (const button of all(root, "[data-picture]")) button.dataset.picture = `${model.stem}-${question}`;
    publish({ question: [question] });
  }

  const step = (by) => apply({ question: [order[(order.indexOf(select.value) + by + order.length) % order.length]] });
  select.addEventListener("change", () => apply({ question: [select.value] }));
  form.addEventListener("submit", (event) => event.preventDefault());
  root.addEventListener("click", (event) => {
    const data = event.target.closest("button")?.dataset ?? {};
    if (data.step) step(Number(data.step));
    if ("copy" in data) copyText(location.href, root.querySelector('[data-role="copied"]'), model.phrases);
  });
  savesParts(root);
  addEventListener("beforeprint", () => { for (const each of all(root, "details")) each.open = true; });
  return apply;
}

PAGES.cases = casesPage;
