"""The workbench's tabs for search and for passages: what they send, what a blind coder gets, and both in JupyterLab."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import axe_finds
from test_workbench import open_workbench

from research_lib.coding.practice_texts import practice_project
from research_lib.coding.project import Case
from research_lib.coding.storage.store import Store
from research_lib.files.spreadsheet import read_text
from research_lib.show.widgets.workbench.search_tab import MOST_WORDS
from research_lib.show.widgets.workbench.workbench import Workbench

ROOT = Path(__file__).resolve().parents[1]
ZH, EN = "practice-market-zh", "practice-market-en"


class Screen:
    """A workbench as its browser module sees it: commands there, the tab's data back as JSON."""

    def __init__(self, folder, coder="ana", project=None):
        self.workbench = Workbench(folder, coder=coder, start_with=project or practice_project(coded=True))
        self.said = []
        self.workbench.send = self.said.append

    def ask(self, tab="", **command):
        self.said.clear()
        self.workbench._answer(None, ({"tab": tab} if tab else {}) | command, [])
        return json.loads(json.dumps(self.workbench.tab)).get("data")


@pytest.fixture
def screen(tmp_path):
    return Screen(tmp_path / "study")


def test_hits_stand_as_keyword_in_context_and_lead_to_their_place(screen):
    shown = screen.ask("search", do="search", query="没有人", mode="words")
    assert (shown["count"], shown["documents"], shown["is_answered"]) == (3, 1, True)
    text = screen.workbench.store.document(ZH).text
    for hit in shown["hits"]:
        assert hit["document"] == ZH
        assert text[hit["start"] : hit["end"]] == hit["text"] == "没有人"
        assert hit["before"] + hit["text"] + hit["after"] in text


def test_all_hits_are_coded_after_a_preview_and_taken_back_as_one(screen):
    screen.ask("search", do="search", query="nobody", mode="words")
    before = len(screen.workbench.project().codings)
    shown = screen.ask("search", do="preview", code="team", unit="sentence")
    assert (shown["made"], shown["there"]) == (4, 0)
    shown = screen.ask("search", do="code-hits")
    assert screen.said == [{"done": "hits-coded"}]
    assert (shown["made"], shown["there"]) == (0, 4)
    made = screen.workbench.project().codings
    assert len(made) == before + 4
    assert made[made["time"].notna()]["coder"].tolist().count("ana") >= 4
    shown = screen.ask(do="undo")
    assert (shown["made"], shown["there"]) == (4, 0)
    assert len(screen.workbench.project().codings) == before
    assert screen.ask(do="redo")["there"] == 4
    assert screen.workbench.store.problems() == []


def test_an_expression_that_is_none_leaves_no_answer_of_the_one_before(screen):
    screen.ask("search", do="search", query="nobody", mode="words")
    shown = screen.ask("search", do="search", query="(a", mode="regex")
    assert screen.said[0]["error"].startswith("this is not a regular expression")
    assert (shown["query"], shown["is_answered"], shown["hits"]) == ("(a", False, [])


def test_a_code_that_is_gone_is_not_offered_any_more(screen):
    store = screen.workbench.store
    screen.ask("codes", do="new-code", name="Passing")
    (code,) = [code.id for code in store.codebook() if code.name == "Passing"]
    screen.ask("search", do="search", query="nobody", mode="words")
    assert screen.ask("search", do="preview", code=code, unit="hit")["made"] == 4
    screen.ask("passages", do="retrieve", code=code)
    store.undo("ana")
    assert screen.ask("search", do="show")["code"] == ""
    assert screen.ask("passages", do="show")["asked"]["code"] == ""


def test_who_codes_blind_gets_only_their_own_passages(screen):
    def coders(shown):
        return {one["coder"] for one in shown["passages"]}

    shown = screen.ask("passages", do="matrix", by="document")
    assert coders(shown) == {"ana"}
    assert shown["coders"] == ["ana"]
    own = sum(map(sum, shown["matrix"]["counts"]))
    assert own == shown["count"] == len(screen.workbench.store.codings(coder="ana"))
    assert coders(screen.ask("passages", do="retrieve", coder="ben")) == {"ana"}
    beside = screen.ask("passages", do="retrieve", coder="", relation="without", other="contact", code="contact")
    shown = screen.ask(do="others", show=True)
    assert shown["coders"] == ["ana", "ben"]
    assert shown["count"] <= 2 * beside["count"] + 51
    shown = screen.ask("passages", do="retrieve", relation="", code="", other="", coder="ben")
    assert coders(shown) == {"ben"}
    screen.ask("passages", do="save", format="csv")
    assert screen.ask(do="others", show=False)["coders"] == ["ana"]
    assert coders(screen.workbench.tab["data"]) == {"ana"}


def test_others_do_not_decide_what_lies_beside_the_passages_of_a_blind_coder(screen):
    store = screen.workbench.store
    store.add(ZH, 30, 40, "team", coder="ana")
    store.add(ZH, 32, 36, "obstacle-papers", coder="ben")
    asked = {"do": "retrieve", "code": "team", "relation": "overlapping", "other": "obstacle-papers", "document": ZH}
    assert screen.ask("passages", **asked)["count"] == 0
    assert [one["start"] for one in screen.ask(do="others", show=True)["passages"] if one["coder"] == "ana"] == [30]


def test_passages_are_picked_by_attribute_and_a_cell_shows_what_is_behind_it(screen):
    shown = screen.ask("passages", do="matrix", by="document")
    matrix = shown["matrix"]
    for row, document in enumerate(matrix["rows"]):
        for column, code in enumerate(matrix["codes"]):
            shown = screen.ask("passages", do="retrieve", document=document, code=code, below=False)
            assert shown["count"] == matrix["counts"][row][column]
    assert set(shown["attributes"]) == {"country", "site"}
    asked = {"document": "", "code": "", "below": True, "attribute": "country", "value": "ITA"}
    assert {one["document"] for one in screen.ask("passages", do="retrieve", **asked)["passages"]} == {
        "practice-team-en"
    }


def test_a_cell_of_a_case_shows_what_is_behind_it(tmp_path):
    project = practice_project(coded=True)
    cases = (
        Case("market", "At the market", documents=(ZH, EN)),
        Case("team", "A team", documents=("practice-team-en",)),
    )
    screen = Screen(tmp_path / "study", project=replace(project, cases=cases))
    matrix = screen.ask("passages", do="matrix", by="case")["matrix"]
    assert matrix["rows"] == ["market", "team"]
    for case, counts in zip(matrix["rows"], matrix["counts"], strict=True):
        for code, count in zip(matrix["codes"], counts, strict=True):
            shown = screen.ask("passages", do="retrieve", case=case, code=code, below=False)
            assert (shown["count"], shown["cases"][case]) == (count, {each.id: each.name for each in cases}[case])
    assert screen.ask("passages", do="matrix", by="")["matrix"] is None


def test_a_frequent_word_stands_as_often_as_its_search_finds(screen):
    shown = screen.ask("search", do="words", show=True)
    assert shown["different"] > len(shown["frequent"]) == MOST_WORDS
    for word in shown["frequent"][:10]:
        found = screen.ask("search", do="search", query=word["word"], mode="words")
        assert (found["count"], found["documents"]) == (word["count"], word["documents"]), word
    assert screen.ask("search", do="words", show=False)["frequent"] is None


def test_passages_are_saved_once_as_they_are_asked_for(screen):
    screen.ask("passages", do="retrieve", code="contact-first")
    file = screen.ask("passages", do="save", format="csv")["file"]
    rows = read_text(file["text"].removeprefix("\ufeff"))
    shown = screen.ask("passages", do="show")
    assert shown["file"] is None
    assert len(rows) == 1 + shown["count"]
    assert rows[1][rows[0].index("text")] == shown["passages"][0]["text"]
    page = screen.ask("passages", do="save", format="html")["file"]
    assert page["name"] == "passages.html"
    assert "<h2>Contact: First contact</h2>" in page["text"]


@pytest.mark.parametrize("tab", ["search", "passages"])
def test_a_command_that_a_tab_does_not_know_is_named(screen, tab):
    screen.ask(tab, do="dance")
    assert "does not know 'dance'" in screen.said[0]["error"]


@pytest.mark.browser
@pytest.mark.nightly  # by day `test_team_journey.py` does it
def test_hits_are_coded_and_passages_read_and_saved_in_jupyterlab(browser, own_lab):
    lab, folder = own_lab
    shutil.copy(ROOT / "notebooks/workbench.ipynb", folder)
    page = browser.new_page(viewport={"width": 1500, "height": 1000})
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    open_workbench(page, lab)
    page.click(".desk [data-tab=search]")
    page.fill(".desk [data-key=query]", "nobody")
    page.keyboard.press("Enter")
    page.select_option(".desk [data-key=code]", "team")
    page.click(".desk [data-key=code-hits]")
    page.wait_for_function("document.querySelector('.desk .status').textContent.startsWith('All hits are coded')")
    assert [rule for rule, impact, _ in axe_finds(page, ".desk") if impact in ("serious", "critical")] == []
    page.click(".desk .kwic .found >> nth=1")
    page.wait_for_function("getSelection().toString() === 'Nobody'")
    page.click(".desk [data-tab=passages]")
    page.select_option(".desk .panel [data-key=code]", "team")
    page.click(".desk [data-key=by-document]")
    page.wait_for_selector(".desk .heat button")
    assert [rule for rule, impact, _ in axe_finds(page, ".desk") if impact in ("serious", "critical")] == []
    with page.expect_download() as download:
        page.click(".desk [data-key=csv]")
    rows = read_text(download.value.path().read_text(encoding="utf-8-sig"))
    assert len(rows) == 5
    with Store(folder / "practice/coding.sqlite") as store:
        assert set(store.codings()["code"]) == {"team"}
        assert store.problems() == []
    assert wrong == []
