"""What to do with cells that may name somebody: the list as a file, filled in with a spreadsheet, and read back."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from research_lib.errors import ResearchError, quoted
from research_lib.evidence.spreadsheet import unguarded, write_text
from research_lib.exchange.answers.bound import DIGEST, Bound, Decision, digest_of
from research_lib.exchange.answers.privacy import Find
from research_lib.exchange.tables.kind import KINDS
from research_lib.exchange.tabular import read_table

type Listed = Mapping[tuple[int, str] | tuple[str, int, str], Bound]

COLUMNS = ("file", "line", "column", "kind", "digest", "decision")
MOST = 500
_NOTHING: Listed = MappingProxyType({})
_DECISIONS: dict[str, Decision] = {"withhold": "withhold", "keep": "keep"}
_LINE = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
_AS_LISTED = "leave it as it was listed"


class DecisionsError(ResearchError):
    """A list of decisions cannot be used as it stands; the sentence says on which line, and the mend."""


def decisions_text(finds: Sequence[Find], decided: Listed = _NOTHING) -> str:
    """Give the list of cells that may identify a person as CSV, with an empty last column for the decision.

    What was `decided` before stands first, so that a longer list loses no decision, but for cells that are to be
    decided on anew. Of very many finds the first 500 are listed; the others come when these are decided on. Each row
    has a digest of its cell, by which the decision is known to be about the same text later, and never the text.
    """
    finds = finds[:MOST]
    texts = {(find.file, find.line, find.column): find.text for find in finds}
    before = [(*key, "", each.digest, each.decision) for key, each in decided.items() if key not in texts]
    digests = {key: digest_of(text) for key, text in texts.items()}
    rows = [(*key, find.kind, digests[key], "") for find in finds for key in [(find.file, find.line, find.column)]]
    return write_text([COLUMNS, *before, *rows])


def read_decisions(path: Path | str, *, may_be_missing: bool = False) -> Listed:
    """Read what was decided on each cell; a list that may be missing, and is, decides nothing.

    The file may have been saved by a spreadsheet: with semicolons or tabs, with a byte order mark, or as .xlsx; spaces
    around a decision and its case do not count. Each decision is bound to the text that stood in its cell.

    Raises DecisionsError with the line for other columns, for a line that is no number, a digest that is none, a
    decision that is open or neither withhold nor keep, and a cell that is decided in two ways; TableRefusedError for a
    file that is no table.
    """
    path = Path(path)
    if path.suffix.lower() not in KINDS:
        raise DecisionsError(f"{path}: a list of decisions is a table; name it to end in .csv")
    if may_be_missing and not path.exists() and not path.is_symlink():
        return {}
    frame = read_table(path, encoding="utf-8").frame
    if sorted(frame) != sorted(COLUMNS):
        raise DecisionsError(f"{path}:1: the columns are {quoted(', '.join(frame))}; name them {', '.join(COLUMNS)}")
    decided: dict[tuple[int, str] | tuple[str, int, str], Bound] = {}
    lines: dict[tuple[str, int, str], int] = {}
    for place, *cells in frame[list(COLUMNS)].astype(object).itertuples():
        file, line, column, _, digest, decision = map(unguarded, cells)
        key = (file, _line(line, f"{path}:{place}"), column)
        known = Bound(_decision(decision, f"{path}:{place}"), _digest(digest, f"{path}:{place}"))
        first = decided.setdefault(key, known)
        if first.decision != known.decision:
            reason = f"it is to {known.decision} a cell that line {lines[key]} says to {first.decision}"
            raise DecisionsError(f"{path}:{place}: {reason}; write the same in both")
        if first.digest != known.digest:
            reason = (
                f"its digest is not that of line {lines[key]}, which is about the same cell; take one of the two out"
            )
            raise DecisionsError(f"{path}:{place}: {reason}")
        lines.setdefault(key, place)
    return decided


def _line(text: str, place: str) -> int:
    if not _LINE.fullmatch(text.strip()):
        raise DecisionsError(f"{place}: the line is {quoted(text)}, which is no whole number; {_AS_LISTED}")
    return int(text)


def _digest(text: str, place: str) -> str:
    if not DIGEST.fullmatch(text.strip()):
        raise DecisionsError(f"{place}: the digest is {quoted(text)}, which is none; {_AS_LISTED}")
    return text.strip()


def _decision(text: str, place: str) -> Decision:
    known = _DECISIONS.get(text.strip().casefold())
    if known is None:
        raise DecisionsError(f"{place}: the decision is {quoted(text)}; write withhold or keep")
    return known
