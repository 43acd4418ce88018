// The home page: links to findings, and their drawings as files.

import { all, copyText } from "../shared/elements.mjs";
import { savePicture } from "../shared/pictures.mjs";
import { PAGES } from "../shared/registered.mjs";

function homePage(root, model, publish) {
  root.addEventListener("click", (event) => {
    const { copy: link, picture, kind } = event.target.closest("button")?.dataset ?? {};
    if (link) copyText(`${location.href.split("#")[0]}#${link}`, root.querySelector(`#${CSS.escape(link)} [data-role="copied"]`), model.phrases);
    if (picture) {
      const finding = root.querySelector(`#${CSS.escape(picture)}`);
      const shown = all(finding, ".sketch").find((svg) => getComputedStyle(svg).display !== "none");
      const notes = all(finding, "figcaption, .told > p:not(.actions)").map((each) => each.textContent);
      savePicture(root, picture, [shown], { title: finding.querySelector("h2").textContent, notes, sources: all(finding, ".basis a.source") }, kind);
    }
  });
  return publish;
}

PAGES.home = homePage;
