// ---- a page as a widget; the module of the pages stands before this

// As a widget, a page stands in a shadow root: its style reaches the copies that `use` makes and nothing outside, and ids
// are its own. JupyterLab sees the root alone, and would take letters typed into a field of it for its shortcuts.
function shadowOf(el, style) {
  const shadow = el.shadowRoot ?? el.attachShadow({ mode: "open" }), sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  shadow.adoptedStyleSheets = [sheet];
  el.classList.add("research-page");
  el.dataset.lmSuppressShortcuts = "true";
  shadow.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]'), part = link && shadow.getElementById(link.hash.slice(1));
    if (!part || event.defaultPrevented) return;
    event.preventDefault();
    part.scrollIntoView();
  });
  return shadow;
}

// A widget tells Python what is chosen on it, and shows what Python chooses.
function render({ model, el }) {
  const own = () => ({ [model.get("selects")]: [model.get("selected")], view: [model.get("view")] });
  const choices = () => Object.fromEntries(Object.entries({ ...model.get("filters"), ...own() })
    .map(([name, values]) => [name, values.filter(Boolean)]).filter(([name, values]) => name && values.length));
  let apply, isTelling = false;
  const tell = (chosen) => {
    const { [model.get("selects")]: selected, view, ...filters } = chosen;
    isTelling = true;
    model.set({ selected: selected?.[0] ?? "", view: view?.[0] ?? "", filters });
    isTelling = false;
    model.save_changes();
  };
  const shadow = shadowOf(el, model.get("style_sheet"));
  const draw = () => {
    shadow.innerHTML = model.get("html");
    for (const own of model.get("titled") ? [] : all(shadow, "main > :is(h1, .lede, .opening)")) own.hidden = true;
    apply = mount(shadow.querySelector("main"), { hasAddress: false, chosen: queryFrom(choices()), tell });
  };
  draw();
  model.on("change:html", draw);
  model.on("change:selected change:view change:filters", () => isTelling || apply(choices()));
}

export default { render };
