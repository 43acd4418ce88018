// A page as a widget. Python sends it packed: its HTML, its style and its module, and apart what it shows after a click.

const modules = new Map();

const unpacked = (bytes) => new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();

function moduleOf(source) {
  if (!modules.has(source)) modules.set(source, import(URL.createObjectURL(new Blob([source], { type: "text/javascript" }))));
  return modules.get(source);
}

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
async function render({ model, el }) {
  const own = () => ({ [model.get("selects")]: [model.get("selected")], view: [model.get("view")] });
  const choices = () => Object.fromEntries(Object.entries({ ...model.get("filters"), ...own() })
    .map(([name, values]) => [name, values.filter(Boolean)]).filter(([name, values]) => name && values.length));
  let apply, page, drawn, main, isTelling = false;
  const tell = (chosen) => {
    const { [model.get("selects")]: selected, view, ...filters } = chosen;
    isTelling = true;
    model.set({ selected: selected?.[0] ?? "", view: view?.[0] ?? "", filters });
    isTelling = false;
    model.save_changes();
  };
  const mounted = async () => {
    if (!model.get("details").byteLength) return;
    const { html, of } = await unpacked(model.get("details"));
    if (of !== drawn || main.dataset.usable === "true") return;
    main.insertAdjacentHTML("beforeend", html);
    apply = page.mount(main, { hasAddress: false, chosen: page.queryFrom(choices()), tell });
  };
  const draw = async () => {
    const { html, part, style, module, of } = await unpacked(model.get("packed"));
    page = await moduleOf(module);
    const shadow = shadowOf(el, style);
    shadow.innerHTML = html;
    main = shadow.querySelector("main");
    main.dataset.part = part;
    for (const own of model.get("titled") ? [] : page.all(main, ":scope > :is(h1, .lede, .opening)")) own.hidden = true;
    drawn = of;
    await mounted();
  };
  model.on("change:packed", draw);
  model.on("change:details", () => main && mounted());
  model.on("change:selected change:view change:filters", () => isTelling || apply?.(choices()));
  await draw();
}

export default { render };
