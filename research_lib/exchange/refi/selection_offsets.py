"""Turns the positions of selections into offsets in code points, whichever way the program counts.

How it counts is found out from the selections: what one text proves holds for the others too. The text is never changed
to make positions fit: they are converted, and what does not fit is reported.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np

from research_lib.coding.project import Losses
from research_lib.exchange.refi.identifiers import derived, guid_of
from research_lib.exchange.refi.raw_contents import Contents, RawCoding, Text

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


class Placed(NamedTuple):
    """Selections in code points: where each starts and ends, whether it fits, and how else the program may count."""

    starts: np.ndarray
    ends: np.ndarray
    fits: np.ndarray
    taken: Convention = STANDARD
    others: tuple[Convention, ...] = ()


type Scores = dict[Convention, tuple[int, int]]


def place_codings(contents: Contents, losses: Losses, *, convention: Convention | None = None) -> None:
    """Turn what was selected in each text into codings in code points; what has no place is reported.

    `convention`: how the program counts, where somebody says so.
    """
    selected = [number for number, text in enumerate(contents.texts) if text.selections]
    most = max(50, _MOST_HINTS // max(len(selected), 1))
    scores = {} if convention else {number: _scored(contents.texts[number], most) for number in selected}
    total = {way: tuple(np.sum([own[way] for own in scores.values()], axis=0)) for way in _ALL} if scores else {}
    known = next((habit for name, habit in _HABITS.items() if contents.origin.lower().startswith(name)), None)
    for number, text in enumerate(contents.texts):
        if text.selections:
            habit = known or (STANDARD if _is_ours(text) else None)
            placed = (
                _placed(text.text, *_stretches(text), convention)
                if convention
                else _placed_by_scores(text, scores[number], total, habit)
            )
            _report(text, placed, losses)
            contents.codings += _codings(text, number, placed)
            text.selections = []
        for coding in text.whole:
            coding.text, coding.end = number, len(text.text)
        contents.codings += text.whole


def _is_ours(text: Text) -> bool:
    """Whether the GUID of the first selection with a coding is the one that this library makes of its coding's."""
    first = next((each for each in text.selections if each.codings), None)
    return first is not None and first.guid == derived("selection", guid_of("coding", first.codings[0].id))


def _stretches(text: Text) -> tuple[np.ndarray, np.ndarray]:
    starts, ends = ([getattr(each, end) for each in text.selections] for end in ("start", "end"))
    return np.array(starts, dtype="int64"), np.array(ends, dtype="int64")


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
    names = [(number, each.name) for number, each in enumerate(text.selections) if each.name]
    comments = [(number, each.comment) for number, each in enumerate(text.selections) if each.comment]
    hints = [hint for given in (names, comments) for hint in given[:: 1 + len(given) // most]]
    starts, ends = _stretches(text)
    found = {way: _score(_placed(text.text, starts, ends, way), text.text, hints) for way in distinct}
    return {full: found[way] for full, way in ways.items()}


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
    best = [way for way, key in keys.items() if key == min(keys.values())]
    best = [way for way in best if way.line_ends != LF_TWO] or best  # line ends of two only where no other suits
    first, *others = [_placed(text.text, starts, ends, way) for way in best]
    if habit is not None and first.taken == ways[habit]:
        return first
    return first._replace(others=tuple(each.taken for each in others if not np.array_equal(each[:3], first[:3])))


def _ways(text: str, bom: bool) -> dict[Convention, Convention]:
    """Each way of counting, and what of it makes a difference in this text."""
    astral = not text.isascii() and len(text.encode("utf-16-le", "surrogatepass")) > 2 * len(text)
    differs = {CRLF_ONE: "\r\n" in text, LF_TWO: "\n" in text and "\r" not in text}
    return {
        way: Convention(way.utf16 and astral, way.line_ends if differs.get(way.line_ends) else AS_IS, way.bom and bom)
        for way in _ALL
    }


def _score(placed: Placed, text: str, hints: Sequence[tuple[int, str]]) -> tuple[int, int]:
    starts, ends, fits = placed.starts.tolist(), placed.ends.tolist(), placed.fits.tolist()
    agreeing = {number for number, hint in hints if fits[number] and _begins(hint, text[starts[number] : ends[number]])}
    return -len(agreeing), len(fits) - sum(fits)


def _begins(hint: str, selected: str) -> bool:
    """Whether words are how the selected text begins, white space and a final ellipsis aside."""
    words = " ".join(_ELLIPSIS.sub("", hint).split())
    return bool(words) and " ".join(selected[: 2 * len(hint) + 100].split()).startswith(words)


def _placed(text: str, starts: np.ndarray, ends: np.ndarray, convention: Convention) -> Placed:
    if convention == STANDARD:
        fits = (starts >= 0) & (starts <= ends) & (ends <= len(text))
        return Placed(starts, ends, fits, convention)
    edges = _edges(text, convention)
    starts, ends = np.where(starts == 0, edges[0], starts), np.where(ends == 0, edges[0], ends)
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


def _report(text: Text, placed: Placed, losses: Losses) -> None:
    """Report what is left open, out or behind; a description that repeats the selected text is no comment."""
    where = text.place
    if placed.others:
        ways = "; ".join(map(str, placed.others))
        reason = f"they may be off: counted as “{placed.taken}”, but “{ways}” suits as well; say which: positions="
        losses.add(where, "position", reason, len(placed.starts))
    starts, ends, fits = placed.starts.tolist(), placed.ends.tolist(), placed.fits.tolist()
    for each, start, end, is_placed in zip(text.selections, starts, ends, fits, strict=True):
        if each.name or each.comment:
            selected, comment = text.text[start:end] if is_placed else "", each.comment
            is_long = len(comment) >= _LONG or _ELLIPSIS.search(comment) is not None
            if _begins(comment, selected) if is_long else comment.split() and comment.split() == selected.split():
                each.comment = ""
            if each.name and not _begins(each.name, selected):
                losses.add(where, "name of a selection", "a coding here has no name")
    outside = f"it stands outside its text of {len(text.text):,} characters, or inside one"
    lost = sum(len(each.codings) for each, is_placed in zip(text.selections, fits, strict=True) if not is_placed)
    losses.add(where, "coding", outside, lost)
    bare = sum(not each.codings for each in text.selections)
    losses.add(where, "selection without a code", "only what is coded is read", bare)


def _codings(text: Text, number: int, placed: Placed) -> Iterator[RawCoding]:
    """The codings that have a place, each with the words and notes on it and on its selection."""
    places = zip(placed.starts.tolist(), placed.ends.tolist(), placed.fits.tolist(), strict=True)
    for selection, (start, end, is_placed) in zip(text.selections, places, strict=True):
        for coding in selection.codings if is_placed else ():
            coding.text, coding.start, coding.end = number, start, end
            coding.selection, coding.comment = selection.guid, selection.comment
            coding.notes = (*selection.notes, *coding.notes)
            yield coding
