"""Three people code eight documents in JupyterLab: apart, then together, to a consensus that other tools read."""

import nbformat
import pytest
from conftest import end_lab_kernels, resize, run_first_cell, wait_until_idle
from docx import Document
from playwright.sync_api import expect

from research_lib.coding import Store, consensus
from research_lib.exchange import refi_qda, taguette

TEXTS = {
    "anna.txt": "She paid a cousin. \nNobody asked her name.\n",
    "berta.md": "She owed money to her aunt.\nThe workshop was cold.\n",
    "claire.txt": "Elle avait une dette envers sa tante.\nPersonne ne lui a parlé.\n",
    "dana.html": "<p>She owed three years of wages.</p><p>She slept in the workshop.</p>",
    "emma.vtt": "WEBVTT\n\n00:01.000 --> 00:04.000\n<v Emma>I owed them money.\n",
    "fang.txt": "她欠亲戚的钱。\n没有人问她的名字。\n",
    "gao.txt": "她在作坊里干活。\n她害怕回家。\n",
}
FIRST = """from pathlib import Path
from research_lib.show import Workbench
workbench = Workbench("study", coder="{coder}")
for path in sorted(Path("texts").iterdir()):
    workbench.add(path, language="zh-Hans" if path.stem in ("fang", "gao") else "en")
workbench"""


@pytest.fixture
def folder(own_lab):
    _, folder = own_lab
    texts = folder / "texts"
    texts.mkdir()
    for name, text in TEXTS.items():
        (texts / name).write_text(text, encoding="utf-8")
    word = Document()
    word.add_paragraph("She owed her sister money.")
    word.save(texts / "hana.docx")
    for coder in ("ana", "ben", "eva"):
        cell = nbformat.v4.new_code_cell(FIRST.format(coder=coder))
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), folder / f"{coder}.ipynb")
    return folder


class Person:
    """One coder in front of JupyterLab, who works by what the screen shows."""

    def __init__(self, browser, address, coder):
        """Open the coder's notebook, run its cell and wait for the workbench."""
        self.browser, self.wrong = browser, []
        self.page = browser.tab(pageerror=lambda error: self.wrong.append(str(error)))
        resize(self.page, 1500, 1000)
        self.page.goto(f"{address}/{coder}.ipynb?reset")
        wait_until_idle(self.page)
        run_first_cell(self.page, ".desk .text")

    def said(self, words):
        """Wait until the status says something."""
        expect(self.page.locator(".desk .status")).to_contain_text(words, timeout=30_000)

    def reads(self, document):
        """Open a document."""
        text = self.page.locator(".desk .text")
        before = text.inner_text()
        self.page.select_option(".desk .bar select", document)
        expect(text).not_to_have_text(before)

    def codes(self, line, code, definition=None):
        """Give the sentence on a line a code; with a definition, the code is new."""
        text = self.page.locator(".desk .text")
        text.focus()
        self.page.keyboard.press("Control+Home")
        for _ in range(line):
            self.page.keyboard.press("ArrowDown")
        self.page.keyboard.press("Enter")
        expect(self.page.locator(".desk .palette")).to_be_visible()
        self.page.keyboard.type(code)
        expect(self.page.locator(".desk [role=option][aria-selected=true] b")).to_have_text(code)
        self.page.keyboard.press("Enter")
        if definition is not None:
            self.page.keyboard.type(definition)
            self.page.keyboard.press("Enter")
        self.said(f"Coded: {code}")

    def finishes(self):
        """Say that the open document is read to its end."""
        self.page.click(".desk .bar button[aria-pressed=false]")
        self.page.wait_for_function(
            "document.querySelector('.desk .bar button').getAttribute('aria-pressed') === 'true'"
        )

    def opens(self, tab):
        """Go to a tab."""
        self.page.click(f".desk [data-tab={tab}]")
        expect(self.page.locator(f".desk [data-tab={tab}]")).to_have_attribute("aria-selected", "true")

    def leaves(self):
        """Close the notebook; nothing went wrong in it."""
        assert self.wrong == []
        self.browser.leave(self.page)


def ana_codes(ana):
    """Two documents, with codes made while coding."""
    ana.reads("berta")
    ana.codes(0, "Debt", definition="Money that is owed for the journey.")
    ana.finishes()
    ana.reads("fang")
    ana.codes(0, "Debt")
    ana.codes(1, "Silence", definition="What nobody asks.")
    ana.finishes()


def ben_codes(ben):
    """The same documents, and a search whose hits are coded and taken back."""
    ben.reads("berta")
    ben.codes(0, "Debt")
    ben.codes(1, "Silence")
    ben.finishes()
    ben.reads("fang")
    ben.codes(0, "Silence")
    ben.finishes()
    ben.opens("search")
    ben.page.fill("[data-key=query]", "owed")
    ben.page.keyboard.press("Enter")
    expect(ben.page.locator(".desk .panel")).to_contain_text("Hits 4")
    ben.page.select_option("[data-key=code]", "debt")
    ben.page.click("[data-key=code-hits]")
    ben.said("coded")
    ben.page.click(".desk .bar button:text('Undo')")
    ben.said("Undone")


def eva_codes(eva):
    """The same documents again, what she coded, and how far the three agree."""
    for document in ("berta", "fang"):
        eva.reads(document)
        eva.codes(0, "Debt")
        eva.finishes()
    eva.opens("passages")
    expect(eva.page.locator(".desk .panel")).to_contain_text("Passages 2")
    eva.page.click(".desk [data-tab='']")
    eva.page.click(".desk aside summary:text('Agreement')")
    expect(eva.page.locator(".desk .agreement tbody tr")).to_have_count(2)


def eva_decides(eva):
    """Every difference, each with a reason, and what the decisions say of the codes."""
    eva.opens("consensus")
    panel = eva.page.locator(".desk .panel")
    expect(panel).to_contain_text("To decide: 3")
    for left in (2, 1, 0):
        eva.page.check("[data-key=take-0]")
        eva.page.fill("[data-key=reason]", f"by its definition, {left} left")
        eva.page.click("[data-key=decide]")
        expect(panel).to_contain_text(f"To decide: {left}")
    eva.page.click(".desk .panel summary")
    expect(panel.locator(".wide").first).to_contain_text("owed for the journey")


@pytest.mark.browser
def test_three_people_code_eight_documents_and_agree_on_a_consensus(browser, started_lab, own_lab, folder):
    for coder, acts in (("ana", [ana_codes]), ("ben", [ben_codes]), ("eva", [eva_codes, eva_decides])):
        person = Person(browser, own_lab[0], coder)
        for act in acts:
            act(person)
        person.leaves()
    end_lab_kernels(started_lab[0])

    with Store(folder / "study/coding.sqlite") as store:
        assert len(store.documents()) == 8
        assert store.problems() == []
        assert [code.definition for code in store.codebook()] == [
            "Money that is owed for the journey.",
            "What nobody asks.",
        ]
        project = consensus.consensus_project(store)
        assert set(consensus.decision_trail(store)["by"]) == {"eva"}
    refi_qda.write_project(project, folder / "consensus.qdpx")
    taguette.write_project(project, folder / "consensus.sqlite3")
    for back in (refi_qda.read_project(folder / "consensus.qdpx"), taguette.read_project(folder / "consensus.sqlite3")):
        assert segments(back) == segments(project)


def segments(project):
    """Each coded passage in words, with the name of its code, as ids differ between tools."""
    texts, names = {one.id: one.text for one in project.corpus}, {one.id: one.name for one in project.codebook}
    return sorted((texts[row.document][row.start : row.end], names[row.code]) for row in project.codings.itertuples())
