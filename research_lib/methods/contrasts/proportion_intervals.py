"""Intervals for one proportion, and for the difference, ratio or odds ratio of two."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from scipy.special import ndtri

from research_lib.methods.contrasts.count_checks import check_choice, check_pair, check_total
from research_lib.methods.contrasts.score_intervals import Pair, score_limits
from research_lib.methods.options import need_level
from research_lib.methods.wilson_interval import wilson_interval

type Limits = tuple[float, float]
DEFAULT = "miettinen-nurminen"
_MOST_CONDITIONAL = 100_000


@dataclass(frozen=True)
class Interval:
    """An estimate and the range of values that the data are compatible with, at a level and by a named method."""

    estimate: float
    low: float
    high: float
    level: float
    method: str
    measure: str


def proportion_interval(k: int, n: int, *, method: str = "wilson", level: float = 0.95) -> Interval:
    """Estimate the share of a whole group, with its interval, when k of n persons said yes.

    `method`: `wilson` (the score interval) or `jeffreys` (Bayes with the prior Beta(1/2, 1/2); its lower limit is 0
    where nobody, its upper limit 1 where everybody said yes). Brown, Cai and DasGupta (2001), Statistical Science 16,
    101-133. Raises UnfitDataError for k > n, n = 0 and counts that are not whole.

    Not for: groups of which everybody answered (the share is then exact), persons who stand in the list twice, figures
    that are themselves estimates.
    """
    check_choice("method", method, ("wilson", "jeffreys"))
    k, n = check_pair(k, n, "the share")
    limits = wilson_interval if method == "wilson" else _jeffreys
    low, high = map(float, limits(k, n, need_level(level)))
    return Interval(k / n, low, high, level, method, "share")


def _jeffreys(k: int, n: int, level: float) -> Limits:
    from statsmodels.stats.proportion import proportion_confint  # loads slowly

    low, high = proportion_confint(k, n, alpha=1 - level, method="jeffreys")
    return 0.0 if k == 0 else low, 1.0 if k == n else high


def difference_interval(k1: int, n1: int, k2: int, n2: int, *, method: str = DEFAULT, level: float = 0.95) -> Interval:
    """Estimate how far the share of the first group is above that of the second, with its interval.

    The measure is k1/n1 - k2/n2 (risk difference). `method`: `miettinen-nurminen` (1985), `mee` (1984), `newcombe`
    (1998, Statistics in Medicine 17, 873-890, method 10: hybrid score), `agresti-caffo` (2000, The American
    Statistician 54, 280-288), and `wald`, which is there only to be compared with: with small counts it is too narrow,
    and at 0 of n against 0 of n it has no width. The default is Miettinen-Nurminen, because the same statistic gives
    the ratio and the odds ratio, so that the three exclude "no difference" together or not at all, and because on
    average over the possible shares it covers at least as often as it says, from five persons a group upwards.
    Agresti-Caffo and Wald limits may lie beyond -1 or 1 and are given as they come.

    Raises UnfitDataError for k > n, n = 0, counts that are not whole, and unknown methods.

    Not for: the same persons questioned twice (paired answers), persons who stand in both groups or in one group twice,
    lists drawn up to prove a point, figures that are themselves estimates, clustered samples (several women met
    through one contact): the interval would be too narrow.
    """
    pair = _pair(k1, n1, k2, n2)
    return _interval("difference", pair, pair.p1 - pair.p2, method=method, level=level)


def ratio_interval(k1: int, n1: int, k2: int, n2: int, *, method: str = DEFAULT, level: float = 0.95) -> Interval:
    """Estimate how many times as frequent an answer is in the first group as in the second, with its interval.

    The measure is (k1/n1) / (k2/n2) (risk ratio). `method`: `miettinen-nurminen` (1985) or `koopman` (1984), the same
    without the factor N/(N-1). The estimate is infinite where nobody in the second group said yes, and not a number
    where nobody at all did; the interval stands all the same. Raises UnfitDataError as `difference_interval` does.

    Not for: what `difference_interval` is not for; nor for answers that nearly everybody gives, where the ratio cannot
    be large whatever the difference; turn the question round, or take the difference.
    """
    pair = _pair(k1, n1, k2, n2)
    return _interval("ratio", pair, _quotient(pair.p1, pair.p2), method=method, level=level)


def odds_interval(k1: int, n1: int, k2: int, n2: int, *, method: str = DEFAULT, level: float = 0.95) -> Interval:
    """Estimate the ratio of the odds of yes in the first group to the odds in the second, with its interval.

    The measure is (k1/(n1-k1)) / (k2/(n2-k2)). `method`: `miettinen-nurminen` (1985), `cornfield` (the same without the
    factor N/(N-1)) or `exact`, which conditions on both margins as Fisher's test does and whose estimate is the
    conditional maximum-likelihood one (Cornfield 1956), wider than necessary with small counts, and refused for
    more than 100,000 persons, for whom it takes too long. Raises UnfitDataError as `difference_interval` does.

    Not for: what `difference_interval` is not for; nor to be read as "so many times as likely": that is the ratio,
    and the odds ratio is further from 1 unless the answer is rare.
    """
    pair = _pair(k1, n1, k2, n2)
    estimate = _quotient(pair.k1 * (pair.n2 - pair.k2), pair.k2 * (pair.n1 - pair.k1))
    if isinstance(method, str) and method == "exact":
        check_total(pair.n, _MOST_CONDITIONAL, f"{k1} of {n1} against {k2} of {n2}", f"take method={DEFAULT!r}")
        estimate = float(_conditional(pair).statistic)
    return _interval("odds", pair, estimate, method=method, level=level)


def _pair(k1: int, n1: int, k2: int, n2: int) -> Pair:
    return Pair(*check_pair(k1, n1, "the first group"), *check_pair(k2, n2, "the second group"))


def _interval(measure: str, pair: Pair, estimate: float, *, method: str, level: float) -> Interval:
    check_choice(f"for the {measure} the method", method, METHODS[measure])
    low, high = METHODS[measure][method](pair, need_level(level))
    return Interval(estimate, low, high, level, method, measure)


def _quotient(upper: float, lower: float) -> float:
    if lower:
        return upper / lower
    return math.inf if upper else math.nan


def _score(measure: str, corrected: bool) -> Callable[[Pair, float], Limits]:
    return lambda pair, level: score_limits(measure, pair, z=-float(ndtri((1 - level) / 2)), corrected=corrected)


def _from_statsmodels(name: str) -> Callable[[Pair, float], Limits]:
    """One of statsmodels' intervals that are right; its score interval of the difference is not (issue 10269)."""

    def limits(pair: Pair, level: float) -> Limits:
        from statsmodels.stats.proportion import confint_proportions_2indep  # loads slowly

        low, high = confint_proportions_2indep(pair.k1, pair.n1, pair.k2, pair.n2, method=name, alpha=1 - level)
        return float(low), float(high)

    return limits


def _conditional(pair: Pair) -> Any:
    from scipy.stats import contingency  # loads slowly

    return contingency.odds_ratio([[pair.k1, pair.n1 - pair.k1], [pair.k2, pair.n2 - pair.k2]], kind="conditional")


def _exact(pair: Pair, level: float) -> Limits:
    found = _conditional(pair).confidence_interval(confidence_level=level)
    return float(found.low), float(found.high)


METHODS: Mapping[str, Mapping[str, Callable[[Pair, float], Limits]]] = {
    "difference": {
        DEFAULT: _score("difference", True),
        "mee": _score("difference", False),
        "newcombe": _from_statsmodels("newcomb"),
        "agresti-caffo": _from_statsmodels("agresti-caffo"),
        "wald": _from_statsmodels("wald"),
    },
    "ratio": {DEFAULT: _score("ratio", True), "koopman": _score("ratio", False)},
    "odds": {DEFAULT: _score("odds", True), "cornfield": _score("odds", False), "exact": _exact},
}
