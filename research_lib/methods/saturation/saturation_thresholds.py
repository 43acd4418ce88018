"""A table of interviews and codes, and when interviews stop bringing new codes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from research_lib.errors import UnfitDataError
from research_lib.methods.options import (
    check_columns,
    check_single_columns,
    is_number,
    need_list,
    need_no_blanks,
    need_whole,
)

EVERYONE = "all"
_THRESHOLDS = (0.05, 0.0)


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
    check_single_columns(codings)
    check_columns(codings, ["document", "code"])
    for column in ("document", "code"):
        need_no_blanks(codings[column], f"column {column!r} of the codings")
        if codings[column].isna().any():
            row = codings[column].isna().idxmax()
            raise UnfitDataError(f"row {row!r} of the codings: its {column} is empty; fill it in")
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
    for wrong, fix in (
        (np.isnan(numbers), "give 0 where the code is not there"),
        ((numbers < 0) | (numbers % 1 != 0), "give how often it was given, or 0 and 1"),
    ):
        for row, column in np.argwhere(wrong)[:1]:
            place = f"interview {interviews.index[row]!r}, code {interviews.columns[column]!r}"
            raise UnfitDataError(f"{place}: {interviews.iat[row, column]!r} is not a count; {fix}")
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
    # Groups such as 1 and "1" would have one name in the result.
    written = names.drop_duplicates().map(str)
    if len(twice := written[written.duplicated()]):
        raise UnfitDataError(f"`by` has two groups that are both written {twice.iloc[0]!r}; rename one, or join them")
    yield from ((str(name), rows) for name, rows in names.groupby(names).indices.items())


def _refuse_repeated(names: pd.Index, what: str) -> None:
    if names.has_duplicates:
        raise UnfitDataError(f"the {what} {names[names.duplicated()][0]!r} stands there twice; keep one, or rename one")


def saturation(
    interviews: pd.DataFrame,
    *,
    by: Mapping[str, str] | pd.Series | None = None,
    bases: Sequence[int] = (4, 5, 6),
    runs: Sequence[int] = (2, 3),
    thresholds: Sequence[float] = _THRESHOLDS,
    draws: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """Say after how many interviews hardly any code was new, and how far that depends on their order.

    Rows of `interviews` are in the order they were held; `by`: the group of each. Saturation is reached before the
    first run whose new codes are at most `thresholds` times those of the base. One row a group, base, run and
    threshold: as_held (interviews before that run in the order given; the run itself comes on top), then over `draws`
    random orders low, median and high (the 5th, 50th and 95th in a hundred) and reached (the share of orders in which
    it was). Missing where it was not reached, or not in so many orders. Source: Guest, Namey and Chen (2020), PLoS ONE
    15(5), e0232076, who draw interviews with replacement instead of only shuffling them.

    Not for planning a study by another one, nor as proof that nothing is left: a short run is often empty by chance.
    Not for meaning, only for codes: see the package's docstring.
    """
    for name, values in {"bases": bases, "runs": runs, "thresholds": thresholds}.items():
        if not need_list(name, values):
            raise UnfitDataError(f"{name} is empty; write a list of one number or more")
    if wrong := [each for each in thresholds if not (is_number(each) and 0 <= each < 1)]:
        raise UnfitDataError(f"the threshold {wrong[0]!r} is not a share; 5 in a hundred is 0.05")
    need_whole("draws", draws, 1)
    need_whole("seed", seed, 0)
    settings = list(product(bases, runs, thresholds))
    rows = []
    for part in read_parts(interviews, by):
        for base, run, _ in settings:
            _check(part, base, run)
        random, size = np.random.default_rng(seed), part.interviews
        orders = random.permuted(np.tile(np.arange(size), (draws, 1)), axis=1)
        held = _reached(_new_codes(part.presence), settings)
        drawn = np.array([_reached(_new_codes(part.presence[order]), settings) for order in orders])
        for (base, run, threshold), own, others in zip(settings, held, drawn.T, strict=True):
            low, median, high = np.percentile(others, [5, 50, 95], method="inverted_cdf")
            places = [float(place) if np.isfinite(place) else np.nan for place in (own, low, median, high)]
            rows.append((part.group, size, base, run, threshold, *places, float(np.isfinite(others).mean())))
    names = ("group", "interviews", "base", "run", "threshold", "as_held", "low", "median", "high", "reached")
    return pd.DataFrame(rows, columns=list(names))


def _new_codes(presence: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How many codes each interview is the first to have."""
    first = presence.argmax(axis=0)[presence.any(axis=0)]
    return np.bincount(first, minlength=len(presence))


def _runs(fresh: NDArray[np.int64], base: int, run: int) -> NDArray[np.int64]:
    return np.lib.stride_tricks.sliding_window_view(fresh[base:], run).sum(axis=1)


def _reached(fresh: NDArray[np.int64], settings: Sequence[tuple[int, int, float]]) -> list[float]:
    """The interviews before the first run that brings little enough, for each setting; infinite where none does."""
    found = []
    for base, run, threshold in settings:
        base_codes = fresh[:base].sum()
        few = _runs(fresh, base, run) / base_codes <= threshold if base_codes else np.zeros(1, dtype=bool)
        found.append(float(base + few.argmax()) if few.any() else float("inf"))
    return found


def _check(part: Part, base: int, run: int) -> None:
    need_whole("base", base, 1)
    need_whole("run", run, 1)
    if part.interviews < base + run:
        raise UnfitDataError(
            f"the group {part.group!r} has {part.interviews} interviews; a base of {base} and a run of {run} need "
            f"{base + run}: take smaller ones, or hold more interviews"
        )
