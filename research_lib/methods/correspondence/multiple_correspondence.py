"""Correspondence analysis: rows and columns of a cross-table, or answers to several questions, on common axes.

With several questions it is computed from the Burt table (all cross-tables of two questions), so that its cost hardly
grows with the people.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.methods.correspondence.categories import (
    RULES,
    Question,
    cross,
    given_answers,
    read_question,
    select_people,
)
from research_lib.methods.options import (
    as_list,
    check_columns,
    check_once,
    check_single_columns,
    cross_table,
    is_whole,
)

_TIE = 1e-6
_NO_DISTANCE = 1e-12
_FLAT = 1e-10


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
    counts = _read_counts(frame)
    shares = counts / counts.sum()
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    expected = np.outer(rows, columns)
    left, singular, right = np.linalg.svd((shares - expected) / np.sqrt(expected), full_matrices=False)
    kept = singular**2 > _NO_DISTANCE
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
    cos2 = np.divide(coordinates**2, distances, out=np.zeros_like(coordinates), where=distances > _NO_DISTANCE)
    points = pd.DataFrame({"name": list(names), "mass": masses})
    return long_form(points, coordinate=coordinates, contribution=vectors**2, cos2=cos2)


def _read_counts(table: pd.DataFrame) -> np.ndarray:
    counts = table.apply(pd.to_numeric, errors="coerce").to_numpy(float, na_value=np.nan)
    unfit = np.argwhere(~(np.isfinite(counts) & (counts >= 0)))
    if len(unfit):
        row, column = unfit[0]
        raise UnfitDataError(f"{table.index[row]}, {table.columns[column]}: not a count; write a number from 0 up")
    for names, sums in ((table.index, counts.sum(axis=1)), (table.columns, counts.sum(axis=0))):
        if not sums.all():
            raise UnfitDataError(f"{names[int(sums.argmin())]} is 0 throughout; leave it out")
    return np.asarray(counts)


@dataclass(frozen=True)
class Correspondence:
    """The axes of a multiple correspondence analysis, and the answers and questions on them; no person is in it.

    `axes`: axis, eigenvalue, share (of the inertia), cumulative, corrected (the eigenvalue after Benzécri 1979, which
    is also Greenacre's adjusted inertia; 0 where the eigenvalue is not above the average, 1 over the number of
    questions), benzecri_share (of all corrected), greenacre_share (of what the questions share; Greenacre 1993).
    `inertia`: answers over questions, less 1. `people`: how many it rests on; `left_out`: rows with a gap left out.
    `categories`: variable, category, count, mass, is_supplementary, axis, coordinate (principal), contribution (to the
    axis; sums to 1), cos2, test_value (supplementary only: beyond 2, about, the answer's mean point lies further from
    the centre than chance puts it). `variables`: variable, is_supplementary, axis, eta2 (share of the axis' variance
    that lies between the answers). `missing`: the rule for gaps.
    """

    axes: pd.DataFrame
    inertia: float
    people: int
    left_out: int
    categories: pd.DataFrame
    variables: pd.DataFrame
    missing: str


def correspondence(
    frame: pd.DataFrame,
    *,
    supplementary: Sequence[Hashable] | Hashable = (),
    dimensions: int | None = None,
    missing: str = "refuse",
) -> Correspondence:
    """Show which answers are associated over several questions, and along which axes people differ most.

    `frame`: one row a person, one column a question, answers of any kind as labels. `supplementary`: columns that take
    no part in the axes and are placed on them, each answer at the mean of those who gave it, on the same scale as the
    others. `dimensions`: how many axes the points are given on; all without it. `missing`: `refuse`; `category`, no
    answer is an answer; `drop`, leave out who has a gap in a question that makes the axes (a gap in a supplementary
    column is then an answer of its own). An axis is turned so that the answer contributing most lies on its positive
    side (of equals, the first); axes with equal eigenvalues are arbitrary within their plane.

    Raises UnfitDataError for fewer than two questions, gaps without a rule, blank text, a question that everybody
    answers alike, more than 500 answers to one, cells with lists, unknown columns, and more dimensions
    than there are. Not for: measured quantities that are not grouped, questions that not everybody was to answer,
    answers that a handful gave (they dominate the axes), or testing: supplementary test values are a guide, and weights
    from a survey design make them too large. Benzécri (1979), Cahiers de l'analyse des données 4, 377-378; Greenacre
    (1993); Le Roux and Rouanet (2010), Multiple Correspondence Analysis, chapters 3 and 4.
    """
    outside = as_list(supplementary)
    names = _active_questions(frame, outside, missing)
    active = [read_question(frame, name, missing) for name in names]
    placed = [read_question(frame, name, "refuse" if missing == "refuse" else "category") for name in outside]
    kept = np.all([question.codes >= 0 for question in active], axis=0) if missing == "drop" else None
    everybody = select_people([*active, *placed], kept)
    people, questions = len(everybody[0].codes), given_answers(everybody)
    active, placed = questions[: len(names)], questions[len(names) :]
    for question in questions:
        if not question.answers:
            raise UnfitDataError("everybody has a gap; nobody is left to place")
        if len(question.answers) == 1:
            raise UnfitDataError(f"{question.name}: everybody answers {question.answers[0]!r}; leave the column out")
    eigenvalues, coordinates, contributions = _axes(active)
    axes = len(eigenvalues)
    if dimensions is not None and (not is_whole(dimensions, 1) or dimensions > axes):
        raise UnfitDataError(f"dimensions={dimensions!r}: there are {axes} axes; give 1 to {axes}")
    coordinates, contributions = coordinates[:, :dimensions], contributions[:, :dimensions]
    means = []
    for question in placed:
        given = np.hstack([cross(question, other) for other in active])
        profiles = given / given.sum(axis=1, keepdims=True)
        means.append(profiles @ coordinates / eigenvalues[:dimensions])
    categories = _categories(questions, people, np.vstack([coordinates, *means]), contributions)
    parts = categories.assign(eta2=categories["count"] / people * categories["coordinate"] ** 2)
    return Correspondence(
        _corrected(eigenvalues, len(coordinates), len(names)),
        len(coordinates) / len(names) - 1,
        people,
        0 if kept is None else int((~kept).sum()),
        categories,
        parts.groupby(["variable", "is_supplementary", "axis"], sort=False, as_index=False)["eta2"].sum(),
        missing,
    )


def _axes(questions: list[Question]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Eigenvalues, principal coordinates of the answers and their contributions, from the Burt table."""
    starts = np.cumsum([0, *(len(question.answers) for question in questions)])
    burt = np.diag(np.concatenate([_counts(question) for question in questions]))
    for i, j in combinations(range(len(questions)), 2):
        table = cross(questions[i], questions[j])
        rows, columns = slice(starts[i], starts[i + 1]), slice(starts[j], starts[j + 1])
        burt[rows, columns], burt[columns, rows] = table, table.T
    masses = burt.diagonal() / burt.trace()
    expected = np.outer(masses, masses)
    values, vectors = np.linalg.eigh((burt / burt.sum() - expected) / np.sqrt(expected))
    kept = np.flatnonzero(values > _FLAT)[::-1]
    values, vectors = values[kept], vectors[:, kept]
    coordinates = vectors * np.sqrt(values) / np.sqrt(masses)[:, None]
    return values, coordinates * axis_signs(coordinates, vectors**2), vectors**2


def _counts(question: Question) -> np.ndarray:
    return np.bincount(question.codes, minlength=len(question.answers))


def _corrected(eigenvalues: np.ndarray, answers: int, questions: int) -> pd.DataFrame:
    scale = questions / (questions - 1)
    corrected = (scale * np.maximum(eigenvalues - 1 / questions, 0)) ** 2
    common = scale * ((eigenvalues**2).sum() - (answers - questions) / questions**2)
    # Shares are empty where the questions have nothing in common.
    shares = {
        name: corrected / whole if whole > _FLAT else np.full(len(corrected), np.nan)
        for name, whole in (("benzecri_share", corrected.sum()), ("greenacre_share", common))
    }
    return axes_table(eigenvalues, answers / questions - 1).assign(corrected=corrected, **shares)


def _categories(
    questions: list[Question], people: int, coordinates: np.ndarray, contributions: np.ndarray
) -> pd.DataFrame:
    active = len(contributions)
    rows = [(q.name, answer) for q in questions for answer in q.answers]
    points = pd.DataFrame({"variable": [name for name, _ in rows], "category": [answer for _, answer in rows]})
    counts = np.concatenate([_counts(question) for question in questions])
    is_active = points.index < active
    mass = np.where(is_active, counts / counts[:active].sum(), 0)
    points = points.assign(count=counts, mass=mass, is_supplementary=~is_active)
    odds = (counts / np.maximum(people - counts, _FLAT))[:, None]
    tests = np.where(is_active[:, None], np.nan, coordinates * np.sqrt(odds * max(people - 1, 0)))
    given = np.full(coordinates.shape, np.nan)
    given[:active] = contributions
    return long_form(points, coordinate=coordinates, contribution=given, cos2=coordinates**2 * odds, test_value=tests)


def _active_questions(frame: pd.DataFrame, outside: list[Hashable], missing: str) -> list[Hashable]:
    """The questions that make the axes."""
    if missing not in RULES:
        raise UnfitDataError(f"missing={missing!r} is not a rule for gaps; use one of {', '.join(RULES)}")
    check_columns(frame, outside)
    check_single_columns(frame)
    check_once(outside)
    active = [name for name in frame.columns if name not in outside]
    if len(active) < 2:
        raise UnfitDataError("at least two questions must not be supplementary")
    if not len(frame):
        raise UnfitDataError("the table is empty; it has nobody to place")
    return active
