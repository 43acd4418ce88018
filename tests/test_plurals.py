"""A phrase takes the form that its number asks for, by the rule of its own language."""

import pytest

from research_lib.show.words import open_catalogue, words

SLOVAK = """
msgid ""
msgstr ""
"Language: sk\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=3; plural=((n==1) ? 0 : (n>=2 && n<=4) ? 1 : 2);\\n"

msgid "unit.persons"
msgid_plural "unit.persons"
msgstr[0] "osoba"
msgstr[1] "osoby"
msgstr[2] "osôb"
"""


@pytest.mark.parametrize(
    ("count", "unit"), [(1, "osoba"), (2, "osoby"), (4, "osoby"), (5, "osôb"), (0, "osôb"), (1.5, "osôb")]
)
def test_slovak_has_three_forms(tmp_path, count, unit):
    (tmp_path / "sk.po").write_text(SLOVAK, encoding="utf-8")
    assert open_catalogue(tmp_path / "sk.po").unit("persons", count) == unit


def test_units_and_phrases_take_the_form_of_their_number():
    english, french = words("en"), words("fr")
    assert [english.unit("persons", 1), english.unit("persons", 2), english.unit("persons")] == [
        "person",
        "persons",
        "persons",
    ]
    assert english.unit("not_a_unit", 1) == "not a unit"
    assert english.plural("home.notebooks", 1).startswith("1 notebook in")
    assert french.plural("home.notebooks", 18).startswith("18 carnets dans")
