"""The workbench's own module in a browser, joined to its own Python by function calls instead of a kernel's messages."""

import json
from contextlib import contextmanager

from conftest import resize

TRAITS = ("document", "state", "agreement", "tab", "words")
_RENDER = "export default { render };"
_MODEL = """
const listeners = {}, traits = %s;
const model = {
  get: (name) => traits[name],
  on: (name, does) => (listeners[name] ??= []).push(does),
  off: () => {},
  send: async (command) => {
    const { changed, messages } = JSON.parse(await globalThis.toPython(JSON.stringify(command)));
    Object.assign(traits, changed);
    for (const name of Object.keys(changed)) for (const does of listeners[`change:${name}`] ?? []) does();
    for (const message of messages) for (const does of listeners["msg:custom"] ?? []) does(message);
    document.body.dataset.answers = Number(document.body.dataset.answers ?? 0) + 1;
  },
};
render({ model, el: document.querySelector("main") });
"""


@contextmanager
def workbench_page(browser, workbench, *, width: int = 1280, is_dark: bool = False):
    """Open a workbench on a page of its own; `page.wrong` lists the errors of its console."""
    messages = []
    workbench.send = messages.append

    def traits():
        return json.loads(json.dumps({name: getattr(workbench, name) for name in TRAITS}, default=str))

    def answered(command):
        before = traits()
        workbench._answer(workbench, json.loads(command), [])
        changed = {name: value for name, value in traits().items() if value != before[name]}
        answer = json.dumps({"changed": changed, "messages": messages}, default=str)
        messages.clear()
        return answer

    wrong = []
    page = browser.tab(
        pageerror=lambda error: wrong.append(str(error)),
        console=lambda message: message.type == "error" and wrong.append(message.text),
    )
    page.answered, page.wrong = answered, wrong
    if not getattr(page, "asks_python", False):
        page.expose_function("toPython", lambda asked: page.answered(command=asked))
        page.asks_python = True
    resize(page, width)
    language = workbench.words["language"]
    page.set_content(
        f'<!doctype html><html lang="{language}"><title>Workbench</title>'
        f'<body data-jp-theme-light="{str(not is_dark).lower()}"><main></main>'
    )
    page.add_style_tag(content=workbench._css)
    assert _RENDER in workbench._esm
    module = workbench._esm.replace(_RENDER, "") + _MODEL % json.dumps(traits()).replace("</", "<\\/")
    page.add_script_tag(content=module, type="module")
    page.wait_for_selector(".desk")
    try:
        yield page
    finally:
        browser.leave(page)


def ask(page, act) -> None:
    """Do something that asks Python, and wait for the answer."""
    before = page.evaluate("Number(document.body.dataset.answers ?? 0)")
    act()
    page.wait_for_function(f"Number(document.body.dataset.answers ?? 0) > {before}")
