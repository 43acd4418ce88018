// ---- the case-level page: every chart stands finished in a template; choosing shows one

const SAVED = { width: 860, margin: 20, line: 24, scale: 2 };

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
    const { text, width, height } = pictureOf(stage);
    const content = kind === "svg" ? text : await painted(text, width, height);
    save(`${model.stem}-${select.value}.${kind}`, content, kind === "svg" ? "image/svg+xml" : "image/png");
  }

  const step = (by) => apply({ question: [order[(order.indexOf(select.value) + by + order.length) % order.length]] });
  select.addEventListener("change", () => apply({ question: [select.value] }));
  form.addEventListener("submit", (event) => event.preventDefault());
  root.addEventListener("click", (event) => {
    const data = event.target.closest("button")?.dataset ?? {};
    if (data.step) step(Number(data.step));
    if (data.save) saveDrawing(data.save);
    if ("copy" in data) copyText(location.href, root.querySelector('[data-role="copied"]'), model.phrases);
  });
  addEventListener("beforeprint", () => { root.querySelector("#rules").open = true; });
  return apply;
}

// Breaks a text into lines of at most so many letters.
const inLines = (text, letters) => (text.trim().match(new RegExp(`.{1,${letters}}(?:\\s|$)|.{1,${letters}}`, "gu")) ?? []).map((line) => line.trim());

// The wide drawing as a file of its own: the same marks with the colours that they have now; above them the question,
// below them how many answered and how to read it.
function pictureOf(stage) {
  const svg = stage.querySelector("svg.drawn.wide");
  const make = (tag, attributes, text = "") => {
    const mark = document.createElementNS(svg.namespaceURI, tag);
    for (const name in attributes) mark.setAttribute(name, attributes[name]);
    mark.textContent = text;
    return mark;
  };
  const texts = (selector, letters) => all(stage, selector).flatMap((each) => inLines(each.innerText.trim().replace(/\s*\n\s*/g, ": "), letters));
  const { fontFamily, color } = getComputedStyle(stage), { margin, line } = SAVED, drawn = Number(svg.getAttribute("height"));
  const above = [...texts(".kicker", 100).map((text) => [text, 13, 700]), ...texts("h2", 70).map((text) => [text, 20, 600])];
  const below = texts(".answered li, figcaption p", 110).map((text) => [text, 13, 400]);
  const top = margin + line * (above.length + 1), width = SAVED.width + 2 * margin, height = top + drawn + line * (below.length + 2);
  const written = (lines, y) => lines.map(([text, size, weight], index) =>
    make("text", { x: margin, y: y + line * index, fill: color, "font-size": size, "font-weight": weight }, text));
  const inner = make("svg", { x: margin, y: top, width: SAVED.width, height: drawn, overflow: "visible" });
  inner.append(...standingAlone(svg).childNodes);
  const whole = make("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "font-family": fontFamily.replaceAll('"', "'") });
  whole.append(make("title", {}, above.map(([text]) => text).join(" ")),
    make("rect", { width, height, fill: getComputedStyle(stage).getPropertyValue("--paper") }),
    ...written(above, margin + line), inner, ...written(below, top + drawn + line));
  return { text: new XMLSerializer().serializeToString(whole), width, height };
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
