"""Log-linear models of overlapping lists, many at a time: fitted, or refused with the reason."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import optimize, special

from research_lib.methods.multiple_systems.overlapping_lists import Histories, Pair

UNIDENTIFIED = "the counts do not distinguish these terms from the number who are on no list"
NO_MAXIMUM = "the likelihood has no maximum: with these terms the zero counts drive some parameters to infinity"
NOT_CONVERGED = "the fit does not converge"
_ITERATIONS = 60
_TOLERANCE = 1e-8
_LONGEST_STEP = 2.0
_CHUNK = 400
_POSITIVE = 1e-6
_RIDGE = 1e-13
_LARGEST = 40.0
Terms = tuple[Pair, ...]


@dataclass(frozen=True)
class LogLinearFit:
    """One fitted model, or one refused: then `refused` holds the reason and the numbers are NaN.

    `terms`: the pairs of lists allowed to depend on each other. `apart`: those of them that share nobody, whose
    parameter is −∞. `log_unseen` and `error`: the logarithm of the number on no list, and its standard error. `means`:
    the number expected in each pattern.
    """

    terms: Terms
    apart: Terms
    log_unseen: float
    error: float
    log_likelihood: float
    deviance: float
    df: int
    means: np.ndarray
    refused: str = ""


@dataclass(frozen=True)
class Stack:
    """Models with the same number of finite parameters: models × patterns × parameters, and the patterns kept."""

    design: np.ndarray
    kept: np.ndarray

    def take(self, rows: np.ndarray) -> "Stack":
        """Some of the models."""
        return Stack(self.design[rows], self.kept[rows])

    def means(self, parameters: np.ndarray) -> np.ndarray:
        """How many people each model expects in each pattern."""
        linear = (self.design @ parameters[:, :, None])[:, :, 0]
        return np.asarray(np.exp(np.minimum(linear, _LARGEST)) * self.kept)

    def project(self, values: np.ndarray) -> np.ndarray:
        """The sum of some values for each parameter."""
        return np.asarray(self.design.transpose(0, 2, 1) @ values[:, :, None])

    def gram(self, weights: np.ndarray) -> np.ndarray:
        """Each model's weighted matrix of products, with a ridge so small that it matters only for a diverging fit."""
        product = self.design.transpose(0, 2, 1) @ (self.design * weights[:, :, None])
        ridge = _RIDGE * np.trace(product, axis1=1, axis2=2)[:, None, None]
        return np.asarray(product + ridge * np.eye(product.shape[1]))


def fit(histories: Histories, terms: Sequence[Pair]) -> LogLinearFit:
    """Fit one model, or say why it cannot be."""
    return fit_many(histories, [tuple(terms)])[0]


def fit_many(histories: Histories, models: Sequence[Terms]) -> list[LogLinearFit]:
    """Fit many models to the same people; the answers come in the order of the models.

    Poisson log-linear models with a main effect a list and the terms given (Cormack 1989). A term whose lists share
    nobody has parameter −∞: its patterns are taken out (Chan, Silverman and Vincent 2021, section 2). A model is
    refused if the matrix of the rest has not full rank, or if the likelihood has no maximum by the linear programme of
    Fienberg and Rinaldo (2012); where Newton's method converges there is one, so the programme runs for the others.
    """
    both = {pair: histories.on_both(pair) for pair in histories.pairs}
    apart = {pair for pair in both if not histories.counts[both[pair]].any()}
    groups: dict[int, list[int]] = {}
    for number, terms in enumerate(models):
        groups.setdefault(len(set(terms) - apart), []).append(number)
    found: dict[int, LogLinearFit] = {}
    for numbers in groups.values():
        for start in range(0, len(numbers), _CHUNK):
            chunk = numbers[start : start + _CHUNK]
            fits = _fit_stack(histories, [models[number] for number in chunk], both, apart)
            found |= zip(chunk, fits, strict=True)
    return [found[number] for number in range(len(models))]


def newton(stack: Stack, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Maximise a stack of Poisson likelihoods: the parameters, and which of them converged."""
    start = counts + 0.1
    weights = start * stack.kept
    parameters = np.linalg.solve(stack.gram(weights), stack.project(np.log(start) * weights))[:, :, 0]
    active = np.arange(len(parameters))
    for _ in range(_ITERATIONS):
        part = stack.take(active)
        means = part.means(parameters[active])
        gap = (counts[active] - means) * part.kept
        step = np.linalg.solve(part.gram(means), part.project(gap))[:, :, 0]
        parameters[active] += np.clip(step, -_LONGEST_STEP, _LONGEST_STEP)
        active = active[np.abs(step).max(axis=1) > _TOLERANCE]
        if not len(active):
            break
    return parameters, ~np.isin(np.arange(len(parameters)), active)


def no_maximum(design: np.ndarray, counts: np.ndarray) -> bool:
    """Say whether a likelihood has no maximum (Fienberg and Rinaldo 2012; Chan, Silverman and Vincent 2021, 2.6).

    It has one if and only if some table without any zero has the same totals as the counts: linear programming finds
    the largest smallest entry that such a table can have.
    """
    cost = np.append(np.zeros(len(counts)), -1.0)
    totals = np.column_stack([design.T, design.sum(axis=0)])
    found = optimize.linprog(cost, A_eq=totals, b_eq=design.T @ counts, method="highs")
    return bool(found.status != 0 or -found.fun <= _POSITIVE)


def _fit_stack(
    histories: Histories, models: list[Terms], both: Mapping[Pair, np.ndarray], apart: Collection[Pair]
) -> list[LogLinearFit]:
    """Fit models that have the same number of finite parameters, without the patterns that a pair `apart` rules out."""
    none = np.zeros(len(histories.counts), bool)
    main = np.column_stack([np.ones(len(none)), histories.patterns])
    kept = np.array([~np.any([none, *(both[pair] for pair in terms if pair in apart)], axis=0) for terms in models])
    design = [np.column_stack([main, *(both[pair] for pair in terms if pair not in apart)]) for terms in models]
    stack = Stack(np.array(design) * kept[:, :, None], kept)
    nan = float("nan")
    found = [LogLinearFit(terms, (), nan, nan, nan, nan, 0, np.array([]), UNIDENTIFIED) for terms in models]
    full = np.linalg.matrix_rank(stack.gram(kept), hermitian=True, tol=1e-9) == stack.design.shape[2]
    rows = np.flatnonzero(full)
    identified = stack.take(rows)
    parameters, converged = newton(identified, np.broadcast_to(histories.counts, identified.kept.shape))
    means = identified.means(parameters)
    errors = np.sqrt(np.abs(np.linalg.inv(identified.gram(means))[:, 0, 0]))
    for place, row in enumerate(rows.tolist()):
        if not converged[place]:
            own = identified.kept[place]
            unbounded = no_maximum(identified.design[place][own], histories.counts[own])
            found[row] = replace(found[row], refused=NO_MAXIMUM if unbounded else NOT_CONVERGED)
            continue
        own = means[place] > 0
        counts, expected = histories.counts[own], means[place][own]
        found[row] = LogLinearFit(
            models[row],
            tuple(pair for pair in models[row] if pair in apart),
            float(parameters[place, 0]),
            float(errors[place]),
            log_likelihood=float((special.xlogy(counts, expected) - expected - special.gammaln(counts + 1)).sum()),
            deviance=float(2 * (special.xlogy(counts, counts / expected) - counts + expected).sum()),
            df=int(own.sum()) - parameters.shape[1],
            means=means[place],
        )
    return found
