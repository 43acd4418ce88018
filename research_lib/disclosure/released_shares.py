"""Shares of answers from rounded counts, each with an interval for rounding and chance."""

from collections.abc import Sequence
from dataclasses import dataclass

from research_lib.methods.wilson_interval import wilson_interval

NEVER_BELOW, NEVER_ABOVE = 0.01, 0.99


@dataclass(frozen=True)
class Share:
    """The share of one answer among the answers, 0 to 1, with the ends of its interval.

    `is_of_shown`: other answers are suppressed, so that this is a share only of the answers that are shown.
    """

    value: float
    low: float
    high: float
    base: int
    is_of_shown: bool


def shares(counts: Sequence[int | None], *, rounding: int, is_sensitive: bool = False) -> list[Share | None]:
    """Give the share of each answer to a question among all its answers.

    `counts`: rounded to multiples of `rounding`; None where a count is suppressed, 0 where nobody gave the answer. An
    answer has no share where it is suppressed, where nobody gave it, or where all others are suppressed. For a
    sensitive question no share and no end of an interval is below 1 % or above 99 %.

    The interval is Wilson's at 95 %, widened by rounding: from the lowest count over the highest base to the highest
    count over the lowest base. Source: Wilson (1927), Probable inference, the law of succession, and statistical
    inference.
    """
    is_of_shown = None in counts
    given = [count for count in counts if count]
    if is_of_shown and len(given) == 1:
        return [None] * len(counts)
    base, half = sum(given), rounding // 2
    least, most = max(base - half * len(given), 1), base + half * len(given)
    lowest, highest = (NEVER_BELOW, NEVER_ABOVE) if is_sensitive else (0.0, 1.0)

    def share(count: int) -> Share:
        low = float(wilson_interval(max(count - half, 0), most, 0.95)[0])
        high = float(wilson_interval(min(count + half, least), least, 0.95)[1])
        value, low, high = (min(max(end, lowest), highest) for end in (count / base, low, high))
        return Share(value, low, high, base, is_of_shown)

    return [share(count) if count else None for count in counts]
