"""What several informants say of one quantity: as intervals, combined only where they mean the same."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.methods.options import (
    check_columns,
    check_free,
    check_once,
    check_single_columns,
    is_number,
    need_list,
    need_no_blanks,
)

SAME_QUANTITY = ("indicator", "unit", "group_id", "country_code", "place_id", "period")
_ENDS = ("value", "low", "high")
_STATED = ("lowest", "highest", "stated", "approximate")
_COMBINED = "statements", "informants", "overlap_low", "overlap_high", "span_low", "span_high", "verdict", "unsaid"


def informants(figures: pd.DataFrame, *, by: Sequence[str] = SAME_QUANTITY, about: float = 0.0) -> pd.DataFrame:
    """List what each informant says of each quantity, as an interval, quantity by quantity.

    `figures`: one row a statement, with the columns value, or low and high (a range; one alone is `at least` or `at
    most`), unit, informant, those of `by`, and optional id and is_approximate. `by`: what must be the same for two
    statements to be of one quantity: definition, place and period; as they stand in a study's figures by default.
    `about`: by which share an approximate number may be off; 0 takes it as it stands.

    One row a statement: the columns of `by`, id, unit, informant, lowest and highest (infinite where open), stated
    (value, range, at least, at most, no number), approximate. Raises UnfitDataError for a missing column, one of `by`
    that is named like a column of this result or of `combine_informants`, blank text, a word for a number, a range
    whose ends are exchanged, or a value beside a range: a statement has the one or the other.

    Not for ranking informants: an interval is what an informant stated, not how well it is known.
    """
    _check(figures, by, about)
    value, low, high = (_numbers(figures, name) for name in _ENDS)
    approximate = _flags(figures)
    has_low, has_high = low.notna(), high.notna()
    _refuse(figures, low > high, "its low is above its high; exchange them")
    both = value.notna() & (has_low | has_high)
    _refuse(figures, both, "it has both a value and a low or high; keep the one that was stated")
    ends = {
        "lowest": low.where(has_low | has_high, value).mask(~has_low & has_high, -np.inf),
        "highest": high.where(has_low | has_high, value).mask(~has_high & has_low, np.inf),
    }
    for name, sign in (("lowest", -1), ("highest", 1)):
        reach = ends[name].abs().where(np.isfinite(ends[name]), 0.0) * (approximate * about)
        ends[name] = ends[name] + sign * reach
    kinds = [has_low & has_high, has_low, has_high, value.notna()]
    stated = np.select(kinds, ["range", "at least", "at most", "value"], "no number")
    kept = [*by, *(name for name in ("id", "unit", "informant") if name in figures and name not in by)]
    table = figures[kept].assign(**ends, stated=stated, approximate=approximate)
    place = table.groupby(list(by), dropna=False, sort=False).ngroup()
    return table.iloc[np.argsort(place.to_numpy(), kind="stable")].reset_index(drop=True)


def combine_informants(figures: pd.DataFrame, *, by: Sequence[str] = SAME_QUANTITY, about: float = 0.0) -> pd.DataFrame:
    """Combine the statements on one quantity: what all of them allow, and how far they lie apart.

    As for `informants`. One row a quantity: the columns of `by`, unit, statements (with a number), informants (joined
    by `;`), overlap_low and overlap_high (their common part; missing where there is none), span_low and span_high
    (from the lowest to the highest), verdict: alone (one statement), same, overlap, contradict (nothing in common) or
    no number; unsaid (which of `by` no statement gives, joined by `;`: whether they mean the same is then not known).
    Never an average: the middle of two contradicting statements is what nobody stated.

    Not for statements that share a name only: where they contradict, first read again whether they speak of the same
    people, place and time. Not a confidence interval: informants who repeat one another overlap too.
    """
    table = informants(figures, by=by, about=about)
    rows = [_combined(part, by) for _, part in table.groupby(list(by), dropna=False, sort=False)]
    return pd.DataFrame(rows)


def _combined(part: pd.DataFrame, by: Sequence[str]) -> dict[str, object]:
    counted = part[part["stated"] != "no number"]
    low, high = counted["lowest"].max(), counted["highest"].min()
    span = counted["lowest"].min(), counted["highest"].max()
    first = part.iloc[0]
    verdict = "contradict" if low > high else "same" if (low, high) == span else "overlap"
    if len(counted) < 2:
        verdict = "alone" if len(counted) else "no number"
    return {
        **{name: first[name] for name in by},
        "unit": first["unit"],
        "statements": len(counted),
        "informants": ";".join(sorted({name for cell in part["informant"] for name in _names(cell)})),
        "overlap_low": low if low <= high else np.nan,
        "overlap_high": high if low <= high else np.nan,
        "span_low": span[0],
        "span_high": span[1],
        "verdict": verdict,
        "unsaid": ";".join(name for name in by if pd.isna(first[name])),
    }


def _numbers(figures: pd.DataFrame, name: str) -> pd.Series:
    if name not in figures:
        return pd.Series(np.nan, figures.index)
    numbers = pd.to_numeric(figures[name], errors="coerce").astype("Float64").astype(float)
    _refuse(figures, numbers.isna() & figures[name].notna(), f"its {name} is not a number; put words in another column")
    _refuse(figures, np.isinf(numbers), f"its {name} is infinite; leave an open end empty")
    return numbers


def _flags(figures: pd.DataFrame) -> pd.Series:
    """Whether each number is approximate; an empty cell means that it is not."""
    if "is_approximate" not in figures:
        return pd.Series(False, figures.index)
    flags = figures["is_approximate"]
    strange = np.array([not isinstance(cell, bool | np.bool_) for cell in flags])
    _refuse(figures, flags.notna() & strange, "its is_approximate is neither True nor False; write one")
    return flags.astype("boolean").fillna(False).astype(bool)


def _names(cell: str) -> Iterator[str]:
    return (name.strip() for name in str(cell).split(";") if name.strip())


def _check(figures: pd.DataFrame, by: Sequence[str], about: float) -> None:
    check_single_columns(figures)
    check_once(need_list("by", by))
    check_free(by, (*_STATED, *_COMBINED))
    check_columns(figures, ["unit", "informant", *by])
    if not any(name in figures for name in _ENDS):
        raise UnfitDataError("the numbers are missing: give a column value, or low and high")
    if figures.empty or not by:
        raise UnfitDataError("the statements are missing, or `by` is empty; give both")
    if not is_number(about) or not 0 <= about < 1:
        raise UnfitDataError(f"`about` is {about!r}; a tenth is 0.1")
    for name in dict.fromkeys(("unit", "informant", *by, *_ENDS, "is_approximate", "id")):
        if name in figures:
            need_no_blanks(figures[name], f"column {name!r}")
    _refuse(figures, figures["unit"].isna(), "its unit is missing; fill it in")
    nobody = figures["informant"].isna() | np.array([not any(_names(cell)) for cell in figures["informant"]])
    _refuse(figures, nobody, "its informant is missing; fill it in")
    units = figures.groupby(list(by), dropna=False)["unit"].transform("nunique")
    _refuse(figures, units > 1, "others of its quantity have another unit; turn them into one, or name unit in `by`")


def _refuse(figures: pd.DataFrame, wrong: pd.Series, reason: str) -> None:
    if wrong.any():
        place = int(np.argmax(wrong.to_numpy()))
        name = figures["id"].iloc[place] if "id" in figures else figures.index[place]
        raise UnfitDataError(f"statement {name!r}: {reason}")
