"""The page What if without a browser: what moved cells change, and how firm a result is said to be."""

import math

import pandas as pd
import pytest

from research_lib.errors import UnfitDataError
from research_lib.evidence.new_study import new_study
from research_lib.evidence.study import open_study
from research_lib.methods.qca.moved_cells import Analysis, best_conditions, find, firmness, move, what_if
from research_lib.show.live import WhatIf

TABLE = """
case a    b    outcome
one  1    0.33 1
two  1    0    0.67
six  0.67 0.67 0.67
ten  0    0.33 0.33
old  0.33 1    0
"""


def cells(text=TABLE):
    head, *rows = (line.split() for line in text.strip().splitlines())
    return pd.DataFrame(rows, columns=head).set_index("case").astype(float)


ON_A = Analysis("outcome", ("a", "b"))


@pytest.fixture
def page(study):
    return WhatIf(study, language="en")


def test_the_page_begins_with_what_notebook_11_finds(page):
    found = page.result
    assert found.before.models == ("~institution*kin",)
    assert (len(found.before.cases), found.before.consistency) == (6, pytest.approx(1))
    assert found.before.coverage == pytest.approx(0.70, abs=0.005)
    assert (found.firmness.moves, len(found.firmness.others)) == (30, 2)
    assert (found.firmness.low, found.firmness.high) == (0.75, 1)
    assert [(cases, left.models) for cases, left in found.firmness.alike] == [
        (("case-deceived-france", "case-deceived-italy"), ()),
        (("case-live-in-nannies", "case-north-east-agencies", "case-north-east-occasional"), ()),
    ]
    assert page.picture.value.count("<tr") == 1 + 6 + 1 + 1
    assert (
        "“(not: institution of emigration) and kin take part” is enough for “control by others”. 6 situations tell all of "
        "it; 70% of the outcome is covered." in page.picture.value
    )


MOVES = [
    ("case-deceived-france", "kin", 0.33, "still is enough"),
    ("case-zhejiang-institution", "kin", 0.33, "something else is enough for “control by others”: “kin take part”"),
    ("case-zhejiang-institution", "kin", None, "something else is enough"),
]


def test_a_moved_cell_keeps_or_changes_the_result(page):
    for case, name, degree, said in MOVES:
        page.case.value, page.name.value = case, name
        page.degree.value = degree
        assert said in page.picture.value
        assert "With 1 cell moved" in page.picture.value
        assert page.back.disabled is False
        assert page.result.before.models == ("~institution*kin",)
        page.back.click()


def test_a_result_falls_where_nothing_is_left(page):
    for case in ("case-deceived-france", "case-deceived-italy"):
        page.case.value, page.name.value = case, "control"
        page.degree.value = 0.0
    assert page.result.after.models == ()
    assert "With 2 cells moved, nothing is enough for “control by others”" in page.picture.value
    assert "falls." in page.picture.value
    page.back.click()
    assert page.moved == {}
    assert page.result.after.models == ("~institution*kin",)
    assert page.degree.value == 1


def test_a_cell_put_back_by_hand_is_not_moved(page):
    page.case.value, page.name.value = "case-deceived-italy", "kin"
    page.degree.value = 0.0
    assert list(page.moved) == [("case-deceived-italy", "kin")]
    page.degree.value = 0.67
    assert page.moved == {}


def test_choosing_another_cell_moves_nothing(page):
    for case in ("case-deceived-italy", "case-zhejiang-institution"):
        page.case.value = case
        page.name.value = "kin"
    assert page.moved == {}
    assert "because: " in page._why.value


def test_other_choices_are_refused_in_words_and_the_page_goes_on(page):
    page.conditions.value = ()
    assert page.result is None or page.result.analysis.conditions
    page.conditions.value = ("institution", "kin", "enterprise", "language", "irregular")
    assert page.result is None
    assert "choose one to 4 conditions" in page.picture.value
    page.conditions.value = ("institution", "kin")
    assert page.result.before.models == ("~institution*kin",)


def test_a_reader_alone_finds_nothing_as_notebook_11_says(page):
    page.coder.value = "first"
    page.conditions.value = ("institution", "kin")
    assert page.result.before.models == ()
    assert "Nothing is enough for “control by others”" in page.picture.value


def test_moves_leave_the_table_as_it_is_and_name_a_cell_that_is_not_there():
    table = cells()
    moved = move(table, {("one", "a"): 0.0, ("two", "b"): math.nan})
    assert (table.loc["one", "a"], moved.loc["one", "a"], math.isnan(moved.loc["two", "b"])) == (1, 0, True)
    with pytest.raises(UnfitDataError, match="there is no cell 'c' of 'one'"):
        move(table, {("one", "c"): 1.0})


def test_firmness_counts_what_changes():
    firm = firmness(cells(), ON_A)
    base = find(cells(), ON_A).models
    changed = sum(
        find(move(cells(), {(row.case, row.set): row.after}), ON_A).models != base for row in firm.others.itertuples()
    )
    assert changed == len(firm.others) > 0
    left = {case for case in cells().index if find(cells().drop(index=case), ON_A).models != base}
    assert set(firm.left_out) == left


def test_no_result_has_no_firmness():
    found = what_if(cells().assign(outcome=0.33), ON_A, {})
    assert found.firmness is None
    assert "nothing to explain" in found.before.refusal
    assert what_if(cells().assign(a=math.nan), ON_A, {}).before.refusal.startswith("of no case")


def test_the_first_conditions_are_those_of_which_most_is_told():
    table = cells().assign(c=[1, math.nan, math.nan, math.nan, 0])
    assert best_conditions(table, "outcome") == ("a", "b")


def test_a_study_without_calibrations_says_so(tmp_path):
    page = WhatIf(new_study(tmp_path / "mine", title="Mine", licence="CC0-1.0"))
    assert page.result is None
    assert "The study has no calibrated situations" in page.picture.value


def test_a_synthetic_study_says_so_above_the_picture(study):
    from dataclasses import replace

    settings = study.settings.model_copy(update={"title": "SYNTHETIC demonstration study"})
    page = WhatIf(replace(study, settings=settings), language="en")
    assert "<caption>SYNTHETIC DATA.</caption>" in page.picture.value
    assert "SYNTHETIC" not in WhatIf(study, language="en").picture.value


def test_the_page_reads_french(study):
    page = WhatIf(study, language="fr")
    assert page.case.description == "Situation" and page.degree.description == "À quel degré"
    assert "Why the cell" not in page._why.value and "Le motif, en anglais" in page._why.value
    assert "suffit pour « contrôle par d'autres »" in page.picture.value.replace("\u00a0", " ").replace("&#39;", "'")


def test_the_page_opens_the_study_that_is_served(tmp_path, monkeypatch):
    from research_lib.show.live import served_study
    from research_lib.show.live.live_page import visitor_language

    monkeypatch.delenv("RESEARCH_LIB_STUDY", raising=False)
    assert served_study().path == open_study().path
    monkeypatch.setenv("RESEARCH_LIB_STUDY", str(new_study(tmp_path / "mine", title="Mine", licence="CC0-1.0")))
    assert served_study().settings.title == "Mine"
    for address, language in (("lang=fr", "fr"), ("lang=<b>", "en"), ("", "en")):
        monkeypatch.setenv("QUERY_STRING", address)
        assert visitor_language(open_study()) == language
