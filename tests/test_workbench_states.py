"""The workbench in every state that one action reaches: readable by everybody, nothing outside its box, no error."""

import shutil
from dataclasses import replace

import pytest
from conftest import axe_finds, sample_of_today
from workbench_page import ask, workbench_page

from research_lib.coding.code_tree import add_code
from research_lib.coding.practice_texts import practice_project
from research_lib.coding.project import Case
from research_lib.coding.storage.store import Store
from research_lib.coding.storage.transfer import add_project
from research_lib.show.widgets.workbench.workbench import Workbench

PROJECT = practice_project()
ZH = "practice-market-zh"
HOSTILE = (
    "<img src=x onerror=alert(1)> شرم وخوف é́̂ 她们" + "无空格的长名字" * 6 + "Averyveryverylongnamewithoutanyspace" * 2
)
WINDOWS = [(1280, False, "en"), (390, True, "zh-Hans"), (1280, True, "fr"), (390, False, "sk")]
OUTSIDE = """() => {
  const scrolls = (node) => node && (/auto|scroll|hidden/.test(getComputedStyle(node).overflowX) || scrolls(node.parentElement));
  return [...document.querySelectorAll(".desk *")].filter((node) => {
    const box = node.getBoundingClientRect();
    return box.width && box.right > innerWidth + 1 && !scrolls(node.parentElement);
  }).map((node) => node.outerHTML.slice(0, 120));
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A project that three have coded apart, with names that break what is not escaped."""
    folder = tmp_path_factory.mktemp("team")
    with Store(folder / "coding.sqlite") as store:
        add_project(replace(PROJECT, cases=(Case("case", HOSTILE, documents=(ZH,)),)), store, coder="ana")
        odd = add_code(store, HOSTILE, coder="ana", definition=HOSTILE).id
        for number, coder in enumerate(("ana", "ben", HOSTILE)):
            store.add(ZH, 30 + number, 42, "contact-trust", coder=coder, memo=HOSTILE)
            store.add(ZH, 60, 75, odd if number else "language", coder=coder)
            if number < 2:
                store.add(ZH, 90, 110, "offer-health", coder=coder)
            store.finish(ZH, coder=coder)
    return folder


def tab(name):
    return lambda page: ask(page, lambda: page.click(f'[data-tab="{name}"]'))


def clicked(*selectors):
    return [lambda page, one=one: ask(page, lambda: page.click(one)) for one in selectors]


def typed(key, text):
    return lambda page: page.fill(f"[data-key={key}]", text)


def chinese_text(page):
    page.click('[data-tab=""]')
    ask(page, lambda: page.select_option(".bar select", ZH))


def coloured(colour):
    fill = """(box, colour) => { box.value = colour; box.dispatchEvent(new Event("change")); }"""
    return lambda page: ask(page, lambda: page.eval_on_selector("[data-key=field-color]", fill, colour))


def palette(page):
    page.click(".desk .text", position={"x": 40, "y": 60})
    page.keyboard.press("Enter")
    page.wait_for_selector(".desk [role=option]")


def new_code(page):
    palette(page)
    page.keyboard.type("Shame of the family")
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.matches('.palette input:not([role])')")


def chosen_cell(page):
    page.wait_for_selector(".heat td [aria-pressed=true]")


STATES = {
    "text": [],
    "others": clicked(".bar button:nth-of-type(4)"),
    "palette": [palette],
    "new-code": [new_code],
    "undone": clicked(".bar button:nth-of-type(2)"),
    "codes": [tab("codes")],
    "code": [tab("codes"), *clicked(".tree li:nth-child(2)")],
    "odd-code": [tab("codes"), *clicked(".tree li:last-child")],
    "own-colour": [tab("codes"), *clicked(".tree li:nth-child(3)"), coloured("#f0e020"), chinese_text],
    "coloured-code": [tab("codes"), *clicked(".tree li:nth-child(2)"), coloured("#f0e020")],
    "split": [tab("codes"), *clicked(".tree li:nth-child(3)", "[data-key=split]")],
    "search": [tab("search")],
    "hits": [tab("search"), typed("query", "we"), *clicked("[data-key=go]")],
    "frequent-words": [tab("search"), *clicked("[data-key=words]")],
    "no-hits": [tab("search"), typed("query", "没有这样的词"), *clicked("[data-key=go]")],
    "wrong-regex": [
        tab("search"),
        typed("query", "(a"),
        lambda page: page.select_option("[data-key=mode]", "regex"),
        *clicked("[data-key=go]"),
    ],
    "passages": [tab("passages")],
    "cell": [tab("passages"), *clicked("[data-key=by-document]", ".heat td button"), chosen_cell],
    "case-cell": [tab("passages"), *clicked("[data-key=by-case]", ".heat td button"), chosen_cell],
    "suggestions-blind": [tab("suggestions")],
    "suggestions-few": [tab("suggestions"), *clicked(".bar button:nth-of-type(4)")],
    "consensus": [tab("consensus")],
    "difference": [tab("consensus"), *clicked(".list li:last-child button")],
    "deferred": [tab("consensus"), *clicked("[data-key=defer]", "[data-key=decided]")],
    "decided": [tab("consensus"), *clicked("[data-key=none]", "[data-key=decided]", ".panel summary")],
    "memos": [tab("memos")],
    "team": [tab("team")],
    "wrong-team": [
        tab("team"),
        lambda page: page.fill("[data-key=team-seed]", ""),
        *clicked("[data-key=assign]"),
    ],
}


def states_in(window):
    """At night every state in every window; by day each state in one."""
    return [(name, steps) for name, steps in STATES.items() if window in sample_of_today(WINDOWS, 1, name=name)]


@pytest.mark.browser
@pytest.mark.parametrize("window", WINDOWS, ids=lambda window: "-".join(map(str, window)))
def test_every_state_of_the_workbench(browser, folder, window, tmp_path):
    width, is_dark, language = window
    faults = {}
    for name, steps in states_in(window):
        own = shutil.copytree(folder, tmp_path / name)
        workbench = Workbench(own, coder="ana", language=language)
        with workbench_page(browser, workbench, width=width, is_dark=is_dark) as page:
            for step in steps:
                step(page)
            found = [*page.evaluate(OUTSIDE), *page.wrong]
            found += [rule for rule, impact, _ in axe_finds(page, ".desk") if impact in ("serious", "critical")]
            if found:
                page.screenshot(path=tmp_path / f"{name}.png", full_page=True)
        workbench.store.close()
        if found:
            faults[name] = found
    assert not faults, "\n".join(f"{name}: {each}" for name, found in faults.items() for each in found)
