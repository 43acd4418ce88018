// ---- the page about the study: citations are copied

function aboutPage(root, model) {
  root.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const text = root.querySelector(`#${CSS.escape(button.dataset.copy)}`);
    const said = root.querySelector('[data-role="copied"]');
    try {
      await navigator.clipboard.writeText(text.textContent);
      said.textContent = model.copied;
    } catch {
      getSelection().selectAllChildren(text);
      said.textContent = model.copy_yourself;
    }
  });
  return () => {};
}

PAGES.about = aboutPage;
