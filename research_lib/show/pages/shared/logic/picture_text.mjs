// The words around a saved picture: broken into lines, each with its size, and what the picture measures with them.

/** Pixels of a saved picture. */
export const SAVED = { least: 640, column: 860, margin: 20, line: 22, scale: 2 };

/**
 * Breaks a text into lines of at most so many letters.
 * @param {string} text
 * @param {number} letters
 * @returns {string[]}
 */
export function inLines(text, letters) {
  const most = Math.round(letters);
  return (text.trim().match(new RegExp(`.{1,${most}}(?:\\s|$)|.{1,${most}}`, "gu")) ?? []).map((line) => line.trim());
}

/**
 * The ids that markup refers to.
 * @param {string} markup
 * @returns {string[]}
 */
export const referredIn = (markup) => [...markup.matchAll(/(?:href="|url\(["']?(?:&quot;)?)#([\w-]+)/g)].map(([, id]) => id);

/**
 * The numbers of a view box.
 * @param {string} viewBox
 * @returns {number[]}
 */
export const boxIn = (viewBox) => viewBox.trim().split(/[\s,]+/).map(Number);

/**
 * Sources as they are named below a picture: each work once, with its sections; the lines of the sections are on the page.
 * @param {string[]} labels such as "Report §\u00a03.1, lines 2–5"
 * @returns {string}
 */
export function sourcesNamed(labels) {
  const works = new Map();
  for (const [work, section] of labels.map((label) => label.split(" §\u00a0"))) {
    const sections = works.get(work) ?? works.set(work, new Set()).get(work);
    if (section) sections.add(section.split(",")[0].trim());
  }
  return [...works].map(([work, sections]) => [work, [...sections].join(", ")].filter(Boolean).join(sections.size > 1 ? " §§\u00a0" : " §\u00a0")).join("; ");
}

/**
 * The lines above and below drawings, each as text, size and weight, and the places in the picture.
 * @param {{kicker: string, title: string, texts: string[], keys: number}} words `keys`: the number of lines of the key
 * @param {number} drawn the width of the drawings
 * @param {number} high the height of the highest
 * @returns {{above: Array, below: Array, top: number, under: number, width: number, height: number}}
 */
export function measured({ kicker, title, texts, keys }, drawn, high) {
  const { margin, line } = SAVED, letters = Math.round(drawn / 7.2);
  const above = [...inLines(kicker, letters).map((text) => [text, 13, 700]), ...inLines(title, letters * .68).map((text) => [text, 19, 600])];
  const told = texts.map((text) => text.replace(/\s+/g, " ").trim()).filter(Boolean);
  const below = told.flatMap((text) => inLines(text, letters)).map((text) => [text, 13, 400]);
  const top = margin + line * (above.length + .5), under = top + high + line;
  return { above, below, top, under, width: drawn + 2 * margin, height: Math.round(under + line * (keys + below.length + .5)) };
}
