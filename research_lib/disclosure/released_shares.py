"""Shares of answers from published counts, each with an interval for rounding, suppression and chance."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from research_lib.methods.wilson_interval import wilson_interval
from research_lib.published_cells import HIDDEN, SHOWN, count_bounds

NEVER_BELOW, NEVER_ABOVE = 0.01, 0.99
ANY_NUMBER = (0.0, float("inf"))
Ends = tuple[float, float]


@dataclass(frozen=True)
class Share:
    """The share of one answer among all answers, 0 to 1.

    `value`: from the rounded counts; None where another answer is suppressed, so that only a range is known. `least`,
    `most`: what rounding and suppressed answers allow. `low`, `high`: the same with chance as well, at 95 %.
    """

    value: float | None
    least: float
    most: float
    low: float
    high: float


def shares(
    counts: Sequence[int | None],
    *,
    rounding: int,
    is_sensitive: bool = False,
    apart: Sequence[int | None] = (),
    records: Ends = ANY_NUMBER,
) -> list[Share | None]:
    """Give the share of each answer to a question among all its answers.

    `counts`: rounded to multiples of `rounding`; None where a count is suppressed, 0 where nobody gave the answer.
    `apart`: the counts of records without an answer. `records`: the least and the most that all records can be. They
    bound how many answers are suppressed, and so the base of the shares. An answer has no share where it is
    suppressed, or where nobody gave it. For a sensitive question nothing is below 1 % or above 99 %.

    The interval is Wilson's at 95 %, widened from the lowest count over the highest base to the highest count over
    the lowest base. Source: Wilson (1927), Probable inference, the law of succession, and statistical inference.
    """
    low, high = _bounds(counts, rounding)
    is_open, base = None in counts, sum(count or 0 for count in counts)
    least, most = _bases(low, high, _bounds(apart, rounding), records if is_open else ANY_NUMBER)
    high = np.minimum(high, least)
    bases = (np.full(len(counts), end) for end in (most, least))
    (low_end, _), (_, high_end) = (wilson_interval(*pair, 0.95) for pair in zip((low, high), bases, strict=True))
    lowest, highest = (NEVER_BELOW, NEVER_ABOVE) if is_sensitive else (0.0, 1.0)

    def share(count: int, *ends: float) -> Share:
        value = None if is_open else min(max(count / base, lowest), highest)
        return Share(value, *(float(min(max(end, lowest), highest)) for end in ends))

    rows = zip(counts, low / most, high / least, low_end, high_end, strict=True)
    return [share(count, *ends) if count else None for count, *ends in rows]


def records_by(tables: Iterable[pd.DataFrame], column: str, *, rounding: int, fewest: int) -> dict[str, Ends]:
    """Give for each value of a column the least and the most records, as all tables of a release together allow.

    `tables`: with `count` and `status`, of the same records; those without the column bound nothing. `fewest`: no
    shown count is below it.
    """
    sums = [_sums(table, column, rounding, fewest) for table in tables if column in table]
    if not sums:
        return {}
    ends = pd.concat(sums).groupby(level=0).agg({"low": "max", "high": "min"})
    return {str(value): (float(low), float(high)) for value, low, high in ends.itertuples()}


def _sums(table: pd.DataFrame, column: str, rounding: int, fewest: int) -> pd.DataFrame:
    counts, status = table["count"].fillna(0).to_numpy(dtype=float), table["status"]
    is_shown, is_hidden = status.eq(SHOWN).to_numpy(), status.eq(HIDDEN).to_numpy()
    low, high = count_bounds(counts, is_shown=is_shown, is_hidden=is_hidden, base=rounding, fewest=fewest)
    return table[[column]].assign(low=low, high=high).groupby(column).sum()


def _bounds(counts: Sequence[int | None], rounding: int) -> tuple[np.ndarray, np.ndarray]:
    numbers = np.array([count or 0 for count in counts], dtype=float)
    is_hidden = np.array([count is None for count in counts], dtype=bool)
    return count_bounds(numbers, is_shown=numbers > 0, is_hidden=is_hidden, base=rounding)


def _bases(low: np.ndarray, high: np.ndarray, apart: tuple[np.ndarray, np.ndarray], records: Ends) -> Ends:
    """The least and the most answers: from their counts, and from all records without those that gave no answer."""
    least = max(low.sum(), records[0] - apart[1].sum(), 1)
    return least, max(min(high.sum(), records[1] - apart[0].sum()), least)
