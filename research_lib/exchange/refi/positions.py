"""Positions in a text as another program counts them, found out from the selections and turned into code points.

The text is never changed to make positions fit: they are converted, and what does not fit is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from research_lib.errors import CodingError

AS_IS, CRLF_ONE, LF_TWO = "", "CRLF as one", "LF as two"
_BEYOND_16_BITS = 0xFFFF
_CR, _LF = 13, 10


@dataclass(frozen=True)
class Convention:
    """How a program counts: code points or UTF-16 units, what a line end counts, and whether a byte order mark does."""

    utf16: bool = False
    line_ends: str = AS_IS
    bom: bool = False

    def __str__(self) -> str:
        units = "utf-16" if self.utf16 else "code points"
        return ", ".join(filter(None, [units, self.line_ends, "BOM counted" if self.bom else ""]))


STANDARD = Convention()
_ALL = [Convention(*parts) for parts in product((False, True), (AS_IS, CRLF_ONE, LF_TWO), (False, True))]
CONVENTIONS = {str(convention): convention for convention in _ALL}
_HABITS = {
    "research_lib": STANDARD,
    "nvivo": Convention(utf16=True),
    "atlas.ti": Convention(line_ends=CRLF_ONE),
}


@dataclass(frozen=True)
class Placed:
    """Selections in code points: where each starts and ends, whether it fits, and how else the program may count."""

    starts: np.ndarray
    ends: np.ndarray
    fits: np.ndarray
    taken: Convention = STANDARD
    others: tuple[Convention, ...] = ()


def convention_named(name: str) -> Convention:
    """Find a convention by its name, such as `utf-16, CRLF as one`; raises CodingError for another name."""
    if name not in CONVENTIONS:
        raise CodingError(f"positions={name!r} is no way of counting; choose one of: {'; '.join(CONVENTIONS)}")
    return CONVENTIONS[name]


def habit_of(origin: str) -> Convention | None:
    """Say how a program is known to count, by the name that it gives itself."""
    return next((habit for name, habit in _HABITS.items() if origin.lower().startswith(name)), None)


def place(
    text: str,
    starts: np.ndarray,
    ends: np.ndarray,
    hints: Sequence[str | None],
    *,
    bom: bool = False,
    habit: Convention | None = None,
    told: Convention | None = None,
) -> Placed:
    """Find where selections stand in a text.

    `hints` are names of the selections, which in some programs begin as the selected text does. `bom`: the file began
    with a byte order mark. `habit`: how the program is known to count. `told`: how it counts, beyond doubt. Where
    several ways of counting suit the hints and the length of the text equally and no habit speaks for one, `others`
    lists those that were not taken and would give other places.
    """
    if told is not None:
        return _placed(text, starts, ends, told)
    first = habit or STANDARD
    best = _best([_placed(text, starts, ends, each) for each in _ways(text, first, bom)], text, hints)
    if "\n" in text and "\r" not in text and not _convincing(best[0], text, hints):
        ways = [Convention(each.utf16, LF_TWO, each.bom) for each in _ways(text, first, bom)]
        other = _best([best[0], *(_placed(text, starts, ends, each) for each in ways)], text, hints)
        best = best if other[0] is best[0] else other
    decided = habit is not None and best[0].taken == _reduced(habit, text, bom)
    others = () if decided else tuple(each.taken for each in best[1:] if not _same(each, best[0]))
    return Placed(best[0].starts, best[0].ends, best[0].fits, best[0].taken, others)


def _reduced(convention: Convention, text: str, bom: bool) -> Convention:
    """A convention without what makes no difference in this text."""
    crlf = convention.line_ends if "\r\n" in text else AS_IS
    return Convention(convention.utf16 and _has_astral(text), crlf, convention.bom and bom)


def _ways(text: str, first: Convention, bom: bool) -> list[Convention]:
    """The conventions that may differ in this text, the one to be preferred first, then the standard."""
    units = (False, True) if _has_astral(text) else (False,)
    line_ends = (AS_IS, CRLF_ONE) if "\r\n" in text else (AS_IS,)
    ways = [Convention(*parts) for parts in product(units, line_ends, (False, True) if bom else (False,))]
    first = _reduced(first, text, bom)
    return [first, *(way for way in ways if way != first)]


def _has_astral(text: str) -> bool:
    return not text.isascii() and max(text) > "\uffff"


def _best(tried: list[Placed], text: str, hints: Sequence[str | None]) -> list[Placed]:
    """Those that agree with most hints and, among these, leave fewest selections outside; earlier ones first."""
    if all(_same(each, tried[0]) for each in tried):
        return tried[:1]
    scores = [(-_agreeing(each, text, hints), int((~each.fits).sum())) for each in tried]
    return [each for each, score in zip(tried, scores, strict=True) if score == min(scores)]


def _convincing(placed: Placed, text: str, hints: Sequence[str | None]) -> bool:
    return bool(placed.fits.all()) and _agreeing(placed, text, hints) == sum(map(bool, hints))


def _same(one: Placed, other: Placed) -> bool:
    return all(
        np.array_equal(mine, theirs)
        for mine, theirs in ((one.starts, other.starts), (one.ends, other.ends), (one.fits, other.fits))
    )


def _agreeing(placed: Placed, text: str, hints: Sequence[str | None]) -> int:
    stretches = zip(hints, placed.starts.tolist(), placed.ends.tolist(), placed.fits.tolist(), strict=True)
    return sum(fits and begins(hint, text[start:end]) for hint, start, end, fits in stretches if hint)


def begins(hint: str, selected: str) -> bool:
    """Say whether a name of a selection is how the selected text begins, white space and a final ellipsis aside."""
    words = " ".join(hint.removesuffix("…").removesuffix("...").split())
    return bool(words) and " ".join(selected[: 2 * len(hint) + 100].split()).startswith(words)


def _placed(text: str, starts: np.ndarray, ends: np.ndarray, convention: Convention) -> Placed:
    if convention == STANDARD:
        fits = (starts >= 0) & (starts <= ends) & (ends <= len(text))
        return Placed(starts, ends, fits, convention)
    edges = _edges(text, convention)
    starts, ends = np.maximum(starts, edges[0] * (starts == 0)), np.maximum(ends, edges[0] * (ends == 0))
    first, last = _nearest(edges, starts), _nearest(edges, ends)
    fits = (edges[first] == starts) & (edges[last] == ends) & (starts <= ends)
    return Placed(first, last, fits, convention)


def _nearest(edges: np.ndarray, positions: np.ndarray) -> np.ndarray:
    return np.maximum(np.searchsorted(edges, positions, side="right") - 1, 0)


def _edges(text: str, convention: Convention) -> np.ndarray:
    """How many units stand before each character, and before the end."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    widths = np.ones(len(points), dtype="int64")
    if convention.utf16:
        widths[points > _BEYOND_16_BITS] = 2
    if convention.line_ends == CRLF_ONE:
        widths[1:][(points[1:] == _LF) & (points[:-1] == _CR)] = 0
    if convention.line_ends == LF_TWO:
        widths[points == _LF] = 2
    return np.concatenate([[0], np.cumsum(widths)]) + int(convention.bom)
