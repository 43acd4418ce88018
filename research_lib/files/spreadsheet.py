"""CSV that people open in a spreadsheet: text stays text, and no cell is computed.

Excel and LibreOffice take a cell that begins with = + - or @ for a formula, whoever typed it: an answer of a stranger
could send the cell beside it to an address, or start a program. They do so after blanks, quotation marks and
characters that nobody sees, and for the full-width signs of East Asian keyboards. Where the semicolon separates cells,
as in French, Italian or Slovak, a cell also begins inside what is one cell here: after a semicolon, a tab or a line
break.

So an apostrophe, the guard, stands before each such beginning, and before a cell that begins with a tab or a line
break. A negative number, such as -5 or -3.2, is not a formula and stays as it is. Reading takes away every guard and
nothing else: each text comes back as it was, also one that begins with an apostrophe.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator

import pandas as pd

from research_lib.errors import ResearchError

_END = "\r\n"
_GUARD = "'"
_UNSEEN = (
    r"\x00-\x08\x0b\x0c\x0e-\x20\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f"
    r"\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
)
_BEFORE = rf"[{_UNSEEN}'\"`´‘’‚‛“”„‟«»‹›＇＂]*"
_BREAK = r"[;\t\r\n]"
_NUMBER = r"-[0-9]+(?:[.,][0-9]+)?(?:[eE][+-]?[0-9]+)?"
_FORMULA = rf"(?={_BEFORE}(?!{_NUMBER}{_BREAK})[=+\-@＝＋－＠﹦﹢﹣﹫])"
_CELL = rf"(?:\A|(?<={_BREAK}))"
_BROKEN = rf"(?={_BEFORE}[\t\r\n])"
_WANTS_GUARD = re.compile(rf"{_CELL}{_FORMULA}|\A{_BROKEN}")
_IS_NUMBER = re.compile(_NUMBER)
_HAS_GUARD = re.compile(rf"{_CELL}{_GUARD}{_FORMULA}|\A{_GUARD}{_BROKEN}")


class UnfitCsvError(ResearchError):
    """A text is not CSV that can be used, for a `reason` in the row that begins on `line`."""

    def __init__(self, reason: str, line: int):
        self.reason, self.line = reason, line
        super().__init__(f"line {line}: {reason}")


def guarded(text: str) -> str:
    """Put the guard before whatever a spreadsheet would compute; all other text stays as it is."""
    return text if _IS_NUMBER.fullmatch(text) else _WANTS_GUARD.sub(_GUARD, text)


def unguarded(text: str) -> str:
    """Take away the guards that `guarded` has put."""
    return _HAS_GUARD.sub("", text)


def write_text(rows: Iterable[Iterable[object]]) -> str:
    """Write rows as CSV for a spreadsheet: text is guarded, numbers stay numbers, None is an empty cell."""
    return write_rows([_cell(value) for value in row] for row in rows)


def write_rows(rows: Iterable[Iterable[object]]) -> str:
    """Write rows as CSV for programs, without guards."""
    stream = _Lines()
    csv.writer(stream, lineterminator=_END).writerows(rows)
    return stream.getvalue()


def read_text(text: str) -> list[list[str]]:
    """Read what `write_text` has written, without its guards; raises UnfitCsvError."""
    return [[unguarded(cell) for cell in row] for _, row in read_rows(text)]


def read_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Read CSV row by row, each with the line that it begins on; raises UnfitCsvError."""
    reader, line = csv.reader(io.StringIO(text, newline=""), strict=True), 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        reason = f"it is not CSV ({error}); check the quotation marks, or save it as CSV in UTF-8"
        raise UnfitCsvError(reason, line) from error


def write_frame(frame: pd.DataFrame) -> str:
    """Write a table as CSV for a spreadsheet, with its header and without its index."""
    return write_plain(frame.map(_cell).rename(columns=guarded))


def write_plain(frame: pd.DataFrame) -> str:
    """Write a table as CSV for programs, without guards, with its header and without its index."""
    stream = _Lines()
    frame.to_csv(stream, index=False, lineterminator=_END)
    return stream.getvalue()


class _Lines(io.StringIO):
    """Rows that end with a line feed alone, written one by one.

    Python 3.12 quotes in a cell only the signs that end a row; so rows are written to end with both, `_END`.
    """

    def write(self, row: str) -> int:
        """Take one row."""
        return super().write(row.removesuffix(_END) + "\n")


def _cell(value: object) -> object:
    return guarded(value) if isinstance(value, str) else value
