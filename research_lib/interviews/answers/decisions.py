"""What to do with cells that may name somebody: where they stand, and the list on which people decide about each.

The list is filled in with a spreadsheet. A decision is bound to what stood in its cell: it is about a text, not about
a place.
"""

import hmac
import re
import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import scrypt
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import pandas as pd

from research_lib.errors import ResearchError, seen
from research_lib.files.spreadsheet import unguarded, write_text
from research_lib.files.tabular import KINDS, read_table

type Decision = Literal["withhold", "keep"]

DIGEST = re.compile(r"s([0-9a-f]{32})([0-9a-f]{32})", re.ASCII)
_SIZE = 16
type Decisions = Mapping[tuple[int, str] | tuple[str, int, str], Decision | Bound]
type Listed = Mapping[tuple[int, str] | tuple[str, int, str], Bound]

COLUMNS = ("file", "line", "column", "kind", "digest", "decision")
MOST, MOST_READ = 500, 10_000
_NOTHING: Listed = MappingProxyType({})
_DECISIONS: dict[str, Decision] = {"withhold": "withhold", "keep": "keep"}
_LINE = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
_AS_LISTED = "leave it as it was listed"
SHOWN, _LINES = 20, 10


@dataclass(frozen=True)
class Bound:
    """A decision, and the digest of the text that it is about."""

    decision: Decision
    digest: str

    def is_about(self, text: str) -> bool:
        """Whether this is the text that was decided about."""
        found = DIGEST.fullmatch(self.digest)
        return found is not None and hmac.compare_digest(digest_of(text, bytes.fromhex(found[1])), self.digest)


def digest_of(text: str, salt: bytes | None = None) -> str:
    """Give a digest by which a text is recognised: with a new salt each time, unless one is given.

    It takes some hundredths of a second and 8 MB, so that who has a list cannot try all telephone numbers.
    """
    salt = secrets.token_bytes(_SIZE) if salt is None else salt
    made = scrypt(text.encode("utf-8", "surrogatepass"), salt=salt, n=1 << 13, r=8, p=1, dklen=_SIZE)
    return f"s{salt.hex()}{made.hex()}"


@dataclass(frozen=True, order=True)
class Find:
    """Where something that identifies a person seems to stand, and of what kind.

    `text` is what stands there: only for the digest in a list of decisions, and never shown.
    """

    file: str
    line: int
    column: str
    kind: str
    text: str = field(default="", repr=False, compare=False)

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.column}: {self.kind}"


class PrivacyError(ResearchError):
    """Free text seems to identify people; `finds` says where, so that somebody can decide."""

    def __init__(self, finds: Iterable[Find]):
        self.finds = tuple(sorted(finds))
        alarms: dict[tuple[str, str, str], list[Find]] = defaultdict(list)
        for find in self.finds:
            alarms[find.file, find.column, find.kind].append(find)
        more = [f"and {len(alarms) - SHOWN} more columns or kinds"] if len(alarms) > SHOWN else []
        cells = len({(find.file, find.line, find.column) for find in self.finds})
        first = (
            f"nothing was brought in: {cells} cells may identify a person; look at each, and write keep or withhold "
            "into the column `decision` of the list that `research-lib import --decisions LIST.csv` writes and reads; "
            "a row whose line and digest you empty decides for its whole column:"
        )
        super().__init__("\n".join([first, *map(_alarm, [*alarms.values()][:SHOWN]), *more]))


def _alarm(finds: list[Find]) -> str:
    """One kind of finds in one column: where the first stands, and how many there are."""
    more = f", in {len(finds)} cells (lines {', '.join(str(find.line) for find in finds[:_LINES])}"
    return f"{finds[0]}{f'{more}{", …" * (len(finds) > _LINES)})' if len(finds) > 1 else ''}"


class DecisionsError(ResearchError):
    """A list of decisions cannot be used as it stands; the sentence says where, and the fix."""


def decisions_text(finds: Sequence[Find], decided: Listed = _NOTHING) -> str:
    """Give the list of cells that may identify a person as CSV, with an empty last column for the decision.

    Each cell stands there once, with all that it may hold. What was `decided` before stands first, so that a longer
    list loses no decision, but for cells that are to be decided on anew. Of very many cells the first 500 are listed;
    the others come when these are decided on. Each row has a digest of its cell, by which the decision is known to be
    about the same text later, and never the text.
    """
    cells: dict[tuple[str, int, str], list[Find]] = defaultdict(list)
    for find in finds:
        place = find.file, find.line, find.column
        if len(cells) < MOST or place in cells:
            cells[place].append(find)
    before = [
        (*key[:-2], key[-2] or "", key[-1], "", each.digest, each.decision)
        for key, each in decided.items()
        if key not in cells
    ]
    with ThreadPoolExecutor() as pool:
        digests = pool.map(digest_of, [found[-1].text for found in cells.values()])
    rows = [
        (*place, "; ".join(find.kind for find in found), digest, "")
        for (place, found), digest in zip(cells.items(), digests, strict=True)
    ]
    return write_text([COLUMNS, *before, *rows])


def read_decisions(path: Path | str, *, may_be_missing: bool = False) -> Listed:
    """Read what was decided on each cell; a list that may be missing, and is, decides nothing.

    The file may have been saved by a spreadsheet: with semicolons or tabs, with a byte order mark, or as .xlsx; spaces
    around a decision and its case do not count. Each decision is bound to the text that stood in its cell; a row
    without a line decides for its whole column (line 0 in what is given), whose other rows may then be left open.

    Raises DecisionsError with the line and column for other columns, for a line that is not a number, a digest that
    is not one, a decision that is open or neither withhold nor keep, a cell that is decided in two ways, and more than
    10,000 rows; TableRefusedError for a file that is not a table. No error says what stands in a cell, which may be a
    name.
    """
    path, file_name = Path(path), seen(str(path))
    if path.suffix.lower() not in KINDS:
        raise DecisionsError(f"{file_name}: a list of decisions is a table; name it to end in .csv")
    if may_be_missing and not path.exists() and not path.is_symlink():
        return {}
    frame = read_table(path, encoding="utf-8").frame
    _require_a_list(frame, file_name)
    decided: dict[tuple[int, str] | tuple[str, int, str], Bound] = {}
    lines: dict[tuple[str, int, str], int] = {}
    rows = [
        (place, [unguarded(cell) for cell in cells]) for place, *cells in frame[list(COLUMNS)].itertuples(name=None)
    ]
    whole = {(cells[0], cells[2]) for _, cells in rows if not cells[1].strip()}
    for place, (file, line, column, _, digest, decision) in rows:
        where = f"{file_name}:{place}"
        key = (file, _line(line, where), column)
        if key[1] and not decision.strip() and (file, column) in whole:
            continue
        if key[1] and not DIGEST.fullmatch(digest.strip()):
            reason = f"the digest is {_described(digest)}, which is not a digest; {_AS_LISTED}"
            raise DecisionsError(f"{where}: {reason}")
        if (said := _DECISIONS.get(decision.strip().casefold())) is None:
            raise DecisionsError(f"{where}: the decision is {_described(decision)}; write withhold or keep")
        known = Bound(said, digest.strip() if key[1] else "")
        first = decided.setdefault(key, known)
        if first.decision != known.decision:
            reason = f"it is to {known.decision} a cell that line {lines[key]} says to {first.decision}"
            raise DecisionsError(f"{where}: {reason}; write the same in both")
        if first.digest != known.digest:
            reason = f"its digest is not that of line {lines[key]}, which is about the same cell; remove one"
            raise DecisionsError(f"{where}: {reason}")
        lines.setdefault(key, place)
    return decided


def decided_now[Cell](
    decisions: Mapping[Cell, Decision | Bound], texts: Mapping[Cell, str]
) -> dict[Cell, Decision | None]:
    """Say what is decided about each cell, and None where its text is not the one that was decided about.

    Each bound decision costs one slow digest, some hundredths of a second; several processors share the work. Nothing
    quicker is safe. A list holds its salts, so a fast digest under a slow key that is made of a salt lets whoever has
    the list try all telephone numbers in seconds. One salt for all cells lets one slow guess try all cells at once, and
    saves nothing, since every text has a slow digest of its own. So the number of decisions is limited instead.
    """

    def now(cell: Cell) -> Decision | None:
        decision = decisions[cell]
        if not isinstance(decision, Bound):
            return decision
        return decision.decision if decision.is_about(texts[cell]) else None

    with ThreadPoolExecutor() as pool:
        return dict(zip(decisions, pool.map(now, decisions), strict=True))


def _require_a_list(frame: pd.DataFrame, file: str) -> None:
    if sorted(frame) != sorted(COLUMNS):
        absent = [name for name in COLUMNS if name not in frame]
        reason = f"it has {len(frame.columns)} columns{' and lacks ' * bool(absent)}{', '.join(absent)}"
        raise DecisionsError(f"{file}:1: {reason}; name them {', '.join(COLUMNS)}")
    if len(frame) > MOST_READ:
        reason = f"it has {len(frame):,} decisions, and at most {MOST_READ:,} are read, since each takes time to check"
        raise DecisionsError(f"{file}: {reason}; bring the export in as several files, each with a list of its own")


def _line(text: str, place: str) -> int:
    """The line of a cell; 0 for a row without one, which is about a whole column."""
    if not text.strip():
        return 0
    if not _LINE.fullmatch(text.strip()):
        raise DecisionsError(f"{place}: the line is {_described(text)}, which is not a whole number; {_AS_LISTED}")
    return int(text)


def _described(text: str) -> str:
    """Describe a cell without its text: somebody may have typed a name."""
    if not text.strip():
        return "''"
    return "another text" if seen(text) == text else "another text, with characters that nobody sees"
