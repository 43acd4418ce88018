// A picture as a file of its own: it says what it shows, whose words it rests on, and where it was taken.

import { all, make, save } from "./elements.mjs";
import { SAVED, boxIn, measured, referredIn, sourcesNamed } from "./logic/picture_text.mjs";
import { fill } from "./logic/text.mjs";

const DRAWN = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "stroke-opacity", "opacity", "display", "visibility", "vector-effect", "transform", "transform-origin", "transform-box", "font-family", "font-size", "font-weight", "font-style", "letter-spacing", "text-anchor", "paint-order", "overflow"];

// A copy of a drawing that needs no style sheet: what a mark looks like stands on the mark itself. What is as in `plain`
// is left out, so that it can come from where the mark is used.
function standingAlone(svg, plain) {
  const copy = svg.cloneNode(true), copies = [copy, ...all(copy, "*")];
  [svg, ...all(svg, "*")].forEach((mark, at) => {
    const style = getComputedStyle(mark);
    for (const name of DRAWN) {
      copies[at].removeAttribute(name);
      const value = style.getPropertyValue(name);
      if (value !== plain?.getPropertyValue(name)) copies[at].style.setProperty(name, value.replaceAll('"', "'"));
    }
    copies[at].removeAttribute("class");
  });
  return copy;
}

// What a drawing refers to lies in its copy.
function withReferences(svg) {
  const copy = standingAlone(svg), defs = svgMark("defs"), open = referredIn(copy.outerHTML), added = new Set();
  while (open.length) {
    const id = open.pop(), mark = !added.has(id) && !svg.querySelector(`#${CSS.escape(id)}`) && svg.getRootNode().getElementById(id);
    added.add(id);
    if (!mark) continue;
    const bare = mark.parentNode.appendChild(svgMark("g"));
    defs.append(standingAlone(mark, getComputedStyle(bare)));
    bare.remove();
    open.push(...referredIn(mark.outerHTML));
  }
  if (defs.childNodes.length) copy.prepend(defs);
  return copy;
}

function svgMark(tag, attributes = {}, text = "") {
  const mark = document.createElementNS(make("div", "", { innerHTML: "<svg></svg>" }).firstChild.namespaceURI, tag);
  for (const name in attributes) mark.setAttribute(name, attributes[name]);
  mark.textContent = text;
  return mark;
}

// The study, when and from where the picture was taken, and the licence.
function closingLines(root) {
  const { study, taken, licence } = JSON.parse(root.dataset.closing);
  const date = new Intl.DateTimeFormat(root.lang, { dateStyle: "long" }).format(new Date());
  const address = location.protocol.startsWith("http") ? decodeURI(location.href) : "";
  return [`${study} · ${fill(taken, { date })} ${address}`.trim(), licence];
}

// A drawing that is not on the page stands alone already.
function placed(svg, x, y, width = 44, height = 14) {
  const part = svg.isConnected ? withReferences(svg) : svg, place = { x, y, width, height, viewBox: boxOf(svg).join(" ") };
  for (const name in place) part.setAttribute(name, place[name]);
  for (const name of ["display", "visibility", "transform"]) part.style.removeProperty(name);
  return part;
}

// A drawing without a box of its own has that in which it stands.
function boxOf(svg) {
  const { width, height } = svg.getBoundingClientRect();
  return boxIn(svg.getAttribute("viewBox") ?? `0 0 ${width} ${height}`);
}

// A part of a page as a drawing: its boxes, its texts line by line, and the drawings in it, where they stand.
function drawingOf(part) {
  const sticky = all(part, "*").filter((each) => getComputedStyle(each).position === "sticky");
  for (const each of sticky) each.style.position = "static";
  const { left, top, ...size } = part.getBoundingClientRect().toJSON(), ruler = make("canvas").getContext("2d"), { color: ink } = getComputedStyle(part);
  const [width, height] = [size.width, size.height].map(Math.ceil);
  const svg = svgMark("svg", { width, height, viewBox: `0 0 ${width} ${height}` });
  for (const mark of [part, ...all(part, "*:not(svg *)")].filter((each) => each.checkVisibility({ visibilityProperty: true }))) {
    const style = getComputedStyle(mark), box = mark.getBoundingClientRect(), place = { x: box.left - left, y: box.top - top };
    if (box.width <= 1) continue;
    if (mark.localName === "svg") svg.append(placed(mark, place.x, place.y, box.width, box.height));
    else {
      svg.append(...boxAround(style, { ...place, width: box.width, height: box.height }));
      const font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily.replaceAll('"', "'")}`;
      ruler.font = font;
      const rise = ruler.measureText("x").fontBoundingBoxAscent;
      for (const node of mark.childNodes) if (node instanceof Text) svg.append(...linesOf(node).map(([text, line]) => svgMark("text", { x: line.left - left, y: line.top - top + rise,
        style: `fill:${mark.closest("a, button") ? ink : style.color};font:${font};letter-spacing:${style.letterSpacing};text-anchor:start` }, text)));
    }
  }
  for (const each of sticky) each.style.removeProperty("position");
  return svg;
}

// The ground and the frame of an element, or the lines at some of its sides.
function boxAround(style, { x, y, width, height }) {
  const sides = ["Top", "Right", "Bottom", "Left"].map((side) => {
    const thick = style[`border${side}Style`] === "none" ? 0 : parseFloat(style[`border${side}Width`]);
    const dash = { dashed: 2 * thick, dotted: thick }[style[`border${side}Style`]] ?? "none";
    return { thick, look: `fill:none;stroke:${style[`border${side}Color`]};stroke-width:${thick};stroke-dasharray:${dash}` };
  });
  const [top, right, bottom, left] = sides.map(({ thick }) => thick / 2), radius = { rx: parseFloat(style.borderRadius) || 0 };
  const lines = [`M${x} ${y + top}h${width}`, `M${x + width - right} ${y}v${height}`, `M${x} ${y + height - bottom}h${width}`, `M${x + left} ${y}v${height}`];
  const frame = { x: x + top, y: y + top, width: width - 2 * top, height: height - 2 * top, ...radius, style: sides[0].look };
  return [svgMark("rect", { x, y, width, height, ...radius, style: `fill:${style.backgroundColor};stroke:none` }),
    ...top && sides.every(({ look }) => look === sides[0].look) ? [svgMark("rect", frame)] : lines.flatMap((d, at) => (sides[at].thick ? [svgMark("path", { d, style: sides[at].look })] : []))];
}

// The words of a text, joined to lines as they stand.
function linesOf(node) {
  const lines = [], range = document.createRange();
  for (const { 0: word, index } of node.data.matchAll(/\s*(?:[^\s-]*-|[^\s-]+)/g)) {
    range.setStart(node, index + word.search(/\S/));
    range.setEnd(node, index + word.length);
    const [box] = range.getClientRects(), last = lines.at(-1);
    if (last && box && Math.abs(last[1].top - box.top) < 2) last[0] += word.replace(/^\s+/, " ");
    else if (box) lines.push([word.trim(), box]);
  }
  return lines;
}

// What a key says beside its sign, which may hold a letter or a number itself.
const wordsBeside = (key) => [...key.childNodes].filter((part) => part.localName !== "svg").map((part) => part.textContent).join("").trim();

// Drawings, side by side, between their title and what explains them. `keys` are list entries with a drawn sign, `notes`
// sentences, `sources` links to sources, each named once; `least` is how many pixels wide the drawings are.
function explained(root, drawings, { kicker = "", title = "", keys = [], notes = [], sources = [], least = SAVED.least }) {
  const { margin, line } = SAVED, sum = (numbers) => numbers.reduce((one, other) => one + other);
  const drawn = Math.max(least, sum(drawings.map((svg) => Math.round(svg.getBoundingClientRect().width) || boxOf(svg)[2])));
  const scale = drawn / sum(drawings.map((svg) => boxOf(svg)[2]));
  const named = sourcesNamed(sources.map((link) => link.textContent.trim()));
  const { above, below, top, under, width, height } = measured({ kicker, title, texts: [...notes, named, ...closingLines(root)], keys: keys.length },
    drawn, scale * Math.max(...drawings.map((svg) => boxOf(svg)[3])));
  const { fontFamily, color } = getComputedStyle(root);
  const written = (lines, y) => lines.flatMap(([text, size, weight, key], at) => {
    const said = svgMark("text", { x: key ? margin + 56 : margin, y: y + line * at, fill: color, "font-size": size, "font-weight": weight }, text || wordsBeside(key));
    return key ? [placed(key.querySelector("svg"), margin, y + line * at - 11), said] : [said];
  });
  let x = margin;
  const inner = drawings.map((svg) => {
    const [, , wide, high] = boxOf(svg);
    x += scale * wide;
    return placed(svg, x - scale * wide, top, scale * wide, scale * high);
  });
  const whole = svgMark("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "font-family": fontFamily.replaceAll('"', "'") });
  const faces = all(document, "style").map((style) => style.textContent).filter((text) => /@font-face[^}]*"Study /.test(text));
  whole.append(...faces.map((text) => svgMark("style", {}, text)), svgMark("title", {}, [kicker, title].filter(Boolean).join(" ")),
    svgMark("rect", { width, height, fill: getComputedStyle(root).getPropertyValue("--paper") }),
    ...written(above, margin + line * .8), ...inner, ...written(keys.map((key) => ["", 13, 400, key]), under), ...written(below, under + line * keys.length));
  return { text: new XMLSerializer().serializeToString(whole), width, height };
}

async function painted({ text, width, height }) {
  const picture = new Image(), canvas = document.createElement("canvas");
  picture.src = `data:image/svg+xml,${encodeURIComponent(text)}`;
  await picture.decode();
  Object.assign(canvas, { width: SAVED.scale * width, height: SAVED.scale * height });
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

/**
 * Saves drawings, side by side, with the words that explain them.
 * @param {HTMLElement} root
 * @param {string} name of the file, without its ending
 * @param {Element[]} drawings an element of another kind is drawn as it stands
 * @param {{kicker?: string, title?: string, keys?: Element[], notes?: string[], sources?: Element[], least?: number}} words
 * @param {"svg"|"png"} [kind]
 * @returns {Promise<void>}
 */
export async function savePicture(root, name, drawings, words, kind = "svg") {
  const picture = explained(root, drawings.map((each) => (each instanceof SVGElement ? each : drawingOf(each))), words);
  save(`${name}.${kind}`, kind === "svg" ? picture.text : await painted(picture), kind === "svg" ? "image/svg+xml" : "image/png");
}

// The heading, the notes, the key and the sources of the section in which a part of the page stands.
function wordsAround(root, part) {
  const section = part.closest("section, figure"), heading = section?.querySelector("h2, figcaption"), page = root.querySelector("h1");
  const beside = (selector) => (section ? all(section, selector) : all(root, `:scope > :is(${selector})`))
    .filter((each) => each.checkVisibility() && !part.contains(each) && each.closest("details") === part.closest("details"));
  return {
    kicker: heading ? page.textContent.trim() : "",
    title: (heading ?? page).textContent.trim(),
    keys: beside(".keys li").filter((key) => key.querySelector("svg")),
    notes: [...all(root, ".then > b"), ...beside(".note, p.keys, .meta, .told > p:not(.actions)")].map((note) => note.textContent),
    sources: all(section ?? part, "a.source"),
  };
}

/**
 * Lets buttons save the part of the page that they name, as it stands.
 * @param {HTMLElement} root
 * @param {(part: Element) => Element[]} [behind] links to sources that a part itself does not name
 */
export function savesParts(root, behind = () => []) {
  root.addEventListener("click", ({ target }) => {
    const { picture, of, kind } = target.closest("[data-of]")?.dataset ?? {}, part = of && root.querySelector(of);
    if (!part) return;
    const words = wordsAround(root, part);
    savePicture(root, picture, [part], { ...words, sources: [...words.sources, ...behind(part)] }, kind);
  });
}
