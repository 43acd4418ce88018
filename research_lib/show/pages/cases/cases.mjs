// ---- the case-level page: every chart stands finished in a template; choosing shows one

const DRAWN = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "font-family", "font-size", "font-weight", "text-anchor"];
const SAVED_WIDTH = 720;

function casesPage(root, model, publish) {
  const form = root.querySelector('[data-role="filters"]');
  const select = form.querySelector("select");
  const stage = root.querySelector('[data-role="chart"]');
  const charts = new Map(all(root, "template[data-chart]").map((template) => [template.dataset.chart, template.content]));
  const order = [...select.options].map((option) => option.value);

  function apply(choices) {
    const question = choices.question?.[0] ?? model.default;
    select.value = question;
    if (stage.dataset.chart !== question) {
      stage.dataset.chart = question;
      stage.replaceChildren(charts.get(question).cloneNode(true));
      form.querySelector("output").textContent = stage.querySelector("h2").textContent;
    }
    publish({ question: [question] });
  }

  const step = (by) => apply({ question: [order[(order.indexOf(select.value) + by + order.length) % order.length]] });
  select.addEventListener("change", () => apply({ question: [select.value] }));
  form.addEventListener("submit", (event) => event.preventDefault());
  root.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.step) step(Number(button.dataset.step));
    if (button?.dataset.save) save(`${model.stem}-${select.value}.svg`, standingAlone(stage), "image/svg+xml");
  });
  return apply;
}

// The drawing as a file of its own: the same marks with the colours that they have now, and the question above them.
function standingAlone(stage) {
  const svg = stage.querySelector("svg.drawn");
  const copy = svg.cloneNode(true);
  const copies = [copy, ...all(copy, "*")];
  [svg, ...all(svg, "*")].forEach((mark, index) => {
    const style = getComputedStyle(mark);
    for (const name of DRAWN) copies[index].setAttribute(name, style.getPropertyValue(name).replaceAll('"', ""));
    copies[index].removeAttribute("class");
  });
  const height = Number(svg.getAttribute("height"));
  const title = stage.querySelector("h2").textContent.match(/.{1,76}(?:\s|$)|.{1,76}/gu) ?? [];
  const above = 30 + 22 * title.length;
  const make = (tag, attributes, text = "") => {
    const mark = document.createElementNS(svg.namespaceURI, tag);
    for (const [name, value] of Object.entries(attributes)) mark.setAttribute(name, value);
    mark.textContent = text;
    return mark;
  };
  const ink = getComputedStyle(stage).color;
  copy.prepend(make("rect", { x: -16, y: -above, width: SAVED_WIDTH + 32, height: height + above + 16, fill: getComputedStyle(document.body).backgroundColor }),
    ...title.map((line, index) => make("text", { x: 0, y: 30 - above + 22 * index, fill: ink, "font-size": 17, "font-weight": 600 }, line.trim())));
  const box = { width: SAVED_WIDTH + 32, height: height + above + 16, viewBox: `-16 ${-above} ${SAVED_WIDTH + 32} ${height + above + 16}` };
  const inner = make("svg", { width: SAVED_WIDTH, height, overflow: "visible" });
  inner.append(...copy.childNodes);
  const whole = make("svg", { ...box, "font-family": getComputedStyle(stage).fontFamily.replaceAll('"', "'") });
  whole.append(inner);
  return new XMLSerializer().serializeToString(whole);
}

PAGES.cases = casesPage;
