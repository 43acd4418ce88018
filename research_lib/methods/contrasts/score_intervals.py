"""Score intervals for two proportions: where the data stop being compatible with a difference, ratio or odds ratio.

For a supposed value of the measure the two proportions are fitted by maximum likelihood under it, in closed form, and
the value is a limit where the distance from the data is exactly z standard errors. Only lower limits are computed: an
upper limit is the lower one of the groups exchanged. Miettinen and Nurminen (1985), Statistics in Medicine 4, 213-226,
multiply the variance by N/(N-1); Mee (1984), Biometrics 40, 1175-1176, and Koopman (1984), Biometrics 40, 513-517, do
not.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from scipy.optimize import brentq

_FAR = 40.0
_NEAR = 1e-10


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

    def swapped(self) -> "Pair":
        """The same two groups, the second first."""
        return Pair(self.k2, self.n2, self.k1, self.n1)

    def negated(self) -> "Pair":
        """The same two groups, counting those who said no."""
        return Pair(self.n1 - self.k1, self.n1, self.n2 - self.k2, self.n2)


def score_limits(measure: str, pair: Pair, *, z: float, corrected: bool) -> tuple[float, float]:
    """Give the two score limits of p1 - p2 (`difference`), p1 / p2 (`ratio`) or the odds ratio (`odds`)."""
    reach = z * (math.sqrt(pair.n / (pair.n - 1)) if corrected else 1.0)
    low, other = (_LOWER[measure](groups, reach) for groups in (pair, pair.swapped()))
    if measure == "difference":
        return low, -other
    return low, 1 / other if other else math.inf


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
        pair = pair.swapped().negated()

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


_LOWER: Mapping[str, Callable[[Pair, float], float]] = {
    "difference": _lower_difference,
    "ratio": _lower_ratio,
    "odds": _lower_odds,
}
