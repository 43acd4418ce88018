"""Encodings: what a mark, strict UTF-8 or a declaration decides, and that everything else is asked."""

import codecs

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from research_lib.errors import ResearchError
from research_lib.files.encodings import EncodingUnknownError, decode

CHINESE, TRADITIONAL = "她从温州来，在巴黎的餐馆工作。\r\n", "她從臺灣來，在餐廳裡做工。"
FRENCH, SLOVAK = "J’ai travaillé à Paris, où c’était très dur.", "Žena z Číny predáva na tržnici v Košiciach."
FOUR_BYTES = "𠮷野家和㐀、ḿ"
MARKED = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
    "gb18030": b"\x84\x31\x95\x33",
}


def refusal(data, declared=None):
    with pytest.raises(EncodingUnknownError) as caught:
        decode(data, name="interview.txt", declared=declared)
    assert str(caught.value).startswith("interview.txt: ")
    return caught.value


@pytest.mark.parametrize("text", [CHINESE, TRADITIONAL, FRENCH, SLOVAK, FOUR_BYTES, "plain\n", "", "a\tb\f\v\r\n"])
def test_utf_8_is_read_as_it_is(text):
    found = decode(text.encode(), name="interview.txt")
    assert (found.text, found.encoding, found.found_by) == (text, "utf-8", "UTF-8")


@pytest.mark.parametrize("declared", [None, "cp1252", "utf-8", "utf-16"])
@pytest.mark.parametrize(("encoding", "mark"), MARKED.items())
def test_a_mark_wins_over_a_declaration(encoding, mark, declared):
    found = decode(mark + CHINESE.encode(encoding), name="interview.txt", declared=declared)
    assert (found.text, found.encoding, found.found_by) == (CHINESE, encoding, "byte order mark")


def test_only_the_leading_mark_is_dropped():
    text = "a\ufeffb"
    assert decode(codecs.BOM_UTF8 + text.encode(), name="a.txt").text == text
    assert decode(codecs.BOM_UTF8 * 2, name="a.txt").text == "\ufeff"


def test_a_mark_that_the_bytes_contradict_is_an_error():
    assert "not utf-8 throughout: byte 4 (0xff)" in str(refusal(codecs.BOM_UTF8 + b"a\xff"))
    assert "not utf-16-le throughout: byte 4 " in str(refusal(codecs.BOM_UTF16_LE + "a".encode("utf-16-le") + b"b"))


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (CHINESE, "gb18030"),
        (FOUR_BYTES, "gb18030"),
        (CHINESE, "utf-16-le"),
        (CHINESE, "utf-16-be"),
        (FRENCH, "utf-16-le"),
        (TRADITIONAL, "big5"),
        (FRENCH, "cp1252"),
        (SLOVAK, "cp1250"),
        (SLOVAK, "iso8859-2"),
        ("你好", "hz"),
        ("日本語です", "iso2022_jp"),
        ("日本語です", "shift_jis"),
    ],
)
def test_other_encodings_are_asked_for_and_then_read(text, encoding):
    data = text.encode(encoding)
    error = refusal(data)
    assert encoding in [candidate for candidate, _ in error.candidates][:2]
    assert f'encoding="{error.candidates[0][0]}"' in str(error)
    assert " ".join(text[:8].split()) in dict(error.candidates)[encoding]
    found = decode(data, name="interview.txt", declared=encoding.upper())
    assert (found.text, found.encoding, found.found_by) == (text, codecs.lookup(encoding).name, "declared")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(CHINESE, "gb18030"), (TRADITIONAL, "big5"), (FRENCH, "cp1252"), (SLOVAK, "cp1250"), (FRENCH, "utf-16-be")],
)
def test_the_likeliest_comes_first(text, encoding):
    assert refusal(text.encode(encoding)).candidates[0][0] == encoding


def test_readings_of_the_same_memory_are_told_apart():
    assert refusal("dobré ráno".encode("cp1250")).candidates[0][0] == "cp1252"


def test_what_decides_may_stand_late_in_a_long_text():
    error = refusal(b"plain English " * 10_000 + "été".encode("cp1252"))
    assert "byte 140000 (0xe9)" in str(error)
    assert error.candidates[0] == ("cp1252", "n English été")


def test_utf_8_that_gb18030_could_read_too_is_utf_8():
    data = "你好".encode()
    assert data.decode("gb18030") == "浣犲ソ"
    for declared in (None, "gb18030"):
        found = decode(data, name="interview.txt", declared=declared)
        assert (found.text, found.found_by) == ("你好", "UTF-8")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("hello".encode("utf-16-le"), "control character 0x00 at byte 1"),
        ("é\0".encode(), "control character 0x00 at byte 2"),
        ("你好".encode("iso2022_jp_2"), "control character 0x1b at byte 0"),
        (b"pinyin " + "你好".encode("hz"), "~{ at byte 7"),
    ],
)
def test_bytes_that_only_look_like_utf_8_are_asked_about(data, reason):
    error = refusal(data)
    assert reason in str(error)
    assert "utf-8" in dict(error.candidates)
    assert decode(data, name="a.txt", declared="utf-8").found_by == "declared"


def test_a_shift_sign_among_other_characters_is_utf_8():
    assert decode("é ~{".encode(), name="a.txt").found_by == "UTF-8"


def test_a_wrong_declaration_names_the_byte():
    error = refusal(FRENCH.encode("cp1252"), "gb18030")
    assert "it is not gb18030 throughout: byte " in str(error)
    assert error.candidates[0][0] == "cp1252"
    assert "byte 1 (0xff)" in str(refusal(b"a\xff\0", "utf-8"))


@pytest.mark.parametrize("declared", ["nonsense", "hex", "rot13", "", "a\0b", "gb 18030 é"])
def test_an_unknown_declaration_is_said(declared):
    for data in (b"\xe9", b"plain", codecs.BOM_UTF8):
        assert "is not an encoding of text that Python knows" in str(refusal(data, declared))


@pytest.mark.parametrize("declared", ["utf-16", "UTF_32"])
def test_a_declaration_without_an_order_is_asked_about(declared):
    error = refusal(CHINESE.encode("utf-16-le"), declared)
    assert f"{codecs.lookup(declared).name} without a byte order mark" in str(error)
    assert error.candidates[0][0] == "utf-16-le"


def test_bytes_that_nothing_reads_are_said_to_be_no_text():
    error = refusal(b"\xff\xff\x81\x00\xd8")
    assert error.candidates == ()
    assert "check that it is a text" in str(error)
    assert isinstance(error, ResearchError)


@given(st.text(), st.sampled_from(sorted(MARKED)))
def test_marked_texts_come_back(text, encoding):
    assume(not (encoding == "utf-16-le" and text.startswith("\0")))
    assert decode(MARKED[encoding] + text.encode(encoding), name="a.txt").text == text


@given(st.text())
def test_unmarked_utf_8_comes_back_or_is_asked_about(text):
    assume(not text.startswith("\ufeff"))
    try:
        assert decode(text.encode(), name="a.txt").text == text
    except EncodingUnknownError as error:
        assert error.candidates[0]
        assert decode(text.encode(), name="a.txt", declared="utf-8").text == text


@given(st.text(min_size=1), st.sampled_from(["gb18030", "utf-16-le", "utf-16-be", "cp1252", "big5", "shift_jis"]))
def test_declared_texts_come_back(text, encoding):
    text = text.encode(encoding, "ignore").decode(encoding)
    data = text.encode(encoding)
    assume(not data.startswith(tuple(MARKED.values())))
    found = decode(data, name="a.txt", declared=encoding)
    assert found.text == (text if found.found_by == "declared" else data.decode())


@given(st.binary())
def test_any_bytes_are_read_or_asked_about(data):
    try:
        found = decode(data, name="a.txt")
    except EncodingUnknownError as error:
        assert all(data.decode(encoding) is not None for encoding, _ in error.candidates)
    else:
        assert found.text.encode(found.encoding) in (data, *(data.removeprefix(mark) for mark in MARKED.values()))


def test_a_candidate_shows_the_first_forty_characters():
    shown = dict(refusal(("é" * 60).encode("cp1252")).candidates)
    assert shown["cp1252"] == "é" * 40
