"""Which passages lie near, inside, over or without a segment of another code."""

import numpy as np
import pandas as pd

from research_lib.coding.ratings import Vector
from research_lib.errors import CodingError

RELATIONS = ("near", "inside", "overlapping", "without")


def holds(
    relation: str, passages: pd.DataFrame, others: pd.DataFrame, *, distance: int = 100, by_one_coder: bool = True
) -> Vector:
    """Say of each passage whether a relation holds to at least one of the other segments, itself left aside.

    Both tables have id, document, start, end and coder. `without` holds where no other segment overlaps. A segment of
    length zero overlaps nothing.
    """
    if distance < 0:
        raise CodingError(f"the distance is {distance}; give 0 or more characters")
    keys = ["document", "coder"] if by_one_coder else ["document"]
    both = pd.concat([passages, others])
    groups = both.groupby(keys, sort=False).ngroup().to_numpy(np.int64)
    width = int(both["end"].max()) + 2 * distance + 2 if len(both) else 1
    base = groups * width + distance
    low, high = (base + both[name].to_numpy(np.int64) for name in ("start", "end"))
    size, own = len(passages), passages["id"].isin(others["id"]).to_numpy()
    here, there = (low[:size], high[:size]), (low[size:], high[size:])
    if relation == "inside":
        return _inside(here, there, own)
    if relation == "near":
        return _meeting(here[0] - distance - 1, here[1] + distance + 1, there) > own
    filled, is_filled = there[0] < there[1], here[0] < here[1]
    over = is_filled & (_meeting(*here, (there[0][filled], there[1][filled])) > own)
    return over if relation == "overlapping" else ~over


def _meeting(low: Vector, high: Vector, others: tuple[Vector, Vector]) -> Vector:
    """How many of the others share a place with each stretch: those begun before its end less those over before it."""
    begun = np.searchsorted(np.sort(others[0]), high, side="left")
    return begun - np.searchsorted(np.sort(others[1]), low, side="right")


def _inside(here: tuple[Vector, Vector], there: tuple[Vector, Vector], own: Vector) -> Vector:
    """Whether one of those that begin no later reaches the end; where a passage is one of them, the second must."""
    order = np.argsort(there[0], kind="stable")
    starts, ends = np.r_[-1, there[0][order]], np.r_[-1, there[1][order]]
    reach = np.maximum.accumulate(ends)
    second = np.maximum.accumulate(np.r_[-1, np.minimum(ends[1:], reach[:-1])])
    last = np.searchsorted(starts, here[0], side="right") - 1
    return np.where(own, second[last], reach[last]) >= here[1]
