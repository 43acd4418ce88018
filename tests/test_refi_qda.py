"""REFI-QDA: what is written validates and comes back; what others write is read, or its loss is told."""

import time
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from coded_words import with_text
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from refi_samples import CASE, CODE, CODES, OTHER, SOURCE, USER, USERS, archive, guid, rich, selection, source, xml

from research_lib.coding.codebook import Code, Codebook
from research_lib.coding.codings import as_codings
from research_lib.coding.corpus import Corpus, Document
from research_lib.coding.project import Case, Coder, Project, Set
from research_lib.errors import CodingError
from research_lib.exchange.refi.identifiers import OURS, join_fields, split_fields
from research_lib.exchange.refi_qda import read_codebook, read_project, write_codebook, write_project
from research_lib.files.archives import UnsafeFileError

SCHEMAS = Path(__file__).resolve().parents[2] / "shared/reference/refi-qda"
ORDER = {
    "Project": "Users CodeBook Variables Cases Sources Notes Links Sets Graphs Description NoteRef",
    "Code": "Description NoteRef Code",
    "Case": "Description CodeRef VariableValue SourceRef SelectionRef",
    "Set": "Description MemberCode MemberSource MemberNote",
    "TextSource": "Description PlainTextContent PlainTextSelection Coding NoteRef VariableValue",
    "Note": "Description PlainTextContent PlainTextSelection Coding NoteRef VariableValue",
    "PlainTextSelection": "Description Coding NoteRef",
    "Coding": "CodeRef NoteRef",
    "Variable": "Description",
    "VariableValue": "VariableRef TextValue BooleanValue IntegerValue FloatValue DateValue DateTimeValue",
}


def losses(project):
    return "\n".join(f"{loss.place} | {loss.what} | {loss.reason}" for loss in project.losses)


def coded(project):
    """The codings as rows: document, code, coder, words."""
    frame = with_text(project.codings, project.corpus)
    return [tuple(row) for row in frame[["document", "code", "coder", "text"]].itertuples(index=False)]


def words(project):
    return [row[-1] for row in coded(project)]


@pytest.fixture
def read(tmp_path):
    """Read a project from XML and files beside it."""

    def read(content, files=None, name="project.qde", **options):
        return read_project(archive(tmp_path / "given.qdpx", content, files, name=name), **options)

    return read


class TestOurOwn:
    def test_a_rich_project_comes_back_equal(self, tmp_path):
        assert write_project(rich(), tmp_path / "p.qdpx") == ()
        back = read_project(tmp_path / "p.qdpx")
        assert back == rich()
        assert back.losses == ()
        assert len(back.loss_report()) == 0

    def test_an_empty_project_comes_back_equal(self, tmp_path):
        assert write_project(Project("nothing"), tmp_path / "p.qdpx") == ()
        assert read_project(tmp_path / "p.qdpx") == Project("nothing")

    def test_the_same_project_gives_the_same_bytes(self, tmp_path):
        write_project(rich(), tmp_path / "a.qdpx")
        write_project(rich(), tmp_path / "b.qdpx")
        assert (tmp_path / "a.qdpx").read_bytes() == (tmp_path / "b.qdpx").read_bytes()
        write_project(read_project(tmp_path / "a.qdpx"), tmp_path / "c.qdpx")
        assert (tmp_path / "a.qdpx").read_bytes() == (tmp_path / "c.qdpx").read_bytes()

    def test_nothing_is_left_beside_the_file(self, tmp_path):
        write_project(rich(), tmp_path / "p.qdpx")
        broken = replace(rich(), corpus=Corpus((Document("d", "n", "half \ud800"),)))
        with pytest.raises(CodingError, match=r"document 'd'.*at 5.*replace it"):
            write_project(broken, tmp_path / "q.qdpx")
        assert [path.name for path in tmp_path.iterdir()] == ["p.qdpx"]

    @pytest.mark.parametrize("half", [Document("\ud800", "n", ""), Document("d", "n", "", attributes={"\udc00": "x"})])
    def test_half_a_pair_in_an_id_is_refused(self, tmp_path, half):
        with pytest.raises(CodingError, match="half of a pair"):
            write_project(Project("P", corpus=Corpus((half,))), tmp_path / "p.qdpx")
        assert not list(tmp_path.iterdir())

    def test_ids_that_two_things_have_and_empty_ones_are_told(self, tmp_path):
        row = {"document": "d", "start": 0, "end": 1, "code": "c", "coder": "A"}
        project = Project(
            "P",
            Codebook((Code("c", "c"),)),
            Corpus((Document("d", "D", "text"),)),
            as_codings([{**row, "id": id_} for id_ in ("k", "k", "")]),
            (Coder("A"), Coder("A")),
            (Case("K", "1"), Case("K", "2")),
            (Set("S", "1"), Set("S", "2")),
        )
        told = [(loss.place, loss.what) for loss in write_project(project, tmp_path / "p.qdpx")]
        assert told[:5] == [("codings", "id"), ("codings", "id"), ("set 'S'", "id"), ("case 'K'", "id"), ("coder 'A'", "id")]  # fmt: skip

    def test_elements_stand_in_the_order_of_the_standard(self, tmp_path):
        write_project(rich(), tmp_path / "p.qdpx")
        root = etree.fromstring(zipfile.ZipFile(tmp_path / "p.qdpx").read("project.qde"))
        seen = set()
        for element in root.iter():
            name = etree.QName(element).localname
            order = ORDER.get(name, "").split()
            inside = [etree.QName(child).localname for child in element]
            if name in ORDER:
                assert inside == sorted(inside, key=order.index)
            seen.add(name)
        assert seen >= {
            "Users",
            "Codes",
            "Variables",
            "Cases",
            "TextSource",
            "Notes",
            "Sets",
            "SelectionRef",
            "MemberSource",
        }

    @pytest.mark.skipif(not SCHEMAS.is_dir(), reason="the schemas of the standard are not beside this checkout")
    @pytest.mark.parametrize("project", [rich(), Project("nothing")], ids=["rich", "empty"])
    def test_a_project_is_valid(self, tmp_path, project):
        write_project(project, tmp_path / "p.qdpx")
        schema = etree.XMLSchema(etree.parse(SCHEMAS / "Project.xsd"))
        schema.assertValid(etree.fromstring(zipfile.ZipFile(tmp_path / "p.qdpx").read("project.qde")))

    @pytest.mark.skipif(not SCHEMAS.is_dir(), reason="the schemas of the standard are not beside this checkout")
    def test_a_codebook_is_valid(self, tmp_path):
        write_codebook(rich().codebook, tmp_path / "c.qdc", sets=rich().sets)
        etree.XMLSchema(etree.parse(SCHEMAS / "Codebook.xsd")).assertValid(etree.parse(tmp_path / "c.qdc"))

    def test_a_codebook_comes_back_equal(self, tmp_path):
        lost = write_codebook(rich().codebook, tmp_path / "c.qdc", sets=rich().sets)
        assert [loss.what for loss in lost] == ["document"]
        assert read_codebook(tmp_path / "c.qdc") == rich().codebook
        assert read_project(tmp_path / "c.qdc").sets[0].codes == ("top", "债")
        with pytest.raises(CodingError, match="add a code"):
            write_codebook(Codebook(), tmp_path / "d.qdc")

    def test_a_deep_tree_comes_back_and_one_too_deep_is_refused(self, tmp_path):
        chain = [Code(str(n), "c", str(n - 1) if n else None) for n in range(2_001)]
        deep = Project("P", Codebook(tuple(chain[:2_000])))
        write_project(deep, tmp_path / "p.qdpx")
        assert read_project(tmp_path / "p.qdpx") == deep
        with pytest.raises(CodingError, match="code '2000': it lies more than 2,000 codes deep"):
            write_codebook(Codebook(tuple(chain)), tmp_path / "c.qdc")

    def test_what_cannot_be_written_is_told(self, tmp_path):
        codings = as_codings(
            [
                {"document": "d", "start": 0, "end": 2, "code": "c", "coder": "A", "mood": "sad"},
                {"document": "d", "start": 0, "end": 9, "code": "c", "coder": "A", "mood": "sad"},
                {"document": "d", "start": 0, "end": 1, "code": "?", "coder": "A", "mood": "sad"},
                {"document": "?", "start": 0, "end": 1, "code": "c", "coder": "A", "mood": "sad"},
            ]
        )
        case = Case("k", "K", attributes={"x": float("nan")}, documents=("?",), codings=("?",), codes=("?",))
        project = Project(
            "P",
            Codebook((Code("c", "bell \x07"),)),
            Corpus((Document("d", "D", "text"),)),
            codings,
            cases=(case,),
            sets=(Set("s", "S", codes=("?",), documents=("?",)),),
        )
        lost = write_project(project, tmp_path / "p.qdpx")
        reasons = "\n".join(f"{loss.place} | {loss.what} | {loss.reason}" for loss in lost)
        for expected in (
            "column 'mood'",
            "beyond the end of 'd'",
            "no code '?'",
            "no document '?'",
            "XML has no number nan",
        ):
            assert expected in reasons
        assert "coder 'A' | coder | the project does not list it" in reasons
        assert "code 'c' | control character" in reasons
        assert reasons.count("the corpus does not have it") == 2
        assert reasons.count("the codebook does not have it") == 2
        back = read_project(tmp_path / "p.qdpx")
        assert words(back) == ["te"]
        assert back.codebook["c"].name == "bell \ufffd"


def saved_again(path, *, origin="Another", reverse=("Sources",), fix=len):
    """The file at a path as another program might save it: with its own name and its own order."""
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    root = etree.fromstring(members.pop("project.qde"))
    root.set("origin", origin)
    for part in root.iter(*(f"{{*}}{name}" for name in reverse)):
        part[:] = reversed(part)
    fix(root)
    return archive(path, etree.tostring(root, encoding="unicode"), members)


class TestSavedAgainByOthers:
    def test_a_rich_project_comes_back_with_its_documents_in_another_order(self, tmp_path):
        write_project(rich(), tmp_path / "p.qdpx")
        back = read_project(saved_again(tmp_path / "p.qdpx"))
        assert [document.id for document in back.corpus] == ["d1", "d3", guid(30)]
        assert replace(back, corpus=rich().corpus) == rich()
        assert all(back.corpus[document.id] == document for document in rich().corpus)
        assert back.losses == ()

    @pytest.mark.parametrize("original", ["d", "e"])
    def test_translations_in_a_circle_are_told(self, tmp_path, original):
        corpus = Corpus((Document("d", "D", ""), Document("e", "E", "", translation_of="d")))
        write_project(Project("P", corpus=corpus), tmp_path / "p.qdpx")

        def close(root):
            first = root.find(".//{*}TextSource")
            value = root.findall(".//{*}TextSource")[1].findall("{*}VariableValue")[1]
            copy = etree.fromstring(etree.tostring(value).replace(b">d<", f">{original}<".encode()))
            first.append(copy)

        back = read_project(saved_again(tmp_path / "p.qdpx", reverse=(), fix=close))
        assert sum(document.translation_of is not None for document in back.corpus) == 1
        assert "in a circle" in losses(back)

    def test_ids_and_fields_are_ours_only_where_a_guid_proves_it(self, read):
        codes = (
            f'<CodeBook><Codes><Code guid="{CODE}" name="debt"><Description>all\n\nInclude: loans\n\nId: debt'
            f"\n\nNumber: 3\n\nMemo: m</Description></Code></Codes></CodeBook>"
        )
        sets = f'<Sets><Set guid="{guid(7)}" name="S"><Description>Id: mine</Description></Set></Sets>'
        users = f'<Users><User guid="{USER}" name="Mei" id="M"/></Users>'
        coded = selection(0, 1, inside="<Description>Id: k</Description>")
        project = read(xml(users, codes, sets, sources=source(coded, text="abc"), origin="research_lib"))
        code = project.codebook[CODE]
        assert (code.definition, code.include) == ("all\n\nInclude: loans\n\nId: debt\n\nNumber: 3\n\nMemo: m", "")
        assert (project.sets[0].id, project.sets[0].description) == (guid(7), "Id: mine")
        assert (project.codings["id"][0], project.codings["memo"][0]) == (guid(101), "Id: k")
        assert project.coders == (Coder(USER, "Mei"),)
        assert f"user 'Mei' | id 'M' | no GUID was made from it; the coder is {USER}" in losses(project)

    def test_a_document_and_a_case_keep_no_id_that_their_guid_does_not_prove(self, read):
        variables = (
            f'<Variables><Variable guid="{guid(10)}" name="research_lib: id" typeOfVariable="Text"/></Variables>'
        )
        value = f'<VariableValue><VariableRef targetGUID="{guid(10)}"/><TextValue>x</TextValue></VariableValue>'
        cases = f'<Cases><Case guid="{CASE}" name="K">{value}</Case></Cases>'
        project = read(xml(variables, cases, sources=source(value, text="a")))
        assert ([each.id for each in project.corpus], project.cases[0].id) == ([SOURCE], CASE)
        assert "document 'A' | id 'x' | its GUID is" in losses(project)
        assert "case 'K' | id 'x' | its GUID is" in losses(project)

    def test_a_selection_without_a_coding_renames_no_other(self, tmp_path):
        codings = as_codings([{"id": "k", "document": "d", "start": 0, "end": 1, "code": "c", "coder": ""}])
        project = Project("P", Codebook((Code("c", "c"),)), Corpus((Document("d", "D", "text"),)), codings)
        write_project(project, tmp_path / "p.qdpx")

        def uncode(root):
            first = root.find(".//{*}PlainTextSelection")
            more = etree.fromstring(selection(1, 2, code=root.find(".//{*}Code").get("guid")))
            first.addnext(etree.fromstring(etree.tostring(first).replace(etree.tostring(more[0]), b"")))
            first.remove(first.find("{*}Coding"))
            root.find(".//{*}TextSource").replace(first.getnext(), more)

        back = read_project(saved_again(tmp_path / "p.qdpx", fix=uncode))
        assert list(back.codings["id"]) == [guid(101)]


class TestFields:
    @given(st.text("a\n\\: ", max_size=8), st.lists(st.sampled_from(["Include: ", "Id: ", "\n", "\\", "x", "\n\n"]), max_size=7).map("".join), st.text("b\n", max_size=4))  # fmt: skip
    def test_fields_in_a_description_are_exactly_reversible(self, body, include, last):
        for one, other in ((body, include), (include, body)):
            fields = dict.fromkeys(OURS, "") | {"Include": other, "Id": last}
            expected = {label: value for label, value in fields.items() if value}
            assert split_fields(join_fields(one, fields), OURS) == (one, expected)

    def test_a_description_of_others_stays_as_it_is(self):
        assert split_fields("Include: x", ("Id",)) == ("Include: x", {})
        assert split_fields("all debts\n\nInclude: loans", OURS) == ("all debts", {"Include": "loans"})


ids = st.one_of(st.sampled_from(["a", "b", "债", "x y"]), st.uuids(version=4).map(str))
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
shown = st.text("ab\n\r\t<&>\"'\\: 债😀", max_size=10)


@st.composite
def projects(draw):
    codes: list[Code] = []
    for id_ in draw(st.lists(ids, unique=True, max_size=4)):
        parent = draw(st.sampled_from([None, *(code.id for code in codes)]))
        codes.append(Code(id_, draw(shown), parent, *(draw(shown) for _ in range(5)), is_codable=draw(st.booleans())))
    draw(st.randoms()).shuffle(codes)
    documents = [
        Document(id_, draw(shown), draw(texts), memo=draw(shown))
        for id_ in draw(st.lists(ids, unique=True, max_size=3))
    ]
    rows = []
    for document in documents if codes else []:
        for id_ in draw(st.lists(st.uuids().map(str), unique=True, max_size=3)):
            start = draw(st.integers(0, len(document.text)))
            end = draw(st.integers(start, len(document.text)))
            time = draw(st.datetimes().map(lambda moment: pd.Timestamp(moment, tz="UTC")) | st.none())
            rows.append({"id": id_, "document": document.id, "start": start, "end": end, "code": draw(st.sampled_from(codes)).id, "coder": draw(st.sampled_from(["A", ""])), "time": time, "memo": draw(shown)})  # fmt: skip
    codings = as_codings(rows) if rows else Project("").codings
    return Project(draw(shown), Codebook(tuple(codes)), Corpus(tuple(documents)), codings, (Coder("A", draw(shown)),))


@pytest.mark.slow
@given(projects())
@settings(suppress_health_check=list(HealthCheck))
def test_any_small_project_comes_back_equal(tmp_path_factory, project):
    path = tmp_path_factory.mktemp("p") / "p.qdpx"
    if len(project.codings) != project.codings["id"].nunique():
        return
    assert write_project(project, path) == ()
    back = read_project(path)
    assert back == project
    assert back.losses == ()


class TestFilesOfOthers:
    def test_any_single_qde_is_the_project(self, read):
        content = xml(sources=source(selection(0, 2), text="ab"))
        assert words(read(content, name="My study.qde")) == ["ab"]
        with pytest.raises(CodingError, match=r"one file that ends in \.qde, not 2"):
            read(content, {"b.qde": b"<x/>"}, name="a.qde")
        assert words(read(content, {"b.qde": b"<x/>"})) == ["ab"]

    def test_a_file_that_is_no_project_is_refused(self, read, tmp_path):
        with pytest.raises(CodingError, match="neither a project nor a codebook"):
            read("<html/>")
        with pytest.raises(CodingError, match="not well-formed"):
            read("<Project><Users></Project>")
        with pytest.raises(UnsafeFileError):
            read('<!DOCTYPE Project [<!ENTITY a "b">]><Project name="P"/>')
        with pytest.raises(UnsafeFileError):
            read_project(tmp_path / "missing.qdpx")

    def test_what_is_wrong_with_the_xml_is_said(self, tmp_path):
        def refused(content, match, error=CodingError):
            alone = tmp_path / "alone.qde"
            alone.write_bytes(content)
            with pytest.raises(error, match=match):
                read_project(alone)

        refused(
            b"<Project>\n<Users><User name='a&nbsp;b'/></Users></Project>", "line 2: Entity 'nbsp' not defined; put"
        )
        refused(xml(CODES).replace("utf-8", "GB18030").encode(), "an encoding not read here; save it as UTF-8")
        refused(xml(CODES).replace("shame", "é").encode("latin-1"), "not in the encoding that it names")
        refused(
            b'<Project xmlns="http://schemas.microsoft.com/developer/msbuild/2003"><PropertyGroup/></Project>',
            "neither",
        )
        deep = f"<Project><CodeBook><Codes>{'<Code>' * 2_100}{'</Code>' * 2_100}</Codes></CodeBook></Project>"
        refused(deep.encode(), "more than 2,048 deep, and deeper ones cannot be read; make")

    @pytest.mark.parametrize("member", ["sources/a.txt", "Sources/A.TXT", "a.txt"])
    @pytest.mark.parametrize("path", ["internal://a.txt", "a.txt", "internal:///a.txt", "sources/a.txt"])
    def test_sources_are_found_however_they_are_spelled(self, read, member, path):
        if member == "a.txt" and path.startswith("sources"):
            return
        project = read(xml(sources=source(selection(1, 3), path=path)), {member: "她说好".encode()})
        assert words(project) == ["说好"]
        assert project.losses == ()

    @pytest.mark.parametrize(
        "path", ["relative://a.txt", "absolute://C:/a.txt", "/home/a.txt", "C:\\a.txt", "internal://b.txt"]
    )
    def test_a_text_that_is_not_there_is_told_with_its_codings(self, read, path):
        project = read(
            xml(sources=source(selection(1, 3), selection(1, 2, number=200), path=path)), {"other.txt": b"x"}
        )
        assert [document.name for document in project.corpus] == ["A"]
        assert len(project.codings) == 0
        assert "TextSource 'A' | 2 × coding | its text is missing" in losses(project)
        assert "TextSource 'A' | text | " in losses(project)

    def test_a_text_in_no_encoding_is_told(self, read):
        project = read(xml(sources=source(selection(0, 1))), {"sources/a.txt": "é".encode("latin-1")})
        assert "sources/a.txt is not UTF-8 at byte 0" in losses(project)

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
    def test_byte_order_marks_tell_the_encoding(self, read, encoding):
        project = read(
            xml(sources=source(selection(0, 1))), {"sources/a.txt": "她说".encode(encoding)}, positions="code points"
        )
        assert project.corpus[SOURCE].text == "她说"
        assert words(project) == ["她"]

    @pytest.mark.parametrize("namespace", ["urn:QDA-XML:codebook:0:4", "urn:QDA-XML:project:0.9", ""])
    def test_any_namespace_will_do(self, read, namespace):
        project = read(xml(sources=source(selection(0, 1), text="ab"), namespace=namespace))
        assert coded(project) == [(SOURCE, CODE, USER, "a")]
        assert project.losses == ()

    def test_a_text_may_be_inside_the_xml_with_character_references(self, read):
        project = read(xml(sources=source(selection(1, 4), text="a&#13;&#10;b &lt;&amp; c")))
        assert project.corpus[SOURCE].text == "a\r\nb <& c"

    def test_guids_may_have_braces_and_capitals(self, read):
        content = xml(USERS, CODES.replace(CODE, f"{{{CODE.upper()}}}"), sources=source(selection(0, 1), text="ab"))
        assert coded(read(content)) == [(SOURCE, CODE, USER, "a")]

    def test_parts_may_come_in_any_order(self, read):
        group = f'<Sets><Set guid="{guid(9)}" name="S"><MemberSource targetGUID="{SOURCE}"/></Set></Sets>'
        content = f'<Project name="P"><Description>d</Description>{group}<Sources><TextSource guid="{SOURCE}" name="A">{selection(0, 1)}<PlainTextContent>ab</PlainTextContent></TextSource></Sources>{CODES}{USERS}</Project>'
        project = read(content)
        assert coded(project) == [(SOURCE, CODE, USER, "a")]
        assert (project.sets[0].documents, project.description, project.losses) == ((SOURCE,), "d", ())

    def test_empty_parts_mean_nothing(self, read):
        empty = "".join(f"<{name}/>" for name in ("Users", "Variables", "Cases", "Notes", "Links", "Sets", "Graphs"))
        project = read(xml(CODES, empty, "<CodeBook/>", sources=source(text="")))
        assert project.corpus[SOURCE].text == ""
        assert project.losses == ()

    def test_sources_may_have_one_name_or_none(self, read):
        two = source(text="a") + source(text="b").replace(SOURCE, guid(8))
        assert [document.name for document in read(xml(sources=two)).corpus] == ["A", "A"]
        assert read(xml(sources=source(text="a", attributes=""))).corpus[SOURCE].name == SOURCE

    def test_one_guid_for_two_things_is_told(self, read):
        project = read(xml(sources=source(text="a") + source(text="b")))
        assert [document.text for document in project.corpus] == ["a", "b"]
        assert "two have it" in losses(project)
        project = read(xml(sources=source(selection(0, 1), selection(1, 2), text="ab")))
        assert words(project) == ["a", "b"]
        assert project.codings["id"].is_unique
        assert "GUID of a coding" in losses(project)

    def test_a_code_below_one_of_its_own_guid_is_kept(self, read):
        codes = (
            f'<CodeBook><Codes><Code guid="{CODE}" name="a"><Code guid="{CODE}" name="b"/></Code></Codes></CodeBook>'
        )
        project = read(xml(USERS, codes, sources=source(selection(0, 1), text="ab")))
        assert [[code.name for code in project.codebook.path(each.id)] for each in project.codebook] == [
            ["a"],
            ["a", "b"],
        ]
        assert coded(project) == [(SOURCE, CODE, USER, "a")]

    def test_codes_below_a_stranger_and_without_codes_are_read(self, read):
        below = f'<Group><Code guid="{OTHER}" name="b"/></Group>'
        for codes in (f'<Codes><Code guid="{CODE}" name="a">{below}</Code></Codes>', f'<Code guid="{CODE}" name="a">{below}</Code>'):  # fmt: skip
            project = read(xml(f"<CodeBook>{codes}</CodeBook>"))
            assert [(code.id, code.parent_id) for code in project.codebook] == [(CODE, None), (OTHER, CODE)]
            assert "Code | element Group | the standard has no such element here" in losses(project)

    def test_codes_without_name_or_guid_are_kept(self, read):
        codes = '<CodeBook><Codes><Code guid="X1"/><Code name="n"><Code name="below"/></Code></Codes></CodeBook>'
        project = read(xml(codes))
        assert [code.name for code in project.codebook] == ["x1", "n", "below"]
        assert [code.name for code in project.codebook.path(project.codebook.codes[2].id)] == ["n", "below"]

    def test_strangers_are_told(self, read):
        odd = selection(0, 1, attributes='weight="3" modifiedDateTime="2020-01-01T00:00:00Z"', inside="<Sound/>")
        project = read(xml(USERS, CODES, "<Smell/>", sources=source(odd, text="ab", attributes='name="A" mood="x"')))
        assert words(project) == ["a"]
        told = losses(project)
        assert "Project | element Smell | the standard has no such element here" in told
        assert "TextSource | attribute mood | the standard has no such attribute here" in told
        assert "PlainTextSelection | attribute weight | the standard" in told
        assert "PlainTextSelection | attribute modifiedDateTime | a project here has no place for it" in told
        assert "element Sound" in told

    def test_graphs_and_links_are_told(self, read):
        project = read(
            xml("<Links><Link guid='x' name='because'/></Links><Graphs><Graph guid='y'><Vertex/></Graph></Graphs>")
        )
        assert "Link 'because' | Link | a project here has no place for it" in losses(project)
        assert "Graph 'y' | Graph" in losses(project)

    def test_text_of_other_sources_is_read_and_areas_are_told(self, read):
        area = f'<PDFSelection guid="{guid(50)}" page="1"><Representation guid="{guid(51)}"><PlainTextContent>x</PlainTextContent>{selection(0, 1, number=60)}</Representation><Coding guid="{guid(52)}"><CodeRef targetGUID="{CODE}"/></Coding></PDFSelection>'
        pdf = f'<PDFSource guid="{guid(53)}" name="report" path="internal://r.pdf">{area}<Representation guid="{guid(54)}" plainTextPath="internal://a.txt">{selection(1, 3)}</Representation></PDFSource>'
        sound = f'<AudioSource guid="{guid(55)}" name="talk"><Transcript guid="{guid(56)}" name="one"><PlainTextContent>hello</PlainTextContent><SyncPoint guid="{guid(57)}" position="1"/><SyncPoint guid="{guid(58)}" position="4"/><TranscriptSelection guid="{guid(59)}" fromSyncPoint="{guid(57)}" toSyncPoint="{guid(58)}"><Coding guid="{guid(70)}"><CodeRef targetGUID="{CODE}"/></Coding></TranscriptSelection></Transcript><Transcript guid="{guid(71)}"><PlainTextContent>bye</PlainTextContent></Transcript></AudioSource>'
        picture = f'<PictureSource guid="{guid(72)}" name="map"><PictureSelection guid="{guid(73)}"><Coding guid="{guid(74)}"><CodeRef targetGUID="{CODE}"/></Coding></PictureSelection></PictureSource>'
        group = f'<Sets><Set guid="{guid(9)}" name="S"><MemberSource targetGUID="{guid(53)}"/><MemberSource targetGUID="{guid(55)}"/><MemberSource targetGUID="{guid(72)}"/></Set></Sets>'
        project = read(xml(USERS, CODES, group, sources=pdf + sound + picture), {"sources/a.txt": b"abcd"})
        assert [(document.id, document.name) for document in project.corpus] == [
            (guid(53), "report"),
            (guid(56), "talk: one"),
            (guid(71), f"talk: {guid(71)}"),
        ]
        assert words(project) == ["bc", "ell"]
        assert project.sets[0].documents == (guid(53), guid(56), guid(71))
        told = losses(project)
        assert "PDFSource 'report' | PDFSelection | only selections of text are read" in told
        assert "PDFSource 'report' | 2 × coding on an area or a time | only codings on text are read" in told
        assert "PictureSource 'map' | source | it has no text" in told
        assert "PictureSource 'map' | coding on an area or a time" in told
        assert f"Set 'S' | source | there is no source {guid(72)} with a text" in told
        assert "PDFSource | attribute path" in told


class TestReferences:
    def test_an_unknown_code_is_told(self, read):
        project = read(xml(sources=source(selection(0, 1, code=guid(99)), selection(1, 2, number=200), text="ab")))
        assert words(project) == ["b"]
        assert f"source 'A' | coding | there is no code {guid(99)} in the file" in losses(project)

    def test_an_unknown_user_is_a_coder_all_the_same(self, read):
        project = read(xml(CODES, sources=source(selection(0, 1), text="ab")))
        assert coded(project) == [(SOURCE, CODE, USER, "a")]
        assert project.coders == (Coder(USER),)
        assert f"user {USER} | name of a coder" in losses(project)

    def test_users_go_by_their_id_where_it_is_theirs_alone(self, read):
        users = f'<Users><User guid="{USER}" name="Mei" id="x"/><User guid="{guid(6)}" name="Li" id="x"/></Users>'
        assert [coder.id for coder in read(xml(users)).coders] == [USER, guid(6)]

    def test_a_coding_outside_its_text_is_told(self, read):
        project = read(xml(sources=source(selection(0, 3), selection(-1, 1, number=200), text="ab")))
        assert len(project.codings) == 0
        assert "TextSource 'A' | 2 × coding | it stands outside its text of 2 characters" in losses(project)

    def test_a_selection_may_have_no_length_and_a_source_be_coded_whole(self, read):
        whole = f'<Coding guid="{guid(80)}"><CodeRef targetGUID="{OTHER}"/></Coding>'
        project = read(xml(sources=source(selection(1, 1), whole, text="ab")))
        assert coded(project) == [(SOURCE, CODE, USER, ""), (SOURCE, OTHER, "", "ab")]
        assert project.losses == ()

    def test_a_selection_without_a_code_is_told(self, read):
        bare = f'<PlainTextSelection guid="{guid(81)}" startPosition="0" endPosition="1"/>'
        assert "TextSource 'A' | selection without a code" in losses(read(xml(sources=source(bare, text="ab"))))

    def test_notes_and_descriptions_become_memos(self, read):
        reference = f'<NoteRef targetGUID="{guid(90)}"/>'
        notes = f'<Notes><Note guid="{guid(90)}" name="Idea"><PlainTextContent>why?</PlainTextContent></Note><Note guid="{guid(91)}" plainTextPath="internal://n.txt"/></Notes>'
        commented = selection(0, 2, inside=f"<Description>not the words</Description>{reference}")
        named = selection(1, 3, number=200, inside="<Description>bc</Description>", attributes='name="bc"')
        described = f'<Description>on all</Description><NoteRef targetGUID="{guid(91)}"/>'
        project = read(
            xml(USERS, CODES, notes, sources=source(commented, named, described, text="abcd")),
            {"sources/n.txt": b"more"},
        )
        assert list(project.codings["memo"]) == ["not the words\n\nIdea\n\nwhy?", ""]
        assert project.corpus[SOURCE].memo == "on all\n\nmore"
        assert project.losses == ()

    def test_all_that_is_said_of_a_note_is_read_or_told(self, read):
        value = f'<VariableValue><VariableRef targetGUID="{guid(10)}"/><TextValue>x</TextValue></VariableValue>'
        coded = f'<Coding guid="{guid(80)}"><CodeRef targetGUID="{CODE}"/></Coding>'
        said = f'<Description>so</Description>{coded}<NoteRef targetGUID="{guid(91)}"/>{value}'
        note = f'<Note guid="{guid(90)}"><PlainTextContent>why?</PlainTextContent>{said}</Note>'
        content = xml(USERS, CODES, f"<Notes>{note}{note}</Notes>", sources=source(f'<NoteRef targetGUID="{guid(90)}"/>', text="a"))  # fmt: skip
        project, place = read(content), f"Note '{guid(90)}'"
        assert project.corpus[SOURCE].memo == "so\n\nwhy?\n\nso\n\nwhy?"
        for what in ("2 × coding", "2 × note on a note", "2 × value of a note", "GUID"):
            assert f"{place} | {what} | " in losses(project)

    def test_all_that_is_said_of_a_text_within_a_source_is_read(self, read):
        coded = f'<Coding guid="{guid(80)}"><CodeRef targetGUID="{CODE}"/></Coding>'
        value = f'<VariableValue><VariableRef targetGUID="{guid(10)}"/><TextValue>x</TextValue></VariableValue>'
        text = f'<Representation guid="{guid(54)}"><Description>so</Description><PlainTextContent>ab</PlainTextContent>{coded}<NoteRef targetGUID="{guid(90)}"/>{value}</Representation>'
        notes = f'<Notes><Note guid="{guid(90)}"><PlainTextContent>why?</PlainTextContent></Note></Notes>'
        variables = "".join(f'<Variable guid="{guid(n)}" name="{name}" typeOfVariable="Text"/>' for n, name in ((10, "mood"), (10, "mood"), (11, "idle")))  # fmt: skip
        project = read(xml(USERS, CODES, f"<Variables>{variables}</Variables>", notes, sources=f'<PDFSource guid="{SOURCE}" name="r"><Description>first</Description>{text}</PDFSource>'))  # fmt: skip
        assert (project.corpus[SOURCE].memo, project.corpus[SOURCE].attributes) == (
            "first\n\nso\n\nwhy?",
            {"mood": "x"},
        )
        assert words(project) == ["ab"]
        assert "Variable 'mood' | GUID | another variable has it already" in losses(project)
        assert "variable 'idle' | variable | nothing has a value of it" in losses(project)

    def test_a_missing_file_beside_an_empty_text_is_told(self, read):
        content = f'<TextSource guid="{SOURCE}" name="A" plainTextPath="internal://no.txt"><PlainTextContent>{{}}</PlainTextContent></TextSource>'
        assert "TextSource 'A' | text | there is no file 'internal://no.txt'" in losses(
            read(xml(sources=content.format("")))
        )
        project = read(xml(sources=content.format("ab")))
        assert project.corpus[SOURCE].text == "ab"
        assert "TextSource 'A' | file of the text | there is no file" in losses(project)

    def test_notes_that_lead_nowhere_are_told(self, read):
        lonely = f'<Notes><Note guid="{guid(92)}"><PlainTextContent>x</PlainTextContent></Note></Notes>'
        lost = selection(0, 1, inside=f'<NoteRef targetGUID="{guid(93)}"/>', attributes='name="Quotation 7"')
        told = losses(read(xml(USERS, CODES, lonely, sources=source(lost, text="ab"))))
        assert f"Note '{guid(92)}' | note | nothing that is read refers to it" in told
        assert f"source 'A' | note | there is no note {guid(93)} in the file" in told
        assert "name of a selection | a coding here has no name" in told

    def test_times_without_a_zone_are_told(self, read):
        times = ["2020-01-01T10:00:00", "2020-01-01T10:00:00.5+02:00", "yesterday"]
        parts = [selection(0, 1, number=200 + 2 * n).replace("<Coding ", f'<Coding creationDateTime="{time}" ') for n, time in enumerate(times)]  # fmt: skip
        project = read(xml(sources=source(*parts, text="ab")))
        assert list(project.codings["time"].dt.hour.fillna(-1)) == [10, 8, -1]
        assert "codings | time zone | the file gives none; UTC was taken" in losses(project)
        assert "codings | time | it is not a date and time" in losses(project)

    @pytest.mark.parametrize(
        "time", ["-0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"]
    )
    def test_a_time_that_no_calendar_here_has_is_told(self, read, time):
        coding = selection(0, 1).replace("<Coding ", f'<Coding creationDateTime="{time}" ')
        project = read(xml(sources=source(coding, text="ab")))
        assert project.codings["time"].isna().all()
        assert "codings | time | it is not a date and time as XML has it, of the years 1 to 9999" in losses(project)


class TestValues:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            (np.int64(3), 3),
            (np.bool_(True), True),
            (np.float64(0.5), 0.5),
            (np.str_("x"), "x"),
            (np.datetime64("2020-01-02T03:04:05.000006"), datetime(2020, 1, 2, 3, 4, 5, 6)),
            (pd.Timestamp("2020-01-02T03:04:05Z"), datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ],
    )
    def test_values_of_numpy_and_pandas_are_plain_ones(self, tmp_path, value, expected):
        assert write_project(Project("P", cases=(Case("k", "K", attributes={"x": value}),)), tmp_path / "p.qdpx") == ()
        back = read_project(tmp_path / "p.qdpx").cases[0].attributes["x"]
        assert (back, type(back)) == (expected, type(expected))

    @pytest.mark.parametrize(
        "value",
        [
            None,
            [1],
            pd.NaT,
            pd.NA,
            float("inf"),
            np.float64("nan"),
            datetime(1900, 1, 1, tzinfo=timezone(timedelta(minutes=9, seconds=21))),
            datetime(1900, 1, 1, tzinfo=timezone(timedelta(hours=15))),
            pd.Timestamp("2020-01-02T03:04:05.000000001Z"),
            np.datetime64("2020-01-02T03:04:05.000000001"),
            pytest.param(10**5000, id="long"),
            1j,
        ],
    )
    def test_a_value_that_xml_cannot_hold_is_told(self, tmp_path, value):
        project = Project("P", cases=(Case("k", "K", attributes={"x": value, "y": 1}),))
        (loss,) = write_project(project, tmp_path / "p.qdpx")
        assert (loss.place, loss.what[:6]) == ("case 'k', x", "value ")
        assert read_project(tmp_path / "p.qdpx").cases[0].attributes == {"y": 1}

    def test_an_attribute_without_a_name_is_told(self, tmp_path):
        project = Project("P", corpus=Corpus((Document("d", "D", "", attributes={"": "v"}),)), cases=(Case("k", "K", attributes={"": 1}),))  # fmt: skip
        assert [loss.reason for loss in write_project(project, tmp_path / "p.qdpx")] == ["its attribute has no name; give it one"] * 2  # fmt: skip
        assert read_project(tmp_path / "p.qdpx").cases == (Case("k", "K"),)


class TestCasesAndSets:
    VARIABLES = (
        f'<Variables><Variable guid="{guid(10)}" name="age" typeOfVariable="Integer"/>'
        f'<Variable guid="{guid(11)}" name="country" typeOfVariable="Text"/></Variables>'
    )

    def value(self, variable, kind, text):
        return f'<VariableValue><VariableRef targetGUID="{variable}"/><{kind}Value>{text}</{kind}Value></VariableValue>'

    def test_cases_have_values_documents_and_selections(self, read):
        values = self.value(guid(10), "Integer", "31") + self.value(guid(11), "Text", "FR")
        inside = f'<CodeRef targetGUID="{OTHER}"/>{values}<SourceRef targetGUID="{SOURCE}"/><SelectionRef targetGUID="{guid(100)}"/>'
        case = f'<Cases><Case guid="{CASE}" name="Mei">{inside}</Case></Cases>'
        project = read(xml(USERS, CODES, self.VARIABLES, case, sources=source(selection(0, 1), text="ab")))
        assert project.cases == (
            Case(CASE, "Mei", "", {"age": 31, "country": "FR"}, (SOURCE,), (guid(101),), (OTHER,)),
        )
        assert project.losses == ()

    def test_values_and_references_that_do_not_hold_are_told(self, read):
        values = (
            self.value(guid(10), "Integer", "1_0")
            + self.value(guid(99), "Text", "x")
            + f'<VariableValue><VariableRef targetGUID="{guid(11)}"/></VariableValue>'
        )
        references = "".join(f'<{name} targetGUID="{guid(98)}"/>' for name in ("CodeRef", "SourceRef", "SelectionRef"))
        project = read(xml(self.VARIABLES, f'<Cases><Case guid="{CASE}" name="K">{values}{references}</Case></Cases>'))
        assert project.cases[0].attributes == {"age": "1_0"}
        told = losses(project)
        assert "Case 'K', age | kind of a value | '1_0' is not of the kind Integer; it is kept as a text" in told
        assert f"Case 'K' | value 'x' | there is no variable {guid(99)}" in told
        for what in ("code", "source", "selection"):
            assert f"Case 'K' | {what} | " in told

    def test_a_coding_may_point_at_a_case(self, read):
        case = f'<Cases><Case guid="{CASE}" name="Mei"/></Cases>'
        project = read(xml(USERS, CODES, case, sources=source(selection(0, 1, code=CASE), text="ab"), origin="NVivo"))
        made = project.codings["code"][0]
        assert project.codebook[made].name == "Mei"
        assert project.cases[0].codings == (guid(101),)
        assert "Case 'Mei' | coding | they point at the case itself; a code of its name was made" in losses(project)

    def test_a_case_may_be_a_code_too(self, read):
        case = f'<Cases><Case guid="{CODE}" name="debt"/></Cases>'
        project = read(xml(USERS, CODES, case, sources=source(selection(0, 1), text="ab"), origin="NVivo"))
        assert project.cases[0].codings == (guid(101),)
        assert len(project.codebook) == 2

    def test_values_of_a_source_are_attributes(self, read):
        project = read(xml(USERS, CODES, self.VARIABLES, sources=source(self.value(guid(11), "Text", "FR"), self.value(guid(10), "Integer", "031"), text="a")))  # fmt: skip
        assert project.corpus[SOURCE].attributes == {"country": "FR", "age": "031"}

    def test_sets_named_like_a_value_are_attributes_too(self, read):
        def group(number, name):
            return f'<Set guid="{guid(number)}" name="{name}"><MemberSource targetGUID="{SOURCE}"/></Set>'

        sets = f"<Sets>{group(7, 'gender: female')}{group(8, 'gender: male')}{group(9, 'read')}</Sets>"
        project = read(xml(sets, sources=source(text="a"), origin="NVivo"))
        assert project.corpus[SOURCE].attributes == {"gender": "female"}
        assert [each.name for each in project.sets] == ["gender: female", "gender: male", "read"]
        assert "Set 'gender: male' | attribute | " in losses(project)

    @pytest.mark.parametrize("attribute", ["guid", "targetGUID"])
    def test_members_are_named_either_way(self, read, tmp_path, attribute):
        sets = f'<Sets><Set guid="{guid(7)}" name="S"><MemberCode {attribute}="{CODE}"/><MemberNote targetGUID="{guid(90)}"/></Set></Sets>'
        project = read(xml(USERS, CODES, sets))
        assert project.sets[0].codes == (CODE,)
        assert "Set 'S' | note in a set" in losses(project)
        alone = tmp_path / "c.qdc"
        codes = CODES.removeprefix("<CodeBook>").removesuffix("</CodeBook>")
        alone.write_text(
            f'<CodeBook xmlns="urn:QDA-XML:codebook:0:4" origin="X">{codes}{sets}</CodeBook>', encoding="utf-8"
        )
        assert read_project(alone).sets[0].codes == (CODE,)
        assert [code.name for code in read_codebook(alone)] == ["debt", "shame"]


EMOJI, LINES = "😀a bc", "a\r\nbc\r\nde"


class TestPositions:
    """The same words, counted in each way; the text itself is never changed."""

    @pytest.mark.parametrize(
        ("text", "start", "end", "origin", "expected", "doubt"),
        [
            ("a bc", 2, 4, "Any", "bc", False),
            (EMOJI, 4, 6, "NVivo", "bc", False),
            (EMOJI, 3, 5, "Any", "bc", True),
            (EMOJI, 4, 6, "Any", "bc", False),
            (LINES, 2, 4, "ATLAS.ti", "bc", False),
            (LINES, 3, 5, "NVivo", "bc", False),
            (LINES, 3, 5, "Any", "bc", True),
            (LINES, 0, 1, "Any", "a", False),
            (LINES, 7, 9, "Any", "de", False),
        ],
    )
    def test_the_way_of_counting_is_found_out(self, read, text, start, end, origin, expected, doubt):
        project = read(xml(sources=source(selection(start, end)), origin=origin), {"sources/a.txt": text.encode()})
        assert words(project) == [expected]
        assert project.corpus[SOURCE].text == text
        assert ("they may be off" in losses(project)) == doubt

    @pytest.mark.parametrize(("text", "start", "end"), [(EMOJI, 4, 6), (EMOJI, 3, 5), (LINES, 2, 4), (LINES, 3, 5)])
    @pytest.mark.parametrize("hint", ['name="bc"', 'name="bc…"'])
    def test_names_of_selections_decide(self, read, text, start, end, hint):
        for origin in ("Any", "NVivo", "ATLAS.ti 23"):
            content = xml(sources=source(selection(start, end, attributes=hint)), origin=origin)
            project = read(content, {"sources/a.txt": text.encode()})
            assert words(project) == ["bc"]
            assert project.losses == ()

    def test_a_memo_beside_a_name_hides_no_proof(self, read):
        content = xml(sources=source(selection(3, 5, attributes='name="bc"', inside="<Description>my memo</Description>")), origin="QualCoder")  # fmt: skip
        project = read(content, {"sources/a.txt": b"\xef\xbb\xbfa\r\n\r\nbcdefghij"})
        assert words(project) == ["bc"]
        assert list(project.codings["memo"]) == ["my memo"]
        assert project.losses == ()

    def test_names_decide_among_many_comments(self, read):
        named = [selection(4, 6, number=1_000 + 2 * n, attributes='name="bc"', inside="<Description>a</Description>") for n in range(20_001)]  # fmt: skip
        project = read(xml(sources=source(*named)), {"sources/a.txt": f"{EMOJI}def".encode()})
        assert set(words(project)) == {"bc"}
        assert project.losses == ()

    def test_a_text_that_proves_the_way_decides_for_the_others(self, read):
        proof = source(selection(4, 6, attributes='name="bc"', number=300), path="b.txt").replace(SOURCE, guid(8))
        open_ = source(selection(3, 5))
        files = {"sources/a.txt": f"{EMOJI}def".encode(), "sources/b.txt": EMOJI.encode()}
        assert words(read(xml(sources=open_ + proof), files)) == [" b", "bc"]
        assert read(xml(sources=open_ + proof), files).losses == ()
        assert "they may be off" in losses(read(xml(sources=open_), files))

    @pytest.mark.parametrize(
        ("comment", "kept"),
        [
            ("bc", False),
            ("b", True),
            ("b…", False),
            ("bc d...", False),
            ("bc def ghi jkl mno pq", False),
            ("bc def", True),
            (".", True),
        ],
    )
    def test_a_comment_that_repeats_the_selected_words_is_none(self, read, comment, kept):
        end = 4 if len(comment) <= 2 else 30
        content = xml(sources=source(selection(2, end, inside=f"<Description>{comment}</Description>"), text="a bc def ghi jkl mno pqr stu vwx yz"))  # fmt: skip
        assert list(read(content).codings["memo"]) == [comment if kept else ""]

    def test_a_mark_may_be_counted(self, read):
        hinted = source(selection(1, 3, attributes='name="ab"'))
        assert words(read(xml(sources=hinted), {"sources/a.txt": "\ufeffabc".encode()})) == ["ab"]
        assert words(read(xml(sources=source(selection(0, 4))), {"sources/a.txt": "\ufeffabc".encode()})) == ["abc"]
        project = read(xml(sources=source(selection(1, 2))), {"sources/a.txt": "\ufeffabc".encode()})
        assert words(project) == ["b"]
        assert "counted as “code points”, but “code points, BOM counted” suits as well" in losses(project)

    def test_line_ends_that_xml_made_one_may_have_been_two(self, read):
        assert words(read(xml(sources=source(selection(7, 8), text="a\nbc\nd")))) == ["d"]
        hinted = source(selection(3, 5, attributes='name="bc"'), text="a\nbc\nd")
        assert words(read(xml(sources=hinted))) == ["bc"]

    def test_the_way_can_be_said(self, read):
        content, files = xml(sources=source(selection(4, 6))), {"sources/a.txt": (EMOJI + "def").encode()}
        assert words(read(content, files, positions="utf-16")) == ["bc"]
        assert words(read(content, files, positions="code points")) == ["cd"]
        assert read(content, files, positions="code points").losses == ()
        with pytest.raises(CodingError, match="choose one of: code points"):
            read(content, files, positions="bytes")

    @pytest.mark.parametrize("positions", ["code points", "utf-16"])
    def test_a_position_before_the_text_is_told(self, read, positions):
        content, files = xml(sources=source(selection(-1, 3))), {"sources/a.txt": (EMOJI + "def").encode()}
        project = read(content, files, positions=positions)
        assert len(project.codings) == 0
        assert "outside its text of 8 characters, or inside one" in losses(project)

    def test_a_position_inside_a_character_is_told(self, read):
        content, files = xml(sources=source(selection(1, 3))), {"sources/a.txt": EMOJI.encode()}
        project = read(content, files, positions="utf-16")
        assert len(project.codings) == 0
        assert "outside its text of 5 characters, or inside one" in losses(project)


def test_many_codes_and_many_moments_of_a_transcript_are_read_in_time(read):
    codes = "".join(f'<Code guid="{guid(n)}" name="c"/>' for n in range(1_000, 41_000))
    moments = "".join(f'<TranscriptSelection guid="{guid(n)}" fromSyncPoint="{guid(57)}" toSyncPoint="{guid(57)}"/>' for n in range(40_000))  # fmt: skip
    spoken = f'<Transcript guid="{guid(56)}"><SyncPoint guid="{guid(57)}" position="1"/>{moments}</Transcript>'
    started = time.process_time()
    project = read(xml(f"<CodeBook><Codes>{codes}</Codes></CodeBook>", sources=f"<AudioSource>{spoken}</AudioSource>"))
    assert time.process_time() - started < 6
    assert len(project.codebook) == 40_000


def test_many_selections_are_read_in_order(read):
    parts = [selection(n, n + 2, number=1000 + 2 * n) for n in range(500)]
    project = read(xml(sources=source(*parts)), {"sources/a.txt": b"x" * 600})
    assert np.array_equal(project.codings["start"], np.arange(500))


def test_a_text_that_very_many_sources_name_is_refused_in_time(read):
    text = "".join(f"𠀀{n}\r\n" for n in range(200_000)).encode()
    many = "".join(source(selection(0, 3), attributes=f'name="{n}"') for n in range(200))
    begun = time.monotonic()
    with pytest.raises(
        CodingError, match=r"project\.qde: the texts of its sources have more than .*; export the project in"
    ):
        read(xml(sources=many), {"sources/a.txt": text})
    assert time.monotonic() - begun < 5
