"""Comparing like with like: two groups within strata (cities, years, ages), and one pooled result beside them all."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc, ndtri

from research_lib.errors import UnfitDataError
from research_lib.methods.contrasts.count_checks import check_cells, check_choice, check_table, read_counts
from research_lib.methods.contrasts.proportion_intervals import Pair, fit_odds
from research_lib.methods.contrasts.proportions import PAIRS, contrast_counts
from research_lib.methods.options import check_free, need_level

_READ = "read the strata one by one"


@dataclass(frozen=True)
class Pooled:
    """Every stratum, the pooled result and the unstratified one in one table, and the tests.

    `table`: row (`stratum`, `pooled`, `all together`), stratum, k1, n1, share1, k2, n2, share2, measure, estimate, low,
    high, level, method. `tests`: test, question, statistic, df, p_value.
    """

    table: pd.DataFrame
    tests: pd.DataFrame


def mantel_haenszel(
    frame: pd.DataFrame, *, strata: str = "stratum", measure: str = "odds", level: float = 0.95
) -> Pooled:
    """Compare two groups within each stratum, and pool the strata.

    `frame`: one row a stratum with its name in the column `strata` and k1, n1, k2, n2 (`count_answers` with `strata`
    makes it). `measure`: `odds` (interval of Robins, Breslow and Greenland 1986, Biometrics 42, 311-323), `ratio`
    (Greenland and Robins 1985, Biometrics 41, 55-68) or `difference` (variance of Sato 1989, Biometrics 45, 1323-1324,
    which holds for many small strata as well as for few large ones). Single strata have Miettinen-Nurminen intervals.

    The tests: Cochran-Mantel-Haenszel (is there a difference, without continuity correction), and whether the odds
    ratios of the strata differ from each other: Woolf (half a person added to every cell where one is empty, and then
    named so), Breslow-Day, and the same with Tarone's correction. Strata where all answered alike do not inform on an
    odds ratio and are left out of these three tests; their df count only the others.

    Raises UnfitDataError for fewer than two strata, a stratum named twice, a group without persons in a stratum, and
    where the pooled result does not exist or has no interval.

    Not for: strata that disagree: read them one by one, the pooled value does not describe any of them; strata made of
    something that the difference itself brings about (a consequence is not a ground for comparison); showing the pooled
    value alone; persons who stand in several strata.
    """
    check_choice("measure", measure, _POOLED)
    check_table(frame, [strata])
    check_free([strata], [name for pair in PAIRS for name in pair])
    check_cells(frame, [strata])
    if len(frame) < 2:
        raise UnfitDataError("the table has a single stratum; compare its groups with `contrast_counts`")
    if frame[strata].isna().any() or frame[strata].duplicated().any():
        raise UnfitDataError(f"every row of {strata!r} must name a stratum of its own; join the rows that share one")
    counts = np.array(read_counts(frame, PAIRS, strata), dtype=float)
    estimate, low, high = _POOLED[measure](counts, -float(ndtri((1 - need_level(level)) / 2)))
    single = frame[[strata, "k1", "n1", "k2", "n2"]].rename(columns={strata: "stratum"}).reset_index(drop=True)
    crude = pd.DataFrame([dict(zip(("k1", "n1", "k2", "n2"), counts.sum(axis=0).astype(int), strict=True))])
    rows = contrast_counts(pd.concat([single, crude], ignore_index=True), measure=measure, level=level)
    rows.insert(0, "row", ["stratum"] * len(single) + ["all together"])
    pooled = rows.iloc[[-1]].assign(row="pooled", estimate=estimate, low=low, high=high, method="mantel-haenszel")
    table = pd.concat([rows.iloc[:-1], pooled, rows.iloc[[-1]]], ignore_index=True)
    return Pooled(table, pd.DataFrame(_tests(counts)))


def _pooled_odds(counts: np.ndarray, z: float) -> tuple[float, float, float]:
    from statsmodels.stats.contingency_tables import StratifiedTable  # loads slowly

    first, second = _odds_sides(counts)
    _need_product(counts, first * second, "odds ratio")
    return _from_log(math.log(first / second), z * StratifiedTable(_tables(counts)).logodds_pooled_se)


def _odds_sides(counts: np.ndarray) -> tuple[float, float]:
    """The sums of which the pooled odds ratio is the quotient."""
    k1, n1, k2, n2 = counts.T
    return float((k1 * (n2 - k2) / (n1 + n2)).sum()), float((k2 * (n1 - k1) / (n1 + n2)).sum())


def _pooled_ratio(counts: np.ndarray, z: float) -> tuple[float, float, float]:
    k1, n1, k2, n2 = counts.T
    total = n1 + n2
    first, second = (k1 * n2 / total).sum(), (k2 * n1 / total).sum()
    _need_product(counts, first * second, "ratio")
    _need_spread(counts, "ratio")
    variance = ((n1 * n2 * (k1 + k2) - k1 * k2 * total) / total**2).sum() / (first * second)
    return _from_log(math.log(first / second), z * math.sqrt(variance))


def _pooled_difference(counts: np.ndarray, z: float) -> tuple[float, float, float]:
    _need_spread(counts, "difference")
    k1, n1, k2, n2 = counts.T
    total = n1 + n2
    weight = (n1 * n2 / total).sum()
    estimate = float(((k1 * n2 - k2 * n1) / total).sum() / weight)
    slope = ((n1**2 * k2 - n2**2 * k1 + n1 * n2 * (n2 - n1) / 2) / total**2).sum()
    level = ((k1 * (n2 - k2) + k2 * (n1 - k1)) / (2 * total)).sum()
    reach = z * math.sqrt(estimate * slope + level) / weight
    return estimate, estimate - reach, estimate + reach


def _from_log(log_estimate: float, reach: float) -> tuple[float, float, float]:
    return math.exp(log_estimate), math.exp(log_estimate - reach), math.exp(log_estimate + reach)


def _need_product(counts: np.ndarray, product: float, name: str) -> None:
    """Refuse a ratio of which a side, and so the product of its sides, is 0."""
    if not product:
        advice = "take measure='difference'" if _has_spread(counts) else _READ
        raise UnfitDataError(
            f"no pooled {name} exists: in every stratum nobody said yes, or everybody, in one of the groups; {advice}"
        )


def _need_spread(counts: np.ndarray, name: str) -> None:
    if not _has_spread(counts):
        raise UnfitDataError(
            f"the pooled {name} has no interval: in every stratum each group is all yes or all no; {_READ}"
        )


def _has_spread(counts: np.ndarray) -> bool:
    """Whether the pooled difference has a variance: not where it is -1, 0 or 1 in all strata and nobody deviates."""
    k1, n1, k2, n2 = counts.T
    uniform = ((k1 == 0) | (k1 == n1)) & ((k2 == 0) | (k2 == n2))
    return not uniform.all() or bool(np.ptp(k1 / n1 - k2 / n2))


def _tables(counts: np.ndarray) -> list[np.ndarray]:
    return [np.array([[k1, n1 - k1], [k2, n2 - k2]]) for k1, n1, k2, n2 in counts]


def _tests(counts: np.ndarray) -> list[dict[str, Any]]:
    from statsmodels.stats.contingency_tables import StratifiedTable  # loads slowly

    found = StratifiedTable(_tables(counts))
    rows = [("Cochran-Mantel-Haenszel", "do the groups differ", found.test_null_odds(correction=False).statistic, 1)]
    yes, total = counts[:, 0] + counts[:, 2], counts[:, 1] + counts[:, 3]
    informative = counts[(yes > 0) & (yes < total)]
    if len(informative) > 1:
        first, second = _odds_sides(counts)
        homogeneity = [_woolf(informative), *(_breslow_day(informative, first / second) if first and second else [])]
        rows += [
            (name, "do the odds ratios of the strata differ", value, len(informative) - 1)
            for name, value in homogeneity
        ]
    names = ("test", "question", "statistic", "df", "p_value")
    return [dict(zip(names, (*row, float(chdtrc(row[3], row[2]))), strict=True)) for row in rows]


def _woolf(counts: np.ndarray) -> tuple[str, float]:
    """Woolf (1955), Annals of Human Genetics 19, 251-253: how far the log odds ratios lie from their weighted mean."""
    k1, n1, k2, n2 = counts.T
    cells = np.stack([k1, n1 - k1, k2, n2 - k2])
    empty = not cells.all()
    cells = cells + 0.5 * empty
    logs = np.log(cells[0] * cells[3] / (cells[1] * cells[2]))
    weights = 1 / (1 / cells).sum(axis=0)
    mean = (weights * logs).sum() / weights.sum()
    return "Woolf, half a person added to every cell" if empty else "Woolf", float((weights * (logs - mean) ** 2).sum())


def _breslow_day(counts: np.ndarray, odds: float) -> list[tuple[str, float]]:
    """Breslow and Day (1980), p. 142; Tarone (1985), Biometrika 72, 91-95: counts against those of one odds ratio.

    statsmodels' function does the same, but gives no number where the pooled odds ratio is exactly 1.
    """
    k1, n1, k2, n2 = counts.T
    other = n2 * np.array([fit_odds(Pair(*map(int, row)), odds) for row in counts])
    own = k1 + k2 - other
    weights = 1 / (1 / own + 1 / (n1 - own) + 1 / other + 1 / (n2 - other))
    statistic = float(((k1 - own) ** 2 / weights).sum())
    excess = float((k1 - own).sum() ** 2 / weights.sum())
    return [("Breslow-Day", statistic), ("Breslow-Day, Tarone", statistic - excess)]


_POOLED: Mapping[str, Callable[[np.ndarray, float], tuple[float, float, float]]] = {
    "odds": _pooled_odds,
    "ratio": _pooled_ratio,
    "difference": _pooled_difference,
}
