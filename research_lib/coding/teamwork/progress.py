"""How far a team has come: what each has read and coded, what several have, how far somebody agrees with themselves."""

import re
from collections.abc import Sequence

import pandas as pd

from research_lib.coding.reliability import by_code, units_of
from research_lib.coding.storage.store import Store
from research_lib.coding.teamwork.assignments import assignments
from research_lib.errors import UnfitDataError

_ROUND = re.compile(r"(.+) \((\d+)\)")
_KEYS = ["document", "coder"]
_SEGMENTS = (
    "SELECT document, coder, count(*) AS segments FROM codings WHERE NOT is_removed AND coder <> '' GROUP BY 1, 2"
)


def second_id(coder: str, time: int = 2) -> str:
    """Name the coder of a person's second or later coding, such as `ana (2)`, from whom the first one is hidden."""
    return f"{person_of(coder)} ({time})"


def person_of(coder: str) -> str:
    """Give the person whose second coding this is, such as ana for `ana (2)`."""
    found = _ROUND.fullmatch(coder)
    return found[1] if found else coder


def without_second_codings(table: pd.DataFrame) -> pd.DataFrame:
    """Leave out the rows of second codings: somebody who codes twice is not two coders."""
    return table[table["coder"].map(person_of) == table["coder"]]


def progress(store: Store) -> pd.DataFrame:
    """Say how far each coder has come with each document that they are assigned, have read or have coded in.

    One row a document and coder: document, coder, characters, is_assigned, is_shared (drawn for several), is_read (to
    its end), segments, readers (how many people read it to its end; a second coding is the same person) and
    is_double_coded (two or more did).
    """
    assigned = assignments(store)[[*_KEYS, "is_shared"]].assign(is_assigned=True)
    finished = store.finished().assign(is_read=True)
    coded = store.table(_SEGMENTS)
    table = assigned.merge(finished, on=_KEYS, how="outer").merge(coded, on=_KEYS, how="outer")
    marks = ["is_assigned", "is_shared", "is_read"]
    table = table.astype(dict.fromkeys(marks, "boolean")).fillna(dict.fromkeys(marks, False) | {"segments": 0})
    people = finished.assign(person=finished["coder"].map(person_of)).groupby("document")["person"].nunique()
    table["readers"] = table["document"].map(people).fillna(0).astype(int)
    documents = store.documents()[["document", "characters"]].reset_index(names="place")
    table = documents.merge(table, on="document").sort_values(["place", "coder"], ignore_index=True)
    columns = [*_KEYS, "characters", "is_assigned", "is_shared", "is_read", "segments", "readers"]
    kinds = dict.fromkeys(marks, bool) | {"segments": int}
    return table[columns].astype(kinds).assign(is_double_coded=table["readers"] > 1)


def intra_coder(
    store: Store, coder: str, *, time: int = 2, unit: str = "sentence", codes: Sequence[str] | None = None
) -> pd.DataFrame:
    """Say how far somebody agrees with their own second coding, by code: a ceiling for agreement with others.

    The documents count that they have read to the end both times. Gives the columns of `reliability.by_code`, and days:
    how many lie between the two codings of a document, the fewest of all. Not for a second coding made with the first
    one in view, or so soon that it is remembered. Raises UnfitDataError where no document was read twice, or nothing is
    coded in those that were.
    """
    first, second = person_of(coder), second_id(coder, time)
    finished = store.finished()
    readers = finished[finished["coder"].isin([first, second])]
    readers = readers[readers.groupby("document")["coder"].transform("size") > 1]
    twice = set(readers["document"])
    codings = store.codings()
    codings = codings[codings["document"].isin(twice) & codings["coder"].isin([first, second])]
    if codings.empty:
        reason = "have coded nothing in what both read" if twice else "have read no document to its end both"
        raise UnfitDataError(f"{first} and {second} {reason}; code a few documents again as {second}, and finish them")
    units = units_of(store.corpus(), unit, documents=twice)
    once, again = (codings[codings["coder"] == name].groupby("document")["time"] for name in (first, second))
    days = (again.min() - once.max()).min() / pd.Timedelta(days=1)
    return by_code(codings, units, unit=unit, codes=codes, readers=readers).assign(days=days)
