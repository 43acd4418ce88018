"""Points on axes, and simple correspondence analysis: the rows and columns of a cross-table on the same axes."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.methods.options import cross_table

_TIE = 1e-6
_FLAT = 1e-12


def axis_signs(coordinates: np.ndarray, contributions: np.ndarray) -> np.ndarray:
    """Signs, one an axis, that put the point contributing most on the positive side; of equals, the first."""
    leading = (contributions >= contributions.max(axis=0) * (1 - _TIE)).argmax(axis=0)
    return np.where(coordinates[leading, range(coordinates.shape[1])] < 0, -1.0, 1.0)


def long_form(points: pd.DataFrame, **values: np.ndarray) -> pd.DataFrame:
    """One row a point and axis: the columns of `points`, `axis` from 1, and each of `values` (points by axes)."""
    size = next(iter(values.values())).shape[1]
    frame = points.loc[points.index.repeat(size)].reset_index(drop=True)
    frame["axis"] = np.tile(np.arange(1, size + 1), len(points))
    return frame.assign(**{name: matrix.ravel() for name, matrix in values.items()})


def axes_table(eigenvalues: np.ndarray, inertia: float) -> pd.DataFrame:
    """One row an axis: axis, eigenvalue, its share of the inertia, and the shares so far."""
    share = eigenvalues / inertia
    axis = np.arange(1, len(eigenvalues) + 1)
    return pd.DataFrame({"axis": axis, "eigenvalue": eigenvalues, "share": share, "cumulative": share.cumsum()})


@dataclass(frozen=True)
class CountsCorrespondence:
    """The axes of a cross-table, and its rows and columns on them.

    `axes`: axis, eigenvalue, share, cumulative. `inertia`: chi-square over the total. `rows`, `columns`: name, mass,
    axis, coordinate (principal), contribution (to the axis; sums to 1), cos2 (of the point; sums to 1 over all axes).
    """

    axes: pd.DataFrame
    inertia: float
    rows: pd.DataFrame
    columns: pd.DataFrame


def correspondence_of_counts(table: Any) -> CountsCorrespondence:
    """Show which rows of a cross-table have like profiles, and which columns make them so.

    `table`: counts, rows by columns, as a DataFrame or a list of rows. An axis is turned so that the column
    contributing most lies on its positive side (of equals, the first). Raises UnfitDataError for what is not a table,
    cells that are empty, below 0 or not numbers, rows or columns without any count, fewer than two of either, and rows
    that are all alike. Not for: percentages (the points' masses would be lost), several answers a person, or testing
    whether rows and columns depend on each other: it shows how, and draws axes from noise as well. Benzécri (1973);
    Greenacre (1984), chapter 4.
    """
    frame = cross_table(table)
    counts = _counts(frame)
    shares = counts / counts.sum()
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    expected = np.outer(rows, columns)
    left, singular, right = np.linalg.svd((shares - expected) / np.sqrt(expected), full_matrices=False)
    kept = singular**2 > _FLAT
    if not kept.any():
        raise UnfitDataError("all rows of the table have the same profile; they do not differ")
    eigenvalues = singular[kept] ** 2
    signs = axis_signs(right[kept].T, right[kept].T ** 2)
    return CountsCorrespondence(
        axes_table(eigenvalues, float(eigenvalues.sum())),
        float(eigenvalues.sum()),
        _points(frame.index, rows, left[:, kept] * signs, eigenvalues),
        _points(frame.columns, columns, right[kept].T * signs, eigenvalues),
    )


def _points(names: pd.Index, masses: np.ndarray, vectors: np.ndarray, eigenvalues: np.ndarray) -> pd.DataFrame:
    coordinates = vectors * np.sqrt(eigenvalues) / np.sqrt(masses)[:, None]
    distances = (coordinates**2).sum(axis=1, keepdims=True)
    # A point with the average profile lies at the centre: it has no distance to share out.
    cos2 = np.divide(coordinates**2, distances, out=np.zeros_like(coordinates), where=distances > _FLAT)
    points = pd.DataFrame({"name": list(names), "mass": masses})
    return long_form(points, coordinate=coordinates, contribution=vectors**2, cos2=cos2)


def _counts(table: pd.DataFrame) -> np.ndarray:
    counts = table.apply(pd.to_numeric, errors="coerce").to_numpy(float, na_value=np.nan)
    unfit = np.argwhere(~(np.isfinite(counts) & (counts >= 0)))
    if len(unfit):
        row, column = unfit[0]
        raise UnfitDataError(f"{table.index[row]}, {table.columns[column]}: not a count; write a number from 0 up")
    for names, sums in ((table.index, counts.sum(axis=1)), (table.columns, counts.sum(axis=0))):
        if not sums.all():
            raise UnfitDataError(f"{names[int(sums.argmin())]} is 0 throughout; leave it out")
    return np.asarray(counts)
