"""Parameters of fit: how far one set is sufficient, or necessary, for another, as consistency, PRI, coverage, RoN."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Sufficiency:
    """How far a set is enough for the outcome.

    `consistency`: the share of the set that lies within the outcome. `pri`: the same without what is as much in the
    outcome as in its absence. `coverage`: the share of the outcome that the set accounts for. NaN where the set is
    empty. Source: Ragin (2006), Political Analysis 14(3); Schneider and Wagemann (2012), pages 242 f. for PRI.
    """

    consistency: float
    pri: float
    coverage: float


@dataclass(frozen=True)
class Necessity:
    """How far a set is needed for the outcome.

    `consistency`: the share of the outcome that lies within the set. `relevance`: relevance of necessity (RoN), low
    where nearly everything is in the set. `coverage`: the share of the set within the outcome. Source: Schneider and
    Wagemann (2012), chapter 9.
    """

    consistency: float
    relevance: float
    coverage: float


def sufficiency(condition: np.ndarray, outcome: np.ndarray) -> Sufficiency:
    """Measure how far a set is enough for an outcome, from memberships from 0 to 1, one a case."""
    shared = np.minimum(condition, outcome)
    both = float(np.minimum(shared, 1 - outcome).sum())
    common, size = float(shared.sum()), float(condition.sum())
    return Sufficiency(_share(common, size), _share(common - both, size - both), _share(common, float(outcome.sum())))


def necessity(condition: np.ndarray, outcome: np.ndarray) -> Necessity:
    """Measure how far a set is needed for an outcome, from memberships from 0 to 1, one a case."""
    shared = np.minimum(condition, outcome)
    relevance = _share(float((1 - condition).sum()), float((1 - shared).sum()))
    common = float(shared.sum())
    return Necessity(_share(common, float(outcome.sum())), relevance, _share(common, float(condition.sum())))


def unique_coverage(terms: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    """Measure, for each of several sets, the share of the outcome that it accounts for and none of the others does.

    `terms`: memberships, sets by cases. What a case adds is how far its strongest set lies above the next.
    """
    ordered = np.sort(np.vstack([np.zeros(terms.shape[1]), terms]), axis=0)
    strongest, next_ = ordered[-1], ordered[-2]
    others = np.where(terms == strongest, next_, strongest)
    alone = np.minimum(strongest, outcome) - np.minimum(others, outcome)
    return np.asarray(alone.sum(axis=1) / outcome.sum())


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else float("nan")
