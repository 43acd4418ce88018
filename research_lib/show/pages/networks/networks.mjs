// ---- the networks page: every network stands finished in a template

function networksPage(root, model, publish) {
  const select = root.querySelector("#network");
  const stage = root.querySelector('[data-role="network"]');
  const networks = new Map(all(root, "template[data-network]").map((each) => [each.dataset.network, each.content]));

  function apply(choices) {
    const id = choices.network?.[0] ?? model.default;
    select.value = id;
    if (stage.dataset.shown !== id) stage.replaceChildren(networks.get(id).cloneNode(true));
    stage.dataset.shown = id;
    publish(id === model.default ? {} : { network: [id] });
  }

  select.addEventListener("change", () => apply({ network: [select.value] }));
  return apply;
}

PAGES.networks = networksPage;
