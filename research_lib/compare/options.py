"""Options of the wrong kind: told apart from numbers that are only too large or too small."""

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
