"""Taguette: its bytes become code points, its text is kept exactly, and what is not its own is refused."""

import json
import sqlite3
from dataclasses import replace

import pandas as pd
import pytest
from coded_words import with_text
from hypothesis import given
from hypothesis import strategies as st
from refi_samples import guid, rich

from research_lib.coding.codebook import Code, Codebook
from research_lib.coding.codings import as_codings
from research_lib.coding.corpus import Corpus, Document
from research_lib.coding.project import Coder, Project
from research_lib.errors import CodingError
from research_lib.exchange.taguette import read_project, write_project
from research_lib.exchange.taguette_database import REVISION, byte_edges, created, html_of, text_of

NOW = "2024-05-06 07:08:09.000010"
CONTENTS = (
    "<h1>她的债</h1>\n<p>R&eacute;sum&#233; &amp; <b>😀𠀀</b>&nbsp;&lt;ok&gt;</p>\n<ul><li>one</li><li>two</li></ul>"
    '<pre>\nkept\n</pre><p title="a > b">5 &#60; 6<br/>end</p>'
)
TEXT = "她的债\nRésumé & 😀𠀀\xa0<ok>\nonetwokept\n5 < 6end"


def at(words: str) -> tuple[int, int]:
    """Where words stand in the text, in bytes."""
    start = len(TEXT[: TEXT.index(words)].encode())
    return start, start + len(words.encode())


@pytest.fixture
def made(tmp_path):
    """A project as Taguette writes it, with two users; more statements change it."""

    def made(*more, name="made.sqlite3"):
        with created(tmp_path / name) as base:
            put = base.execute
            put("INSERT INTO projects VALUES (1, 'Study', 'What for', ?)", [NOW])
            for login in ("admin", "mei"):
                put("INSERT INTO users VALUES (?, ?, 'secret', 0, NULL, 'en', ?, NULL)", [login, NOW, f"{login}@x"])
                put("INSERT INTO project_members VALUES (1, ?, 'ADMIN')", [login])
            document = (1, "One", "A talk", "one.docx", NOW, 1, "LEFT_TO_RIGHT", CONTENTS)
            put("INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?)", document)
            put("INSERT INTO documents VALUES (2, 'Two', '', 'one.txt', ?, 1, 'RIGHT_TO_LEFT', '')", [NOW])
            put("INSERT INTO tags VALUES (1, 1, 'debt.family', 'owed at home'), (2, 1, '羞', '')")
            for number, words in enumerate(("她的债", "& 😀", "😀𠀀\xa0<ok>\none", "5 < 6end"), start=1):
                put("INSERT INTO highlights VALUES (?, 1, ?, ?, 'x')", [number, *at(words)])
                put("INSERT INTO highlight_tags VALUES (?, ?)", [number, 1 + number % 2])
            put("INSERT INTO highlight_tags VALUES (1, 1)")
            event = {"type": "highlight_add", "highlight_id": 1, "start_offset": 0, "end_offset": 9}
            for login, tags in (("mei", [2]), ("admin", [2, 1])):
                put(
                    "INSERT INTO commands VALUES (NULL, ?, ?, 1, 1, ?)",
                    [NOW, login, json.dumps({**event, "tags": tags})],
                )
            for statement in more:
                put(statement)
        return tmp_path / name

    return made


def losses(project):
    return "\n".join(f"{loss.place} | {loss.what} | {loss.reason}" for loss in project.losses)


class TestReading:
    def test_a_project_arrives(self, made):
        project = read_project(made())
        assert (project.name, project.description) == ("Study", "What for")
        assert project.codebook.codes == (
            Code("debt.family", "debt.family", definition="owed at home"),
            Code("羞", "羞"),
        )
        assert project.corpus.documents == (
            Document("one.docx", "One", TEXT, memo="A talk"),
            Document("one.txt", "Two", "", attributes={"text direction": "right to left"}),
        )
        rows = with_text(project.codings, project.corpus)[["text", "code", "coder"]].itertuples(index=False)
        assert [tuple(row) for row in rows] == [
            ("她的债", "debt.family", "admin"),
            ("她的债", "羞", "mei"),
            ("& 😀", "debt.family", ""),
            ("😀𠀀\xa0<ok>\none", "羞", ""),
            ("5 < 6end", "debt.family", ""),
        ]
        assert str(project.codings["time"][0]) == f"{NOW}+00:00"
        assert project.coders == (Coder("admin"), Coder("mei"))
        assert losses(project) == "document 'One' | 6 × formatting | only the text is kept"

    def test_what_has_no_place_or_no_tag_is_told(self, made):
        path = made(
            "INSERT INTO highlights VALUES (8, 1, 1, 5, 'x'), (9, 1, 5, 9000, 'x'), (10, 1, 0, 3, 'x')",
            "INSERT INTO highlight_tags VALUES (8, 1), (9, 1)",
        )
        project = read_project(path)
        assert len(project.codings) == 6
        assert "的" in with_text(project.codings, project.corpus)["text"].tolist()
        told = losses(project)
        assert "position | it was inside a character; its end was taken" in told
        assert "highlight | it stands outside its" in told
        assert "highlight without a tag" in told

    def test_merged_tags_keep_their_coder(self, made):
        merge = json.dumps({"type": "tag_merge", "src_tag_id": 2, "dest_tag_id": 1})
        path = made(
            f"INSERT INTO commands VALUES (NULL, '{NOW}', 'admin', 1, NULL, '{merge}')",
            "DELETE FROM highlight_tags WHERE tag_id = 2",
            "DELETE FROM tags WHERE id = 2",
        )
        assert list(read_project(path).codings["code"].unique()) == ["debt.family"]

    def test_files_of_one_name_and_several_projects(self, made):
        path = made("UPDATE documents SET filename = 'a.txt'", f"INSERT INTO projects VALUES (2, 'Other', '', '{NOW}')")
        with pytest.raises(CodingError, match="say name=; the file has 'Study', 'Other'"):
            read_project(path)
        assert len(read_project(path, name="Other").corpus) == 0
        assert [document.id for document in read_project(path, name="Study").corpus] == ["a.txt #1", "a.txt #2"]

    def test_references_to_what_was_deleted_are_left_out(self, made):
        project = read_project(made("UPDATE tags SET description = 'x' || char(10, 10) || 'Under: gone' WHERE id = 1"))
        assert project.codebook["debt.family"].parent_id is None
        assert "Under: gone | reference" in losses(project)

    def test_references_in_a_circle_are_left_out_and_originals_come_first(self, made):
        def described(table, text, number):
            return f"UPDATE {table} SET description = '{text}' WHERE id = {number}"

        project = read_project(
            made(
                described("tags", "Under: 羞", 1),
                described("tags", "Under: debt.family", 2),
                described("documents", "Translation of: one.txt", 1),
            )
        )
        assert [code.parent_id for code in project.codebook] == ["羞", None]
        assert [(each.id, each.translation_of) for each in project.corpus] == [
            ("one.txt", None),
            ("one.docx", "one.txt"),
        ]
        assert "Under: debt.family | reference | it comes back to '羞'; it was left out" in losses(project)
        alone = read_project(made(described("documents", "Translation of: one.docx", 1), name="b"))
        assert [each.translation_of for each in alone.corpus] == [None, None]
        assert "Translation of: one.docx | reference | it comes back" in losses(alone)

    def test_odd_lines_of_history_are_skipped_and_told(self, made):
        odd = (
            "{",
            "[]",
            "{}",
            '{"type": "highlight_add"}',
            '{"type": "highlight_add", "highlight_id": 1, "tags": [[]]}',
        )
        path = made(
            *(f"INSERT INTO commands VALUES (NULL, '{NOW}', 'mei', 1, 1, '{payload}')" for payload in odd),
            "INSERT INTO commands VALUES (NULL, 'yesterday', 'mei', 1, 1, '{\"type\": \"x\"}')",
        )
        project = read_project(path)
        assert list(project.codings["coder"][:2]) == ["admin", "mei"]
        assert losses(project).count("history") == 4
        assert "history | 2 × line | it cannot be read (KeyError), and was skipped" in losses(project)

    def test_what_is_not_taguette_s_is_refused(self, made, tmp_path):
        def refused(path, match):
            with pytest.raises(CodingError, match=match):
                read_project(path)

        refused(tmp_path / "none", "there is no such file")
        (tmp_path / "text").write_text("SQLite format 2")
        refused(tmp_path / "text", "not a project of Taguette")
        refused(made("CREATE TRIGGER t AFTER INSERT ON tags BEGIN SELECT 1; END", name="a"), "it has a trigger 't'")
        refused(made("CREATE VIEW more AS SELECT 1 id", name="b"), "it has a view 'more'")
        refused(made("DROP TABLE highlight_tags", name="c"), "the table 'highlight_tags' is missing")
        refused(
            made("ALTER TABLE documents DROP COLUMN text_direction", name="d"), "column 'text_direction' of the table"
        )
        refused(
            made("UPDATE documents SET contents = x'00'", name="f"), "'documents', row 1, column 'contents' has a blob"
        )
        data = made(name="g").read_bytes()
        (tmp_path / "g").write_bytes(data[: len(data) // 2])
        refused(tmp_path / "g", "the database is damaged")
        (tmp_path / "h").write_bytes(data)
        (tmp_path / "h-wal").write_bytes(b"x")
        refused(tmp_path / "h", "close Taguette first")

    def test_a_file_is_not_changed_by_reading(self, made):
        path = made()
        before = path.read_bytes()
        read_project(path)
        assert path.read_bytes() == before
        assert [each.name for each in path.parent.iterdir()] == [path.name]

    @pytest.mark.parametrize(
        ("table", "column"),
        [
            *(("projects", "name"), ("projects", "description"), ("documents", "name"), ("documents", "filename")),
            *(("documents", "description"), ("tags", "path"), ("tags", "description"), ("commands", "user_login")),
            ("project_members", "user_login"),
        ],
    )
    def test_bytes_in_the_place_of_a_text_are_refused(self, made, table, column):
        path = made(f"UPDATE {table} SET {column} = CAST('x' AS BLOB) WHERE rowid = 2 OR '{table}' = 'projects'")
        row = 1 if table == "projects" else 2
        reason = rf"made\.sqlite3: the table '{table}', row {row}, column '{column}' has a blob, not a text; export it"
        with pytest.raises(CodingError, match=reason):
            read_project(path)

    @pytest.mark.parametrize("date", ["-0001-01-01 00:00:00", "10000-01-01 00:00:00", "9999-12-31 23:59:59-14:00"])
    def test_a_moment_that_no_calendar_has_is_told(self, made, date):
        project = read_project(made(f"UPDATE commands SET date = '{date}'"))
        assert "history | 2 × line | it cannot be read (ValueError)" in losses(project)


def ours() -> Project:
    codebook = Codebook(
        (
            Code("debt", "债", None, "owed\n\nInclude: not a field", "loans", "gifts", "“…”", "why?", "#f00", False),
            Code("shame", "shame", "debt"),
            Code("x", "on the way"),
        )
    )
    text = "她说😀𠀀 <no> & “yes”\r\n\n\tthe rest\x01\x7f\x0c "
    corpus = Corpus(
        (
            Document("d1", "Interview", text, "zh-Hans", memo="a memo", attributes={"text direction": "right to left"}),
            Document("d2", "Interview", "\n\ufeff\n", translation_of="d1"),
            Document("d3", "empty", ""),
        )
    )
    codings = as_codings(
        [
            {"document": "d1", "start": 0, "end": 4, "code": "debt", "coder": "mei", "time": NOW},
            {"document": "d1", "start": 0, "end": 4, "code": "shame", "coder": "mei", "time": NOW},
            {"document": "d1", "start": 0, "end": 4, "code": "debt", "coder": "li", "time": None},
            {"document": "d1", "start": 2, "end": len(text), "code": "x", "coder": "li", "time": NOW},
            {"document": "d2", "start": 1, "end": 2, "code": "x", "coder": "", "time": None},
        ]
    )
    return Project("Study", codebook, corpus, codings, (Coder("mei"), Coder("li")), description="About\nit")


class TestWriting:
    def test_a_project_comes_back_equal(self, tmp_path):
        assert write_project(ours(), tmp_path / "p.sqlite3") == ()
        back = read_project(tmp_path / "p.sqlite3")
        assert back == ours()
        assert back.losses == ()

    @pytest.mark.parametrize("time", ["0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59.999999+00:00"])
    def test_the_first_and_the_last_moment_come_back(self, tmp_path, time):
        project = replace(ours(), codings=as_codings(ours().codings.drop(columns="id").assign(time=time)[:4]))
        assert write_project(project, tmp_path / "p.sqlite3") == ()
        assert read_project(tmp_path / "p.sqlite3").codings["time"].map(pd.Timestamp.isoformat).unique() == [time]

    def test_two_codes_of_one_name_are_told(self, tmp_path):
        codes = (Code("a", "A"), Code("b", "B", "a"), Code("c", "B"), Code("d", "B"))
        lost = write_project(Project("P", Codebook(codes)), tmp_path / "p.sqlite3")
        assert [(loss.place, loss.what) for loss in lost] == [("code 'c'", "name"), ("code 'd'", "name")]
        assert [code.name for code in read_project(tmp_path / "p.sqlite3").codebook] == ["A", "B", "B (c)", "B (d)"]
        codes = (Code("c", "B"), Code("a", "A"), Code("b", "B", "a"))
        write_project(Project("P", Codebook(codes)), tmp_path / "p.sqlite3")
        assert [code.name for code in read_project(tmp_path / "p.sqlite3").codebook] == ["B", "A", "A.B"]

    def test_names_and_logins_that_meet_get_others(self, tmp_path):
        coders = tuple(map(Coder, ("a" * 20 + "-2", "a" * 20, "A" * 20, "a" * 20 + "-0", "")))
        codes = (Code("x", "B"), Code("y", "B (c)"), Code("c", "B"))
        lost = write_project(Project("P", Codebook(codes), coders=coders), tmp_path / "p.sqlite3")
        back = read_project(tmp_path / "p.sqlite3")
        assert [code.name for code in back.codebook] == ["B", "B (c)", "B (c) 2"]
        assert len({coder.id for coder in back.coders}) == 4
        assert ("coder ''", "coder") in [(loss.place, loss.what) for loss in lost]

    @pytest.mark.parametrize(
        "project",
        [
            Project("\ud800"),
            Project("P", Codebook((Code("c", "\udc00"),))),
            Project("P", corpus=Corpus((Document("d", "\udfff", ""),))),
        ],
    )
    def test_half_a_pair_anywhere_is_refused(self, tmp_path, project):
        with pytest.raises(CodingError, match="half of a pair at 0"):
            write_project(project, tmp_path / "p.sqlite3")
        assert not list(tmp_path.iterdir())

    def test_ids_columns_owners_and_the_first_moment_are_told(self, tmp_path):
        row = {"document": "d1", "start": 0, "end": 4, "code": "debt", "coder": "mei"}
        codings = as_codings([{**row, "id": "mine", "time": "1970-01-01T00:00:00Z", "mood": "sad"}])
        project = replace(ours(), codings=codings, coders=(Coder("mei"), Coder("admin")))
        told = "\n".join(f"{loss.place} | {loss.what}" for loss in write_project(project, tmp_path / "p.sqlite3"))
        assert told.split("\n") == [
            "coder 'admin' | coder",
            "codings | column 'mood'",
            "codings | id",
            "codings | time",
        ]

    def test_the_same_project_gives_the_same_bytes(self, tmp_path):
        for name in ("a", "b"):
            write_project(ours(), tmp_path / name)
        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()

    def test_what_has_no_place_is_told(self, tmp_path):
        told = "\n".join(f"{loss.place} | {loss.what}" for loss in write_project(rich(), tmp_path / "p.sqlite3"))
        for expected in (
            "codings | 2 × coding without length",
            "coder 'A' | id",
            f"coder '{guid(50)}' | name",
            "document 'd1' | sign of no text (U+0000)",
            "document 'd3' | attribute",
            "case 'c1' | case",
            "set 'gender: female' | set",
            "codings | memo",
        ):
            assert expected in told
        assert [coder.id for coder in read_project(tmp_path / "p.sqlite3").coders] == ["a", "b", "coder 3"]

    def test_half_a_pair_is_refused_and_nothing_is_left(self, tmp_path):
        with pytest.raises(CodingError, match="half of a pair"):
            write_project(Project("P", corpus=Corpus((Document("d", "D", "\ud800"),))), tmp_path / "p.sqlite3")
        assert not list(tmp_path.iterdir())

    def test_the_tables_are_taguette_s(self, tmp_path):
        write_project(ours(), tmp_path / "p.sqlite3")
        base = sqlite3.connect(tmp_path / "p.sqlite3")
        assert base.execute("SELECT version_num FROM alembic_version").fetchall() == [(REVISION,)]
        assert base.execute("PRAGMA application_id").fetchone() == (int.from_bytes(b"Tgtt"),)
        assert base.execute("PRAGMA auto_vacuum").fetchone() == (1,)
        assert base.execute("PRAGMA foreign_key_check").fetchall() == []
        assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        snippet, start, end = base.execute("SELECT snippet, start_offset, end_offset FROM highlights").fetchone()
        assert (snippet, start, end) == ("<p>她说😀𠀀</p>", 0, 14)
        base.close()


class TestText:
    @given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
    def test_any_text_comes_back_from_html(self, text):
        assert text_of(html_of(text))[0] == text
        assert byte_edges(text)[-1] == len(text.encode())

    @pytest.mark.parametrize(
        ("contents", "text"),
        [
            ("a\r\nb\rc", "a\nb\nc"),
            ("&#x80;&#0;&#xD800;&#13;", "€\ufffd\ufffd\r"),
            ("&notit; &copy &#38;lt;", "¬it; © &lt;"),
            ("<pre>\n\nx</pre><pre>y</pre>\nz", "\nxy\nz"),
            ("1 < 2<!-- no -->", "1 < 2"),
        ],
    )
    def test_text_is_what_browsers_show(self, contents, text):
        assert text_of(contents)[0] == text
