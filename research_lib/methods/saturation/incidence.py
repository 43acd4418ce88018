"""A table of interviews and codes: made from codings, checked, and divided by country."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from research_lib.errors import UnfitDataError
from research_lib.methods.options import check_columns, check_single_columns, need_no_blanks

EVERYONE = "all"


@dataclass(frozen=True)
class Part:
    """The interviews of one group: `presence` has a row for each and a column for each code that any of them has."""

    group: str
    presence: NDArray[np.bool_]

    @property
    def interviews(self) -> int:
        """How many interviews there are."""
        return len(self.presence)

    @property
    def codes(self) -> int:
        """How many different codes they have."""
        return int(self.presence.shape[1])

    @property
    def shared_by(self) -> NDArray[np.int64]:
        """In how many interviews each code is."""
        return self.presence.sum(axis=0)

    def in_exactly(self, interviews: int) -> int:
        """How many codes are in exactly so many interviews."""
        return int((self.shared_by == interviews).sum())


def incidence(codings: pd.DataFrame, *, documents: Sequence[str] | None = None) -> pd.DataFrame:
    """Say for each interview and each code whether the interview has it: 1 or 0.

    `codings`: a row for each coded stretch, with the columns document and code. `documents`: all interviews, in their
    order, so that those without a code count too; without it only the ones with a code count, as they first occur.
    Rows are documents, columns codes. Raises UnfitDataError for a missing column, an empty cell, a document given twice
    or one that `documents` lacks.

    Not for codings of which only a part is done: an interview that nobody has read yet looks like one without codes.
    """
    _need(codings, ("document", "code"))
    order = list(dict.fromkeys(codings["document"])) if documents is None else list(documents)
    _refuse_repeated(pd.Index(order), "document")
    if unknown := sorted(set(codings["document"]) - set(order), key=str):
        raise UnfitDataError(f"the codings have the document {unknown[0]!r}, which `documents` lacks; add it there")
    table = pd.crosstab(codings["document"], codings["code"]).clip(upper=1)
    return table.reindex(order, fill_value=0).rename_axis(index="document", columns="code")


def read_parts(interviews: pd.DataFrame, by: Mapping[str, str] | pd.Series | None = None) -> list[Part]:
    """Check a table of interviews and divide it by group; without `by` there is one group, `all`.

    A code that no interview of a group has is left out of that group. Raises UnfitDataError for what cannot be counted.
    """
    presence = _presence(interviews)
    parts = [Part(name, presence[rows][:, presence[rows].any(axis=0)]) for name, rows in _groups(interviews, by)]
    for part in parts:
        if part.interviews < 2:
            raise UnfitDataError(f"the group {part.group!r} has one interview; at least two are needed to compare them")
        if not part.codes:
            raise UnfitDataError(f"no interview of the group {part.group!r} has a code; there is nothing to count")
    return parts


def _presence(interviews: pd.DataFrame) -> NDArray[np.bool_]:
    if interviews.empty:
        raise UnfitDataError("the table is empty; rows are interviews, columns are codes")
    _refuse_repeated(interviews.index, "interview")
    _refuse_repeated(interviews.columns, "code")
    numbers = interviews.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    _refuse(interviews, np.isnan(numbers), "give 0 where the code is not there")
    _refuse(interviews, (numbers < 0) | (numbers % 1 != 0), "give how often it was given, or 0 and 1")
    present = numbers > 0
    if not present.any(axis=0).all():
        code = interviews.columns[~present.any(axis=0)][0]
        raise UnfitDataError(f"no interview has the code {code!r}; leave it out, since only codes given count")
    return np.asarray(present)


def _groups(interviews: pd.DataFrame, by: Mapping[str, str] | pd.Series | None) -> Iterator[tuple[str, NDArray[Any]]]:
    if by is None:
        yield EVERYONE, np.arange(len(interviews))
        return
    if not isinstance(by, Mapping | pd.Series):
        raise UnfitDataError("`by` must say which interview is in which group: give a Series by interview, or a dict")
    _refuse_repeated(pd.Series(by).index, "interview")
    names = pd.Series([dict(by).get(name) for name in interviews.index], dtype=object)
    if names.isna().any():
        missing = interviews.index[names.isna()][0]
        raise UnfitDataError(f"`by` gives no group for the interview {missing!r}; add it")
    need_no_blanks(names, "`by`")
    _refuse_written_alike(names)
    yield from ((str(name), rows) for name, rows in names.groupby(names).indices.items())


def _refuse_written_alike(names: pd.Series) -> None:
    """Refuse groups such as 1 and "1": in the result both would have one name."""
    written = names.drop_duplicates().map(str)
    if len(twice := written[written.duplicated()]):
        raise UnfitDataError(f"`by` has two groups that are both written {twice.iloc[0]!r}; rename one, or join them")


def _refuse(interviews: pd.DataFrame, wrong: NDArray[np.bool_], fix: str) -> None:
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        place = f"interview {interviews.index[row]!r}, code {interviews.columns[column]!r}"
        raise UnfitDataError(f"{place}: {interviews.iat[row, column]!r} is not a count; {fix}")


def _refuse_repeated(names: pd.Index, what: str) -> None:
    if names.has_duplicates:
        raise UnfitDataError(f"the {what} {names[names.duplicated()][0]!r} stands there twice; keep one, or rename one")


def _need(codings: pd.DataFrame, columns: Sequence[str]) -> None:
    check_single_columns(codings)
    check_columns(codings, columns)
    for column in columns:
        need_no_blanks(codings[column], f"column {column!r} of the codings")
        if codings[column].isna().any():
            raise UnfitDataError(
                f"row {codings[column].isna().idxmax()!r} of the codings: its {column} is empty; fill it in"
            )
