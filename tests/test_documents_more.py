"""Web pages and transcripts as documents: what is kept, what is left out and said, where each cue begins."""

from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research_lib.coding import Store, add_project, project_of
from research_lib.coding.corpus import Document
from research_lib.errors import CodingError
from research_lib.evidence.study import open_study
from research_lib.files.documents import DocumentError, read_text
from research_lib.files.encodings import EncodingUnknownError
from research_lib.show.widgets.workbench.workbench import Workbench

ROOT = Path(__file__).resolve().parents[1]

PAGES = [
    ("<p>One <b>two</b>\n three.</p><p>Four</p>", "One two three.\nFour", ()),
    ("<div>before<div>inside</div>after</div>", "before\ninside\nafter", ()),
    ("a<br>b<br><br>c<br></p>", "a\nb\n\nc", ()),
    ("<table><tr><td>x</td><td>y</td></tr><tr><th>z</th></tr></table>", "x\ny\nz", ()),
    ("<ul><li>one<li>two <i>and</i> more</ul>", "one\ntwo and more", ()),
    ("<p>a<!-- not seen -->b</p><!-- --> c", "ab\nc", ()),
    ("<p>a<script>var x = '<p>no</p>';</script>b</p><style>p{}</style><p>c", "ab\nc", ("scripts and what stands in for them (1)", "styles (1)")),
    ("<p>see <img src=x alt=y> here</p><p hidden>no</p><p style='DISPLAY : none'>no</p>", "see here", ("pictures (1)", "hidden parts (2)")),
    ("<form>name <input value=z> <button>send</button></form>", "name", ("fields and buttons of forms (2)",)),
    ("<p><ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp>字</ruby>です</p>", "漢字です", ("readings above characters (1)",)),
    ("<pre>first\n  second</pre>third", "first\nsecond\nthird", ()),
    ("<p>5 &lt; 6 &amp; caf&eacute;&nbsp;!</p>", "5 < 6 & café\xa0!", ()),
    ("<p>سلام</p><p>e\u0301te\u0301</p><p>我在<span>巴黎</span></p>", "سلام\ne\u0301te\u0301\n我在巴黎", ()),
    ("<p class=MsoNormal>a<o:p></o:p> b</p>", "a b", ()),
]  # fmt: skip


@pytest.mark.parametrize(("body", "text", "left_out"), PAGES)
def test_of_a_page_comes_what_its_body_shows_and_it_says_what_is_left_out(tmp_path, body, text, left_out):
    path = tmp_path / "a.html"
    head = "<!DOCTYPE html><html><head><title>Title</title><script>1</script></head><body>"
    path.write_text(f"{head}{body}</body></html>", "utf-8")
    read = read_text(path)
    assert (read.text, read.notes) == (text, tuple(f"left out: {each}" for each in left_out))
    assert (read.encoding, read.times) == ("utf-8", ())


@pytest.mark.parametrize(
    ("data", "declared", "text", "encoding"),
    [
        ('<meta charset="gb2312"><p>我在巴黎'.encode("gb18030"), None, "我在巴黎", "gb18030"),
        (b"<meta http-equiv=Content-Type content='text/html; charset=ISO-8859-1'>\x93caf\xe9\x94", None, "“café”", "cp1252"),
        ('<meta charset="gbk"><p>é我'.encode(), None, "é我", "utf-8"),
        ("\ufeff<meta charset=gbk><p>害怕".encode("utf-16-le"), None, "害怕", "utf-16-le"),
        ("<p>čaj".encode("cp1250"), "cp1250", "čaj", "cp1250"),
        ('<meta charset="iso-8859-1"><p>čaj'.encode("cp1250"), "cp1250", "čaj", "cp1250"),
        ("<!-- <meta charset=big5> --><meta charset=euc-kr><p>한국".encode("cp949"), None, "한국", "cp949"),
    ],
)  # fmt: skip
def test_the_encoding_of_a_page_is_its_mark_its_own_word_or_yours(tmp_path, data, declared, text, encoding):
    path = tmp_path / "a.htm"
    path.write_bytes(data)
    read = read_text(path, encoding=declared)
    assert (read.text, read.encoding) == (text, encoding)


def test_a_page_that_cannot_be_read_for_sure_is_refused(tmp_path):
    path = tmp_path / "a.html"
    for data, reason in (
        (b"", "it has no body"),
        (b"<html><body><script>1</script>", "it has no text"),
        (b"<frameset><frame src=a></frameset>", "it has no"),
        (b"<div>" * 10_000 + b"lost", "nested too deep"),
        (b"<meta charset=utf-8><p>caf\xe9", "it is not utf-8 throughout"),
        (b"<p>caf\xe9", "the encoding is not known"),
        (b"<meta charset=klingon><p>caf\xe9", "'klingon' is not an encoding"),
        (b"%PDF-1.4", "it is a PDF, not what its name says"),
    ):
        path.write_bytes(data)
        with pytest.raises((DocumentError, EncodingUnknownError), match=reason):
            read_text(path)


def test_all_words_of_a_nested_page_come_in_whatever_its_depth(tmp_path):
    path = tmp_path / "a.html"
    path.write_text("<div>" * 1000 + "deep" + "</div>after" * 1000, "utf-8")
    assert read_text(path).text == "\n".join(["deep", *["after"] * 1000])


words = st.text(st.sampled_from("ab é我\u0301&<>\"' \n"), max_size=12)


@given(parts=st.lists(words, min_size=1, max_size=6))
def test_no_letter_of_a_page_is_lost(parts):
    shown = "".join(parts).split()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.html"
        path.write_text("<meta charset=utf-8><p>x<p>" + "</p><p>".join(map(escape, parts)), "utf-8")
        assert "".join(read_text(path).text.split()) == "x" + "".join(shown)


VTT = """WEBVTT - Interview 7
Kind: captions

NOTE typed by ana
--not a cue-

STYLE
::cue { color: red }

1
00:00:01.500 --> 00:00:04.000 align:start
<v.first Ana Li>How old were you?</v>

intro
01:02.250 --> 01:05.000
<v Ben>I was <i>only</i>
17

00:01:06.000 --> 00:01:07.000
她说：我害怕。<00:01:06.500> R&amp;D &lt;3

00:01:08.000 --> 00:01:09.000

2
01:00:00.000 --> 01:00:01.000
<v Ana>Yes?</v><v Ben>No.</v>
NOTE is a word here
"""


def test_a_webvtt_transcript_keeps_its_words_speakers_and_times(tmp_path):
    path = tmp_path / "a.vtt"
    path.write_text(VTT, "utf-8")
    read = read_text(path)
    lines = [
        "Ana Li: How old were you?",
        "Ben: I was only\n17",
        "她说：我害怕。 R&D <3",
        "Ana: Yes?\nBen: No.\nNOTE is a word here",
    ]
    assert read.text == "\n".join(lines)
    assert [second for _, second in read.times] == [1.5, 62.25, 66.0, 3600.0]
    assert [read.text[start:].startswith(line) for (start, _), line in zip(read.times, lines, strict=True)] == [
        True
    ] * 4
    assert read.notes == (
        "left out: comments (1)",
        "left out: styles (1)",
        "left out: names of cues (1)",
        "left out: lines before the first cue (1)",
    )


SRT = "\ufeff1\r\n00:00:00,500 --> 00:00:02,000\r\n<font color='red'>- Sali</font> ste?\r\n- {\\an8}Áno, 3 < 5.\r\n\r\n42\r\n\r\n2\r\n00:00:02,5 --> 00:00:03,000\r\n17\r\n\r\n3\r\n0:00:04,000 --> 0:00:05,000\r\nسلام"


def test_a_subrip_transcript_keeps_its_words_and_times_and_a_line_that_is_a_number(tmp_path):
    path = tmp_path / "a.srt"
    path.write_bytes(SRT.encode())
    read = read_text(path)
    assert read.text == "- Sali ste?\n- Áno, 3 < 5.\n\n42\n17\nسلام"
    assert read.times == ((0, 0.5), (read.text.index("17"), 2.5), (read.text.index("س"), 4.0))
    assert read.notes == ()
    path.write_bytes(SRT.replace("\ufeff", "").encode("cp1250", "replace"))
    assert read_text(path, encoding="cp1250").encoding == "cp1250"


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("a.vtt", SRT, "its first line is not WEBVTT; if it is SubRip"),
        ("a.vtt", "WEBVTT\n\n00:00:01,000 --> 00:00:02,000\nx", r"line 3: these are not two times .* 00:01:02\.500"),
        ("a.srt", "1\n00:00:01,000 --> soon\nx", "line 2: these are not two times"),
        ("a.srt", "only words", "no words with times"),
        ("a.vtt", "WEBVTT\n", "no words with times"),
    ],
)
def test_a_transcript_without_times_that_can_be_read_is_refused_with_its_line(tmp_path, name, text, reason):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    with pytest.raises(DocumentError, match=reason):
        read_text(path)


lines = st.text(st.sampled_from("ab é我\u0301س12"), min_size=1, max_size=8).filter(str.strip)


@pytest.mark.parametrize("suffix", ["vtt", "srt"])
@given(
    cues=st.lists(
        st.tuples(st.integers(0, 359_999_999), st.lists(lines, min_size=1, max_size=3)), min_size=1, max_size=6
    )
)
def test_each_cue_begins_where_and_when_its_transcript_says(suffix, cues):
    point = {"vtt": ".", "srt": ","}[suffix]
    parts = ["WEBVTT"] if suffix == "vtt" else []
    for number, (at, said) in enumerate(cues, 1):
        stamp = f"{at // 3_600_000:02}:{at // 60_000 % 60:02}:{at // 1000 % 60:02}{point}{at % 1000:03}"
        parts.append("\n".join([str(number), f"{stamp} --> {stamp}", *said]))
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"a.{suffix}"
        path.write_text("\n\n".join(parts), "utf-8")
        read = read_text(path)
    texts = ["\n".join(said).strip() for _, said in cues]
    assert read.text == "\n".join(texts)
    assert [second for _, second in read.times] == [at / 1000 for at, _ in cues]
    assert all(read.text.startswith(text, start) for (start, _), text in zip(read.times, texts, strict=True))


def test_the_times_of_a_transcript_are_kept_in_the_store_and_an_older_store_opens_without(tmp_path):
    path = tmp_path / "talk.srt"
    path.write_bytes(SRT.encode())
    workbench = Workbench(tmp_path / "study", coder="ana")
    workbench.add(path)
    (document,) = workbench.project().corpus
    assert document.times == read_text(path).times
    other = Store(tmp_path / "other.sqlite")
    add_project(workbench.project(), other, coder="ana")
    assert project_of(other).corpus == workbench.project().corpus
    other.add_document(Document("plain", "Plain", "x"), coder="ana")
    assert "times" not in other.events("kind = 'document' AND entity = 'plain'")[0].body
    assert other.document("plain").times == ()
    with pytest.raises(CodingError, match=r"has the time 1.0 at 5, outside its text"):
        other.add_document(Document("short", "Short", "x", times=((5, 1.0),)), coder="ana")
    assert other.problems() == []


def test_the_same_text_under_another_name_says_which_document_it_is(tmp_path):
    for name in ("one.txt", "two.txt"):
        (tmp_path / name).write_text("她说：我害怕。", "utf-8")
    workbench = Workbench(tmp_path / "study", coder="ana")
    workbench.add(tmp_path / "one.txt", id="interview-1")
    said = "two: its text is in the project already, as 'interview-1'; to add it once more, give an id"
    assert workbench.add(tmp_path / "two.txt") == said
    assert [each.id for each in workbench.project().corpus] == ["interview-1"]
    said = "two: 7 characters; read as utf-8 (UTF-8); its text is in the project as 'interview-1' too"
    assert workbench.add(tmp_path / "two.txt", id="two") == said
    assert workbench.add(tmp_path / "one.txt", id="two") == "one: it is in the project already"
    assert [each.id for each in workbench.project().corpus] == ["interview-1", "two"]


def test_a_study_s_table_of_codes_is_used_as_it_is(tmp_path):
    study = open_study(ROOT / "data")
    workbench = Workbench(tmp_path / "study", coder="ana")
    workbench.use(study["codebook"])
    assert [code.id for code in workbench.project().codebook] == list(study["codebook"]["id"])
    workbench.use(workbench.project().codebook)
    assert len(workbench.store.versions()) == 1
