"""Intervals for the difference, ratio or odds ratio of two proportions.

A score interval says where the data stop being compatible with a value of the measure. The two proportions
are fitted by maximum likelihood under it, in closed form, and it is a limit where the distance from the data is exactly
z standard errors: Miettinen and Nurminen (1985), Statistics in Medicine 4, 213-226. Only lower limits
are computed: an upper limit is the lower one of the groups exchanged.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass

from scipy.optimize import brentq
from scipy.special import ndtri

from research_lib.methods.contrasts.count_checks import check_choice, check_pair, check_total
from research_lib.methods.options import need_level

_FAR = 40.0
_NEAR = 1e-10
_MOST_CONDITIONAL = 100_000
_SCORE = "miettinen-nurminen"
type Estimated = tuple[float, float, float]  # the estimate, and its lower and upper limit


@dataclass(frozen=True)
class TwoGroups:
    """Two groups: k1 of n1 persons said yes in the first, k2 of n2 in the second."""

    k1: int
    n1: int
    k2: int
    n2: int

    @property
    def p1(self) -> float:
        """The share of the first group."""
        return self.k1 / self.n1

    @property
    def p2(self) -> float:
        """The share of the second group."""
        return self.k2 / self.n2

    @property
    def k(self) -> int:
        """All who said yes."""
        return self.k1 + self.k2

    @property
    def n(self) -> int:
        """All persons."""
        return self.n1 + self.n2

    @property
    def exchanged(self) -> "TwoGroups":
        """The second group first."""
        return TwoGroups(self.k2, self.n2, self.k1, self.n1)


def fit_difference(pair: TwoGroups, difference: float) -> tuple[float, float]:
    """Give the likeliest p1 and p2 of which p1 - p2 is `difference`: the middle root of a cubic in p2."""
    third = 3 * pair.n
    square = ((pair.n1 + 2 * pair.n2) * difference - pair.n - pair.k) / third
    linear = ((pair.n2 * difference - pair.n - 2 * pair.k2) * difference + pair.k) / third
    constant = pair.k2 * difference * (1 - difference) / pair.n
    bend = square**3 - 1.5 * linear * square + constant / 2
    radius = math.copysign(math.sqrt(max(square**2 - linear, 0.0)), bend)
    angle = math.acos(min(max(bend / radius**3, -1.0), 1.0)) if radius else 0.0
    root = 2 * radius * math.cos((math.pi + angle) / 3) - square
    second = min(max(root, 0.0, -difference), 1.0, 1 - difference)
    return min(max(second + difference, 0.0), 1.0), second


def fit_ratio(pair: TwoGroups, ratio: float) -> tuple[float, float]:
    """Give the likeliest p1 and p2 of which p1 / p2 is `ratio`: the smaller root of a quadratic in p2."""
    middle = pair.n1 * ratio + pair.k1 + pair.n2 + pair.k2 * ratio
    root = math.sqrt(max(middle**2 - 4 * pair.n * ratio * pair.k, 0.0))
    second = min(2 * pair.k / (middle + root), 1.0, 1 / ratio)
    return min(second * ratio, 1.0), second


def _lower_difference(pair: TwoGroups, reach: float) -> float:
    observed = pair.p1 - pair.p2
    if observed == -1:
        return -1.0

    def gap(value: float) -> float:
        first, second = fit_difference(pair, value)
        variance = first * (1 - first) / pair.n1 + second * (1 - second) / pair.n2
        return observed - value - reach * math.sqrt(variance)

    return float(brentq(gap, -1.0, observed - _NEAR, xtol=1e-13))


def _lower_ratio(pair: TwoGroups, reach: float) -> float:
    if pair.k1 == 0:
        return 0.0

    def gap(log_ratio: float) -> float:
        ratio = math.exp(log_ratio)
        first, second = fit_ratio(pair, ratio)
        variance = first * (1 - first) / pair.n1 + ratio**2 * second * (1 - second) / pair.n2
        return (pair.p1 - ratio * pair.p2 - reach * math.sqrt(variance)) / (1 + ratio)

    # At the observed ratio itself the gap may vanish without being a limit.
    observed = math.log(pair.p1 / pair.p2) if pair.k2 else _FAR
    return math.exp(brentq(gap, -_FAR, observed - _NEAR, xtol=1e-13))


@dataclass(frozen=True)
class Interval:
    """An estimate and the range of values that the data are compatible with, at a level and by a named method."""

    estimate: float
    low: float
    high: float
    level: float
    method: str
    measure: str


def difference_interval(
    k1: int, n1: int, k2: int, n2: int, *, method: str | None = None, level: float = 0.95
) -> Interval:
    """Estimate how far the share of the first group is above that of the second, with its interval.

    The measure is k1/n1 - k2/n2 (risk difference). `method`: `miettinen-nurminen` (1985), otherwise `newcombe` (1998,
    Statistics in Medicine 17, 873-890, method 10: hybrid score) or `agresti-caffo` (2000, The American Statistician 54,
    280-288), whose limits may lie beyond -1 or 1. The first is the default, because on average over the possible shares
    it covers at least as often as it says, from five persons a group upwards.

    Raises UnfitDataError for k > n, n = 0, counts that are not whole, and unknown methods.

    Not for: the same persons questioned twice (paired answers), persons who stand in both groups or in one group twice,
    lists drawn up to prove a point, figures that are themselves estimates, clustered samples (several women met
    through one contact): the interval would be too narrow.
    """
    return _interval("difference", (k1, n1, k2, n2), method, level)


def ratio_interval(k1: int, n1: int, k2: int, n2: int, *, method: str | None = None, level: float = 0.95) -> Interval:
    """Estimate how many times as frequent an answer is in the first group as in the second, with its interval.

    The measure is (k1/n1) / (k2/n2) (risk ratio), the method Miettinen and Nurminen's (1985). The estimate is infinite
    where nobody in the second group said yes, and not a number where nobody at all did; the interval stands all the
    same. Raises UnfitDataError as `difference_interval` does.

    Not for: what `difference_interval` is not for; nor for answers that nearly everybody gives, where the ratio cannot
    be large whatever the difference; turn the question round, or take the difference.
    """
    return _interval("ratio", (k1, n1, k2, n2), method, level)


def odds_interval(k1: int, n1: int, k2: int, n2: int, *, method: str | None = None, level: float = 0.95) -> Interval:
    """Estimate the ratio of the odds of yes in the first group to the odds in the second, with its interval.

    The measure is (k1/(n1-k1)) / (k2/(n2-k2)). The interval is the exact one, which conditions on both margins as
    Fisher's test does (Cornfield 1956); it is wider than necessary with small counts.
    Raises UnfitDataError as `difference_interval` does, and for more than 100,000 persons, for whom it takes too long.

    Not for: what `difference_interval` is not for; nor to be read as "so many times as likely": that is the ratio,
    and the odds ratio is further from 1 unless the answer is rare.
    """
    return _interval("odds", (k1, n1, k2, n2), method, level)


def _interval(measure: str, counts: tuple[int, int, int, int], method: str | None, level: float) -> Interval:
    pair = TwoGroups(*check_pair(*counts[:2], "the first group"), *check_pair(*counts[2:], "the second group"))
    method = next(iter(METHODS[measure])) if method is None else method
    check_choice(f"for the {measure} the method", method, METHODS[measure])
    return Interval(*METHODS[measure][method](pair, need_level(level)), level, method, measure)


def _reach(pair: TwoGroups, level: float) -> float:
    return -float(ndtri((1 - level) / 2)) * math.sqrt(pair.n / (pair.n - 1))


def _score_difference(pair: TwoGroups, level: float) -> Estimated:
    reach = _reach(pair, level)
    return pair.p1 - pair.p2, _lower_difference(pair, reach), -_lower_difference(pair.exchanged, reach)


def _score_ratio(pair: TwoGroups, level: float) -> Estimated:
    reach = _reach(pair, level)
    other = _lower_ratio(pair.exchanged, reach)
    estimate = pair.p1 / pair.p2 if pair.k2 else math.inf if pair.k1 else math.nan
    return estimate, _lower_ratio(pair, reach), 1 / other if other else math.inf


def _from_statsmodels(name: str) -> Callable[[TwoGroups, float], Estimated]:
    """One of statsmodels' intervals that are right; its score intervals are not (issue 10269)."""

    def limits(pair: TwoGroups, level: float) -> Estimated:
        from statsmodels.stats.proportion import confint_proportions_2indep  # loads slowly

        low, high = confint_proportions_2indep(*astuple(pair), method=name, alpha=1 - level)
        return pair.p1 - pair.p2, float(low), float(high)

    return limits


def _conditional_odds(pair: TwoGroups, level: float) -> Estimated:
    check_total(pair.n, _MOST_CONDITIONAL, f"{pair.n:,} persons", "take measure='ratio'")
    from scipy.stats.contingency import odds_ratio  # loads slowly

    sample, conditional = (
        odds_ratio([[pair.k1, pair.n1 - pair.k1], [pair.k2, pair.n2 - pair.k2]], kind=kind)
        for kind in ("sample", "conditional")
    )
    limits = conditional.confidence_interval(confidence_level=level)
    return float(sample.statistic), float(limits.low), float(limits.high)


METHODS: Mapping[str, Mapping[str, Callable[[TwoGroups, float], Estimated]]] = {
    "difference": {
        _SCORE: _score_difference,
        "newcombe": _from_statsmodels("newcomb"),
        "agresti-caffo": _from_statsmodels("agresti-caffo"),
    },
    "ratio": {_SCORE: _score_ratio},
    "odds": {"exact": _conditional_odds},
}
