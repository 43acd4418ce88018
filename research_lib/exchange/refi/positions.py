"""Positions in a text as another program counts them, found out from the selections and turned into code points.

The text is never changed to make positions fit: they are converted, and what does not fit is told.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from research_lib.errors import CodingError

AS_IS, CRLF_ONE, LF_TWO = "", "CRLF as one", "LF as two"
_BEYOND_16_BITS = 0xFFFF
_CR, _LF = 13, 10
_LONG = 20
_ELLIPSIS = re.compile(r"(?:…|\.\.\.)$")


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


type Scores = dict[Convention, tuple[int, int]]


def convention_named(name: str) -> Convention:
    """Find a convention by its name, such as `utf-16, CRLF as one`; raises CodingError for another name."""
    if name not in CONVENTIONS:
        raise CodingError(f"positions={name!r} is no way of counting; choose one of: {'; '.join(CONVENTIONS)}")
    return CONVENTIONS[name]


def habit_of(origin: str) -> Convention | None:
    """Say how a program is known to count, by the name that it gives itself."""
    return next((habit for name, habit in _HABITS.items() if origin.lower().startswith(name)), None)


def scored(
    text: str, starts: np.ndarray, ends: np.ndarray, hints: Sequence[tuple[int, str]], *, bom: bool = False
) -> Scores:
    """Say how well each way of counting suits the selections on a text: hints that agree (as a negative number),
    and selections outside.

    `hints` are the number of a selection and words that may be how its text begins. `bom`: the file began with a byte
    order mark. What fits nowhere speaks neither for a way nor against one, since fewer hints agree in all of them.
    """
    ways = _ways(text, bom)
    distinct = set(ways.values())
    if len(distinct) == 1:
        return dict.fromkeys(ways, (0, 0))
    found = {way: _score(_placed(text, starts, ends, way), text, hints) for way in distinct}
    return {full: found[way] for full, way in ways.items()}


def summed(scores: Iterable[Scores]) -> Scores:
    """Add up how well each way of counting suits the texts of a file."""
    found = dict.fromkeys(_ALL, (0, 0))
    for each in scores:
        found = {way: (missed + each[way][0], outside + each[way][1]) for way, (missed, outside) in found.items()}
    return found


def place(
    text: str,
    starts: np.ndarray,
    ends: np.ndarray,
    scores: tuple[Scores, Scores],
    *,
    bom: bool = False,
    habit: Convention | None = None,
) -> Placed:
    """Find where selections stand in a text.

    `scores` say how well each way of counting suits this text and, where that leaves it open, all texts of the file.
    `habit`: how the program is known to count. Where several ways suit equally and no habit speaks for one, `others`
    lists those that were not taken and would give other places.
    """
    best = [_placed(text, starts, ends, way) for way in _best(text, scores, bom, habit or STANDARD)]
    decided = habit is not None and best[0].taken == _ways(text, bom)[habit]
    others = () if decided else tuple(each.taken for each in best[1:] if not _same(each, best[0]))
    return Placed(best[0].starts, best[0].ends, best[0].fits, best[0].taken, others)


def placed_as_told(text: str, starts: np.ndarray, ends: np.ndarray, told: Convention) -> Placed:
    """Find where selections stand in a text when it is known how they are counted."""
    return _placed(text, starts, ends, told)


def _best(text: str, scores: tuple[Scores, Scores], bom: bool, first: Convention) -> list[Convention]:
    """The ways that suit best, `first` before others; line ends of two only where no other way suits as well."""
    ways, keys = _ways(text, bom), dict[Convention, tuple[tuple[int, int], ...]]()
    for full in sorted(_ALL, key=lambda way: way != first):
        key = tuple(each[full] for each in scores)
        keys[ways[full]] = min(key, keys.get(ways[full], key))
    best = [way for way, key in keys.items() if key == min(keys.values())]
    return [way for way in best if way.line_ends != LF_TWO] or best


def _ways(text: str, bom: bool) -> dict[Convention, Convention]:
    """Each way of counting, and what of it makes a difference in this text."""
    astral = _has_astral(text)
    differs = {CRLF_ONE: "\r\n" in text, LF_TWO: "\n" in text and "\r" not in text}
    return {
        way: Convention(way.utf16 and astral, way.line_ends if differs.get(way.line_ends) else AS_IS, way.bom and bom)
        for way in _ALL
    }


def _has_astral(text: str) -> bool:
    return not text.isascii() and len(text.encode("utf-16-le", "surrogatepass")) > 2 * len(text)


def _same(one: Placed, other: Placed) -> bool:
    return all(
        np.array_equal(mine, theirs)
        for mine, theirs in ((one.starts, other.starts), (one.ends, other.ends), (one.fits, other.fits))
    )


def _score(placed: Placed, text: str, hints: Sequence[tuple[int, str]]) -> tuple[int, int]:
    starts, ends, fits = placed.starts.tolist(), placed.ends.tolist(), placed.fits.tolist()
    agreeing = {number for number, hint in hints if fits[number] and begins(hint, text[starts[number] : ends[number]])}
    return -len(agreeing), len(fits) - sum(fits)


def begins(hint: str, selected: str) -> bool:
    """Say whether words are how the selected text begins, white space and a final ellipsis aside."""
    words = " ".join(_ELLIPSIS.sub("", hint).split())
    return bool(words) and " ".join(selected[: 2 * len(hint) + 100].split()).startswith(words)


def repeats(comment: str, selected: str) -> bool:
    """Say whether a comment is no more than the selected text again, whole, shortened, or at length its beginning."""
    is_long = len(comment) >= _LONG or _ELLIPSIS.search(comment) is not None
    return begins(comment, selected) if is_long else bool(comment.split()) and comment.split() == selected.split()


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
