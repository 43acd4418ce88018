// The elements of the workbench: one function makes all of them.

/**
 * An element with attributes (`on…` is a listener) and children; what is null or false is left out.
 * @param {string} tag
 * @param {Record<string, any>} attributes
 * @param {...any} children
 * @returns {any}
 */
export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child != null));
  return node;
}

/**
 * A choice among the codes, in the order of the tree; `isCodable` leaves out those that are not given.
 * @param {any} bench
 * @param {{label: string, any?: string, value: string, key: string, onchange: any, isCodable?: boolean}} more `any`: what stands where none is chosen
 * @returns {any}
 */
export function codeChoice(bench, { label, any = label, value, key, onchange, isCodable = false }) {
  const codes = [...bench.codes.values()].filter((code) => code.is_codable || !isCodable);
  return make("select", { "aria-label": label, "data-key": key, onchange }, make("option", { value: "" }, any),
    ...codes.map((code) => make("option", { value: code.id, selected: code.id === value }, `${"\u2003".repeat(code.depth)}${code.name}`)));
}

/**
 * A stretch of a text between what stands before and after it; a click goes there.
 * @param {any} bench
 * @param {any} found
 * @returns {any}
 */
export function inContext(bench, { document: id, start, end, language, before, text, after }) {
  return make("button", { type: "button", class: "found", "data-key": `found-${id}-${start}-${end}`, lang: language === "und" ? null : language, dir: "auto", onclick: () => bench.goTo(id, start, end) },
    make("span", {}, before), make("b", {}, text), make("span", {}, after));
}

/**
 * Save a file.
 * @param {string} name
 * @param {string} text
 * @param {string} type
 */
export function saveFile(name, text, type) {
  const link = make("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  link.click();
  URL.revokeObjectURL(link.href);
}

/**
 * A box that scrolls what is wider than it, also by keyboard.
 * @param {string} label
 * @param {any} child
 * @returns {any}
 */
export const scrolled = (label, child) => make("div", { class: "wide", tabindex: "0", role: "region", "aria-label": label }, child);
