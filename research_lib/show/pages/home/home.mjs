// ---- the home page: links to findings, and their drawings as files

function homePage(root, model, publish) {
  root.addEventListener("click", (event) => {
    const { copy: link, picture } = event.target.closest("button")?.dataset ?? {};
    if (link) copyText(`${location.href.split("#")[0]}#${link}`, root.querySelector(`#${CSS.escape(link)} [data-role="copied"]`), model.phrases);
    if (picture) {
      const shown = all(root, `#${CSS.escape(picture)} .sketch`).find((svg) => getComputedStyle(svg).display !== "none");
      const copy = standingAlone(shown);
      copy.style.background = getComputedStyle(root).getPropertyValue("--paper");
      save(`${picture}.svg`, new XMLSerializer().serializeToString(copy), "image/svg+xml");
    }
  });
  return publish;
}

PAGES.home = homePage;
