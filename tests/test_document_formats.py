"""OpenDocument and RTF texts made here, files that are not what their name says, and documents added under an id."""

import zipfile

import openpyxl
import pytest
from docx import Document
from pypdf import PdfWriter

from research_lib.errors import CodingError
from research_lib.files.archives import UnsafeFileError
from research_lib.files.documents import DocumentError, read_text
from research_lib.show.widgets.workbench.workbench import Workbench

SPACES = " ".join(f'xmlns:{name}="urn:{name}"' for name in ("office", "text", "table", "draw", "svg"))
MIMETYPE = "application/vnd.oasis.opendocument.text"


def odt(path, body, *, head="", mimetype=MIMETYPE, manifest="", styles=""):
    """An OpenDocument file with this body."""
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("mimetype", mimetype)
        file.writestr("META-INF/manifest.xml", f"<manifest>{manifest}</manifest>")
        file.writestr(
            "content.xml",
            f"{head}<office:document-content {SPACES}><office:body><office:text>{body}</office:text></office:body></office:document-content>",
        )
        if styles:
            file.writestr(
                "styles.xml",
                f"<office:styles {SPACES}><office:master-styles>{styles}</office:master-styles></office:styles>",
            )
    return path


BODIES = [
    ("<text:h>Title</text:h><text:p>One <text:span>two</text:span> three.</text:p><text:p/>", "Title\nOne two three.\n", ()),
    ("<text:p>  a \n b<text:s text:c='3'/>c<text:tab/>d<text:line-break/>e<text:s/> f</text:p>", "a b   c\td\ne  f", ()),
    ("<text:p>A<text:note><text:note-body><text:p>n</text:p></text:note-body></text:note>B</text:p>", "AB", ("footnotes and endnotes (1)",)),
    ("<text:tracked-changes><text:changed-region><text:deletion><text:p>gone</text:p></text:deletion></text:changed-region></text:tracked-changes><text:p>kept</text:p>", "kept", ("tracked deletions (1)",)),
    ("<text:p>a<office:annotation><text:p>why?</text:p></office:annotation>b</text:p>", "ab", ("comments (1)",)),
    ("<table:table><table:table-row><table:table-cell><text:p>x</text:p></table:table-cell><table:table-cell><text:p>y</text:p></table:table-cell></table:table-row></table:table>", "x\ny", ()),
    ("<text:p>before<draw:frame><draw:text-box><text:p>box</text:p></draw:text-box><svg:title>t</svg:title></draw:frame>after</text:p>", "beforeafter\nbox", ()),
    ("<text:list><text:list-item><text:p>first</text:p></text:list-item></text:list><text:p>我在巴黎</text:p>", "first\n我在巴黎", ("list numbers (1)",)),
]  # fmt: skip


@pytest.mark.parametrize(("body", "text", "left_out"), BODIES)
def test_an_opendocument_text_keeps_its_paragraphs_and_says_what_it_leaves_out(tmp_path, body, text, left_out):
    read = read_text(odt(tmp_path / "a.odt", body))
    assert (read.text, read.notes) == (text, tuple(f"left out: {each}" for each in left_out))


def test_headers_of_an_opendocument_text_are_named_and_a_template_is_read(tmp_path):
    path = odt(
        tmp_path / "a.odt", "<text:p>a</text:p>", mimetype=f"{MIMETYPE}-template", styles="<text:p>page</text:p>"
    )
    assert read_text(path, encoding="utf-8").notes == (
        "left out: headers and footers",
        "the format states its own encoding, utf-8 is not used",
    )


def test_an_opendocument_text_that_cannot_be_read_is_refused(tmp_path):
    path = tmp_path / "a.odt"
    with pytest.raises(DocumentError, match="encrypted; save a copy of it without a password"):
        read_text(odt(path, "", manifest="<encryption-data/>"))
    with pytest.raises(UnsafeFileError, match="document type or entity"):
        read_text(odt(path, "", head="<!DOCTYPE a [<!ENTITY b 'c'>]>"))
    with pytest.raises(DocumentError, match="its XML is damaged"):
        read_text(odt(path, "<text:p>"))


RICH = [
    (rb"{\rtf1\ansi\ansicpg1252 Caf\'e9\par second\par}", "Café\nsecond", ()),
    (rb"{\rtf1\ansi Zh\u26412?\u-10179?\u-8704? end}", "Zh本😀 end", ()),
    (b"{\\rtf1\\ansi\\ansicpg1251 \xcc\xe8\xf0}", "Мир", ()),
    (rb"{\rtf1\ansi\deff0{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset128 B;}}a \f1\'82\'a0\f0  b}", "a あ b", ()),
    (b"{\\rtf1\\mac caf\\'8e}", "café", ()),
    (rb"{\rtf1 a{\footnote note}b{\header head}{\*\annotation why}}", "ab", ("footnotes and endnotes (1)", "comments (1)", "headers (1)")),
    (rb"{\rtf1\trowd\cellx9 x\cell y\cell\row after\par}", "x\ny\nafter", ()),
    (rb'{\rtf1 see {\field{\*\fldinst{HYPERLINK "http://a.org"}}{\fldrslt{the page}}}.}', "see the page.", ()),
    (rb"{\rtf1{\listtext 1.\tab}first\par}", "1.\tfirst", ()),
    (rb"{\rtf1 back\\cell \{brace\}}", "back\\cell {brace}", ()),
]  # fmt: skip


@pytest.mark.parametrize(("data", "text", "left_out"), RICH)
def test_rtf_keeps_its_paragraphs_and_says_what_it_leaves_out(tmp_path, data, text, left_out):
    path = tmp_path / "a.rtf"
    path.write_bytes(data)
    read = read_text(path)
    assert (read.text, read.notes) == (text, tuple(f"left out: {each}" for each in left_out))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (
            rb"{\rtf1 kept {\deleted gone}}",
            "1 tracked deletions, which RTF does not keep apart for sure; accept or reject",
        ),
        (rb"{\rtf1\ansi\ansicpg932 \'82}", "some of its characters are in no code page"),
        (rb"{\rtf1 }", "it has no text"),
        (b"plain words", "it is not RTF"),
        (b"{\\rtf1{\\fonttbl" + rb"\f0 " * 200_000 + b"} a}", "its table of fonts is damaged or far too long"),
        (b"{\\rtf1{\\fonttbl{\\f0\\fcharset0 " + b"a" * 100_000 + b"}} a}", "its table of fonts is damaged"),
    ],
)
def test_rtf_that_cannot_be_read_for_sure_is_refused(tmp_path, data, reason):
    path = tmp_path / "a.rtf"
    path.write_bytes(data)
    with pytest.raises(DocumentError, match=reason):
        read_text(path)


def test_a_file_of_another_kind_is_named_as_what_it_is(tmp_path):
    made = {name: tmp_path / f"made{name}" for name in (".docx", ".xlsx", ".pdf", ".odt", ".rtf", ".html", ".png")}
    Document().save(made[".docx"])
    openpyxl.Workbook().save(made[".xlsx"])
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.write(made[".pdf"])
    odt(made[".odt"], "<text:p>a</text:p>")
    made[".rtf"].write_bytes(rb"{\rtf1 a}")
    made[".html"].write_bytes(b"<!DOCTYPE html><p>a")
    made[".png"].write_bytes(b"\x89PNG\r\n")
    for kind, name, said in (
        (".docx", "a.txt", "it is a Word document, not what its name says; rename it to end in .docx"),
        (".pdf", "a.odt", "it is a PDF, not what its name says; rename it to end in .pdf"),
        (".xlsx", "a.docx", "it is an Excel workbook, not what its name says; save its text as"),
        (".odt", "a.docx", "it is an OpenDocument text, not what its name says; rename it to end in .odt"),
        (".rtf", "a.txt", "it is a document in RTF, not what its name says; rename it to end in .rtf"),
        (".html", "a.txt", "it is a web page"),
        (".png", "a.md", "it is a picture"),
        (".docx", "a.pdf", "it is a Word document"),
    ):
        path = tmp_path / name
        path.write_bytes(made[kind].read_bytes())
        with pytest.raises(DocumentError, match=said):
            read_text(path)


def test_a_document_is_added_under_an_id_of_its_own(tmp_path):
    (tmp_path / "one").mkdir()
    for folder in (tmp_path, tmp_path / "one"):
        (folder / "interview.txt").write_text(f"We spoke in {folder.name}.", encoding="utf-8")
    workbench = Workbench(tmp_path / "study", coder="ana")
    workbench.add(tmp_path / "interview.txt")
    assert workbench.add(tmp_path / "interview.txt") == "interview: it is in the project already"
    with pytest.raises(CodingError, match="give this another id"):
        workbench.add(tmp_path / "one/interview.txt")
    workbench.add(tmp_path / "one/interview.txt", id="interview-2", case="12")
    corpus = workbench.project().corpus
    assert [(each.id, each.name) for each in corpus] == [("interview", "interview"), ("interview-2", "interview")]
    assert corpus["interview-2"].attributes == {"case": "12"}
    with pytest.raises(CodingError, match="the id is empty"):
        workbench.add(tmp_path / "interview.txt", id=" ")
