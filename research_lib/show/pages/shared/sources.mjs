// The list of sources of a page, on the screen and on paper.

import { all } from "./elements.mjs";
import { fill } from "./logic/text.mjs";

/**
 * Opens the list of sources at the one that a link leads to. On a page of its own the browser follows the link itself, so
 * that Back leads back to the statement.
 * @param {Element} root
 * @param {boolean} hasAddress
 */
export function revealSources(root, hasAddress) {
  root.addEventListener("click", (event) => {
    const link = event.target.closest("a.source");
    const target = link && root.querySelector(`#${CSS.escape(link.getAttribute("href").slice(1))}`);
    if (!target) return;
    target.closest("details").open = true;
    for (const old of all(root, ".sources .found")) old.classList.remove("found");
    target.classList.add("found");
    if (hasAddress) return;
    event.preventDefault();
    target.scrollIntoView({ block: "center" });
  });
  addEventListener("beforeprint", () => {
    for (const list of all(root, ".sources details")) list.open = true;
    for (const line of all(root, '[data-role="printed"]')) line.textContent = printedLine(line.dataset, root.lang);
  });
}

/**
 * When and where a page was printed; what was chosen stands in its address.
 * @param {{printed: string, address: string}} phrases with `{date}` and `{address}`
 * @param {string} lang
 * @returns {string}
 */
export function printedLine({ printed, address }, lang) {
  const date = new Intl.DateTimeFormat(lang, { dateStyle: "long" }).format(new Date());
  const where = location.protocol.startsWith("http") ? fill(address, { address: decodeURI(location.href) }) : "";
  return `${fill(printed, { date })} ${where}`.trim();
}
