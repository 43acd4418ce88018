"""Columns of frames as other people have them: ids of any kind, and further columns as notes."""

import re
from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from research_lib.errors import Problem, StudyError, UnfitDataError, quoted
from research_lib.evidence.checks.nearest import with_nearest

CANNOT_BE_DRAWN = "places and legs cannot be drawn as they stand; the number is the row, from 1:"
_OTHER_SIGNS = re.compile(r"[^a-z0-9_-]+")


def with_text_columns(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Number the rows from 0, and name the columns by text; raises UnfitDataError for a name that stands twice."""
    named = frame.set_axis([str(column) for column in frame.columns], axis=1).reset_index(drop=True)
    if twice := [*named.columns[named.columns.duplicated()]]:
        raise UnfitDataError(f"{name} has two columns {twice[0]!r:.60}; rename one, or drop it")
    return named


def id_text(value: Any) -> str:
    """Write an id as text, a whole number without a decimal point; empty where it is missing."""
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def plain_ids(given: "pd.Series[Any]", name: str) -> dict[str, str]:
    """Give each id of a column as an address has it: small letters, digits, `_` and `-`, no two alike.

    Raises StudyError with all rows whose id is missing or stands there twice.
    """
    texts = given.map(id_text)
    wrong = dict.fromkeys(texts.index[texts == ""], "is empty; fill it")
    wrong |= {row: f"{quoted(texts[row])} stands there twice; rename one" for row in texts.index[texts.duplicated()]}
    if problems := [Problem(name, row + 1, "id", reason) for row, reason in sorted(wrong.items())]:
        raise StudyError(CANNOT_BE_DRAWN, problems)
    taken = {text for text in texts if not _OTHER_SIGNS.search(text)}
    found = dict(zip(texts, texts, strict=True))
    for number, text in enumerate(texts, start=1):
        if text not in taken:
            plain = _OTHER_SIGNS.sub("-", text.lower()).strip("-") or str(number)
            found[text] = plain if plain not in taken else f"{plain}--{number}"
            taken.add(found[text])
    return found


def ends_found(
    legs: pd.DataFrame, ids: Mapping[str, str], names: Collection[str] = ("from_id", "to_id")
) -> pd.DataFrame:
    """Give the legs with the ids of `plain_ids` at both ends; raises StudyError with all that are no place."""
    ends = {name: legs[name].map(id_text) for name in names}
    unknown = {text for column in ends.values() for text in column if text not in ids}
    near = dict(with_nearest(sorted(unknown), ids))
    problems = [
        Problem("legs", row + 1, name, f"{quoted(text)} stands in no row of places{near[text]}" if text else "is empty")
        for name, column in ends.items()
        for row, text in column.items()
        if text in unknown
    ]
    if problems:
        raise StudyError(CANNOT_BE_DRAWN, sorted(problems))
    return legs.assign(**{name: column.map(ids) for name, column in ends.items()})


def notes_of(frame: pd.DataFrame, known: Collection[str]) -> "pd.Series[str]":
    """Write what further columns say of each row: `year: 2015; sex: women`; an empty cell says nothing."""
    others = [column for column in frame if column not in known]
    rows = ([(name, id_text(value)) for name, value in row.items()] for row in frame[others].to_dict("records"))
    return pd.Series(["; ".join(f"{name}: {text}" for name, text in row if text) for row in rows], frame.index, "str")
