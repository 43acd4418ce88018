"""Shares of answers, from counts rounded before they left: each with all that rounding and chance allow."""

from collections.abc import Sequence
from dataclasses import dataclass

from research_lib.methods.wilson_interval import wilson_interval

NEVER_BELOW, NEVER_ABOVE = 0.01, 0.99


@dataclass(frozen=True)
class Share:
    """What part of the answers one answer is, 0 to 1, and between which ends it lies.

    `is_of_shown`: other answers are hidden, so that this is a share only of the answers that are shown.
    """

    value: float
    low: float
    high: float
    base: int
    is_of_shown: bool


def shares(counts: Sequence[int | None], *, rounding: int, is_sensitive: bool = False) -> list[Share | None]:
    """Give the share of each answer to a question among all its answers.

    `counts`: rounded to multiples of `rounding`; None where a count is hidden, 0 where nobody gave the answer. An
    answer has no share where it is hidden, where nobody gave it, or where all others are hidden. For a sensitive
    question no share and no end of an interval is below 1 % or above 99 %.

    The interval is Wilson's at 95 %, widened by rounding: from the lowest count over the highest base to the highest
    count over the lowest base. Source: Wilson (1927), Probable inference, the law of succession, and statistical
    inference.
    """
    is_of_shown = None in counts
    given = [count for count in counts if count]
    if is_of_shown and len(given) == 1:
        return [None] * len(counts)
    half = rounding // 2
    ends = (max(sum(given) - half * len(given), 1), sum(given) + half * len(given))
    limits = (NEVER_BELOW, NEVER_ABOVE) if is_sensitive else (0.0, 1.0)
    return [
        _share(count, sum(given), (half, ends), limits, is_of_shown=is_of_shown) if count else None for count in counts
    ]


def _share(
    count: int, base: int, rounded: tuple[int, tuple[int, int]], limits: tuple[float, float], *, is_of_shown: bool
) -> Share:
    half, (least, most) = rounded
    low = float(wilson_interval(max(count - half, 0), most, 0.95)[0])
    high = float(wilson_interval(min(count + half, least), least, 0.95)[1])
    value, low, high = (min(max(end, limits[0]), limits[1]) for end in (count / base, low, high))
    return Share(value, low, high, base, is_of_shown)
