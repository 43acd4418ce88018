"""Bibliographies as other people's programs write them: Zotero, Mendeley, JabRef, BibLaTeX, RIS, CSL-JSON."""

import json
import re
import time
from html import unescape

import pytest

from research_lib import open_study
from research_lib.evidence.bibliography import bibtex
from research_lib.evidence.new_study import new_study
from research_lib.evidence.references import Reference, parse_references
from research_lib.evidence.settings import StudySettings
from research_lib.evidence.sources.latex_text import as_characters, shown
from research_lib.evidence.sources.source_file import read_sources
from research_lib.show.material import open_material
from research_lib.show.site.rendering import render
from research_lib.show.words import study_words

OURS = "kind = {report}, informant = {ngo}"


@pytest.fixture
def folder(tmp_path):
    made = new_study(tmp_path / "own", countries=["COL", "ITA"])
    (made / "sources.bib").unlink()
    return made


def study_with(folder, text, name="sources.bib", encoding="utf-8"):
    """A study whose rows cite the key example2020, with these sources."""
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return open_study(folder)


def notes(study):
    return "\n".join(map(str, study.notes()))


EXAMPLE = "@report{example2020, title = {E}, author = {A, B}, year = 2020, kind = {report}, informant = {ngo}}\n"


@pytest.mark.parametrize(
    ("latex", "signs"),
    [
        (r"Sch{\"a}fer, M\"uller, Stra{\ss}e", "Schäfer, Müller, Straße"),
        (r"\'{e}t\'e {\v{C}}apek \.{I} {\i} \o{} Nguy{\~{\^{e}}}n", "été Čapek İ ı ø Nguyễn"),
        (r"\textit{Homo} \emph{a \textbf{b}} {{The} UNHCR}", "Homo a b The UNHCR"),
        (r"10--20 --- ``so'' A \& B, 50\% of \#1 a\_b", "10–20 — “so” A & B, 50% of #1 a_b"),
        ("50% of women & $5 and $6", "50% of women & $5 and $6"),
        (r"$\alpha$-x \enquote{y} \url{http://a/b} \href{http://a}{c}", "α-x “y” http://a/b c"),
        (r"\noopsort{1973}T \{a\}", "T {a}"),
    ],
)
def test_latex_is_written_as_characters(latex, signs):
    assert shown(as_characters(latex)[0]) == signs


def test_pages_show_accents_as_characters(folder):
    """The pages that cite sources hold no LaTeX: neither in citations nor in the BibTeX to copy."""
    entry = (
        r"@book{example2020, title = {Entre {\'E}tats: l'\'{e}t\'{e} \textit{ici} \& l{\`a}}, "
        r'author = "Sch{\"a}fer, J{\"o}rg and {World Bank \& Co}", publisher = {Sj{\"o}}, year = 2020}'
    )
    toml = (folder / "study.toml").read_text(encoding="utf-8")
    (folder / "study.toml").write_text('main_source = "example2020"\n' + toml, encoding="utf-8")
    study = study_with(folder, entry)
    assert study.problems() == []
    assert study.cite("example2020") == "Jörg Schäfer and World Bank & Co. Entre États: l'été ici & là. Sjö, 2020."
    material = open_material(folder)
    for page in ("routes", "evidence", "about"):
        document = unescape(render(page, material, study_words(study, "en")).html)
        assert "Schäfer" in document and "États" in document, page
        assert [latex for latex in (r"{\"", r"{\'", r"\'{", r"{\`", r"\textit") if latex in document] == [], page
    assert "Schäfer, Jörg and {World Bank \\& Co}" in bibtex(study.bibliography, "example2020")


def test_a_file_of_zotero_needs_nothing_more(folder):
    entry = """
@incollection{example2020,
  title = {Women on the move},
  booktitle = {Crossings},
  author = {family=Gogh, given=Vincent, prefix=van, useprefix=true and {{UNHCR}}},
  editor = {Doe, Jane},
  date = {2020-05},
  location = {Paris},
  publisher = {Seuil},
  langid = {english},
  file = {/home/me/Zotero/a.pdf},
  abstract = {Long.},
  keywords = {a,b}
}
"""
    study = study_with(folder, entry)
    assert study.problems() == []
    assert study.cite("example2020").startswith(
        "Vincent van Gogh and UNHCR. Women on the move. In Jane Doe, editor, Cro"
    )
    assert "Seuil, Paris, May 2020" in study.cite("example2020")
    (row,) = study["sources"].to_dict("records")
    assert (row["kind"], row["informant"], row["year"]) == ("chapter", "not-stated", "2020")
    assert "are not used, and reach no page: langid (1), file (1), abstract (1), keywords (1)" in notes(study)
    assert "follows from their type: chapter (1)" in notes(study) and "informant not-stated" in notes(study)
    assert "/home/me" not in bibtex(study.bibliography, "example2020")


def test_kind_and_informant_are_set_for_many_by_a_table_or_a_setting(folder):
    plain = "@article{%s, title = {T}, author = {A, B}, journaltitle = {J}, date = 2020}\n"
    (folder / "sources.csv").write_text("key;kind;informant\nexample2020;press;police\n", encoding="utf-8-sig")
    toml = (folder / "study.toml").read_text(encoding="utf-8")
    (folder / "study.toml").write_text('source_informant = "literature"\n' + toml, encoding="utf-8")
    study = study_with(folder, plain % "example2020" + plain % "Other:2020")
    assert study.problems() == []
    found = study["sources"][["id", "kind", "informant"]].to_numpy().tolist()
    assert found == [["example2020", "press", "police"], ["Other:2020", "article", "literature"]]
    (folder / "sources.csv").write_text("key,kind,who\nnobody,press,x\nexample2020,rumour,y\n", encoding="utf-8")
    assert [str(each).split(": ")[0] for each in open_study(folder).problems()] == [
        "sources.bib:1 kind",
        "sources.csv:1 who",
        "sources.csv:2 key",
    ]


def test_one_bad_entry_is_left_out_and_said(folder):
    """What cites an entry that is left out is a problem; that it is left out is a note."""
    broken = "@book{broken, title = {open {brace},\n year = 2001}\n\n"
    study = study_with(folder, EXAMPLE + broken + "@book{after, title = {T}, author = {C, D}, year = 2002}\n")
    assert list(study.bibliography.entries) == ["example2020", "after"] and study.problems() == []
    assert "sources.bib:2 'broken' is left out: cannot be read as BibTeX: it has no end" in notes(study)
    claims = folder / "tables/claims.csv"
    claims.write_text(claims.read_text(encoding="utf-8").replace("example2020[1]", "broken[1]"), encoding="utf-8")
    (problem, *_) = open_study(folder).problems()
    assert re.search(r"claims\.csv:2 source: 'broken' is in sources\.bib, line 2, but is left out: .*fix", str(problem))


def test_one_key_for_two_sources_is_a_problem_once_it_is_cited(folder):
    other = "@book{%s, title = {Another}, author = {C, D}, year = 2002}\n"
    same = study_with(folder, EXAMPLE * 2)
    assert same.problems() == [] and "stands here a second time (lines 1 and 2); the two say the same" in notes(same)
    uncited = study_with(folder, EXAMPLE + other % "x" + EXAMPLE.replace("example2020", "x"))
    assert uncited.problems() == [] and "'x' stands twice and differs (lines 2 and 3)" in notes(uncited)
    cited = study_with(folder, EXAMPLE + other % "example2020")
    assert "'example2020' stands twice in sources.bib and differs (lines 1 and 2)" in str(cited.problems()[0])


@pytest.mark.parametrize(
    ("entry", "cited", "said"),
    [
        ("title = {T}, title = {U}", "T", "title: stands twice, and the first is used; not used: 'U'"),
        ("title = {T}, author = {C, D}", "B A and D C. T", "author: stands twice; the names of both are used"),
        ("title = {T}\n year2 = {x}, note = {N}", "T. 2020. N.", "title: a comma is missing behind this field"),
        ("title = nope", "nope", "'nope' is no abbreviation of this file"),
        (
            r"title = {T \unheardof{x}}",
            "T x",
            r"of LaTeX are not known, and only what they hold is shown: \unheardof (1)",
        ),
        ("note = {N}", "B A. 2020. N.", "title: is missing; the source is cited without it"),
        ("title = {A\u202eB}", "AB", "title: has characters that nobody sees; they are left out"),
        ("title = {T}, crossref = {gone}", "T", "crossref: 'gone' is no entry of this file"),
    ],
)
def test_what_is_mended_on_the_way_is_said(folder, entry, cited, said):
    study = study_with(folder, f"@misc{{example2020, author = {{A, B}}, {entry}, year = 2020, {OURS}}}")
    assert cited in study.cite("example2020") and said in notes(study) and study.problems() == []


BIBLATEX = """\ufeff% Encoding: UTF-8
@Comment{jabref-meta: databaseType:biblatex;}
@String{anth = "Anthropological " # {Review}}
@xdata{data, publisher = {Press}, location = {Rome}}
@collection{whole, title = {Whole}, subtitle = {Parts}, editor = {Ed, Itor}, date = {2001}, xdata = {data}}
@incollection{example2020, author = {A, B}, title = {Part}, pages = {1-9}, crossref = {whole}}
@article{art, author = {C, D}, title = {T}, journaltitle = anth, date = {1998/1999}, volume = 3, issue = 2}
@online{web, title = {A page}, organization = {Red Cross}, url = {https://a.org/x_y%20z}, date = {2019-03-04}}
@thesis{thes, author = {E, F}, title = {T}, type = {phdthesis}, institution = {Uni}, date = {2005}}
@report(rep, author = {G, H}, title = {T}, type = {techreport}, institution = {Inst}, date = {2006})
"""


@pytest.mark.parametrize("change", [lambda text: text, lambda text: text.replace("\n", "\r\n")])
def test_biblatex(folder, change):
    study = study_with(folder, change(BIBLATEX))
    assert study.problems() == [] and "left out" not in notes(study)
    citations = {key: study.cite(key) for key in study.bibliography.entries}
    assert citations == {
        "example2020": "B A. Part. In Itor Ed, editor, Whole: Parts, pages 1-9. Press, Rome, 2001.",
        "whole": "Itor Ed, editor. Whole: Parts. Press, Rome, 2001.",
        "art": "D C. T. Anthropological Review, 3(2), 1998–1999.",
        "web": "A page. Red Cross, March 2019. URL: https://a.org/x_y%20z.",
        "thes": "F E. T. PhD thesis, Uni, 2005.",
        "rep": "H G. T. Technical report, Inst, 2006.",
    }


def test_encodings(folder):
    text = "% Encoding: Cp1252\n" + EXAMPLE.replace("{E}", "{Été à Paris}")
    assert study_with(folder, text, encoding="cp1252")["sources"]["title"].tolist() == ["Été à Paris"]
    undeclared = study_with(folder, text.split("\n", 1)[1], encoding="cp1252")
    assert re.search(
        r"sources\.bib:1 cannot be read: .*study\.toml, such as source_encoding = ", str(undeclared.problems()[0])
    )
    toml = (folder / "study.toml").read_text(encoding="utf-8")
    (folder / "study.toml").write_text('source_encoding = "cp1252"\n' + toml, encoding="utf-8")
    assert open_study(folder)["sources"]["title"].tolist() == ["Été à Paris"]
    assert study_with(folder, text, encoding="utf-16").problems() == []


RIS = """TY  - JOUR
ID  - example2020
AU  - Müller, Anna
AU  - World Health Organization
TI  - Women & <i>work</i> {2}
JO  - A Journal
VL  - 3
SP  - 10
EP  - 20
PY  - 2020/05//
DO  - 10.1/x
N2  - An abstract
  over two lines
ER  - 
TY  - RPRT
A1  - Doe, Jane
T1  - No end to this one
Y1  - 2001
PB  - IOM
TY  - NEWS
TI  - In the news
JF  - Le Monde
DA  - 2003/02/01/
ER  - 
"""


def test_ris(folder):
    study = study_with(folder, RIS, "sources.ris")
    assert study.problems() == []
    assert [study.cite(key) for key in study.bibliography.entries] == [
        "Anna Müller and World Health Organization. Women & work {2}. A Journal, 3:10–20, May 2020. doi:10.1/x.",
        "Jane Doe. No end to this one. IOM, 2001.",
        "In the news. Le Monde, February 2003.",
    ]
    assert [*study.bibliography.entries] == ["example2020", "doe2001", "in2003"]
    assert study["sources"]["kind"].tolist() == ["article", "report", "press"]
    assert "sources without a key are cited by author and year: doe2001, in2003 (2)" in notes(study)
    assert "reach no page: N2 (1)" in notes(study)


def test_csl_json(folder):
    items = [
        {
            "id": "http://zotero.org/users/1/items/AB",
            "citation-key": "example2020",
            "type": "chapter",
            "title": "Women <i>and</i> work",
            "container-title": "Crossings",
            "author": [
                {"family": "Beauvoir", "given": "Simone", "non-dropping-particle": "de"},
                {"literal": "IOM & Co"},
            ],
            "issued": {"date-parts": [["2020", 5]]},
            "page": "1-9",
            "abstract": "x",
        },
        {"id": "a b", "type": "legislation", "title": "A law", "issued": {"literal": "2001"}},
        "nothing",
    ]
    study = study_with(folder, json.dumps(items), "sources.json")
    assert study.problems() == []
    assert (
        study.cite("example2020")
        == "Simone de Beauvoir and IOM & Co. Women and work. In Crossings, pages 1-9. May 2020."
    )
    assert study["sources"]["kind"].tolist() == ["chapter", "law"] and "a-b" in study.bibliography.entries
    for said in (
        "the key 'a b' cannot stand in a table; cite it as 'a-b'",
        "reference 3 is not an object",
        "abstract (1)",
    ):
        assert said in notes(study)


def test_two_files_of_sources_are_a_problem(folder):
    (folder / "sources.ris").write_text(RIS, encoding="utf-8")
    (problem,) = study_with(folder, EXAMPLE).problems()
    assert str(problem) == "sources.ris stands beside sources.bib, and is not read; keep one"


@pytest.mark.parametrize(
    ("name", "text"),
    [("sources.ris", "no tags"), ("sources.json", "{"), ("sources.json", "[" * 100_000), ("sources.bib", "words only")],
)
def test_a_file_that_is_none_is_a_problem(folder, name, text):
    (problem,) = study_with(folder, text, name).problems()
    assert re.search(rf"{name}(:\d+)? cannot be read as (RIS|CSL-JSON|BibTeX): .*; export it again", str(problem))


def test_keys_with_odd_characters_are_cited():
    keys = ["Smith:2020", "müller2010", "10.1145/1499402.1499", "Mock++2003", "傅斯年1985"]
    assert parse_references(";".join(f"{key}[3.2]" for key in keys)) == [Reference(key, "3.2") for key in keys]


def test_ten_megabytes_take_seconds(tmp_path):
    entry = "@article{k%d, title = {T {\\'e} %d}, author = {A, B and C, D}, date = {2001}, abstract = {%s}}\n"
    (tmp_path / "sources.bib").write_text("".join(entry % (n, n, "x " * 500) for n in range(9_500)), encoding="utf-8")
    assert (tmp_path / "sources.bib").stat().st_size > 10_000_000
    start = time.process_time()
    assert len(read_sources(tmp_path, StudySettings(title="x"), ()).sources.entries) == 9_500
    assert time.process_time() - start < 30
