// ---- the profiles page

function profilesPage(root, model, publish) {
  const form = root.querySelector('[data-role="filters"]');
  const copies = cardStore(root);
  const defaults = checked(form);

  const element = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });

  function columns(choices) {
    return (choices.profile ?? []).flatMap((profile) => (choices.country ?? []).map((country) => ({
      profile, country, name: `${model.profiles[profile][0]}, ${model.countries[country]}`,
      ids: (dimension) => model.cells[`${profile} ${country} ${dimension}`] ?? [],
    })));
  }

  function drawHeads(list) {
    const heads = root.querySelector('[data-role="heads"]');
    heads.style.setProperty("--columns", list.length);
    heads.replaceChildren(...list.map(({ name, profile }) => {
      const head = document.createElement("div");
      head.append(element("h2", name), element("p", model.profiles[profile][1]));
      return head;
    }));
  }

  function drawDimension(section, list) {
    const sets = list.map((column) => column.ids(section.dataset.dimension));
    const shared = sets.length > 1 ? sets[0].filter((id) => sets.every((ids) => ids.includes(id))) : [];
    const alike = section.querySelector('[data-role="alike"]');
    alike.hidden = !shared.length;
    alike.querySelector("ul").replaceChildren(...copies(shared));
    const differ = section.querySelector('[data-role="differ"]');
    differ.style.setProperty("--columns", list.length);
    differ.replaceChildren(...list.map(({ name, country }, index) => {
      const own = sets[index].filter((id) => !shared.includes(id));
      const column = document.createElement("div");
      const list = document.createElement("ul");
      list.append(...copies(own));
      const nothing = element("p", shared.length ? model.nothing : model.unknown[country]);
      nothing.className = shared.length ? "nothing" : "unknown";
      column.append(element("h3", name), own.length ? list : nothing);
      return column;
    }));
  }

  const order = [];

  function keepLatest(box) {
    order.push(box);
    const chosen = all(box.closest("[data-most]"), "input:checked");
    const oldest = chosen.sort((a, b) => order.lastIndexOf(a) - order.lastIndexOf(b))[0];
    if (chosen.length > Number(box.closest("[data-most]").dataset.most)) oldest.checked = false;
  }

  function apply(choices) {
    const state = { profile: choices.profile ?? defaults.profile, country: choices.country ?? defaults.country };
    check(form, state);
    const list = columns(state);
    drawHeads(list);
    for (const section of all(root, "[data-dimension]")) drawDimension(section, list);
    publish(state);
  }

  form.addEventListener("change", (event) => {
    keepLatest(event.target);
    const choices = checked(form);
    const missing = ["profile", "country"].find((name) => !choices[name]);
    form.querySelector("output").textContent = missing ? model.choose : "";
    if (!missing) apply(choices);
  });
  return apply;
}

PAGES.profiles = profilesPage;
