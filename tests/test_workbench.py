"""The workbench: what its commands do to the store, and a passage coded by keyboard alone in JupyterLab."""

import shutil
from contextlib import suppress
from pathlib import Path

import pytest
from conftest import axe_finds, end_lab_kernels, wait_until_idle
from playwright.sync_api import TimeoutError as NotYetError

from research_lib.coding.corpus import spans
from research_lib.coding.practice_texts import practice_project
from research_lib.coding.storage.store import Store
from research_lib.coding.storage.transfer import add_project
from research_lib.errors import CodingError
from research_lib.show.widgets.workbench.workbench import Desk, Workbench

ROOT = Path(__file__).resolve().parents[1]
PROJECT = practice_project()
ZH, EN = "practice-market-zh", "practice-market-en"


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "coding.sqlite") as store:
        add_project(PROJECT, store, coder="ana")
        yield store


@pytest.fixture
def desk(store):
    desk = Desk(store, "ana")
    desk.act({"do": "open", "document": ZH})
    return desk


def sentence(text, words):
    start = text.index(words)
    return {"document": ZH, "start": start, "end": start + len(words)}


def test_the_practice_texts_say_that_they_are_synthetic():
    for document in PROJECT.corpus:
        assert "synthetic" in document.name
        assert document.text.split("\n")[0].startswith(("SYNTHETIC", "SYNTHÉTIQUE", "合成文本"))


def test_the_practice_translation_stands_beside_its_original():
    chinese, english = PROJECT.corpus[ZH].text, PROJECT.corpus[EN].text
    here, there = spans(chinese, "paragraph"), spans(english, "paragraph")
    assert len(here) == len(there)
    assert chinese[slice(*here[2])].startswith("来的人多半是听邻居说的")
    assert english[slice(*there[2])].startswith("Most who come")


def test_a_coder_codes_changes_and_takes_back(desk, store):
    place = sentence(desk.text()["text"], "没有人先问我们是谁")
    assert desk.act({"do": "add", **place, "code": "contact-trust"}) == "coded"
    (coding,) = desk.state()["codings"]
    assert coding["mine"]
    assert desk.act({"do": "change", "id": coding["id"], "version": 1, "memo": "信任"}) == "changed"
    assert desk.state()["codings"][0]["memo"] == "信任"
    assert desk.act({"do": "remove", "id": coding["id"], "version": 2}) == "removed"
    assert desk.state()["codings"] == []
    assert [desk.act({"do": "undo"}) for _ in range(4)] == ["undone", "undone", "undone", "nothing-to-undo"]
    assert store.problems() == []


def test_the_caret_s_sentence_is_the_unit_that_agreement_counts(desk):
    shown = desk.text()
    start, end = shown["sentences"][3]
    assert shown["text"][start:end] == "来的人多半是听邻居说的。"


def test_others_are_hidden_until_they_are_asked_for(desk, store):
    store.add(ZH, 30, 40, "team", coder="ben")
    assert desk.state()["codings"] == []
    assert desk.act({"do": "others", "show": True}) == "shown"
    assert [coding["coder"] for coding in desk.state()["codings"]] == ["ben"]


def test_what_others_coded_is_theirs(desk, store):
    coding = store.add(ZH, 30, 40, "team", coder="ben")
    for command in ({"do": "remove"}, {"do": "change", "memo": "mine now"}):
        with pytest.raises(CodingError, match="ben coded this"):
            desk.act({**command, "id": coding.id, "version": 1})


def test_undo_leads_to_the_document_where_something_was_undone(desk):
    desk.act({"do": "add", "document": ZH, "start": 30, "end": 40, "code": "team"})
    desk.act({"do": "open", "document": EN})
    assert desk.act({"do": "undo"}) == "undone"
    assert desk.open == ZH


def test_what_was_brought_along_is_not_undone(tmp_path):
    workbench = Workbench(tmp_path / "study", coder="ana", start_with=practice_project(coded=True))
    workbench._answer(None, {"do": "undo"}, [])
    assert len(workbench.project().codings) == 51


def test_agreement_counts_what_two_have_finished_and_shows_no_coding(desk, store):
    text = desk.text()["text"]
    shared, alone = sentence(text, "先问的是水要不要钱"), sentence(text, "欠的钱没有人细说")
    for coder, places in (("ana", (shared, alone)), ("ben", (shared,))):
        for place in places:
            store.add(ZH, place["start"], place["end"], "obstacle-money", coder=coder)
    assert desk.agreement() == []
    for coder in ("ana", "ben"):
        store.finish(ZH, coder=coder)
    (row,) = desk.agreement()
    assert (row["code"], row["given"], row["coders"]) == ("obstacle-money", 2, 2)
    assert 0 < row["value"] < 1
    assert set(row) == {"code", "value", "low", "high", "units", "coders", "given"}


def test_a_command_that_is_none_is_refused(desk):
    with pytest.raises(CodingError, match="does not know 'dance'"):
        desk.act({"do": "dance"})


def test_the_workbench_says_what_went_wrong_on_screen(tmp_path, monkeypatch):
    workbench = Workbench(tmp_path / "study", coder="ana", start_with=PROJECT)
    said = []
    monkeypatch.setattr(workbench, "send", said.append)
    workbench._answer(None, {"do": "add", "document": ZH, "start": 0, "end": 9999, "code": "team"}, [])
    workbench._answer(None, {"do": "add", "start": 0}, [])
    assert "0–9999 is not a stretch" in said[0]["error"]
    assert said[1]["error"].startswith("The workbench could not do this (KeyError).")
    assert workbench.project().codings.empty


def test_a_study_of_your_own_begins_with_a_file_and_a_codebook(tmp_path):
    file = tmp_path / "entretien.txt"
    file.write_bytes("她说：我害怕。".encode("gb18030"))
    workbench = Workbench(tmp_path / "study", coder="ana")
    workbench.use(PROJECT.codebook)
    said = workbench.add(file, language="zh-Hans", encoding="gb18030", site="Paris")
    assert said == "entretien: 7 characters; read as gb18030 (declared)"
    assert workbench.document["text"] == "她说：我害怕。"
    assert len(workbench.state["codes"]) == len(PROJECT.codebook)
    again = Workbench(tmp_path / "study", coder="ben")
    assert again.document == workbench.document


def open_workbench(page, lab):
    """Run the notebook's cell by keyboard and go to the text."""
    page.goto(f"{lab}/workbench.ipynb?reset")
    wait_until_idle(page)
    for _ in range(20):
        if not page.locator(".jp-CodeCell.jp-mod-active").count():
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Control+Enter")
        with suppress(NotYetError):
            page.wait_for_selector(".desk .text", timeout=3000)
            break
    reach(page, "Tab", "document.activeElement.className === 'text'")


def reach(page, key, condition):
    for _ in range(40):
        if page.evaluate(condition):
            return
        page.keyboard.press(key)
    pytest.fail(f"40 × {key} did not lead to {condition}")


def code_what_is_chosen(page):
    page.keyboard.press("Enter")
    page.keyboard.type("team it")
    page.wait_for_function("document.querySelector('.desk [role=option][aria-selected=true]')")
    page.keyboard.press("Enter")


@pytest.mark.browser
def test_a_passage_is_coded_by_keyboard_alone_in_jupyterlab_and_none_when_the_kernel_is_dead(
    browser, started_lab, own_lab
):
    lab, folder = own_lab
    shutil.copy(ROOT / "notebooks/workbench.ipynb", folder)
    page = browser.new_page(viewport={"width": 1500, "height": 1000})
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    open_workbench(page, lab)
    keys = page.keyboard
    keys.press("Control+Home")
    for _ in range(2):
        keys.press("ArrowDown")
    for _ in range(11):
        keys.press("Shift+ArrowRight")
    chosen = page.evaluate("getSelection().toString()")
    code_what_is_chosen(page)
    page.wait_for_function("document.querySelector('.desk .status').textContent === 'Coded: The team itself'")
    page.wait_for_selector(".desk .card.chosen")
    keys.press("F2")
    keys.type("who is late?")
    keys.press("Control+Enter")
    page.wait_for_function("document.querySelector('.desk .status').textContent === 'Memo saved.'")
    assert [rule for rule, impact, _ in axe_finds(page, ".desk") if impact in ("serious", "critical")] == []
    assert wrong == []
    end_lab_kernels(started_lab[0])
    reach(page, "Tab", "document.activeElement.className === 'text'")
    keys.press("Control+Home")
    code_what_is_chosen(page)
    page.wait_for_function("document.querySelector('.desk .status.wrong')", timeout=15_000)
    assert "nothing is known to be kept" in page.inner_text(".desk .status")
    with Store(folder / "practice/coding.sqlite") as store:
        (row,) = store.codings().itertuples()
        text = store.document(row.document).text
        assert (text[row.start : row.end], row.code, row.memo) == (chosen.strip(), "team", "who is late?")
        assert chosen.startswith("The meeting")
        assert store.problems() == []
