"""Tables in text: which encoding, which delimiter, and each record with the line that it begins on."""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import BinaryIO

import pandas as pd

from research_lib.files.encodings import CONTROLS, MARKS, EncodingUnknownError, decode
from research_lib.files.tables.table_shape import NEVER, Findings, Row, Shaper, TableRefusedError

AT_ONCE = 16 << 20
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
SEPARATOR_LINE = re.compile(r'\ufeff*"?sep=(.)"?\r?\n?\Z')
MARK = "\ufeff"
ODD = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")
ENDS = {"\r\n": "CR LF", "\n": "LF", "\r": "CR", "": "none"}
SAVE_AGAIN = "save it as CSV in UTF-8 with quotes around such cells"
LONGEST_CELL = f"a cell that begins here has more than {csv.field_size_limit():,} characters; a quote may be open"
MALFORMED = (
    ("expected after", "text follows a closing quote", "double the quotes in cells"),
    ("field larger", LONGEST_CELL, "close the quote, or shorten the cell"),
    ("unexpected end", "a quote opens here and never closes", "close it, or ask for the whole file"),
)


@dataclass(frozen=True)
class TextTable:
    """A table in a text file: its encoding, the delimiter between its cells, and whether its first line names that.

    `content` has its bytes where they are not on a disk. `has_controls`: whether it may have control characters; where
    nothing but their absence says that it is UTF-8, it may not.
    """

    path: Path
    encoding: str
    has_controls: bool = False
    delimiter: str = ","
    names_delimiter: bool = False
    content: bytes | None = field(default=None, repr=False)


def read_text(
    encoding: str | None, delimiter: str | None, shaper: Shaper, *, content: bytes | None = None
) -> pd.DataFrame:
    """Find out how a text table is to be read, and read it whole.

    The delimiter is the one with which every record is as wide as the header. Notes go to the shaper's findings.
    Raises TableRefusedError with the line where it cannot be read, and where it can be in two ways.
    """
    path = shaper.file
    table = TextTable(path, *_encoding_of(path, encoding, shaper.findings, content=content), content=content)
    with _opened(table) as stream:
        named = SEPARATOR_LINE.match(stream.readline(99))
    table = replace(table, names_delimiter=bool(named))
    if named and delimiter not in (None, named[1]):
        reason = f"its first line names {named[1]!r} as the delimiter, not {delimiter!r}"
        raise TableRefusedError(path, reason, "leave the delimiter to the file, or remove its first line", line=1)
    if chosen := delimiter or (named and named[1]):
        if len(chosen) != 1 or chosen in '"\r\n \ufeff\0':
            raise TableRefusedError(path, f"{chosen!r} cannot be a delimiter", "name one sign, such as ;")
        how = "declared" if delimiter else "named by its first line"
        return _read(replace(table, delimiter=chosen), shaper, how)
    return _sniffed(table, shaper)


def records(table: TextTable, findings: Findings) -> Iterator[Row]:
    """The records of a text table, blank ones included, each with the physical line that it begins on.

    Raises TableRefusedError for quotes that do not close where a cell ends, for characters that no text has, and where
    the bytes leave the encoding.
    """
    ends, end, record, before = Counter[str](), "\n", list[str](), int(table.names_delimiter)
    with _opened(table) as stream:
        reader = csv.reader(_lines(table, stream, findings, record), delimiter=table.delimiter, strict=True)
        try:
            for cells in reader:
                line, end = before + reader.line_num - len(record) + 1, record[-1][-2:]
                end = end if end == "\r\n" else end[-1:] if end[-1:] in "\r\n" else ""
                if end and end not in ends:
                    findings.add("line ends", f"lines end in {ENDS[end]}", line=line, count=0)
                ends[end] += 1
                if len(record) > 1:
                    findings.add("line end in a cell", "a cell goes over several lines, as its quotes say", line=line)
                record.clear()
                yield line, cells
        except csv.Error as error:
            raise _unquoted(table, before + reader.line_num - len(record) + 1, record, error) from error
        except UnicodeError as error:
            reason = f"it is {table.encoding} up to here, and then not ({error!s:.99})"
            fix, line = "declare the encoding of the whole, or export it again", before + reader.line_num + 1
            raise TableRefusedError(table.path, reason, fix, line=line) from error
    for each in filter(None, ends):
        findings.add("line ends", f"lines end in {ENDS[each]}", count=ends[each])
    if not end:
        last = before + reader.line_num
        findings.add("unended", "the last line does not end: the file may be cut short", line=last)


def _lines(table: TextTable, stream: TextIOWrapper, findings: Findings, record: list[str]) -> Iterator[str]:
    """The physical lines of a text, each of which goes into the record that it belongs to as well."""
    for number, line in enumerate(iter(partial(stream.readline, AT_ONCE), ""), 1):
        if len(line) == AT_ONCE:
            reason = f"a line has more than {AT_ONCE >> 20} MB"
            raise TableRefusedError(table.path, reason, "export it again", line=number)
        text = line.removeprefix(MARK) if number == 1 else line
        text = _checked(table, text, number, findings, begins=not record) if ODD.search(text) else text
        if number > 1 or not table.names_delimiter:
            record.append(text)
            yield text


def _checked(table: TextTable, line: str, number: int, findings: Findings, *, begins: bool) -> str:
    if never := NEVER.search(line):
        reason = f"the character U+{ord(never[0]):04X} at position {never.start() + 1} cannot be in a text"
        raise TableRefusedError(table.path, reason, "export it again", line=number)
    if not table.has_controls and CONTROLS.search(line):
        try:
            decode(line.encode(), name=table.path.name)
        except EncodingUnknownError as error:
            raise _unknown(table.path, number - 1, error) from error
    if begins and line.startswith(MARK):
        findings.add("mark", "a byte order mark began the line, it is left out", line=number)
        line = line.lstrip(MARK)
    for odd in sorted(set(ODD.findall(line))):
        findings.add("invisible", f"the invisible character U+{ord(odd):04X} is kept", line=number)
    return line


def _opened(table: TextTable) -> TextIOWrapper:
    return TextIOWrapper(_bytes(table.path, table.content), encoding=table.encoding, newline="")


def _read(table: TextTable, shaper: Shaper, how: str) -> pd.DataFrame:
    name = DELIMITERS.get(table.delimiter, repr(table.delimiter))
    shaper.findings.add("delimiter", f"{name} between the cells ({how})")
    frame, header = shaper.frame_of(records(table, shaper.findings))
    ends = [note.text for note in shaper.findings.notes() if note.kind == "line ends"]
    if len(ends) > 1:
        shaper.findings.add("mixed line ends", "; ".join(ends))
    else:
        shaper.findings.hold_everywhere("line ends")
    if all(len(cell) > 1 and cell[0] == cell[-1] == "'" for cell in header):
        shaper.findings.add("apostrophes", "the apostrophes around the cells are kept", line=1)
    return frame


def _sniffed(table: TextTable, shaper: Shaper) -> pd.DataFrame:
    """The table with the only delimiter that fits the whole file."""
    fits, frame = list[str](), pd.DataFrame()
    misfits: dict[str, TableRefusedError] = {}
    trials = {delimiter: replace(shaper, findings=Findings()) for delimiter in _dividing(table)}
    for delimiter, trial in trials.items():
        try:
            read = _read(replace(table, delimiter=delimiter), trial, "the only one that fits every line")
        except TableRefusedError as error:
            misfits[delimiter] = error
        else:
            frame = read if not fits or trial.width > 1 else frame
            fits.append(delimiter)
    several = [delimiter for delimiter in fits if trials[delimiter].width > 1]
    rivals = [delimiter for delimiter in misfits if trials[delimiter].width > 1 and trials[delimiter].is_begun]
    if len(several) + len(rivals) > 1:
        raise _undecided(table.path, several, {rival: misfits[rival] for rival in rivals})
    if misfits and not several:
        raise max(misfits.items(), key=lambda misfit: (trials[misfit[0]].width, misfit[1].line))[1]
    chosen = (several or fits)[0]
    shaper.findings.take(trials[chosen].findings if several else _alone(trials[chosen].findings))
    return frame


def _dividing(table: TextTable) -> list[str]:
    """The delimiters that divide the first record, or all when none does."""
    dividing = []
    for delimiter in DELIMITERS:
        try:
            first = next(
                (cells for _, cells in records(replace(table, delimiter=delimiter), Findings()) if any(cells)), []
            )
        except TableRefusedError:
            dividing.append(delimiter)
        else:
            dividing += [delimiter] if len(first) > 1 else []
    return dividing or [*DELIMITERS]


def _undecided(path: Path, fits: list[str], rivals: dict[str, TableRefusedError]) -> TableRefusedError:
    readings = [f"{DELIMITERS[delimiter]} fits every line" for delimiter in fits]
    readings += [f"{DELIMITERS[delimiter]} fits up to line {error.line}" for delimiter, error in rivals.items()]
    fix = f"save it again with one of them alone; in Python, delimiter={[*fits, *rivals][0]!r} declares it"
    line = max((error.line for error in rivals.values()), default=1)
    return TableRefusedError(path, " and ".join(readings), fix, line=line)


def _alone(findings: Findings) -> Findings:
    """The findings of a table with one column, in which no delimiter was found."""
    alone = Findings()
    alone.add("delimiter", "none of comma, semicolon, tab and bar divides a line: one column")
    alone.take(findings, but="delimiter")
    return alone


def _unquoted(table: TextTable, first: int, record: list[str], error: csv.Error) -> TableRefusedError:
    line = first + _last_opened(record, table.delimiter)
    wrong = ((reason, fix) for word, reason, fix in MALFORMED if word in str(error))
    reason, fix = next(wrong, (f"it is malformed ({error!s:.99})", SAVE_AGAIN))
    return TableRefusedError(table.path, reason, fix, line=line)


def _last_opened(record: list[str], delimiter: str) -> int:
    """How many lines into a record the last quoted cell begins."""
    opened, quoted, fresh = 0, False, True
    for number, line in enumerate(record):
        for sign in line:
            if sign == '"' and (quoted or fresh):
                quoted = not quoted
                opened = number if quoted and fresh else opened
            fresh = not quoted and sign == delimiter
    return opened


def _bytes(path: Path, content: bytes | None) -> BinaryIO:
    return path.open("rb") if content is None else BytesIO(content)


def _encoding_of(
    path: Path, declared: str | None, findings: Findings, *, content: bytes | None = None
) -> tuple[str, bool]:
    """The encoding of a text file by its first 16 MB, and whether it may have control characters.

    Raises TableRefusedError, with the line where the bytes leave the encoding.
    """
    with _bytes(path, content) as file:
        begin = file.read(AT_ONCE)
    begin = begin if len(begin) < AT_ONCE else _whole_lines(path, begin, declared)
    try:
        found = decode(begin, name=path.name, declared=declared)
    except EncodingUnknownError as error:
        raise _unknown(path, 0, error) from error
    findings.add("encoding", f"{found.encoding} ({found.found_by})")
    if declared and codecs.lookup(declared).name.removesuffix("-sig") != found.encoding:
        findings.add("encoding", f"read as {found.encoding} ({found.found_by}), not as {declared}")
    return found.encoding, found.found_by != "UTF-8"


def _whole_lines(path: Path, begin: bytes, declared: str | None) -> bytes:
    """The beginning of a long file up to the end of a line, in units of as many bytes as the encoding has."""
    name = next((encoding for mark, encoding in MARKS if begin.startswith(mark)), declared or "")
    unit = 4 if "32" in name else 2 if "16" in name else 1
    end = begin.rfind(b"\n") + 1
    if not end:
        raise TableRefusedError(path, f"its first {AT_ONCE >> 20} MB have no line end", "export it again", line=1)
    return begin[: end + -end % unit]


def _unknown(path: Path, before: int, error: EncodingUnknownError) -> TableRefusedError:
    """The refusal of a text of unknown encoding, with the encodings that can read it and what each reads."""
    readings = " | ".join(f"{encoding}: {text}" for encoding, text in error.candidates[:3])
    fix = f"declare encoding=… (read as {readings})" if readings else error.fix
    return TableRefusedError(path, error.reason, fix, line=before + error.line)
