"""How far two categories lie apart: weights of agreement and distances of disagreement."""

from collections.abc import Callable

import numpy as np

from research_lib.coding.ratings import Matrix, Vector
from research_lib.errors import UnfitDataError


def agreement_weights(values: Vector, weights: str | Matrix | None) -> Matrix:
    """Weigh how much two categories agree, from 0 to 1, with 1 on the diagonal.

    `values`: the categories in order, shape (V,). `weights`: None for identity, `linear`, `quadratic` (both need
    numeric categories), or a matrix of shape (V, V). Raises UnfitDataError for anything else. Source: Gwet (2014),
    Handbook of Inter-Rater Reliability, ch. 3.
    """
    if weights is None:
        return np.eye(len(values))
    if isinstance(weights, str):
        power = {"linear": 1, "quadratic": 2}.get(weights)
        if power is None:
            raise UnfitDataError(f"weights are None, 'linear', 'quadratic' or a matrix, not {weights!r}")
        numbers = _numbers(values, weights)
        spread = np.ptp(numbers) or 1
        return 1 - (np.abs(np.subtract.outer(numbers, numbers)) / spread) ** power
    size = len(values)
    try:
        matrix = np.asarray(weights, dtype=float)
    except (TypeError, ValueError) as error:
        raise UnfitDataError(f"weights are numbers; give a matrix of {size} × {size}") from error
    if matrix.shape != (size, size):
        raise UnfitDataError(f"the weights have shape {matrix.shape}; {size} categories need {(size, size)}")
    return matrix


def distances(level: str, values: Vector, frequencies: Vector) -> Matrix:
    """Squared distances between values at a level of measurement, shape (V, V).

    `level`: nominal, ordinal, interval or ratio. `frequencies`: how often each value occurs, shape (V,); only ordinal
    distances use it. Raises UnfitDataError for an unknown level. Source: Krippendorff (2004), Content Analysis, 2nd
    ed., section 11.3.
    """
    if level not in _DISTANCES:
        raise UnfitDataError(f"the level is nominal, ordinal, interval or ratio, not {level!r}")
    return _DISTANCES[level](_numbers(values, level) if level in ("interval", "ratio") else values, frequencies)


def _numbers(values: Vector, use: str) -> Vector:
    try:
        return np.asarray(values).astype(float)
    except ValueError as error:
        raise UnfitDataError(f"{use} needs numbers, and the categories are {', '.join(map(str, values))}") from error


def _nominal(values: Vector, _: Vector) -> Matrix:
    return 1.0 - np.eye(len(values))


def _ordinal(_: Vector, frequencies: Vector) -> Matrix:
    ranks = np.cumsum(frequencies) - frequencies / 2
    return np.subtract.outer(ranks, ranks) ** 2


def _interval(values: Vector, _: Vector) -> Matrix:
    return np.subtract.outer(values, values) ** 2


def _ratio(values: Vector, _: Vector) -> Matrix:
    sums = np.add.outer(values, values)
    differences = np.subtract.outer(values, values)
    return np.divide(differences, sums, out=np.zeros_like(differences), where=sums != 0) ** 2


_DISTANCES: dict[str, Callable[[Vector, Vector], Matrix]] = {
    "nominal": _nominal,
    "ordinal": _ordinal,
    "interval": _interval,
    "ratio": _ratio,
}
