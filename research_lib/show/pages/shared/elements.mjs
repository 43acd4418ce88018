// Elements of a page: finding, making and copying them, and files that it saves.

import { fill } from "./logic/text.mjs";

/**
 * Whether the browser has read the page to its end, where what a choice asks for stands.
 * @returns {boolean}
 */
export const isRead = () => document.readyState !== "loading";

/**
 * Does what needs the whole page as soon as it is read.
 * @param {() => void} work
 */
export const whenRead = (work) => isRead() ? work() : addEventListener("DOMContentLoaded", work);

function holderOf(root, role) {
  const holder = `script[data-role="${role}"]`;
  return root.querySelector(holder) ?? document.querySelector(holder);
}

/**
 * The data that stand in the page under a role, inside its main part or behind it.
 * @param {Element} root
 * @param {string} role
 * @returns {any}
 */
export const readJson = (root, role) => JSON.parse(holderOf(root, role).textContent);

/**
 * Reads data that a server sends apart: at once where the page holds them, else when they have come.
 * @param {Element} root
 * @param {string} role
 * @param {(data?: any) => void} use nothing is given where they do not come
 */
export function readApart(root, role, use) {
  whenRead(() => {
    const { address } = holderOf(root, role).dataset;
    if (address) fetch(address).then((answer) => answer.json()).then(use, () => use());
    else use(readJson(root, role));
  });
}

/**
 * All elements of a selector.
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {Element[]}
 */
export const all = (root, selector) => [...root.querySelectorAll(selector)];

/**
 * The selector of what has a value in its data.
 * @param {string} name
 * @param {string} value
 * @returns {string}
 */
export const having = (name, value) => `[data-${name}="${CSS.escape(value)}"]`;

/**
 * A new element.
 * @param {string} tag
 * @param {string} [text]
 * @param {Object} [more] properties
 * @returns {HTMLElement}
 */
export const make = (tag, text = "", more = {}) => Object.assign(document.createElement(tag), { textContent: text, ...more });

/**
 * Copies a text, and says so, or says the text itself where a page may not copy.
 * @param {string} text
 * @param {Element} said
 * @param {Object<string, string>} phrases
 * @returns {Promise<void>}
 */
export async function copyText(text, said, phrases) {
  try {
    await navigator.clipboard.writeText(text);
    said.textContent = phrases.copied;
  } catch {
    said.textContent = fill(phrases.copy_yourself, { text });
  }
}

/**
 * Scrolls to a part of the page unless it begins in the window.
 * @param {Element} part
 * @param {ScrollLogicalPosition} [block]
 */
export function bringIntoView(part, block = "start") {
  const { top } = part.getBoundingClientRect(), show = () => part.scrollIntoView({ block });
  if (top >= 0 && top <= innerHeight - 120) return;
  show();
  // The page's own letters come later, and are of another height.
  const at = scrollY;
  requestAnimationFrame(() => document.fonts.ready.then(() => Math.abs(scrollY - at) < 120 && show()));
}

/**
 * Saves a file.
 * @param {string} name
 * @param {string|Blob} content
 * @param {string} type
 */
export function save(name, content, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
