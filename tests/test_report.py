"""A study as a printed report, and a finding as a brief: tagged PDF with bookmarks and fonts, the same each time."""

import re
from importlib.util import find_spec

import pandas as pd
import pytest
from page import ValidationProfile, validate_pdf_bytes
from pypdf import PdfReader
from second_study import make_second_study
from typer.testing import CliRunner

from research_lib.cli import app
from research_lib.errors import ResearchError, StudyError
from research_lib.evidence.new_study import new_study
from research_lib.show.report import printed_report
from research_lib.show.report.blocks import Strong, plain
from research_lib.show.report.printed_report import write_report
from research_lib.show.words import Untranslated

pytestmark = pytest.mark.slow
COLOUR = re.compile(r"^([\d.]+) ([\d.]+) ([\d.]+) (?:rg|RG|scn?|SCN?)$", re.MULTILINE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The second study: a name in Chinese letters, and a text that is in English only."""
    made = make_second_study(tmp_path_factory.mktemp("report") / "study")
    _change(made / "tables/places.csv", name_fr="Colombie 哥伦比亚")
    _change(made / "tables/claims.csv", text_fr="")
    return made


def _change(table, **cells):
    """Put other cells into the first row of a table."""
    frame = pd.read_csv(table, dtype="str", keep_default_na=False)
    frame.loc[0, [*cells]] = [*cells.values()]
    frame.to_csv(table, index=False)


@pytest.fixture(scope="module")
def report(folder):
    return PdfReader(write_report(folder.parent / "report.pdf", study=folder, country="COL", language="fr"))


@pytest.fixture(scope="module")
def brief(folder):
    return PdfReader(write_report(folder.parent / "brief.pdf", study=folder, finding="farms"))


def elements(node):
    """The elements of a structure tree, from the top."""
    node = node.get_object()
    if isinstance(node, list):
        for each in node:
            yield from elements(each)
    elif isinstance(node, dict):
        yield node
        if "/K" in node:
            yield from elements(node["/K"])


def text_of(reader):
    return " ".join(re.sub(r"\s+", " ", page.extract_text()) for page in reader.pages)


@pytest.mark.parametrize(("name", "language"), [("report", "fr"), ("brief", "en")])
def test_it_says_that_it_is_accessible(request, name, language):
    reader = request.getfixturevalue(name)
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"] == language
    assert root["/ViewerPreferences"]["/DisplayDocTitle"] and reader.metadata.title
    assert "<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_object().get_data().decode()
    assert all(page.get("/Tabs") == "/S" for page in reader.pages if "/Annots" in page)
    judged = validate_pdf_bytes(reader.stream.getvalue(), profile=ValidationProfile.PDF_UA_1)
    assert judged.is_compliant and judged.rules.total > 100, judged.to_json()


def test_what_is_read_aloud_has_headings_tables_and_the_words_of_pictures(report):
    found = [each for each in elements(report.trailer["/Root"]["/StructTreeRoot"]["/K"]) if "/S" in each]
    assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/L", "/Figure", "/Caption"} <= {each["/S"] for each in found}
    figures = [each for each in found if each["/S"] == "/Figure"]
    assert figures and all(len(each["/Alt"]) > 40 for each in figures)
    content = b"".join(page.get_contents().get_data() for page in report.pages)
    assert b"/Lang(en)" in content or any(each.get("/Lang") == "en" for each in found)  # what French lacks


@pytest.mark.parametrize("name", ["report", "brief"])
def test_every_font_is_embedded(request, name):
    reader, fonts = request.getfixturevalue(name), {}
    for page in reader.pages:
        fonts |= {
            font["/BaseFont"]: font for font in (each.get_object() for each in page["/Resources"]["/Font"].values())
        }
    for font in fonts.values():
        below = font.get("/DescendantFonts", [font])[0].get_object()["/FontDescriptor"].get_object()
        assert {"/FontFile", "/FontFile2", "/FontFile3"} & {*below}
    assert any("NotoSansSC" in name for name in fonts) or name == "brief"


def test_each_part_has_a_bookmark_and_the_country_stands_first(report):
    parts = [each.title for each in report.outline if not isinstance(each, list)]
    assert len(parts) > 8 and parts[1].startswith("1")
    said = text_of(report)
    assert "哥伦比亚" in said and said.index("哥伦比亚") < said.index("Venezuela")


def test_a_brief_has_two_pages_without_a_hue(brief):
    assert len(brief.pages) == 2
    for page in brief.pages:
        for colour in COLOUR.findall(page.get_contents().get_data().decode("latin-1")):
            assert max(map(float, colour)) - min(map(float, colour)) < 0.1
    said = text_of(brief)
    assert all(
        part in said for part in ("Synthetic: less pay than agreed", "What is known, and how surely", "c-06", "f-05")
    )
    assert "What this cannot tell you" in said and "How to cite" in said


def test_a_brief_that_two_pages_do_not_hold_is_refused(folder, monkeypatch):
    monkeypatch.setattr(printed_report, "_SIZES", (60.0,))
    with pytest.raises(ResearchError, match="more statements than two pages hold"):
        write_report(folder.parent / "none.pdf", study=folder, finding="farms")


def test_the_same_study_gives_the_same_bytes(folder):
    one, two = (write_report(folder.parent / name, study=folder, finding="river") for name in ("1.pdf", "2.pdf"))
    assert one.read_bytes() == two.read_bytes()


def test_a_study_that_has_nothing_yet_has_a_report(tmp_path):
    made = new_study(tmp_path / "own", title="Own", licence="CC0-1.0")
    assert "Own" in text_of(PdfReader(write_report(tmp_path / "own.pdf", study=made)))


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ("--country DEU", "the study has no country 'DEU'; it has COL, VEN"),
        ("--language de", "the study has no language 'de'; it has en, fr"),
        ("--finding nothing", "the study has no finding 'nothing'; it has river, farms"),
        ("--to x.txt", "x.txt: a report is a PDF; name a file that ends in .pdf"),
    ],
)
def test_what_there_is_not_is_refused_in_a_sentence(folder, choices, said):
    refused = CliRunner().invoke(app, ["report", str(folder), "--to", "x.pdf", *choices.split()])
    assert isinstance(refused.exception, ResearchError) and said in str(refused.exception)


def test_a_missing_extra_is_named(folder, monkeypatch):
    monkeypatch.setattr(printed_report, "find_spec", lambda name: None if name == "typst" else find_spec(name))
    with pytest.raises(ResearchError, match=r"research-lib\[report\]"):
        write_report(folder.parent / "none.pdf", study=folder)


def test_letters_that_no_font_has_are_named(tmp_path):
    made = new_study(tmp_path / "own", title="Own \U00013000", licence="CC0-1.0")
    with pytest.raises(StudyError, match="the report cannot be set"):
        write_report(tmp_path / "own.pdf", study=made)


def test_texts_keep_their_language_and_their_weight():
    assert plain(("Source", Untranslated("a place"))) == ["Source", {"en": "a place"}]
    assert plain([Strong("x")]) == [{"is": "Strong", "text": "x"}]
