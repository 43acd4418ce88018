// ---- the case-level page: every chart stands finished in a template; choosing shows one

const DRAWN = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "font-family", "font-size", "font-weight", "font-style", "letter-spacing", "text-anchor", "paint-order"];
const SAVED = { width: 860, margin: 20, line: 19, letters: 110, titleLine: 26, titleLetters: 70, scale: 2 };

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

  async function saveDrawing(kind) {
    const { text, width, height } = standingAlone(stage);
    const content = kind === "svg" ? text : await painted(text, width, height);
    save(`${model.stem}-${select.value}.${kind}`, content, kind === "svg" ? "image/svg+xml" : "image/png");
  }

  async function copyLink() {
    const said = root.querySelector('[data-role="copied"]'), text = location.href;
    try {
      await navigator.clipboard.writeText(text);
      said.textContent = model.phrases.copied;
    } catch {
      said.textContent = fill(model.phrases.copy_yourself, { text });
    }
  }

  const step = (by) => apply({ question: [order[(order.indexOf(select.value) + by + order.length) % order.length]] });
  select.addEventListener("change", () => apply({ question: [select.value] }));
  form.addEventListener("submit", (event) => event.preventDefault());
  root.addEventListener("click", (event) => {
    const data = event.target.closest("button")?.dataset ?? {};
    if (data.step) step(Number(data.step));
    if (data.save) saveDrawing(data.save);
    if ("copy" in data) copyLink();
  });
  return apply;
}

// Breaks a text into lines of at most so many letters.
const inLines = (text, letters) => (text.trim().match(new RegExp(`.{1,${letters}}(?:\\s|$)|.{1,${letters}}`, "gu")) ?? []).map((line) => line.trim());

// The wide drawing as a file of its own: the same marks with the colours that they have now; above them the question,
// below them how many answered.
function standingAlone(stage) {
  const svg = stage.querySelector("svg.drawn.wide");
  const copy = svg.cloneNode(true);
  const copies = [copy, ...all(copy, "*")];
  [svg, ...all(svg, "*")].forEach((mark, index) => {
    const style = getComputedStyle(mark);
    for (const name of DRAWN) copies[index].setAttribute(name, style.getPropertyValue(name).replaceAll('"', "'"));
    copies[index].removeAttribute("class");
  });
  const make = (tag, attributes, text = "") => {
    const mark = document.createElementNS(svg.namespaceURI, tag);
    for (const [name, value] of Object.entries(attributes)) mark.setAttribute(name, value);
    mark.textContent = text;
    return mark;
  };
  const { width, margin, line, letters, titleLine, titleLetters } = SAVED;
  const texts = (selector) => all(stage, selector).map((each) => each.innerText.trim().replace(/\s*\n\s*/g, ": "));
  const kicker = texts(".kicker"), title = inLines(texts("h2")[0], titleLetters);
  const below = [...texts(".answered li"), ...texts("figcaption p")].flatMap((text) => inLines(text, letters));
  const above = line * kicker.length + titleLine * title.length + line;
  const drawn = Number(svg.getAttribute("height"));
  const size = { width: width + 2 * margin, height: above + drawn + line * (below.length + 1) + 2 * margin };
  const ink = getComputedStyle(stage).color;
  const written = (lines, y, step, size, weight) => lines.map((text, index) => make("text", { x: margin, y: y + step * index, fill: ink, "font-size": size, "font-weight": weight }, text));
  const inner = make("svg", { x: margin, y: margin + above, width, height: drawn, overflow: "visible" });
  inner.append(...copy.childNodes);
  const whole = make("svg", { ...size, viewBox: `0 0 ${size.width} ${size.height}`, "font-family": getComputedStyle(stage).fontFamily.replaceAll('"', "'") });
  whole.append(make("title", {}, [...kicker, ...title].join(" ")),
    make("rect", { width: size.width, height: size.height, fill: getComputedStyle(document.body).backgroundColor }),
    ...written(kicker, margin + 13, line, 13, 700), ...written(title, margin + 20 + line * kicker.length, titleLine, 20, 600),
    inner, ...written(below, margin + above + drawn + line, line, 13, 400));
  return { text: new XMLSerializer().serializeToString(whole), ...size };
}

async function painted(text, width, height) {
  const picture = new Image(), canvas = document.createElement("canvas");
  picture.src = `data:image/svg+xml,${encodeURIComponent(text)}`;
  await picture.decode();
  Object.assign(canvas, { width: SAVED.scale * width, height: SAVED.scale * height });
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

PAGES.cases = casesPage;
