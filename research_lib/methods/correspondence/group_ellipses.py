"""People on the axes of a multiple correspondence analysis, and ellipses of groups of them."""

from collections.abc import Hashable, Iterable, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from research_lib.errors import UnfitDataError
from research_lib.methods.correspondence.categories import read_question, select_people, with_answers
from research_lib.methods.correspondence.multiple_correspondence import Correspondence
from research_lib.methods.options import check_columns, is_number, need_level, need_whole

_FLAT = 1e-9


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
    placed = select_people(questions, complete)
    coordinates[complete] = sum(place[own.codes] for place, own in zip(places, placed, strict=True))
    return pd.DataFrame(coordinates, index=frame.index, columns=range(1, len(root) + 1))


def ellipses(
    result: Correspondence,
    frame: pd.DataFrame,
    *,
    by: Hashable,
    axes: Sequence[int] = (1, 2),
    reach: float = 2.0,
    level: float = 0.95,
    large_groups: bool = False,
) -> pd.DataFrame:
    """Draw round each group, a country for instance, where its people lie, and the confidence region of its mean point.

    `frame`: the people, one row each (weights are not used), with the questions and the column `by` that groups them.
    Two rows a group: kind `concentration`, `reach` standard deviations in every direction (2 hold 86.5 % of a normal
    cloud), and kind `mean`, the region of confidence `level` for the mean point, after Hotelling; `large_groups`: after
    chi-square, as for large samples, which is too narrow for a few dozen people. Columns: group, people, centre_x,
    centre_y, kind, half_major, half_minor (in units of the axes), angle (degrees from the first axis, anticlockwise,
    above -90 and up to 90). People whom the analysis left out for a gap are left out here.

    Raises UnfitDataError for axes that were not kept, a group of fewer than three, or one whose people lie on a line.
    Not for: saying that two groups are alike because their ellipses overlap, groups that helped to make the axes, or
    people who are not a random sample; then the mean's ellipse shows only how stable it is. Le Roux and Rouanet (2010),
    Multiple Correspondence Analysis, chapters 4 and 5.
    """
    plane = person_coordinates(result, frame)
    pair = list(axes) if isinstance(axes, Iterable) else []
    if len(pair) != 2 or pair[0] == pair[1] or not all(axis in list(plane) for axis in pair):
        raise UnfitDataError(f"axes={axes!r}: give two different ones of {', '.join(map(str, plane))}")
    if not is_number(reach) or not reach > 0:
        raise UnfitDataError(f"reach={reach!r}: give how many standard deviations, above 0, such as 2")
    check_columns(frame, [by])
    groups = read_question(frame, by, "refuse" if result.missing == "refuse" else "category")
    points = plane[pair].to_numpy()
    complete = ~np.isnan(points).any(axis=1)
    need_level(level)
    rows = []
    for code, group in enumerate(groups.answers):
        members = groups.codes == code
        if not members.any():
            continue
        cloud = points[complete & members]
        if len(cloud) <= 2:
            raise UnfitDataError(f"{group}: {len(cloud)} of its people are placed; an ellipse needs three at least")
        variances, directions = np.linalg.eigh(np.cov(cloud.T, bias=True))
        if variances[0] <= _FLAT * max(variances[1], _FLAT):
            raise UnfitDataError(f"{group}: its {len(cloud)} people lie on one line; choose other axes, or join groups")
        # Half-axes of the mean's ellipse in standard deviations of the cloud (its variance divided by n).
        free = len(cloud) - 2
        mean = stats.chi2.ppf(level, 2) / len(cloud) if large_groups else 2 / free * stats.f.ppf(level, 2, free)
        angle = float(90 - np.degrees(np.arctan2(*directions[:, 1])) % 180)
        for kind, radius in {"concentration": reach, "mean": float(np.sqrt(mean))}.items():
            minor, major = radius * np.sqrt(variances)
            rows.append((group, len(cloud), *cloud.mean(axis=0), kind, major, minor, angle))
    names = ["group", "people", "centre_x", "centre_y", "kind", "half_major", "half_minor", "angle"]
    return pd.DataFrame(rows, columns=names)


def outlines(drawn: pd.DataFrame, *, points: int = 72) -> pd.DataFrame:
    """Give the ellipses as closed lines for drawing: group, kind, x, y, in order round each ellipse."""
    need_whole("points", points, 3)
    angles = np.linspace(0, 2 * np.pi, points + 1)
    angle = np.radians(drawn["angle"].to_numpy())[:, None]
    along = drawn["half_major"].to_numpy()[:, None] * np.cos(angles)
    across = drawn["half_minor"].to_numpy()[:, None] * np.sin(angles)
    x = drawn["centre_x"].to_numpy()[:, None] + along * np.cos(angle) - across * np.sin(angle)
    y = drawn["centre_y"].to_numpy()[:, None] + along * np.sin(angle) + across * np.cos(angle)
    frame = drawn.loc[drawn.index.repeat(points + 1), ["group", "kind"]].reset_index(drop=True)
    return frame.assign(x=x.ravel(), y=y.ravel())
