"""What every method asks of its options and cells: numbers that are numbers, no blank text for an empty cell."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from research_lib.errors import UnfitDataError


def is_number(value: Any) -> bool:
    """Whether a value is a number; True and False are none."""
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def is_whole(value: Any, least: int) -> bool:
    """Whether a value is a whole number from `least` up; True and False are none."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and int(value) >= least


def need_seed(seed: Any) -> int:
    """Refuse a seed that is no whole number from 0: without one, no answer comes twice."""
    if not is_whole(seed, 0):
        raise UnfitDataError(f"seed is {seed!r}; write a whole number from 0, such as 1")
    return int(seed)


def need_level(level: Any) -> float:
    """Refuse a level of confidence that is no share."""
    if not is_number(level) or not 0 < level < 1:
        raise UnfitDataError(f"level is {level!r}; write a share between 0 and 1, such as 0.95")
    return float(level)


def need_no_blanks(cells: Iterable[Any], where: str) -> None:
    """Refuse cells of blank text: only who wrote them knows whether nobody answered; `where` names the place."""
    if any(isinstance(cell, str) and not cell.strip() for cell in cells):
        raise UnfitDataError(f"{where}: some cells are blank text; write None where there is no answer")
