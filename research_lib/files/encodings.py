"""Bytes to text: a byte order mark, strict UTF-8 or a declaration decides the encoding, never a guess."""

import codecs
import re
from dataclasses import dataclass
from functools import cache

from research_lib.errors import ResearchError

type Candidate = tuple[str, str]

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    ("\ufeff".encode("gb18030"), "gb18030"),
)
CANDIDATES = (
    *("utf-8", "gb18030", "big5", "big5hkscs", "utf-16-le", "utf-16-be", "cp1252", "cp1250", "iso8859-2"),
    *("shift_jis", "euc_jp", "euc_kr", "hz", "iso2022_jp", "iso2022_kr"),
)
CONTROLS, NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f]"), re.compile(r"[\x00\x80-\x9f]")
SHIFT_TO_CHINESE = b"~{"
FOREIGN = re.compile(r"[^\t-\r -~]")
SAMPLE, BEFORE, PREVIEW, SHOWN = 20_000, 10, 40, 5
TYPOGRAPHY = "\xa0«»“”„‘’–—…€°·"
WIDE_SIGNS = "\u3000、。〈〉《》「」『』【】" + "".join(map(chr, range(0xFF01, 0xFF5F)))
KANA = "".join(map(chr, range(0x3041, 0x30FF)))
LATIN = (
    "àâæçéèêëîïôœùûüÿ",
    "áäčďéěíĺľňóôŕřšťúůýž",
    "àèéìíîòóùú",
    "äöüß",
    "áéíñóúü¿¡",
    "ąćęłńóśźż",
    "áéíóöőúüű",
)
FREQUENT_ROWS = (
    ("gb2312", range(0xB0, 0xD8), ""),
    ("big5", range(0xA4, 0xC7), ""),
    ("euc_jp", range(0xB0, 0xD0), KANA),
    ("euc_kr", range(0xB0, 0xC9), ""),
)


class EncodingUnknownError(ResearchError):
    """It is not known in which encoding a text is: the reason, the fix, and the line where the bytes leave UTF-8.

    `candidates` has the encodings that can read it, the likeliest first, each with the beginning of what the text would
    then be.
    """

    def __init__(self, name: str, data: bytes, reason: str):
        before = data[: _doubt(data)[0]]
        self.reason, self.candidates = reason, _candidates(data)
        self.line = 1 + before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n")
        self.fix = "the usual encodings do not fit: check that it is a text and is whole"
        if self.candidates:
            likeliest = self.candidates[0][0]
            self.fix = f'say which it is, for example encoding="{likeliest}", or save the text again as UTF-8'
        readings = (f'encoding="{key}" reads: {text}' for key, text in self.candidates[:SHOWN])
        super().__init__("\n".join([f"{name}: {reason}; {self.fix}.", *readings]))


@dataclass(frozen=True)
class ReadText:
    """The text of a document, its encoding and how it was found, and notes on what the text leaves out.

    `found_by`: "byte order mark", "UTF-8" or "declared"; where the format has an encoding of its own (Word,
    OpenDocument, RTF, PDF) it is "format", and the encoding is empty. `times` of a transcript: where each cue begins in
    the text, in code points, and when, in seconds.
    """

    text: str
    encoding: str = ""
    found_by: str = "format"
    notes: tuple[str, ...] = ()
    times: tuple[tuple[int, float], ...] = ()


def decode(data: bytes, *, name: str, declared: str | None = None) -> ReadText:
    """Read bytes as text, whole and unaltered but for a leading byte order mark.

    A mark decides; otherwise strict UTF-8 does, unless the text has control characters or shifts to Chinese as HZ does;
    otherwise `declared`, an encoding as Python names it. `name` is the file as people know it. Raises
    EncodingUnknownError when none of these holds, when what was decided cannot read all of the bytes, and for a name
    that is not an encoding.
    """
    encoding = None if declared is None else _python_name(data, declared, name)
    for mark, marked in MARKS:
        if data.startswith(mark):
            return ReadText(_strictly(data, marked, name, len(mark)), marked, "byte order mark")
    if not (doubt := _doubt(data)[1]):
        return ReadText(data.decode(), "utf-8", "UTF-8")
    if encoding is None:
        raise EncodingUnknownError(name, data, f"the encoding is not known: {doubt}")
    if encoding in ("utf-16", "utf-32"):
        reason = f"{encoding} without a byte order mark leaves open which byte comes first"
        raise EncodingUnknownError(name, data, reason)
    return ReadText(_strictly(data, encoding, name), encoding, "declared")


def _python_name(data: bytes, declared: str, name: str) -> str:
    try:
        b" ".decode(declared, errors="ignore")
        return codecs.lookup(declared).name
    except (LookupError, ValueError) as error:
        reason = f"{declared!r} is not an encoding of text that Python knows"
        raise EncodingUnknownError(name, data, reason) from error


def _doubt(data: bytes) -> tuple[int, str]:
    """What speaks against UTF-8, or nothing, and at which byte."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        return error.start, f"byte {error.start} (0x{data[error.start]:02x}) cannot be UTF-8"
    if control := CONTROLS.search(text):
        place = len(text[: control.start()].encode())
        return place, f"it may be UTF-8, but has the control character 0x{ord(control[0]):02x} at byte {place}"
    if data.isascii() and (place := data.find(SHIFT_TO_CHINESE)) >= 0:
        return place, f"it may be UTF-8, but has ~{{ at byte {place}, as HZ has before Chinese"
    return 0, ""


def _strictly(data: bytes, encoding: str, name: str, skip: int = 0) -> str:
    try:
        return data[skip:].decode(encoding)
    except UnicodeError as error:
        place = skip + getattr(error, "start", 0)
        reason = f"it is not {encoding} throughout: byte {place} (0x{data[place]:02x}) does not fit"
        raise EncodingUnknownError(name, data, reason) from error


def _candidates(data: bytes) -> tuple[Candidate, ...]:
    """The encodings that can read all of the bytes, the likeliest first; of those that read the same, the first.

    Readings with signs that no text has are left out, except in UTF-8, which is in doubt because of them.
    """
    readings: dict[tuple[int, int], Candidate] = {}
    for encoding in CANDIDATES:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8" or not NO_TEXT.search(text):
            readings.setdefault((len(text), hash(text)), (encoding, _sample(text)))
    ranked = sorted(readings.values(), key=lambda reading: _likeness(reading[1]), reverse=True)
    begins = ((encoding, " ".join(sample[:PREVIEW].split())) for encoding, sample in ranked)
    return tuple(
        (encoding, "".join(sign if sign.isprintable() else "·" for sign in begin)) for encoding, begin in begins
    )


def _sample(text: str) -> str:
    """The beginning of a text, or of where it leaves ASCII."""
    first = FOREIGN.search(text)
    start = max(first.start() - BEFORE, 0) if first else 0
    return text[start : start + SAMPLE]


def _likeness(sample: str) -> float:
    """How far the characters beyond ASCII belong to one and the same alphabet, from 0 to 1."""
    foreign = FOREIGN.findall(sample)
    hits = (sum(character in alphabet for character in foreign) for alphabet in _alphabets())
    return max(hits) / len(foreign) if foreign else 1.0


@cache
def _alphabets() -> tuple[frozenset[str], ...]:
    """The frequent characters of Chinese in both scripts, Japanese, Korean, and the letters of European languages."""
    latin = [frozenset(letters + letters.upper() + TYPOGRAPHY) for letters in LATIN]
    cells = range(0x40, 0xFF)
    eastern = [
        frozenset(more + WIDE_SIGNS + TYPOGRAPHY).union(
            *(bytes((row, cell)).decode(codec, errors="ignore") for row in rows for cell in cells)
        )
        for codec, rows, more in FREQUENT_ROWS
    ]
    return (*eastern, *latin)
