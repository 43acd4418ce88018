"""Cells as platforms write them, with the codes of the form: labels, words for no answer, prefixes of a uuid."""

import re
from collections.abc import Mapping
from dataclasses import replace

from research_lib.errors import Problem
from research_lib.files.tabular import Note
from research_lib.interviews.answers.export_tables import Table
from research_lib.interviews.answers.form_questions import Place, Question, spaced

BLANK_WORDS = frozenset(["n/a", "N/A", "NA", "nan", "NaN", "-", "<NA>"])
LINES_NAMED, BLANK_WORD = 10, "blank word"
_UUID = re.compile(r"(?:uuid:)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE)
_BOTH = "the same texts are values and labels of other choices here; export again with XML values"


def with_form_codes(
    table: Table, places: Mapping[str, Place], questions: Mapping[str, Question]
) -> tuple[Table, list[Problem]]:
    """Write the answers of a table as its form does, with notes of what was read as blank.

    Labels become the codes of their choices where each label is one choice's only. A word for no answer becomes a blank
    unless it is a choice of the question. A random uuid as the code of a case loses its prefix and its capitals.
    A problem is what could be a code as well as the label of another choice, where the rest of the table does not tell.
    """
    values = {header: table.frame[header].dropna().unique() for header in places}
    readings = {
        header: {text: _reading(text, questions[place.question]) for text in values[header] if text}
        for header, place in places.items()
        if questions[place.question].kind in ("one", "many") and not place.choice
    }
    every = [reading for column in readings.values() for reading in column.values()]
    codes = any(by_code is not None and by_label is None for by_code, by_label in every)
    labels = any(by_label is not None and by_code is None for by_code, by_label in every)
    is_label = None if codes == labels else labels  # None: some are labels, others codes, or nothing tells
    changes, notes, problems = dict[str, dict[str, str]](), list[Note](), list[Problem]()
    for header, place in places.items():
        question = questions[place.question]
        answers = {*question.choices, *question.choices_by_label}
        change = {text: "" for text in values[header] if text in BLANK_WORDS and text not in answers}
        for text in change:
            lines = table.frame.index[(table.frame[header] == text).to_numpy(dtype=bool, na_value=False)]
            first = tuple(int(line) for line in lines[:LINES_NAMED])
            notes.append(Note(BLANK_WORD, f"{text!r} is no choice and was read as blank", header, len(lines), first))
        if question.name == "case_code":
            change |= {text: found[1].lower() for text in values[header] if (found := _UUID.fullmatch(text))}
        for text, (by_code, by_label) in readings.get(header, {}).items():
            if is_label is None and None not in (by_code, by_label) and by_code != by_label:
                problems.append(Problem(table.file, 0, header, _BOTH))
                break
            code = by_label if is_label or by_code is None else by_code
            if code is not None and code != text:
                change[text] = code
        if change:
            changes[header] = change
    return _changed(table, changes, notes), problems


def _reading(text: str, question: Question) -> tuple[str | None, str | None]:
    """What a cell says if it is written in codes, and if it is written in labels; None where it is not."""
    words = text.split() if question.kind == "many" else [text]
    by_code = text if words and all(word in question.choices for word in words) else None
    label = spaced(text)
    if len(found := question.choices_by_label.get(label, frozenset())) == 1:
        return by_code, next(iter(found))
    return by_code, _parted(label, question) if question.kind == "many" and by_code is None else None


def _parted(text: str, question: Question) -> str | None:
    """The codes of several labels with spaces between them, where the text can be parted in one way only."""
    labels = question.choices_by_label
    ends = {len(text), *(sign.start() for sign in re.finditer(" ", text))}
    sizes = sorted({len(label) for label in labels}, reverse=True)
    ways: dict[int, list[str]] = {0: [""]}
    for start in sorted({0, *(end + 1 for end in ends)}):
        for size in sizes if ways.get(start) else ():
            end = start + size
            choices = labels.get(text[start:end], ()) if end in ends else ()
            made = [f"{before} {choice}" for before in ways[start] for choice in choices]
            ways[end + 1] = [*ways.get(end + 1, []), *made][:2]
    found = ways.get(len(text) + 1, [])
    return found[0].strip() if len(found) == 1 else None


def _changed(table: Table, changes: Mapping[str, Mapping[str, str]], notes: list[Note]) -> Table:
    made = {
        header: table.frame[header].map(lambda cell, change=change: change.get(cell, cell), na_action="ignore")
        for header, change in changes.items()
    }
    frame = table.frame.assign(**{header: cells.astype("str") for header, cells in made.items()})
    blank = {note.column for note in notes}
    old = [note for note in table.notes if note.kind != "looks missing" or note.column not in blank]
    return replace(table, frame=frame, notes=(*old, *notes))
