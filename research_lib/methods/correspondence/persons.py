"""People on the axes of a multiple correspondence analysis."""

import numpy as np
import pandas as pd

from research_lib.methods.correspondence.categories import (
    Question,
    pattern_keys,
    read_question,
    select_people,
    with_answers,
)
from research_lib.methods.correspondence.multiple_correspondence import Correspondence
from research_lib.methods.options import check_columns


def person_coordinates(result: Correspondence, frame: pd.DataFrame) -> pd.DataFrame:
    """Place people on the axes: the frame the axes were made from, or others who answered the same questions.

    One row a person, in the order and with the index of `frame`, one column an axis, named from 1; principal
    coordinates, so that an axis' variance is its eigenvalue. Whoever has a gap that the analysis left out has NaN.
    Raises UnfitDataError for a question that is not there, and for an answer that was not in the analysis. Not for
    publishing: a rare pattern of answers can be recognised in its point.
    """
    points = result.categories[~result.categories["is_supplementary"]]
    root = np.sqrt(result.axes["eigenvalue"].to_numpy()[: points["axis"].max()])
    questions, places = [], []
    for name, rows in points.groupby("variable", sort=False):
        check_columns(frame, [name])
        answers = list(rows.loc[rows["axis"] == 1, "category"])
        questions.append(with_answers(read_question(frame, name, result.missing), answers))
        places.append(rows["coordinate"].to_numpy().reshape(len(answers), -1) / root / points["variable"].nunique())
    complete = np.all([question.codes >= 0 for question in questions], axis=0)
    coordinates = np.full((len(frame), len(root)), np.nan)
    coordinates[complete] = _sum_of_answers(select_people(questions, complete), places)
    return pd.DataFrame(coordinates, index=frame.index, columns=range(1, len(root) + 1))


def _sum_of_answers(questions: list[Question], places: list[np.ndarray]) -> np.ndarray:
    """Each person's sum over their answers, computed once for each pattern where there are fewer of them."""
    numbered = pattern_keys(questions)
    if numbered is None:
        return sum((place[q.codes] for q, place in zip(questions, places, strict=True)), start=np.zeros(1))
    every = np.unravel_index(np.arange(np.prod(numbered[1])), numbered[1])
    of_patterns = sum((place[codes] for codes, place in zip(every, places, strict=True)), start=np.zeros(1))
    return np.asarray(of_patterns[numbered[0]])
