"""Places the codings on all texts of a file: what one text proves of the way of counting holds for the others too."""

import numpy as np

from research_lib.exchange.refi.contents import Codings, Contents, Selections, Text
from research_lib.exchange.refi.guids import derived
from research_lib.exchange.refi.losses import Losses
from research_lib.exchange.refi.positions import (
    STANDARD,
    Convention,
    Placed,
    Scores,
    begins,
    habit_of,
    place,
    placed_as_told,
    repeats,
    scored,
    summed,
)

_MOST_HINTS = 10_000


def place_codings(contents: Contents, losses: Losses, *, told: Convention | None = None) -> None:
    """Turn what was selected in each text into codings in code points; what has no place is told."""
    texts = [text for text in contents.texts if text.columns.guids]
    scores = [{} if told else _scored(text, max(50, _MOST_HINTS // len(texts))) for text in texts]
    total = {} if told else summed(scores)
    for text, own in zip(texts, scores, strict=True):
        starts, ends = _stretches(text)
        if told is not None:
            placed = placed_as_told(text.text, starts, ends, told)
        else:
            habit = habit_of(contents.origin) or (STANDARD if _is_ours(text.columns) else None)
            placed = place(text.text, starts, ends, (own, total), bom=text.bom, habit=habit)
        text.codings.append(_codings(text, placed, losses))
        text.columns = Selections()
    for text in contents.texts:
        if text.whole.ids:
            text.codings.append(_on_all(text.whole, len(text.text)))


def _is_ours(columns: Selections) -> bool:
    """Whether the first selection goes by the GUID that we make for the one of its coding."""
    return bool(columns.ids) and columns.guids[columns.at[0]] == derived("selection", columns.ids[0])


def _stretches(text: Text) -> tuple[np.ndarray, np.ndarray]:
    columns = text.columns
    return np.array(columns.starts, dtype="int64"), np.array(columns.ends, dtype="int64")


def _scored(text: Text, most: int) -> Scores:
    """How well each way of counting suits a text, judged by up to so many names and as many comments, evenly spread."""
    columns = text.columns
    names = [(number, name) for number, name in enumerate(columns.names) if name]
    comments = list(columns.comments.items())
    hints = [hint for given in (names, comments) for hint in given[:: 1 + len(given) // most]]
    return scored(text.text, *_stretches(text), hints, bom=text.bom)


def _codings(text: Text, placed: Placed, losses: Losses) -> Codings:
    where, columns = text.place, text.columns
    if placed.others:
        ways = "; ".join(map(str, placed.others))
        reason = f"they may be off: counted as “{placed.taken}”, but “{ways}” suits as well; say which: positions="
        losses.add(where, "position", reason, len(placed.starts))
    _tell_names(text, placed, losses)
    at = np.array(columns.at, dtype="int64")
    kept = np.flatnonzero(placed.fits[at])
    outside = f"it stands outside its text of {len(text.text):,} characters, or inside one"
    losses.add(where, "coding", outside, len(at) - len(kept))
    bare = len(placed.starts) - len(np.unique(at))
    losses.add(where, "selection without a code", "only what is coded is read", bare)
    return _chosen(columns, at, kept, placed)


def _tell_names(text: Text, placed: Placed, losses: Losses) -> None:
    """A description that repeats the selected text says nothing new; any other is a comment, and stays."""
    columns, fits = text.columns, placed.fits.tolist()
    starts, ends = placed.starts.tolist(), placed.ends.tolist()
    for number, name in enumerate(columns.names):
        if name or number in columns.comments:
            selected = text.text[starts[number] : ends[number]] if fits[number] else ""
            if repeats(columns.comments.get(number, ""), selected):
                del columns.comments[number]
            if name and not begins(name, selected):
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
