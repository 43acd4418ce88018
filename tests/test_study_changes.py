"""What changed between two versions of a study: each change once, nothing else, as a table, a text, a CSV and a feed."""

import csv
import io
import re
import shutil
import tempfile
from pathlib import Path
from uuid import UUID

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from second_study import make_second_study
from typer.testing import CliRunner

from research_lib import open_study, study_changes
from research_lib.cli import app
from research_lib.errors import ResearchError
from research_lib.evidence.tables import OPTIONAL_TABLES, TABLES, columns
from research_lib.exchange.change_reports import changes_feed, changes_text, write_changes
from research_lib.files import spreadsheet

ATOM = "{http://www.w3.org/2005/Atom}"
DAYS = ("version_date = 2026-12-01", 'version_date = "2027-03-01"')


@pytest.fixture
def versions(tmp_path):
    """Two versions of the second study that differ in their dates only."""
    folders = [make_second_study(tmp_path / name) for name in ("old", "new")]
    for folder, day in zip(folders, DAYS, strict=True):
        edit(folder / "study.toml", lambda text, day=day: f"{day}\n{text}")
    return folders


def edit(path: Path, change) -> None:
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def edit_rows(folder: Path, table: str, change) -> None:
    path = folder / f"{table}.csv"
    change(pd.read_csv(path, dtype="str", keep_default_na=False)).to_csv(path, index=False)


def found(folders) -> list[tuple[str, ...]]:
    return [*study_changes(*map(open_study, folders)).itertuples(index=False, name=None)]


def with_cell(name: str, column: str, text: str):
    """A change of one cell of the row whose id, or else first cell, is given."""
    return lambda rows: rows.assign(**{column: rows[column].mask(rows.iloc[:, 0] == name, text)})


def written(old: Path, new: Path, to: Path) -> Path:
    return write_changes(open_study(old), open_study(new), to)


def test_nothing_changed_is_an_empty_table_and_a_sentence(versions):
    changes = study_changes(*map(open_study, versions))
    assert changes.empty
    assert [*changes] == ["table", "id", "change", "column", "before", "after", "reason"]
    done = CliRunner().invoke(app, ["changes", *map(str, versions)])
    assert done.exit_code == 0
    assert done.stdout == "SYNTHETIC: across the Orinoco\n\nNothing has changed.\n"


def test_order_of_rows_and_the_way_to_write_a_number_are_no_change(versions):
    edit_rows(versions[1], "tables/claims", lambda rows: rows.iloc[::-1])
    edit_rows(versions[1], "tables/figures", with_cell("f-01", "low", "14.0"))
    edit_rows(versions[1], "tables/figures", with_cell("f-01", "is_headline", "TRUE"))
    assert found(versions) == []


def test_each_change_is_told_once_in_the_order_of_tables_and_rows(versions):
    new = versions[1]
    edit(new / "study.toml", lambda text: text.replace("across the", "over the").replace("less pay than", "not as"))
    edit_rows(new, "tables/claims", with_cell("c-02", "certainty", "rumour"))
    edit_rows(new, "tables/claims", lambda rows: rows[rows["id"] != "c-01"])
    more = {"id": "c-new", "text": "Synthetic: new"}
    edit_rows(new, "tables/claims", lambda rows: pd.concat([rows.iloc[:1].assign(**more), rows]))
    edit_rows(new, "tables/legs", lambda rows: with_cell(rows["id"][0], "text_fr", "")(rows))
    edit_rows(new, "glossary", with_cell("Synthetic: day labour", "meaning", "Synthetic: other"))
    edit_rows(new, "contacts", lambda rows: rows.assign(number=rows["number"].replace("000 000", "000 001")))
    edit(new / "sources.bib", lambda text: text.replace("2021}", "2020}", 1))
    told = [each[:4] for each in found(versions)]
    assert told[:5] == [
        ("settings", "study", "changed", "title"),
        ("findings", "farms", "changed", "title"),
        ("claims", "c-new", "added", "text"),
        ("claims", "c-02", "changed", "certainty"),
        ("claims", "c-01", "withdrawn", "text"),
    ]
    assert [each[0] for each in told[5:8]] == ["legs", "glossary", "contacts"]
    assert told[7][1] == "COL Synthetic: nobody answers"
    assert told[8:] == [("sources", "rivers2021", "changed", "year")]
    assert len(told) == len({*told})


def test_what_a_change_says(versions):
    edit_rows(versions[1], "tables/claims", with_cell("c-02", "certainty", "rumour"))
    edit_rows(versions[1], "tables/claims", with_cell("c-02", "end_year", ""))
    edit_rows(versions[1], "tables/places", lambda rows: rows[rows["id"] != "arauca"])
    place = open_study(versions[0])["places"].set_index("id").loc["arauca", "name"]
    assert found(versions) == [
        ("places", "arauca", "withdrawn", "name", place, "", ""),
        ("claims", "c-02", "changed", "certainty", "stated", "rumour", ""),
        ("claims", "c-02", "changed", "end_year", "2019", "", ""),
    ]


def test_another_id_of_the_same_row_is_one_change(versions):
    edit_rows(versions[1], "tables/claims", with_cell("c-01", "id", "c-99"))
    assert found(versions) == [("claims", "c-99", "changed", "id", "c-01", "c-99", "")]


def test_a_source_is_added_or_withdrawn(versions):
    entry = "\n@techreport{extra2024,\n id = {7},\n type = {Note},\n author = {Nobody},\n title = {Synthetic: {\\'e}t{\\'e}},\n year = {2024}\n}\n"
    edit(versions[1] / "sources.bib", lambda text: text + entry)
    assert found(versions) == [("sources", "extra2024", "added", "title", "", "Synthetic: été", "")]
    assert found(versions[::-1]) == [("sources", "extra2024", "withdrawn", "title", "Synthetic: été", "", "")]


def test_what_rebuild_derives_is_left_out(versions):
    edit_rows(versions[1], "tables/profiles", lambda rows: rows.iloc[1:])
    edit_rows(versions[1], "tables/codings", lambda rows: rows[rows["coder"] != "curator"])
    assert found(versions) == []
    edit_rows(versions[1], "tables/codings", lambda rows: rows.iloc[1:])
    assert [each[0] for each in found(versions)] == ["codings"]


def test_only_a_new_line_of_the_errata_is_a_reason(versions):
    for folder in versions:
        edit(folder / "ERRATA.md", lambda text: f"{text}\n### 1. Of old\n\n- `c-02` and `c-03` differ.\n")
    edit(versions[1] / "ERRATA.md", lambda text: f"{text}\n### 2. A wrong year\n\n- **What we did:** `c-02`, `c-77`.\n")
    edit_rows(versions[1], "tables/claims", with_cell("c-02", "start_year", "2015"))
    edit_rows(versions[1], "tables/claims", with_cell("c-03", "start_year", "2015"))
    assert [each[6] for each in found(versions)] == ["ERRATA.md, 2. A wrong year", ""]
    assert "    reason: ERRATA.md, 2. A wrong year\n" in changes_text(*map(open_study, versions))


def test_the_text_begins_with_the_counts_and_has_short_lines(versions):
    long = f"Synthetic: \x1b[31m{'a word and ' * 30}\u202e"
    edit_rows(versions[1], "tables/claims", lambda rows: with_cell("c-02", "text", long)(rows.iloc[1:]))
    text = changes_text(*map(open_study, versions))
    assert text.splitlines()[:5] == [
        "SYNTHETIC: across the Orinoco",
        "",
        "1 row changed, 1 withdrawn.",
        "",
        "claims: 1 row changed, 1 withdrawn",
    ]
    assert max(map(len, text.splitlines())) <= 72
    assert "\x1b" not in text and "\u202e" not in text and "\\x1b" in text
    assert written(*versions, versions[0].parent / "c.txt").read_text(encoding="utf-8") == text


def test_a_cell_like_a_formula_is_guarded_in_the_csv(versions):
    formula = '=HYPERLINK("http://example.org","more")'
    edit_rows(versions[1], "tables/claims", with_cell("c-02", "text", formula))
    text = written(*versions, versions[0].parent / "c.csv").read_text(encoding="utf-8")
    head, row = csv.reader(io.StringIO(text))
    assert row[head.index("after")] == f"'{formula}"
    assert spreadsheet.read_text(text)[1][head.index("after")] == formula


def test_the_feed_has_what_the_standard_requires_and_the_same_bytes_twice(versions):
    edit_rows(versions[1], "tables/claims", with_cell("c-02", "text", "<b>Synthetic & \x07 other</b>"))
    edit_rows(versions[1], "tables/places", with_cell("arauca", "name", "Synthetic: other"))
    path = written(*versions, versions[0].parent / "c.atom")
    first = path.read_bytes()
    copies = [shutil.copytree(folder, folder.parent / "copies" / folder.name) for folder in versions]
    assert changes_feed(*map(open_study, copies)) == first
    feed = etree.fromstring(first)
    assert feed.tag == f"{ATOM}feed" and len(feed.findall(f"{ATOM}author/{ATOM}name")) == 1
    entries = feed.findall(f"{ATOM}entry")
    assert [each.findtext(f"{ATOM}title") for each in entries] == ["places: 1 row changed", "claims: 1 row changed"]
    for each in (feed, *entries):
        for name in ("id", "title", "updated"):
            assert len(each.findall(f"{ATOM}{name}")) == 1 and each.findtext(f"{ATOM}{name}")
        assert each.findtext(f"{ATOM}updated") == "2027-03-01T00:00:00Z"
        assert UUID(each.findtext(f"{ATOM}id").removeprefix("urn:uuid:")).version == 5
    for each in entries:
        (content,) = each.findall(f"{ATOM}content")
        assert content.get("type") == "xhtml" and [child.tag for child in content] == [
            "{http://www.w3.org/1999/xhtml}div"
        ]
    assert "text, now: <b>Synthetic & \\x07 other</b>" in entries[1].xpath("string()")
    assert len({each.findtext(f"{ATOM}id") for each in (feed, *entries)}) == 3


def test_a_later_version_has_new_entries_in_the_same_feed(versions):
    edit_rows(versions[1], "tables/claims", with_cell("c-02", "certainty", "rumour"))
    feeds = [etree.fromstring(changes_feed(*map(open_study, versions)))]
    edit(versions[1] / "study.toml", lambda text: text.replace("2027-03-01", "2027-03-02"))
    feeds.append(etree.fromstring(changes_feed(*map(open_study, versions))))
    assert len({each.findtext(f"{ATOM}id") for each in feeds}) == 1
    assert len({each.findtext(f"{ATOM}entry/{ATOM}id") for each in feeds}) == 2


@pytest.mark.parametrize(
    ("prepare", "to", "said"),
    [
        (lambda new: shutil.rmtree(new / "tables"), "", r"new is not a study: it has no folder tables/"),
        (
            lambda new: (new / "tables/legs.csv").unlink(),
            "",
            r"new cannot be compared .*check .*new\n.*legs\.csv is mis",
        ),
        (
            lambda new: edit_rows(new, "tables/claims", lambda rows: pd.concat([rows, rows])),
            "",
            r"new cannot.*\n.*twice",
        ),
        (lambda new: (new / "sources.bib").unlink(), "", r"new cannot be compared .*\n.*sources"),
        (
            lambda new: edit(new / "study.toml", lambda text: text[27:]),
            "c.atom",
            r"new/study\.toml: .*version_date = 20",
        ),
        (
            lambda new: edit(new / "study.toml", lambda text: text.replace("2027", "2026")),
            "c.atom",
            r"name the earlier",
        ),
        (lambda _: None, "c.pdf", r"c\.pdf: write to a file that ends in \.txt, \.csv, \.atom"),
        (lambda _: None, "new/tables/claims.csv", r"claims\.csv lies in the study .*new; write to a file outside"),
    ],
)
def test_what_cannot_be_told_is_refused_with_its_mend(versions, prepare, to, said):
    prepare(versions[1])
    arguments = ["changes", *map(str, versions), *(["--to", str(versions[0].parent / to)] if to else [])]
    done = CliRunner().invoke(app, arguments)
    assert isinstance(done.exception, ResearchError)
    assert re.search(said, str(done.exception)), done.exception


def test_every_table_has_a_key():
    assert all(columns(table)[0].name == "id" and columns(table)[0].is_unique for table in TABLES.values())
    assert {*OPTIONAL_TABLES} == {"glossary", "contacts", "keywords", "renamed"}


IDS = st.sampled_from(["a", "b", "c", "d", "e", "f"])
ROWS = st.dictionaries(IDS, st.tuples(st.sampled_from(["x", "=y", "ü"]), st.sampled_from(["", "m", "n"])))


@given(ROWS, ROWS)
def test_random_edits_are_what_is_found(old, new):
    """Each row's definition is its own, so that no row can be taken for another with a changed id."""
    with tempfile.TemporaryDirectory() as folder:
        places = [make_second_study(Path(folder, name)) for name in ("old", "new")]
        for place, rows in zip(places, (old, new), strict=True):
            cells = [
                {"id": name, "name": text, "definition": f"of {name}", "include": more, "source": "rivers2021[1]"}
                for name, (text, more) in rows.items()
            ]
            edit_rows(
                place,
                "tables/codebook",
                lambda frame, cells=cells: pd.DataFrame(cells, columns=frame.columns).assign(name_fr="Fictif"),
            )
        told = [each[1:6] for each in found(places)]
    expected = [(name, "added", "name", "", new[name][0]) for name in new.keys() - old.keys()]
    expected += [(name, "withdrawn", "name", old[name][0], "") for name in old.keys() - new.keys()]
    expected += [
        (name, "changed", column, was, now)
        for name in old.keys() & new.keys()
        for column, was, now in zip(("name", "include"), old[name], new[name], strict=True)
        if was != now
    ]
    assert sorted(told) == sorted(expected)
    kept = [each[0] for each in told if each[1] != "withdrawn"]
    assert [*dict.fromkeys(kept)] == [name for name in new if name in kept]
