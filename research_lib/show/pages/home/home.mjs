// The home page: links to findings, and their drawings as files.

import { copyText } from "../shared/elements.mjs";
import { savesParts } from "../shared/pictures.mjs";
import { PAGES } from "../shared/registered.mjs";

function homePage(root, model, publish) {
  savesParts(root);
  root.addEventListener("click", ({ target }) => {
    const { copy: link } = target.closest("button")?.dataset ?? {};
    if (link) copyText(`${location.href.split("#")[0]}#${link}`, root.querySelector(`#${CSS.escape(link)} [data-role="copied"]`), model.phrases);
  });
  return publish;
}

PAGES.home = homePage;
