"""QualCoder: a project folder read with its codes, codings, cases and memos; what is something else is named."""

import sqlite3
from contextlib import closing

import openpyxl
import pytest
from coded_words import with_text

from research_lib.coding.codings import check
from research_lib.errors import CodingError
from research_lib.exchange import qualcoder, refi_qda, taguette

TEXT = "I left 🌍 in May.\nMy cousin paid."
SCHEMA = """
CREATE TABLE project (databaseversion text, date text, memo text, about text);
CREATE TABLE source (id integer primary key, name text, fulltext text, mediapath text, memo text, owner text,
  date text, av_text_id integer, risid integer, unique(name));
CREATE TABLE code_cat (catid integer primary key, name text, owner text, date text, memo text, supercatid integer);
CREATE TABLE code_name (cid integer primary key, name text, memo text, catid integer, owner text, date text, color text);
CREATE TABLE code_text (ctid integer primary key, cid integer, fid integer, seltext text, pos0 integer, pos1 integer,
  owner text, date text, memo text, avid integer, important integer);
CREATE TABLE cases (caseid integer primary key, name text, memo text, owner text, date text);
CREATE TABLE case_text (id integer primary key, caseid integer, fid integer, pos0 integer, pos1 integer, owner text);
CREATE TABLE attribute (attrid integer primary key, name text, attr_type text, value text, id integer);
CREATE TABLE code_image (imid integer primary key, id integer);
CREATE VIEW code_text_visible AS SELECT * FROM code_text;
"""
ROWS = """
INSERT INTO project VALUES ('v8', '2025-03-01', 'About the study', 'QualCoder 3.6');
INSERT INTO source VALUES (1, 'anna.txt', :text, '/docs/anna.txt', 'by telephone', 'ana', '2025-01-02', NULL, NULL);
INSERT INTO source VALUES (2, 'photo.png', NULL, 'images:/photo.png', '', 'ana', '2025-01-02', NULL, NULL);
INSERT INTO code_cat VALUES (1, 'journey', 'ana', '', 'all of it', NULL), (2, 'help', 'ana', '', '', 1);
INSERT INTO code_name VALUES (1, 'leaving', '', 1, 'ana', '', '#FF0000'), (2, 'help', 'who paid', 2, 'ana', '', '');
INSERT INTO code_text VALUES
  (1, 1, 1, 'left 🌍', 2, 8, 'ana', '2025-02-03 10:11:12', '', NULL, NULL),
  (2, 2, 1, 'cousin paid', 21, 32, 'ben', 'yesterday', 'sure?', NULL, NULL),
  (3, 1, 1, 'other words', 0, 11, 'ben', '', '', NULL, NULL),
  (4, 1, 1, NULL, 0, 900, 'ben', '', '', NULL, NULL),
  (5, 9, 1, 'I', 0, 1, 'ben', '', '', NULL, NULL);
INSERT INTO cases VALUES (1, 'Anna', 'met twice', 'ana', '');
INSERT INTO case_text VALUES (1, 1, 1, 0, 33, 'ana'), (2, 1, 2, 0, 0, 'ana');
INSERT INTO attribute VALUES (1, 'age', 'case', '34', 1), (2, 'site', 'file', 'Paris', 1), (3, 'site', 'case', '', 1);
INSERT INTO code_image VALUES (1, 2);
"""


def folder(path, *, rows=ROWS, schema=SCHEMA):
    path.mkdir()
    with closing(sqlite3.connect(path / "data.qda")) as connection:
        connection.executescript(schema)
        connection.executescript(rows.replace(":text", f"'{TEXT}'"))
        connection.commit()
    return path


@pytest.fixture
def project(tmp_path):
    return qualcoder.read_project(folder(tmp_path / "study.qda"))


def test_a_project_has_its_sources_codes_categories_coders_cases_and_memos(project):
    assert (project.name, project.description) == ("study", "About the study")
    document = project.corpus["anna.txt"]
    assert (document.text, document.memo, dict(document.attributes)) == (TEXT, "by telephone", {"site": "Paris"})
    tree = {code.id: (code.parent_id, code.is_codable) for code in project.codebook}
    assert tree == {
        "journey": (None, False),
        "help #4": ("journey", False),
        "leaving": ("journey", True),
        "help": ("help #4", True),
    }
    assert project.codebook["help"].memo == "who paid" and project.codebook["leaving"].color == "#FF0000"
    assert [coder.id for coder in project.coders] == ["ana", "ben"]
    (case,) = project.cases
    assert (case.name, case.description, case.documents, dict(case.attributes)) == (
        "Anna",
        "met twice",
        ("anna.txt",),
        {"age": "34"},
    )


def test_codings_stand_where_their_words_are_however_emoji_were_counted(project):
    words = with_text(project.codings, project.corpus)
    assert words[["code", "text", "coder", "memo"]].values.tolist() == [
        ["leaving", "left 🌍", "ana", ""],
        ["help", "cousin paid", "ben", "sure?"],
    ]
    assert check(project.codings, project.corpus, project.codebook) == []
    assert str(project.codings["time"][0]) == "2025-02-03 10:11:12+00:00"


def test_what_has_no_place_is_reported(project):
    losses = {(loss.what, loss.reason.partition(";")[0]) for loss in project.losses}
    assert ("coding", "what stands from 0 to 11 of 'anna.txt' is not what was coded") in losses
    assert ("coding", "what stands from 0 to 900 of 'anna.txt' is not what was coded") in losses
    assert ("coding", "its source or its code is not there") in losses
    assert ("source", "it has no text (images)") in losses and ("source", "it has no text here") in losses
    assert ("time", "'yesterday' is not a date") in losses
    assert ("coded areas of pictures", "a project here has no place for them") in losses


def test_the_database_in_the_folder_can_be_given_and_is_not_changed(tmp_path):
    path = folder(tmp_path / "study.qda") / "data.qda"
    before = path.read_bytes()
    assert qualcoder.read_project(path).name == "study"
    assert path.read_bytes() == before and [each.name for each in path.parent.iterdir()] == ["data.qda"]


def test_categories_in_a_circle_and_cells_of_any_kind_are_read(tmp_path):
    rows = ROWS + "UPDATE code_cat SET supercatid = 2 WHERE catid = 1; UPDATE code_name SET memo = x'ff41', catid = 77;"
    project = qualcoder.read_project(folder(tmp_path / "study.qda", rows=rows))
    assert {"its categories lie in each other; it stands alone", "there is no category 77; it stands alone"} <= {
        loss.reason for loss in project.losses
    }


def test_what_is_no_project_is_named_as_what_it_is(tmp_path):
    openpyxl.Workbook().save(tmp_path / "table.xlsx")
    (tmp_path / "empty.qda").mkdir()
    rqda, tags = tmp_path / "old.rqda", tmp_path / "tags.sqlite3"
    for path, tables in ((rqda, ("freecode", "coding")), (tags, ("highlights", "tags"))):
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript("".join(f"CREATE TABLE {table} (id);" for table in tables))
    expected = [
        (qualcoder, "table.xlsx", "it is an Excel workbook, not a project of QualCoder"),
        (refi_qda, "table.xlsx", "it is an Excel workbook, not a REFI-QDA project"),
        (taguette, "table.xlsx", "it is an Excel workbook, not a project of Taguette"),
        (refi_qda, "old.rqda", "an SQLite database, not a REFI-QDA project, as QualCoder and Taguette have"),
        (qualcoder, "empty.qda", "the folder has no data.qda"),
        (qualcoder, "old.rqda", "it is a project of RQDA"),
        (qualcoder, "tags.sqlite3", "it is a project of Taguette; read it with taguette.read_project"),
        (qualcoder, "nothing.qda", "there is no such file"),
    ]
    for tool, name, reason in expected:
        with pytest.raises(CodingError, match=reason):
            tool.read_project(tmp_path / name)


def test_a_database_that_is_older_damaged_or_in_use_is_refused(tmp_path):
    old = folder(tmp_path / "old.qda", schema=SCHEMA.replace("supercatid integer", "other integer"))
    with pytest.raises(
        CodingError, match="the column 'supercatid' of the table 'code_cat' is missing; open the project"
    ):
        qualcoder.read_project(old)
    used = folder(tmp_path / "used.qda")
    (used / "data.qda-wal").write_bytes(b"x")
    with pytest.raises(CodingError, match="says that it is in use; close QualCoder first"):
        qualcoder.read_project(used)
    cut = folder(tmp_path / "cut.qda") / "data.qda"
    cut.write_bytes(cut.read_bytes()[:9000])
    with pytest.raises(CodingError, match="the database is damaged or too large"):
        qualcoder.read_project(cut)
