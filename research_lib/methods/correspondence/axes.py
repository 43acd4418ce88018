"""Points on axes: the sign of each axis, and points as a long frame."""

import numpy as np
import pandas as pd

_TIE = 1e-6


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
