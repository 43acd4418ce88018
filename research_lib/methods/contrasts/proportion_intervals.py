"""Intervals for one proportion, and for the difference, ratio or odds ratio of two.

Score intervals say where the data stop being compatible with a value of the measure. The two proportions are fitted by
maximum likelihood under it, in closed form, and it is a limit where the distance from the data is exactly z standard
errors. Only lower limits are computed: an upper limit is the lower one of the groups exchanged. Miettinen and Nurminen
(1985), Statistics in Medicine 4, 213-226, multiply the variance by N/(N-1); Mee (1984), Biometrics 40, 1175-1176, and
Koopman (1984), Biometrics 40, 513-517, do not.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from scipy.optimize import brentq
from scipy.special import ndtri

from research_lib.methods.contrasts.count_checks import check_choice, check_pair, check_total
from research_lib.methods.options import need_level
from research_lib.methods.wilson_interval import wilson_interval

_FAR = 40.0
_NEAR = 1e-10
type Limits = tuple[float, float]
DEFAULT = "miettinen-nurminen"
_MOST_CONDITIONAL = 100_000


@dataclass(frozen=True)
class Pair:
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


def fit_difference(pair: Pair, difference: float) -> tuple[float, float]:
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


def fit_ratio(pair: Pair, ratio: float) -> tuple[float, float]:
    """Give the likeliest p1 and p2 of which p1 / p2 is `ratio`: the smaller root of a quadratic in p2."""
    middle = pair.n1 * ratio + pair.k1 + pair.n2 + pair.k2 * ratio
    root = math.sqrt(max(middle**2 - 4 * pair.n * ratio * pair.k, 0.0))
    second = min(2 * pair.k / (middle + root), 1.0, 1 / ratio)
    return min(second * ratio, 1.0), second


def fit_odds(pair: Pair, odds: float) -> float:
    """Give the likeliest p2 where the odds ratio is `odds` and all who said yes are as many: root of a quadratic."""
    square = pair.n2 * (odds - 1)
    middle = (pair.n1 - pair.k) * odds + pair.n2 + pair.k
    root = math.sqrt(max(middle**2 + 4 * square * pair.k, 0.0))
    second = 2 * pair.k / (middle + root) if middle > 0 else (root - middle) / (2 * square)
    return min(second, 1.0)


def _lower_difference(pair: Pair, reach: float) -> float:
    observed = pair.p1 - pair.p2
    if observed == -1:
        return -1.0

    def gap(value: float) -> float:
        first, second = fit_difference(pair, value)
        variance = first * (1 - first) / pair.n1 + second * (1 - second) / pair.n2
        return observed - value - reach * math.sqrt(variance)

    return float(brentq(gap, -1.0, observed - _NEAR, xtol=1e-13))


def _lower_ratio(pair: Pair, reach: float) -> float:
    if pair.k1 == 0:
        return 0.0

    def gap(log_ratio: float) -> float:
        ratio = math.exp(log_ratio)
        first, second = fit_ratio(pair, ratio)
        variance = first * (1 - first) / pair.n1 + ratio**2 * second * (1 - second) / pair.n2
        return (pair.p1 - ratio * pair.p2 - reach * math.sqrt(variance)) / (1 + ratio)

    return _search(gap, math.log(pair.p1 / pair.p2) if pair.k2 else _FAR)


def _lower_odds(pair: Pair, reach: float) -> float:
    if pair.k1 == 0 or pair.k2 == pair.n2:
        return 0.0
    if pair.k1 == pair.n1:  # the same odds ratio from those who said no, whose small shares keep their digits
        pair = Pair(pair.n2 - pair.k2, pair.n2, pair.n1 - pair.k1, pair.n1)

    def gap(log_odds: float) -> float:
        second = fit_odds(pair, math.exp(log_odds))
        yes = max(pair.k - pair.n2 * second, 0.0)
        own = yes * max(pair.n1 - pair.k + pair.n2 * second, 0.0) / pair.n1
        other = pair.n2 * second * (1 - second)
        variance = own * other / (own + other) if own + other else 0.0
        return pair.n2 * second - pair.k2 - reach * math.sqrt(variance)

    yes, no = pair.k1 * (pair.n2 - pair.k2), pair.k2 * (pair.n1 - pair.k1)
    return _search(gap, math.log(yes / no) if no else _FAR)


def _search(gap: Callable[[float], float], observed: float) -> float:
    """The limit below an observed logarithm; at the observed value itself the gap may vanish without being a limit."""
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
    need_level(level)
    if method == "wilson":
        low, high = map(float, wilson_interval(k, n, level))
    else:
        from statsmodels.stats.proportion import proportion_confint  # loads slowly

        low, high = map(float, proportion_confint(k, n, alpha=1 - level, method="jeffreys"))
        low, high = 0.0 if k == 0 else low, 1.0 if k == n else high
    return Interval(k / n, low, high, level, method, "share")


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
        estimate = _conditional(pair, level=need_level(level))[0]
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
    """Score limits; the upper one is the lower one of the groups exchanged."""
    lower = {"difference": _lower_difference, "ratio": _lower_ratio, "odds": _lower_odds}[measure]

    def limits(pair: Pair, level: float) -> Limits:
        factor = math.sqrt(pair.n / (pair.n - 1)) if corrected else 1.0
        reach, exchanged = -float(ndtri((1 - level) / 2)) * factor, Pair(pair.k2, pair.n2, pair.k1, pair.n1)
        low, other = lower(pair, reach), lower(exchanged, reach)
        if measure == "difference":
            return low, -other
        return low, 1 / other if other else math.inf

    return limits


def _from_statsmodels(name: str) -> Callable[[Pair, float], Limits]:
    """One of statsmodels' intervals that are right; its score interval of the difference is not (issue 10269)."""

    def limits(pair: Pair, level: float) -> Limits:
        from statsmodels.stats.proportion import confint_proportions_2indep  # loads slowly

        low, high = confint_proportions_2indep(pair.k1, pair.n1, pair.k2, pair.n2, method=name, alpha=1 - level)
        return float(low), float(high)

    return limits


def _conditional(pair: Pair, level: float) -> tuple[float, float, float]:
    """The conditional estimate of the odds ratio, and its limits."""
    from scipy.stats import contingency  # loads slowly

    table = [[pair.k1, pair.n1 - pair.k1], [pair.k2, pair.n2 - pair.k2]]
    found = contingency.odds_ratio(table, kind="conditional")
    limits = found.confidence_interval(confidence_level=level)
    return float(found.statistic), float(limits.low), float(limits.high)


METHODS: Mapping[str, Mapping[str, Callable[[Pair, float], Limits]]] = {
    "difference": {
        DEFAULT: _score("difference", True),
        "mee": _score("difference", False),
        "newcombe": _from_statsmodels("newcomb"),
        "agresti-caffo": _from_statsmodels("agresti-caffo"),
        "wald": _from_statsmodels("wald"),
    },
    "ratio": {DEFAULT: _score("ratio", True), "koopman": _score("ratio", False)},
    "odds": {
        DEFAULT: _score("odds", True),
        "cornfield": _score("odds", False),
        "exact": lambda pair, level: _conditional(pair, level)[1:],
    },
}
