"""Coded segments as a table: document, start, end, code, coder, time, memo; overlaps are normal.

`start` and `end` count Unicode code points of the document's text, half-open: `text[start:end]` is what was coded.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID, uuid5

import pandas as pd

from research_lib.coding.codebook import Codebook
from research_lib.coding.corpus import Corpus
from research_lib.errors import CodingError

COLUMNS = ["id", "document", "start", "end", "code", "coder", "time", "memo"]
_REQUIRED = ["document", "start", "end", "code", "coder"]
_LARGEST = 2**53
_WORDS = ["id", "document", "code", "coder", "memo"]
_UNFIT = (TypeError, ValueError, OverflowError, AttributeError, NotImplementedError, pd.errors.InvalidIndexError)
_HERE = UUID("0d1f2f3c-4f0d-5c39-8f0b-6a5b2f1f7a10")


def as_codings(rows: pd.DataFrame | Iterable[Any]) -> pd.DataFrame:
    """Make a table of codings from rows that have at least document, start, end, code and coder.

    Missing ids are made from the row itself, so that the same rows always get the same ids; a missing time stays empty
    (NaT) and a missing memo is an empty text. Raises CodingError for a missing column or a stretch that ends before it
    begins, and for a row without a document, code, coder or whole positions.
    """
    try:
        return _table(pd.DataFrame(rows))
    except _UNFIT as error:
        reason = f"the rows do not make a table of codings ({error!s:.99})"
        raise CodingError(f"codings: {reason}; give texts, whole positions and times") from error


def _table(frame: pd.DataFrame) -> pd.DataFrame:
    if missing := [name for name in _REQUIRED if name not in frame]:
        raise CodingError(f"codings: the column {missing[0]!r} is missing; a coding has {', '.join(_REQUIRED)}")
    for name in ("document", "code", "coder"):
        if frame[name].isna().any():
            raise CodingError(f"codings: row {frame[name].isna().idxmax()} has no {name}; give '' for an unknown coder")
    frame = frame.assign(
        start=_positions(frame["start"]),
        end=_positions(frame["end"]),
        time=_times(frame),
        memo=frame["memo"].fillna("") if "memo" in frame else "",
    )
    if len(wrong := frame[(frame["start"] < 0) | (frame["end"] < frame["start"])]):
        row = wrong.iloc[0]
        raise CodingError(f"codings: row {wrong.index[0]} runs from {row['start']} to {row['end']}; correct it")
    if "id" not in frame:
        frame["id"] = pd.Series(_ids(frame), frame.index, dtype=object)
    ordered = frame[[*COLUMNS, *(name for name in frame if name not in COLUMNS)]].reset_index(drop=True)
    return ordered.astype(dict.fromkeys(_WORDS, "str"))


def _times(frame: pd.DataFrame) -> pd.Series:
    given = frame["time"] if "time" in frame else pd.Series(pd.NaT, frame.index)
    try:
        times = pd.to_datetime(given, utc=True, format="ISO8601").dt.as_unit("us")
    except (ValueError, TypeError, OverflowError) as error:
        raise CodingError(f"codings: a time is not written as ISO 8601 has it ({error!s:.99})") from error
    if len(wrong := times[times.notna() & ~in_calendar(times)]):
        row = wrong.index[0]
        raise CodingError(f"codings: row {row} has the time {given[row]}; years go from 1 to 9999 (UTC), correct it")
    return times


def in_calendar(times: pd.Series) -> pd.Series:
    """Say which times, in UTC, are of the years 1 to 9999; others cannot be written as dates."""
    return times.dt.year.between(date.min.year, date.max.year)


def _positions(given: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(given, errors="coerce")
    if len(wrong := numbers[numbers.isna() | (numbers % 1 != 0) | (numbers.abs() > _LARGEST)]):
        row = wrong.index[0]
        raise CodingError(f"codings: row {row} has the position {given[row]!r}; give a whole number of characters")
    return numbers.astype("int64")


def no_codings() -> pd.DataFrame:
    """Make a table of codings without a row."""
    return as_codings(pd.DataFrame(columns=_REQUIRED))


def _ids(frame: pd.DataFrame) -> list[str]:
    """One UUID a row, from its content and, for rows that are alike, their order."""
    nth = frame.groupby(_REQUIRED, sort=False).cumcount()
    keys = zip(*(frame[name] for name in _REQUIRED), nth, strict=True)
    return [str(uuid5(_HERE, "\x1f".join(map(str, key)))) for key in keys]


def check(codings: pd.DataFrame, corpus: Corpus, codebook: Codebook) -> list[str]:
    """List what is wrong: an unknown document or code, or a position outside its text."""
    lengths = {document.id: len(document.text) for document in corpus}
    found = []
    for row in codings.itertuples(index=False):
        if row.document not in lengths:
            found.append(f"coding {row.id}: there is no document {row.document!r}")
        elif row.end > lengths[row.document]:
            reason = f"ends at {row.end}, and {row.document!r} has {lengths[row.document]} characters"
            found.append(f"coding {row.id}: {reason}")
        if row.code not in codebook:
            found.append(f"coding {row.id}: the codebook has no code {row.code!r}")
    return found


def stretch_numbers(ordered: pd.DataFrame, keys: list[str], *, touching: bool = True) -> "pd.Series[int]":
    """Number the stretches that segments of the same keys make where they overlap, or touch too.

    `ordered`: rows in the order of the keys, start and end. The number goes on from one group to the next.
    """
    groups = ordered.groupby(keys, sort=False, observed=True)
    reach = groups["end"].cummax().groupby([ordered[key] for key in keys]).shift()
    goes_on = ordered["start"] <= reach if touching else ordered["start"] < reach
    return (~goes_on).cumsum().rename("stretch")


def merged(codings: pd.DataFrame) -> pd.DataFrame:
    """Join the stretches of one code by one coder that overlap or touch into one."""
    keys = ["document", "coder", "code"]
    ordered = codings.sort_values([*keys, "start", "end"], ignore_index=True)
    joined = ordered.groupby([*keys, stretch_numbers(ordered, keys)], sort=False, as_index=False)
    return as_codings(joined.agg(start=("start", "min"), end=("end", "max")).drop(columns="stretch", errors="ignore"))
