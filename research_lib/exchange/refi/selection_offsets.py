"""Turns the positions of selections into offsets in code points, whichever way the program counts.

How it counts is found out from the selections: what one text proves holds for the others too. The text is never changed
to make positions fit: they are converted, and what does not fit is reported.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from research_lib.coding.project import Losses
from research_lib.errors import CodingError
from research_lib.exchange.refi.identifiers import derived
from research_lib.exchange.refi.raw_contents import Codings, Contents, Selections, Text

AS_IS, CRLF_ONE, LF_TWO = "", "CRLF as one", "LF as two"
_BEYOND_16_BITS = 0xFFFF
_CR, _LF = 13, 10
_LONG = 20
_MOST_HINTS = 10_000
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
_HABITS = {"research_lib": STANDARD, "nvivo": Convention(utf16=True), "atlas.ti": Convention(line_ends=CRLF_ONE)}


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
        raise CodingError(f"positions={name!r} is not a way of counting; choose one of: {'; '.join(CONVENTIONS)}")
    return CONVENTIONS[name]


def place_codings(contents: Contents, losses: Losses, *, convention: Convention | None = None) -> None:
    """Turn what was selected in each text into codings in code points; what has no place is reported.

    `convention`: how the program counts, where somebody says so.
    """
    texts = [text for text in contents.texts if text.columns.guids]
    scores = [{} if convention else _scored(text, max(50, _MOST_HINTS // len(texts))) for text in texts]
    total = {} if convention else _summed(scores)
    for text, own in zip(texts, scores, strict=True):
        if convention is not None:
            placed = _placed(text.text, *_stretches(text), convention)
        else:
            habit = _habit_of(contents.origin) or (STANDARD if _is_ours(text.columns) else None)
            placed = _placed_by_scores(text, own, total, habit)
        text.codings.append(_codings(text, placed, losses))
        text.columns = Selections()
    for text in contents.texts:
        if text.whole.ids:
            text.codings.append(_on_all(text.whole, len(text.text)))


def _habit_of(origin: str) -> Convention | None:
    """How a program is known to count, by the name that it gives itself."""
    return next((habit for name, habit in _HABITS.items() if origin.lower().startswith(name)), None)


def _is_ours(columns: Selections) -> bool:
    """Whether the first selection has the GUID that this library makes for the selection of its coding."""
    return bool(columns.ids) and columns.guids[columns.at[0]] == derived("selection", columns.ids[0])


def _stretches(text: Text) -> tuple[np.ndarray, np.ndarray]:
    columns = text.columns
    return np.array(columns.starts, dtype="int64"), np.array(columns.ends, dtype="int64")


def _scored(text: Text, most: int) -> Scores:
    """How well each way of counting suits the selections on a text.

    A score is the number of hints that agree (as a negative number) and of selections outside. Hints are up to so many
    names and as many comments, evenly spread, that may be how the selected text begins. What fits nowhere speaks
    neither for a way nor against one, since fewer hints agree in all of them.
    """
    ways = _ways(text.text, text.bom)
    distinct = set(ways.values())
    if len(distinct) == 1:
        return dict.fromkeys(ways, (0, 0))
    names = [(number, name) for number, name in enumerate(text.columns.names) if name]
    comments = list(text.columns.comments.items())
    hints = [hint for given in (names, comments) for hint in given[:: 1 + len(given) // most]]
    starts, ends = _stretches(text)
    found = {way: _score(_placed(text.text, starts, ends, way), text.text, hints) for way in distinct}
    return {full: found[way] for full, way in ways.items()}


def _summed(scores: Iterable[Scores]) -> Scores:
    """Add up how well each way of counting suits the texts of a file."""
    found = dict.fromkeys(_ALL, (0, 0))
    for each in scores:
        found = {way: (missed + each[way][0], outside + each[way][1]) for way, (missed, outside) in found.items()}
    return found


def _placed_by_scores(text: Text, own: Scores, total: Scores, habit: Convention | None) -> Placed:
    """Find where selections stand by the scores of this text and, where they leave it open, of all texts of the file.

    `habit`: how the program is known to count. Where several ways suit equally and no habit speaks for one, `others`
    lists those that were not taken and would give other places.
    """
    starts, ends = _stretches(text)
    ways = _ways(text.text, text.bom)
    keys = dict[Convention, tuple[tuple[int, int], ...]]()
    for full in sorted(_ALL, key=lambda way: way != (habit or STANDARD)):
        key = (own[full], total[full])
        keys[ways[full]] = min(key, keys.get(ways[full], key))
    best = [_placed(text.text, starts, ends, way) for way in _best(keys)]
    decided = habit is not None and best[0].taken == ways[habit]
    others = () if decided else tuple(each.taken for each in best[1:] if not _same(each, best[0]))
    return Placed(best[0].starts, best[0].ends, best[0].fits, best[0].taken, others)


def _best(keys: dict[Convention, tuple[tuple[int, int], ...]]) -> list[Convention]:
    """The ways that suit best; line ends of two only where no other way suits as well."""
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
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ("starts", "ends", "fits"))


def _score(placed: Placed, text: str, hints: Sequence[tuple[int, str]]) -> tuple[int, int]:
    starts, ends, fits = placed.starts.tolist(), placed.ends.tolist(), placed.fits.tolist()
    agreeing = {number for number, hint in hints if fits[number] and _begins(hint, text[starts[number] : ends[number]])}
    return -len(agreeing), len(fits) - sum(fits)


def _begins(hint: str, selected: str) -> bool:
    """Whether words are how the selected text begins, white space and a final ellipsis aside."""
    words = " ".join(_ELLIPSIS.sub("", hint).split())
    return bool(words) and " ".join(selected[: 2 * len(hint) + 100].split()).startswith(words)


def _repeats(comment: str, selected: str) -> bool:
    """Whether a comment is no more than the selected text again, whole, shortened, or at length its beginning."""
    is_long = len(comment) >= _LONG or _ELLIPSIS.search(comment) is not None
    return _begins(comment, selected) if is_long else bool(comment.split()) and comment.split() == selected.split()


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


def _codings(text: Text, placed: Placed, losses: Losses) -> Codings:
    where, columns = text.place, text.columns
    if placed.others:
        ways = "; ".join(map(str, placed.others))
        reason = f"they may be off: counted as “{placed.taken}”, but “{ways}” suits as well; say which: positions="
        losses.add(where, "position", reason, len(placed.starts))
    _report_names(text, placed, losses)
    at = np.array(columns.at, dtype="int64")
    kept = np.flatnonzero(placed.fits[at])
    outside = f"it stands outside its text of {len(text.text):,} characters, or inside one"
    losses.add(where, "coding", outside, len(at) - len(kept))
    bare = len(placed.starts) - len(np.unique(at))
    losses.add(where, "selection without a code", "only what is coded is read", bare)
    return _chosen(columns, at, kept, placed)


def _report_names(text: Text, placed: Placed, losses: Losses) -> None:
    """A description that repeats the selected text says nothing new; any other is a comment, and stays."""
    columns, fits = text.columns, placed.fits.tolist()
    starts, ends = placed.starts.tolist(), placed.ends.tolist()
    for number, name in enumerate(columns.names):
        if name or number in columns.comments:
            selected = text.text[starts[number] : ends[number]] if fits[number] else ""
            if _repeats(columns.comments.get(number, ""), selected):
                del columns.comments[number]
            if name and not _begins(name, selected):
                losses.add(text.place, "name of a selection", "a coding here has no name")


def _on_all(columns: Selections, length: int) -> Codings:
    """The codings of a source as codings on all of its text."""
    at = np.zeros(len(columns.ids), dtype="int64")
    everything = Placed(np.array([0]), np.array([length]), np.array([True]))
    return _chosen(columns, at, np.arange(len(at)), everything)


def _chosen(columns: Selections, at: np.ndarray, kept: np.ndarray, placed: Placed) -> Codings:
    """The codings that have a place, each with the words and notes on it and on its selection."""
    numbers, selections = kept.tolist(), at[kept].tolist()
    notes = {
        row: columns.memos.get(selection, []) + columns.notes.get(number, [])
        for row, (number, selection) in enumerate(zip(numbers, selections, strict=True))
        if selection in columns.memos or number in columns.notes
    }
    comments = {
        row: columns.comments[selection] for row, selection in enumerate(selections) if selection in columns.comments
    }
    return Codings(
        starts=placed.starts[at[kept]],
        ends=placed.ends[at[kept]],
        ids=[columns.renamed.get(number) or columns.ids[number] for number in numbers],
        codes=[columns.codes[number] for number in numbers],
        users=[columns.users[number] for number in numbers],
        times=[columns.times[number] for number in numbers],
        selections=[columns.guids[selection] for selection in selections],
        comments=comments,
        notes=notes,
    )
