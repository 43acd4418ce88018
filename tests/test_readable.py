"""Tables for notebooks: names in place of codes, whole texts, nothing that a study's text could run."""

import pandas as pd
import pytest
from second_study import make_second_study

from research_lib import open_study
from research_lib.show.readable_tables import named, readable


@pytest.fixture(scope="module")
def second(tmp_path_factory):
    return open_study(make_second_study(tmp_path_factory.mktemp("second") / "orinoco"))


CODES = pd.DataFrame(
    {
        "from_id": ["ven"],
        "country_code": ["COL;VEN"],
        "actor": [["coyote", "family"]],
        "agency_type": ["ngo"],
        "is_respondent": [False],
        "text": ["one; two"],
        "place_id": [None],
        "unknown_code": ["x;y"],
    }
)


def test_a_dollar_begins_no_formula_and_opening_a_study_changes_no_option_of_pandas(second):
    assert 'class="tex2jax_ignore mathjax_ignore"' in readable(second, CODES.assign(text="$5 or $6"))._repr_html_()
    assert pd.get_option("display.html.use_mathjax")


def test_names_stand_in_place_of_codes(second):
    assert named(second, CODES).iloc[0].dropna().to_dict() == {
        "from": "Venezuela",
        "country": "Colombia, Venezuela",
        "actor": "coyotes, relatives",
        "agency type": "Association or NGO",
        "is respondent": "no",
        "text": "one; two",
        "unknown": "x;y",
    }


def test_an_index_and_a_header_are_named_too(second):
    counted = pd.crosstab(CODES["agency_type"], [CODES["from_id"], CODES["is_respondent"]])
    written = named(second, counted)
    assert written.index.tolist() == ["Association or NGO"] and written.index.name == "agency type"
    assert written.columns.tolist() == [("Venezuela", "no")] and written.iloc[0, 0] == 1


def test_texts_are_whole_numbers_are_short_and_nothing_is_markup(second):
    long = "word " * 100
    table = readable(second, pd.DataFrame({"text": [f"<b>{long}", None], "value": [1 / 3, 1234.0], "year": [2007, 1]}))
    html = table._repr_html_()
    assert long in repr(table) and f"&lt;b&gt;{long}" in html and "<b>" not in html
    assert ">0.33<" in html and ">1,234<" in html and ">2007<" in html and "nan" not in html
    assert html.count('class="data row0 col1 number"') == 1


def test_an_index_that_repeats_is_shown_as_a_column(second):
    html = readable(second, pd.DataFrame({"country_code": ["COL", "COL"], "n": [1, 2]}).set_index("country_code"))
    assert html._repr_html_().count("Colombia") == 2
