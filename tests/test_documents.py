"""Documents: text, Markdown, Word and PDF made here, and what each is read as or refused for."""

import logging
import random
import time
import zipfile

import pytest
from docx import Document
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject, NumberObject

from research_lib.errors import ResearchError
from research_lib.files.archives import UnsafeFileError
from research_lib.files.documents import DocumentError, ReadText, read_text
from research_lib.files.encodings import EncodingUnknownError

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="{}"/>'
    "</Relationships>"
)
CHINESE = "我在巴黎工作，很想家。"


def word(path, body, *, namespace=WORD, head="", root="document", main="word/document.xml"):
    """A Word file with this body, in which w: stands for the namespace."""
    text = f'{head}<w:{root} xmlns:w="{namespace}" xmlns:mc="mc" xmlns:m="m"><w:body>{body}</w:body></w:{root}>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("_rels/.rels", RELATIONS.format(main))
        file.writestr("word/document.xml", text)
    return path


def run(text):
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(*runs, mark=""):
    return f"<w:p><w:pPr>{mark}</w:pPr>{''.join(runs)}</w:p>"


def font(codes, *, unicode_map=False):
    more = "/ToUnicode 9 0 R" if unicode_map else ""
    return f"<</Type/Font/Subtype/Type0/BaseFont/SimSun/Encoding/{codes}/DescendantFonts[6 0 R]{more}>>"


LATIN = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
MAP = "1 begincodespacerange <0000> <ffff> endcodespacerange 1 beginbfchar <0001> <6211> endbfchar"


def pdf(path, *pages, codes="UniGB-UCS2-H", unicode_map=False):
    """A PDF of these pages, each the operators of its text; F1 is a Chinese font, F2 a Latin one."""
    kids = [10 + 2 * number for number in range(len(pages))]
    objects = {
        1: "<</Type/Catalog/Pages 2 0 R>>",
        2: f"<</Type/Pages/Kids[{' '.join(f'{kid} 0 R' for kid in kids)}]/Count {len(kids)}>>",
        3: "<</Font<</F1 4 0 R/F2 5 0 R>>>>",
        4: font(codes, unicode_map=unicode_map),
        5: LATIN,
        6: "<</Type/Font/Subtype/CIDFontType0/BaseFont/SimSun/DW 1000/FontDescriptor 7 0 R"
        "/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 4>>>>",
        7: "<</Type/FontDescriptor/FontName/SimSun/Flags 4/FontBBox[0 0 1000 1000]/ItalicAngle 0/Ascent 800"
        "/Descent -200/CapHeight 700/StemV 80>>",
        8: "<<>>",
        9: f"<</Length {len(MAP)}>>stream\n{MAP}\nendstream",
    }
    for kid, page in zip(kids, pages, strict=True):
        objects[kid] = f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources 3 0 R/Contents {kid + 1} 0 R>>"
        objects[kid + 1] = f"<</Length {len(page)}>>stream\n{page}\nendstream"
    data, places = b"%PDF-1.4\n", []
    for number, content in objects.items():
        places.append(len(data))
        data += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    end = (
        f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{len(data)}\n%%EOF"
    )
    path.write_bytes(data + end.encode())
    return path


def chinese(text=CHINESE, codec="utf-16-be"):
    return f"BT /F1 12 Tf 72 700 Td <{text.encode(codec).hex()}> Tj ET"


def latin(text):
    return f"BT /F2 12 Tf 72 600 Td ({text}) Tj ET"


def refusal(path, **options):
    with pytest.raises(DocumentError) as caught:
        read_text(path, **options)
    assert str(caught.value).startswith(str(path))
    assert "; " in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("suffix", [".txt", ".md", ".TXT"])
def test_text_stays_as_it_is(tmp_path, suffix):
    path = tmp_path / f"采访{suffix}"
    path.write_bytes(f"# {CHINESE}\r\n\r\nend ".encode())
    assert read_text(path) == ReadText(f"# {CHINESE}\r\n\r\nend ", "utf-8", "UTF-8")
    path.write_bytes(b"")
    assert read_text(str(path)) == ReadText("", "utf-8", "UTF-8")


def test_text_in_another_encoding_is_asked_about_and_then_read(tmp_path):
    path = tmp_path / "interview.txt"
    path.write_bytes(CHINESE.encode("gb18030"))
    with pytest.raises(EncodingUnknownError, match='encoding="gb18030"') as caught:
        read_text(path)
    assert str(path) in str(caught.value)
    assert read_text(path, encoding="GB18030") == ReadText(CHINESE, "gb18030", "declared")


def test_a_declaration_that_was_not_followed_is_noted(tmp_path):
    path = tmp_path / "interview.txt"
    path.write_bytes(CHINESE.encode())
    assert read_text(path, encoding="gb18030").notes == ("read as utf-8 (UTF-8), not as gb18030",)
    path.write_bytes(b"\xff\xfe" + CHINESE.encode("utf-16-le"))
    assert read_text(path, encoding="cp1252").notes == ("read as utf-16-le (byte order mark), not as cp1252",)
    assert read_text(path, encoding="utf-16").notes == ()
    path.write_bytes(b"plain")
    assert read_text(path, encoding="gb18030").notes == ()


def test_unknown_and_missing_files_are_refused(tmp_path):
    assert "read from .txt, .md, .html, .htm, .vtt, .srt, .docx, .odt, .rtf, .pdf; save it as one of these" in refusal(
        tmp_path / "interview.doc"
    )
    assert "save it as one of these" in refusal(tmp_path / "interview")
    for suffix in ("txt", "docx", "pdf"):
        assert "no such file; check the path" in refusal(tmp_path / f"none.{suffix}")
    (tmp_path / "folder.txt").mkdir()
    assert "it is a folder, not a file; give the file itself" in refusal(tmp_path / "folder.txt")
    assert issubclass(DocumentError, ResearchError)


def test_a_word_file_of_another_program_is_read(tmp_path):
    document = Document()
    document.add_heading("访谈 1", level=1)
    document.add_paragraph("我在巴黎").add_run("工作\t了").bold = True
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip((cell for row in table.rows for cell in row.cells), "一二三四", strict=True):
        cell.text = text
    document.add_paragraph("a\nb")
    document.add_paragraph("")
    document.add_paragraph("one", style="List Number")
    document.sections[0].header.paragraphs[0].text = "header"
    document.save(tmp_path / "interview.docx")
    found = read_text(tmp_path / "interview.docx")
    assert found.text == "访谈 1\n我在巴黎工作\t了\n一\n二\n三\n四\na\nb\n\none"
    assert (found.encoding, found.found_by, found.notes) == ("", "format", ("left out: headers (1)",))


CHANGED = (
    paragraph(run("kept "), f"<w:ins>{run('new ')}</w:ins>", "<w:del><w:r><w:delText>old </w:delText></w:r></w:del>")
    + paragraph(f"<w:moveFrom>{run('moved')}</w:moveFrom>", mark="<w:rPr><w:moveFrom/></w:rPr>")
    + paragraph(run("first half, "), mark="<w:rPr><w:del/></w:rPr>")
    + paragraph(run("second half"), mark="<w:rPr><w:ins/></w:rPr>")
    + f"<w:tbl><w:tr><w:trPr><w:del/></w:trPr><w:tc>{paragraph(run('deleted row'))}</w:tc></w:tr>"
    + f"<w:tr><w:tc><w:tcPr><w:cellDel/></w:tcPr>{paragraph(run('deleted cell'))}</w:tc>"
    + f"<w:tc>{paragraph(run('cell'))}</w:tc></w:tr></w:tbl>"
    + paragraph(f"<w:moveTo>{run('moved')}</w:moveTo>")
)


def test_tracked_insertions_stay_and_deletions_go(tmp_path):
    found = read_text(word(tmp_path / "changed.docx", CHANGED))
    assert found.text == "kept new \nfirst half, second half\ncell\nmoved"
    assert found.notes == (
        "left out: tracked deletions (3)",
        "left out: passages that were moved, at their old place (1)",
    )


def test_a_deleted_mark_joins_nothing_over_the_end_of_a_cell_a_box_or_the_document(tmp_path):
    gone = "<w:rPr><w:del/></w:rPr>"
    cells = f"<w:tc>{paragraph(run('one'), mark=gone)}</w:tc><w:tc>{paragraph(run('two'))}</w:tc>"
    box = f"<w:r><w:txbxContent>{paragraph(run('box'), mark=gone)}</w:txbxContent></w:r>"
    body = f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>" + paragraph(run("a"), box, run("b"), mark=gone)
    body += paragraph(run("c")) + paragraph(run("last, "), mark=gone) + paragraph(run("words"), mark=gone)
    assert read_text(word(tmp_path / "a.docx", body)).text == "one\ntwo\nabc\nbox\nlast, words"


def test_an_empty_paragraph_whose_mark_is_deleted_is_no_line(tmp_path):
    body = paragraph(run("a")) + paragraph(mark="<w:rPr><w:del/></w:rPr>")
    assert read_text(word(tmp_path / "a.docx", body)).text == "a"


def test_a_paragraph_of_many_runs_is_read_in_time(tmp_path):
    started = time.perf_counter()
    path = word(tmp_path / "a.docx", paragraph(*(run(f"{n * 2_654_435_761 % 2**32:08x}") for n in range(200_000))))
    assert len(read_text(path).text) == 1_600_000
    assert time.perf_counter() - started < 12


@pytest.mark.slow
def test_paragraphs_nested_very_deep_are_read_in_time(tmp_path):
    depth, noise = 400_000, paragraph(run(random.Random(1).randbytes(100_000).hex()))
    path = word(
        tmp_path / "a.docx", f"<w:p>{run('a')}" * 2 + "<w:p>" * depth + run("z") + "</w:p>" * (depth + 2) + noise
    )
    start = time.process_time()
    lines = read_text(path).text.split("\n")
    assert time.process_time() - start < 60  # its square would take hours
    assert len(lines) == depth + 3 and lines[:3] == ["a", "a", ""] and lines[-2] == "z"


def test_what_is_left_out_of_a_word_file_is_noted(tmp_path):
    body = (
        paragraph(run("a"), "<w:r><w:footnoteReference/></w:r>", run("b"), "<w:r><w:endnoteReference/></w:r>")
        + paragraph("<w:commentRangeStart/>", run("c"), "<w:r><w:commentReference/></w:r>", mark="<w:numPr/>")
        + paragraph(f"<w:r><w:ruby><w:rt>{run('nǐ')}</w:rt><w:rubyBase>{run('你')}</w:rubyBase></w:ruby></w:r>")
        + paragraph("<w:r><w:drawing><pic/></w:drawing></w:r>", "<w:r><w:sym/></w:r>")
        + paragraph(
            "<w:r><w:fldChar/><w:instrText>PAGE</w:instrText></w:r>", f"<w:hyperlink>{run('link')}</w:hyperlink>"
        )
    )
    found = read_text(word(tmp_path / "rich.docx", body))
    assert found.text == "ab\nc\n你\n\nlink"
    assert found.notes == (
        "left out: footnotes (1)",
        "left out: endnotes (1)",
        "left out: list numbers (1)",
        "left out: comments (1)",
        "left out: readings above characters (1)",
        "left out: pictures (1)",
        "left out: signs of symbol fonts (1)",
    )


def test_signs_text_boxes_and_formulas_have_their_place(tmp_path):
    box = f"<w:txbxContent>{paragraph(run('box 1'))}{paragraph(run('box 2'))}</w:txbxContent>"
    twice = f"<mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent>"
    signs = "<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/><w:t>d</w:t></w:r>"
    tabs = "<w:tabs><w:tab/></w:tabs>"
    body = paragraph(signs, mark=tabs) + paragraph(run("before"), f"<w:r>{twice}</w:r>", run(" after"))
    body += paragraph("<m:oMath><m:r><m:t>x</m:t></m:r></m:oMath>", run(" "), run("y"))
    assert read_text(word(tmp_path / "box.docx", body)).text == "a\tb\nc\u2011d\nbefore after\nbox 1\nbox 2\nx y"


def test_strict_and_empty_word_files_are_read(tmp_path):
    body = paragraph(run(CHINESE))
    assert read_text(word(tmp_path / "strict.docx", body, namespace=STRICT)).text == CHINESE
    assert read_text(word(tmp_path / "root.docx", body, main="/word/document.xml")).text == CHINESE
    assert read_text(word(tmp_path / "empty.docx", "")).text == ""
    assert read_text(word(tmp_path / "deep.docx", "<w:sdt>" * 20_000 + body + "</w:sdt>" * 20_000)).text == CHINESE


def test_other_archives_are_no_word_documents(tmp_path):
    path = tmp_path / "a.docx"
    assert "not a Word document" in refusal(word(path, "", root="workbook"))
    assert "not a Word document" in refusal(word(path, "", main="word/other.xml"))
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a.txt", "a")
    assert "_rels/.rels: it is not a Word document" in refusal(path)
    assert "word/document.xml: its XML is damaged" in refusal(word(path, "<w:p></w:t>"))


def test_hostile_word_files_are_refused(tmp_path):
    path = tmp_path / "hostile.docx"
    head = '<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    with pytest.raises(
        UnsafeFileError, match=r"hostile\.docx, word/document\.xml, line 1: it declares a document type"
    ):
        read_text(word(path, paragraph(run("&x;")), head=head))
    with pytest.raises(UnsafeFileError, match="would unpack to"):
        read_text(word(path, " " * 3_000_000))
    path.write_bytes(b"\xd0\xcf\x11\xe0 an old Word file")
    with pytest.raises(UnsafeFileError, match="not a zip archive"):
        read_text(path)


def test_the_pages_of_a_pdf_are_read(tmp_path):
    path = pdf(tmp_path / "interview.pdf", chinese(), latin("Paris 1998"), "")
    assert read_text(path) == ReadText(f"{CHINESE}\fParis 1998\f", notes=("pages without text: 3",))


@pytest.mark.parametrize(
    ("codes", "codec"),
    [
        ("UniGB-UTF16-H", "utf-16-be"),
        ("GBK-EUC-H", "gbk"),
        ("GBK2K-H", "gb18030"),
        ("GB-EUC-H", "gb2312"),
        ("UniCNS-UCS2-H", "utf-16-be"),
        ("ETen-B5-H", "cp950"),
    ],
)
def test_chinese_fonts_with_known_codes_are_read(tmp_path, codes, codec):
    assert read_text(pdf(tmp_path / "a.pdf", chinese(codec=codec), codes=codes)).text == CHINESE


def test_a_font_without_characters_is_refused_but_for_a_map(tmp_path):
    page = latin("Paris") + " BT /F1 12 Tf 72 500 Td <0001> Tj ET"
    for codes in ("Identity-H", "GBKp-EUC-H", "B5pc-H"):
        message = refusal(pdf(tmp_path / "a.pdf", latin("Paris"), page, codes=codes))
        assert "page 2: the font /SimSun does not say which characters its signs are; run OCR" in message
    assert read_text(pdf(tmp_path / "a.pdf", page, codes="Identity-H", unicode_map=True)).text == "Paris\n我"
    assert read_text(pdf(tmp_path / "a.pdf", latin("Paris"), codes="Identity-H")).text == "Paris"


def with_form(path, content):
    """The same PDF with a form, drawn by /X1, that has the same fonts and this content."""
    writer = PdfWriter(clone_from=PdfReader(path))
    resources, form = writer.pages[0]["/Resources"], DecodedStreamObject()
    form.set_data(content.encode())
    form.update({NameObject(key): NameObject(name) for key, name in {"/Type": "/XObject", "/Subtype": "/Form"}.items()})
    form[NameObject("/BBox")] = ArrayObject([NumberObject(side) for side in (0, 0, 595, 842)])
    form[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): resources["/Font"]})
    forms = {NameObject("/X1"): writer._add_object(form)}
    resources[NameObject("/XObject")] = DictionaryObject(forms)
    writer.write(path)
    return path


def test_forms_within_a_page_are_read_and_their_fonts_looked_at(tmp_path):
    path = pdf(tmp_path / "form.pdf", latin("Paris") + " /X1 Do", codes="Identity-H")
    assert "1998" in read_text(with_form(path, latin("1998"))).text
    assert "page 1: the font /SimSun does not say" in refusal(with_form(path, "BT /F1 12 Tf <0001> Tj ET"))


def test_what_the_pdf_library_could_not_read_is_noted(tmp_path):
    found = read_text(pdf(tmp_path / "a.pdf", latin("Paris"), chinese(), codes="UniKS-UTF16-H"))
    assert found.text == f"Paris\f{CHINESE}"
    assert [note for note in found.notes if note.startswith("perhaps not read: ") and "/UniKS-UTF16-H" in note]
    assert not logging.getLogger("pypdf").handlers


def test_a_scanned_pdf_is_refused(tmp_path):
    path = pdf(tmp_path / "scan.pdf", "", "q 1 0 0 1 0 0 cm Q")
    assert "it has no text, its pages are pictures or empty; run OCR on it" in refusal(path)
    assert "it has no text" in refusal(pdf(tmp_path / "none.pdf"))


@pytest.mark.parametrize("password", ["", "secret"])
def test_an_encrypted_pdf_is_refused(tmp_path, password):
    writer = PdfWriter(clone_from=PdfReader(pdf(tmp_path / "plain.pdf", latin("Paris"))))
    writer.encrypt(password, "owner", algorithm="RC4-128")
    writer.write(tmp_path / "secret.pdf")
    assert "encrypted; save a copy of it without a password" in refusal(tmp_path / "secret.pdf")


@pytest.mark.parametrize(
    "data", [b"", b"no PDF", b"%PDF-1.4\n%%EOF", b"%PDF-1.4\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF"]
)
def test_a_damaged_pdf_is_refused(tmp_path, data):
    path = tmp_path / "damaged.pdf"
    path.write_bytes(data)
    assert "near page 1: it is damaged or unusual" in refusal(path)


@pytest.mark.parametrize("make", [lambda path: word(path, paragraph(run("a"))), lambda path: pdf(path, latin("a"))])
def test_an_encoding_is_of_no_use_where_the_format_has_one(tmp_path, make):
    buffer = make(tmp_path / "a").read_bytes()
    path = tmp_path / ("a.pdf" if buffer.startswith(b"%PDF") else "a.docx")
    path.write_bytes(buffer)
    found = read_text(path, encoding="gb18030")
    assert found.text == "a"
    assert found.notes == ("the format states its own encoding, gb18030 is not used",)


def test_a_pdf_page_that_draws_without_end_is_refused_at_once(tmp_path):
    stream = DecodedStreamObject()
    stream.set_data(b"0 0 m 1 1 l S " * 500_000)
    writer = PdfWriter()
    page = writer.add_blank_page(200, 200)
    page[NameObject("/Contents")] = writer._add_object(stream.flate_encode())
    writer.write(tmp_path / "drawn.pdf")
    start = time.process_time()
    with pytest.raises(DocumentError, match=r"drawn\.pdf, page 1: it draws far more than a page of text; print it"):
        read_text(tmp_path / "drawn.pdf")
    assert time.process_time() - start < 5
