// ---- the home page: links to findings, and their drawings as files

const STYLES = ["fill", "stroke", "stroke-width", "stroke-dasharray", "font-family", "font-size", "font-weight"];

// A copy that needs no style sheet: what a mark looks like stands on the mark itself.
function aloneStanding(svg) {
  const copy = svg.cloneNode(true);
  const copies = [copy, ...all(copy, "*")];
  [svg, ...all(svg, "*")].forEach((mark, at) => {
    const style = getComputedStyle(mark);
    for (const name of STYLES) copies[at].setAttribute(name, style.getPropertyValue(name).replaceAll('"', "'"));
    copies[at].removeAttribute("class");
  });
  copy.style.background = getComputedStyle(document.body).backgroundColor;
  return new XMLSerializer().serializeToString(copy);
}

function homePage(root, model, publish) {
  root.addEventListener("click", (event) => {
    const { copy: link, picture } = event.target.closest("button")?.dataset ?? {};
    if (link) copyText(`${location.href.split("#")[0]}#${link}`, root.querySelector(`#${CSS.escape(link)} [data-role="copied"]`), model.phrases);
    if (picture) {
      const shown = all(root, `#${CSS.escape(picture)} .sketch`).find((svg) => getComputedStyle(svg).display !== "none");
      save(`${picture}.svg`, aloneStanding(shown), "image/svg+xml");
    }
  });
  return publish;
}

PAGES.home = homePage;
