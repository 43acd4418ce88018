// Voilà calls this while a kernel is slow to start, to keep proxies from giving up.
globalThis.voila_heartbeat ??= () => {};

// ---- mounting, and attaching a kernel

function languageLinks(query) {
  for (const link of all(document, "a[data-lang]")) {
    const rest = new URLSearchParams(query);
    rest.delete("lang");
    link.href = `?lang=${link.dataset.lang}${rest.size ? `&${decodeURIComponent(rest)}` : ""}`;
  }
}

function mount(root, { hasAddress }) {
  const model = readJson(root, "view-model");
  let query = "";
  const lang = document.documentElement.lang;
  const publish = (choices) => {
    query = queryFrom(choices);
    if (hasAddress) {
      languageLinks(query);
      query = [lang === "en" ? "" : `lang=${lang}`, query].filter(Boolean).join("&");
      history.replaceState(null, "", query ? `?${query}` : location.pathname);
    }
  };
  revealSources(root, hasAddress);
  const apply = PAGES[root.dataset.page](root, model, publish);
  const options = { ...model.options, lang: [lang, ...all(document, "a[data-lang]").map((link) => link.dataset.lang)] };
  const { choices, isPartial } = choicesFrom(hasAddress ? location.search : "", options, ["lang", ...model.single]);
  delete choices.lang;
  root.querySelector('[data-role="left-out"]').hidden = !isPartial;
  apply(choices);
  root.dataset.usable = "true";
  return { model, apply, query: () => query };
}

function save(name, content, type = "text/csv") {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(type === "text/csv" ? ["\ufeff", content] : [content], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

function attach(root, widget) {
  const page = root.controller;
  const note = root.querySelector('[data-role="live-note"]');
  for (const button of all(root, "[data-download]")) {
    button.disabled = false;
    button.addEventListener("click", () => widget.send({ want: button.dataset.download, query: page.query() }));
  }
  widget.on("msg:custom", (message) => {
    if (message.error && note) note.textContent = message.error;
    if (message.content) save(message.name, message.content);
  });
  if (note) note.textContent = page.model.live.ready;
  root.dataset.live = "true";
}

function render({ model, el }) {
  el.classList.add("research-page");
  el.innerHTML = model.get("html");
  const root = el.querySelector("main");
  root.controller = mount(root, { hasAddress: false });
  attach(root, model);
}

const standing = document.querySelector("body > main[data-page]");
if (standing && !standing.controller) {
  standing.controller = mount(standing, { hasAddress: true });
  standing.attach = (widget) => attach(standing, widget);
}

export default { render };
