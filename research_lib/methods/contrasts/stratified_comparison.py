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
    makes it). `measure`: `odds` (interval of Robins, Breslow and Greenland 1986, Biometrics 42, 311-323) or
    `difference` (variance of Sato 1989, Biometrics 45, 1323-1324, which holds for many small strata as well as for few
    large ones). Single strata have the intervals of `difference_interval` and `odds_interval`.

    The tests: Cochran-Mantel-Haenszel (is there a difference, without continuity correction), and whether the odds
    ratios of the strata differ from each other: Woolf (half a person added to every cell where one is empty, and then
    named so), Breslow-Day, and the same with Tarone's correction (these two only where the pooled odds ratio exists and
    is not exactly 1, at which statsmodels has no number for them). Strata where all answered alike do not inform on an
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
    estimate, low, high = _POOLED[measure](counts, need_level(level))
    single = frame[[strata, "k1", "n1", "k2", "n2"]].rename(columns={strata: "stratum"}).reset_index(drop=True)
    crude = pd.DataFrame([dict(zip(("k1", "n1", "k2", "n2"), counts.sum(axis=0).astype(int), strict=True))])
    rows = contrast_counts(pd.concat([single, crude], ignore_index=True), measure=measure, level=level)
    rows.insert(0, "row", ["stratum"] * len(single) + ["all together"])
    pooled = rows.iloc[[-1]].assign(row="pooled", estimate=estimate, low=low, high=high, method="mantel-haenszel")
    table = pd.concat([rows.iloc[:-1], pooled, rows.iloc[[-1]]], ignore_index=True)
    return Pooled(table, pd.DataFrame(_tests(counts)))


def _pooled_odds(counts: np.ndarray, level: float) -> tuple[float, float, float]:
    strata = _stratified(counts)
    if not _has_odds_ratio(strata):
        advice = "take measure='difference'" if _has_spread(counts) else _READ
        raise UnfitDataError(
            "no pooled odds ratio exists: in every stratum nobody said yes, or everybody, in one of the groups; "
            f"{advice}"
        )
    low, high = strata.oddsratio_pooled_confint(alpha=1 - level)
    return float(strata.oddsratio_pooled), float(low), float(high)


def _pooled_difference(counts: np.ndarray, level: float) -> tuple[float, float, float]:
    if not _has_spread(counts):
        raise UnfitDataError(
            f"the pooled difference has no interval: in every stratum each group is all yes or all no; {_READ}"
        )
    k1, n1, k2, n2 = counts.T
    total = n1 + n2
    weight = (n1 * n2 / total).sum()
    estimate = float(((k1 * n2 - k2 * n1) / total).sum() / weight)
    slope = ((n1**2 * k2 - n2**2 * k1 + n1 * n2 * (n2 - n1) / 2) / total**2).sum()
    constant = ((k1 * (n2 - k2) + k2 * (n1 - k1)) / (2 * total)).sum()
    reach = -float(ndtri((1 - level) / 2)) * math.sqrt(estimate * slope + constant) / weight
    return estimate, estimate - reach, estimate + reach


def _has_spread(counts: np.ndarray) -> bool:
    """Whether the pooled difference has a variance: not where it is -1, 0 or 1 in all strata and nobody deviates."""
    k1, n1, k2, n2 = counts.T
    uniform = ((k1 == 0) | (k1 == n1)) & ((k2 == 0) | (k2 == n2))
    return not uniform.all() or bool(np.ptp(k1 / n1 - k2 / n2))


def _stratified(counts: np.ndarray) -> Any:
    from statsmodels.stats.contingency_tables import StratifiedTable  # loads slowly

    return StratifiedTable([np.array([[k1, n1 - k1], [k2, n2 - k2]]) for k1, n1, k2, n2 in counts])


def _has_odds_ratio(strata: Any) -> bool:
    with np.errstate(all="ignore"):  # of sides of 0
        return bool(0 < strata.oddsratio_pooled < math.inf)


def _tests(counts: np.ndarray) -> list[dict[str, Any]]:
    null = _stratified(counts).test_null_odds(correction=False).statistic
    rows = [("Cochran-Mantel-Haenszel", "do the groups differ", null, 1)]
    yes, total = counts[:, 0] + counts[:, 2], counts[:, 1] + counts[:, 3]
    informative = counts[(yes > 0) & (yes < total)]
    if len(informative) > 1:
        strata = _stratified(informative)
        homogeneity = [_woolf(informative)]
        if _has_odds_ratio(strata) and strata.oddsratio_pooled != 1:
            homogeneity += [
                (name, strata.test_equal_odds(adjust=adjust).statistic)
                for name, adjust in (("Breslow-Day", False), ("Breslow-Day, Tarone", True))
            ]
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


_POOLED: Mapping[str, Callable[[np.ndarray, float], tuple[float, float, float]]] = {
    "odds": _pooled_odds,
    "difference": _pooled_difference,
}
